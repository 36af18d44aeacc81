//! Reading and writing whole tables.

use super::{Db, DbRow, Store, dialect::rows_of, numbering, rows};
use crate::{
    Result,
    copy::{COPYING, Cell, CopyStore, Kind, PART, PART_BYTES, Table},
};
use async_trait::async_trait;
use sqlx::{QueryBuilder, Row, query_builder::Separated};

#[async_trait]
impl CopyStore for Store {
    async fn rows(&self, table: &Table, after: &[Cell], limit: u32) -> Result<Vec<Vec<Cell>>> {
        let limit = fitting(self, table, after, limit).await?;
        let mut sql = behind(&names(table.columns), table, after, limit);
        let found = sql.build().fetch_all(self.copying()).await?;
        found.iter().map(|row| cells(row, table.columns)).collect()
    }

    async fn count(&self, table: &Table) -> Result<u64> {
        let mut sql = QueryBuilder::<Db>::new(format!(
            "SELECT COUNT(*) AS count FROM {} WHERE TRUE",
            rows_of(table.name)
        ));
        pass_over(&mut sql, table);
        rows::count(&sql.build().fetch_one(self.copying()).await?, "count")
    }

    async fn last_key(&self, table: &Table) -> Result<Vec<Cell>> {
        let columns = &table.columns[..table.key];
        let down: Vec<_> = columns.iter().map(|(name, _)| format!("{name} DESC")).collect();
        let mut sql = QueryBuilder::<Db>::new(format!(
            "SELECT {} FROM {} WHERE TRUE",
            names(columns),
            rows_of(table.name)
        ));
        pass_over(&mut sql, table);
        sql.push(format!(" ORDER BY {} LIMIT 1", down.join(", ")));
        let last = sql.build().fetch_optional(self.copying()).await?;
        last.map_or(Ok(Vec::new()), |row| cells(&row, columns))
    }

    async fn put_rows(&self, table: &Table, rows: &[Vec<Cell>]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let names = names(table.columns);
        let mut sql = QueryBuilder::<Db>::new(format!("INSERT INTO {} ({names}) ", table.name));
        sql.push_values(rows, |mut values, row| {
            row.iter().for_each(|cell| bind(&mut values, cell));
        });
        let mut tx = self.begin_copy().await?;
        // That of a whole part comes again; of the others there are as many as there are numbers of
        // rows, each of them large.
        let is_usual = rows.len() == PART as usize;
        sql.build().persistent(is_usual).execute(&mut *tx).await?;
        numbering::written(&mut tx, table, rows).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn last_number(&self, table: &Table) -> Result<i64> {
        let found = sqlx::query_scalar(numbering::LAST)
            .bind(table.name)
            .fetch_optional(self.copying())
            .await?;
        Ok(found.unwrap_or(0))
    }

    async fn end_copy(&self, numbers: &[(&'static str, i64)]) -> Result<()> {
        let mut tx = self.begin_copy().await?;
        numbering::go_on(&mut tx, numbers).await?;
        sqlx::query("DELETE FROM installation WHERE name = $1")
            .bind(COPYING)
            .execute(&mut *tx)
            .await?;
        self.commit_change(tx).await
    }
}

/// How many rows behind this key may be read at once, at most `limit`: only what they come to is read
/// of them here.
async fn fitting(store: &Store, table: &Table, after: &[Cell], limit: u32) -> Result<u32> {
    let long = table.columns.iter().filter(|(_, kind)| matches!(kind, Kind::Text | Kind::Bytes));
    let long: Vec<_> = long
        .map(|(name, _)| format!("COALESCE(CAST(octet_length({name}) AS BIGINT), 0)"))
        .collect();
    if long.is_empty() {
        return Ok(limit);
    }
    let mut sql = behind(&format!("{} AS bytes", long.join(" + ")), table, after, limit);
    let (mut fit, mut bytes) = (0_u32, 0_u64);
    for row in sql.build().fetch_all(store.copying()).await? {
        bytes += rows::count(&row, "bytes")?;
        if bytes > PART_BYTES {
            break;
        }
        fit += 1;
    }
    Ok(fit.max(1))
}

/// What is asked of at most `limit` rows behind this key, in the order of their keys.
fn behind(asked: &str, table: &Table, after: &[Cell], limit: u32) -> QueryBuilder<Db> {
    let key = names(&table.columns[..table.key]);
    let from = rows_of(table.name);
    let mut sql = QueryBuilder::<Db>::new(format!("SELECT {asked} FROM {from} WHERE TRUE"));
    pass_over(&mut sql, table);
    if !after.is_empty() {
        sql.push(format!(" AND ({key}) > ("));
        let mut values = sql.separated(", ");
        after.iter().for_each(|cell| bind(&mut values, cell));
        sql.push(")");
    }
    sql.push(format!(" ORDER BY {key} LIMIT ")).push_bind(i64::from(limit));
    sql
}

/// The names of columns, as they stand in a statement.
fn names(columns: &[(&'static str, Kind)]) -> String {
    columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
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
