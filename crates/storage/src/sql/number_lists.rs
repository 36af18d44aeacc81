//! Lists of numbers. Their names are part of what is set up; the numbers in them are not.

use super::{Db, DbRow, Store, effects, rows, taken};
use crate::{ListStore, Result};
use async_trait::async_trait;
use model::{
    effect::Effect,
    ids::ListId,
    number_list::{EntryQuery, ListDraft, ListEntry, NumberList},
    page::{Page, Paging},
    time::Millis,
};
use sqlx::{QueryBuilder, Row};

/// How many numbers of a list that goes are deleted at once.
const AT_ONCE: i64 = 5_000;

/// A list with how many numbers it has.
const LIST: &str =
    "SELECT l.*, (SELECT COUNT(*) FROM list_entries e WHERE e.list_id = l.id) AS numbers
     FROM number_lists l WHERE l.id = $1";

#[async_trait]
impl ListStore for Store {
    async fn is_listed(&self, list: ListId, number: &str, now: Millis) -> Result<bool> {
        Ok(sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM list_entries WHERE list_id = $1 AND number = $2
                            AND (expires_at IS NULL OR expires_at > $3))",
        )
        .bind(list.0)
        .bind(number)
        .bind(now.0)
        .fetch_one(&self.engine)
        .await?)
    }

    async fn number_lists(&self, search: &str, paging: Paging) -> Result<Page<NumberList>> {
        // People make them by hand, so that they are few; their numbers are counted for the page.
        let all = sqlx::query("SELECT l.*, CAST(0 AS BIGINT) AS numbers FROM number_lists l")
            .fetch_all(&self.readers)
            .await?;
        let mut lists = all.iter().map(list).collect::<Result<Vec<_>>>()?;
        lists.retain(|list| rows::holds(&list.name, search));
        lists.sort_by_cached_key(|list| (list.name.to_lowercase(), list.id));
        let total = lists.len() as u64;
        let before = usize::try_from(paging.offset()).unwrap_or_default();
        let mut items = Vec::new();
        for one in lists.into_iter().skip(before).take(paging.size as usize) {
            let row = sqlx::query(LIST).bind(one.id.0).fetch_optional(&self.readers).await?;
            items.extend(row.as_ref().map(list).transpose()?);
        }
        Ok(Page { items, total })
    }

    async fn number_list(&self, id: ListId) -> Result<Option<NumberList>> {
        let found = sqlx::query(LIST).bind(id.0).fetch_optional(&self.readers).await?;
        found.as_ref().map(list).transpose()
    }

    async fn create_number_list(&self, draft: &ListDraft, now: Millis) -> Result<NumberList> {
        let mut tx = self.begin().await?;
        let made = sqlx::query(
            "INSERT INTO number_lists (name, description, created_at, updated_at)
             VALUES ($1, $2, $3, $3) RETURNING *, CAST(0 AS BIGINT) AS numbers",
        )
        .bind(&draft.name)
        .bind(&draft.description)
        .bind(now.0)
        .fetch_one(&mut *tx)
        .await
        .map_err(taken("name"))?;
        self.commit_change(tx).await?;
        list(&made)
    }

    async fn update_number_list(
        &self,
        id: ListId,
        draft: &ListDraft,
        now: Millis,
    ) -> Result<Option<NumberList>> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query(
            "UPDATE number_lists SET name = $2, description = $3, updated_at = $4 WHERE id = $1",
        )
        .bind(id.0)
        .bind(&draft.name)
        .bind(&draft.description)
        .bind(now.0)
        .execute(&mut *tx)
        .await
        .map_err(taken("name"))?;
        if changed.rows_affected() > 0 {
            self.commit_change(tx).await?;
        }
        self.number_list(id).await
    }

    async fn delete_number_list(&self, id: ListId) -> Result<Option<NumberList>> {
        let gone = self.number_list(id).await?;
        loop {
            let some = sqlx::query(
                "DELETE FROM list_entries WHERE list_id = $1 AND number IN
                     (SELECT number FROM list_entries WHERE list_id = $1 ORDER BY number LIMIT $2)",
            )
            .bind(id.0)
            .bind(AT_ONCE)
            .execute(&self.writer)
            .await?;
            if some.rows_affected() < AT_ONCE as u64 {
                break;
            }
        }
        let mut tx = self.begin().await?;
        let deleted = sqlx::query("DELETE FROM number_lists WHERE id = $1")
            .bind(id.0)
            .execute(&mut *tx)
            .await?;
        if deleted.rows_affected() == 0 {
            return Ok(None);
        }
        self.commit_change(tx).await?;
        Ok(gone)
    }

    async fn list_entries(
        &self,
        id: ListId,
        query: &EntryQuery,
        now: Millis,
    ) -> Result<Vec<ListEntry>> {
        let mut sql = QueryBuilder::<Db>::new("SELECT * FROM list_entries WHERE list_id = ");
        sql.push_bind(id.0).push(" AND (expires_at IS NULL OR expires_at > ").push_bind(now.0);
        sql.push(")");
        rows::begins_with(&mut sql, "number", &query.prefix);
        if let Some(after) = &query.after {
            sql.push(" AND number > ").push_bind(after.clone());
        }
        sql.push(" ORDER BY number LIMIT ").push_bind(i64::from(query.size));
        sql.build().fetch_all(&self.readers).await?.iter().map(entry).collect()
    }

    async fn put_list_entries(&self, id: ListId, entries: &[ListEntry]) -> Result<bool> {
        let effect = |entry: &ListEntry| Effect::AddToList { list: id, entry: entry.clone() };
        let added: Vec<_> = entries.iter().map(effect).collect();
        let mut tx = self.begin().await?;
        effects::write(&mut tx, &added).await?;
        tx.commit().await?;
        Ok(self.number_list(id).await?.is_some())
    }

    async fn delete_list_entry(&self, id: ListId, number: &str) -> Result<Option<ListEntry>> {
        let gone =
            sqlx::query("DELETE FROM list_entries WHERE list_id = $1 AND number = $2 RETURNING *")
                .bind(id.0)
                .bind(number)
                .fetch_optional(&self.writer)
                .await?;
        gone.as_ref().map(entry).transpose()
    }
}

fn list(row: &DbRow) -> Result<NumberList> {
    Ok(NumberList {
        id: ListId(row.try_get("id")?),
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        numbers: u64::try_from(row.try_get::<i64, _>("numbers")?).unwrap_or_default(),
        created_at: Millis(row.try_get("created_at")?),
        updated_at: Millis(row.try_get("updated_at")?),
    })
}

fn entry(row: &DbRow) -> Result<ListEntry> {
    Ok(ListEntry {
        number: row.try_get("number")?,
        description: row.try_get("description")?,
        expires_at: row.try_get::<Option<i64>, _>("expires_at")?.map(Millis),
        added_at: Millis(row.try_get("added_at")?),
    })
}
