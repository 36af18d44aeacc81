//! Saved views. They say nothing of what is set up, so no revision is raised.

use super::{DbRow, Store, rows, taken};
use crate::{Result, ViewStore};
use async_trait::async_trait;
use model::{
    ids::{UserId, ViewId},
    time::Millis,
    view::{SavedView, ViewList},
};
use sqlx::Row;

#[async_trait]
impl ViewStore for Store {
    async fn views(&self, user: UserId, list: Option<ViewList>) -> Result<Vec<SavedView>> {
        let mut all = sqlx::query(
            "SELECT * FROM saved_views WHERE user_id = $1 AND ($2 IS NULL OR list = $2)",
        )
        .bind(user.0)
        .bind(list.map(|list| list.as_str()))
        .fetch_all(&self.readers)
        .await?
        .iter()
        .map(view)
        .collect::<Result<Vec<_>>>()?;
        all.sort_by_cached_key(|view| (view.name.to_lowercase(), view.id));
        Ok(all)
    }

    async fn create_view(
        &self,
        user: UserId,
        list: ViewList,
        name: &str,
        query: &str,
        most: u32,
        now: Millis,
    ) -> Result<Option<SavedView>> {
        let made = sqlx::query(
            "INSERT INTO saved_views (user_id, list, name, query, created_at)
             SELECT $1, $2, $3, $4, $5
             WHERE (SELECT COUNT(*) FROM saved_views WHERE user_id = $1) < $6
             RETURNING *",
        )
        .bind(user.0)
        .bind(list.as_str())
        .bind(name)
        .bind(query)
        .bind(now.0)
        .bind(i64::from(most))
        .fetch_optional(&self.writer)
        .await
        .map_err(taken("name"))?;
        made.as_ref().map(view).transpose()
    }

    async fn replace_view(
        &self,
        user: UserId,
        list: ViewList,
        name: &str,
        query: &str,
    ) -> Result<Option<SavedView>> {
        let changed = sqlx::query(
            "UPDATE saved_views SET query = $4
             WHERE user_id = $1 AND list = $2 AND name = $3 RETURNING *",
        )
        .bind(user.0)
        .bind(list.as_str())
        .bind(name)
        .bind(query)
        .fetch_optional(&self.writer)
        .await?;
        changed.as_ref().map(view).transpose()
    }

    async fn delete_view(&self, user: UserId, id: ViewId) -> Result<Option<SavedView>> {
        let deleted =
            sqlx::query("DELETE FROM saved_views WHERE user_id = $1 AND id = $2 RETURNING *")
                .bind(user.0)
                .bind(id.0)
                .fetch_optional(&self.writer)
                .await?;
        deleted.as_ref().map(view).transpose()
    }
}

fn view(row: &DbRow) -> Result<SavedView> {
    Ok(SavedView {
        id: ViewId(row.try_get("id")?),
        list: rows::word(row, "list")?,
        name: row.try_get("name")?,
        query: row.try_get("query")?,
        created_at: Millis(row.try_get("created_at")?),
    })
}
