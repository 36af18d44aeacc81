//! Reading and writing whole tables.

use super::{Db, DbRow, Store, dialect::rows_of, numbering, rows};
use crate::{
    Result,
    copy::{COPYING, Cell, CopyStore, Kind, Table},
};
use async_trait::async_trait;
use sqlx::{QueryBuilder, Row, query_builder::Separated};

#[async_trait]
impl CopyStore for Store {
    async fn rows(&self, table: &Table, after: &[Cell], limit: u32) -> Result<Vec<Vec<Cell>>> {
        let names: Vec<_> = table.columns.iter().map(|(name, _)| *name).collect();
        let key = names[..table.key].join(", ");
        let mut sql = QueryBuilder::<Db>::new(format!(
            "SELECT {} FROM {} WHERE TRUE",
            names.join(", "),
            rows_of(table.name)
        ));
        pass_over(&mut sql, table);
        if !after.is_empty() {
            sql.push(format!(" AND ({key}) > ("));
            let mut values = sql.separated(", ");
            after.iter().for_each(|cell| bind(&mut values, cell));
            sql.push(")");
        }
        sql.push(format!(" ORDER BY {key} LIMIT ")).push_bind(i64::from(limit));
        let found = sql.build().fetch_all(&self.readers).await?;
        found.iter().map(|row| cells(row, table.columns)).collect()
    }

    async fn count(&self, table: &Table) -> Result<u64> {
        let mut sql = QueryBuilder::<Db>::new(format!(
            "SELECT COUNT(*) AS count FROM {} WHERE TRUE",
            rows_of(table.name)
        ));
        pass_over(&mut sql, table);
        rows::count(&sql.build().fetch_one(&self.readers).await?, "count")
    }

    async fn last_key(&self, table: &Table) -> Result<Vec<Cell>> {
        let columns = &table.columns[..table.key];
        let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
        let down: Vec<_> = names.iter().map(|name| format!("{name} DESC")).collect();
        let mut sql = QueryBuilder::<Db>::new(format!(
            "SELECT {} FROM {} WHERE TRUE",
            names.join(", "),
            rows_of(table.name)
        ));
        pass_over(&mut sql, table);
        sql.push(format!(" ORDER BY {} LIMIT 1", down.join(", ")));
        let last = sql.build().fetch_optional(&self.readers).await?;
        last.map_or(Ok(Vec::new()), |row| cells(&row, columns))
    }

    async fn put_rows(&self, table: &Table, rows: &[Vec<Cell>]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = table.columns.iter().map(|(name, _)| *name).collect();
        let mut sql =
            QueryBuilder::<Db>::new(format!("INSERT INTO {} ({}) ", table.name, names.join(", ")));
        sql.push_values(rows, |mut values, row| {
            row.iter().for_each(|cell| bind(&mut values, cell));
        });
        let mut tx = self.begin().await?;
        sql.build().execute(&mut *tx).await?;
        numbering::written(&mut tx, table, rows).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn last_number(&self, table: &Table) -> Result<i64> {
        let found = sqlx::query_scalar(numbering::LAST)
            .bind(table.name)
            .fetch_optional(&self.readers)
            .await?;
        Ok(found.unwrap_or(0))
    }

    async fn end_copy(&self, numbers: &[(&'static str, i64)]) -> Result<()> {
        let mut tx = self.begin().await?;
        numbering::go_on(&mut tx, numbers).await?;
        sqlx::query("DELETE FROM installation WHERE name = $1")
            .bind(COPYING)
            .execute(&mut *tx)
            .await?;
        self.commit_change(tx).await
    }
}

/// What says of a database that it is being copied to is none of its content.
fn pass_over(sql: &mut QueryBuilder<Db>, table: &Table) {
    if table.name == "installation" {
        sql.push(" AND name <> ").push_bind(COPYING);
    }
}

fn bind(values: &mut Separated<'_, Db, &'static str>, cell: &Cell) {
    match cell {
        Cell::Number(value) => values.push_bind(*value),
        Cell::Truth(value) => values.push_bind(*value),
        Cell::Text(value) => values.push_bind(value.clone()),
        Cell::Bytes(value) => values.push_bind(value.clone()),
        Cell::Uuid(value) => values.push_bind(*value),
    };
}

fn cells(row: &DbRow, columns: &[(&'static str, Kind)]) -> Result<Vec<Cell>> {
    let cell = |(name, kind): &(&'static str, Kind)| {
        Ok(match kind {
            Kind::Number => Cell::Number(row.try_get(*name)?),
            Kind::Truth => Cell::Truth(row.try_get(*name)?),
            Kind::Text => Cell::Text(row.try_get(*name)?),
            Kind::Bytes => Cell::Bytes(row.try_get(*name)?),
            Kind::Uuid => Cell::Uuid(row.try_get(*name)?),
        })
    };
    columns.iter().map(cell).collect()
}
