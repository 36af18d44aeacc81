//! Calendars. They are part of what is set up.

use super::{DbRow, Store, rows, taken};
use crate::{CalendarStore, Result, StorageError};
use async_trait::async_trait;
use model::{
    calendar::{Calendar, CalendarDraft, Day},
    ids::CalendarId,
    page::{Page, Paging},
    time::Millis,
};
use sqlx::Row;

/// All of them, which are few: people make them by hand.
pub const ALL: &str = "SELECT * FROM calendars";

#[async_trait]
impl CalendarStore for Store {
    async fn calendars(&self, search: &str, paging: Paging) -> Result<Page<Calendar>> {
        let all = sqlx::query(ALL).fetch_all(&self.readers).await?;
        let mut found = all.iter().map(calendar).collect::<Result<Vec<_>>>()?;
        found.retain(|calendar| rows::holds(&calendar.name, search));
        found.sort_by_cached_key(|calendar| (calendar.name.to_lowercase(), calendar.id));
        let total = found.len() as u64;
        let before = usize::try_from(paging.offset()).unwrap_or_default();
        let items = found.into_iter().skip(before).take(paging.size as usize).collect();
        Ok(Page { items, total })
    }

    async fn calendar(&self, id: CalendarId) -> Result<Option<Calendar>> {
        let found = sqlx::query("SELECT * FROM calendars WHERE id = $1")
            .bind(id.0)
            .fetch_optional(&self.readers)
            .await?;
        found.as_ref().map(calendar).transpose()
    }

    async fn create_calendar(&self, draft: &CalendarDraft, now: Millis) -> Result<Calendar> {
        let mut tx = self.begin().await?;
        let made = sqlx::query(
            "INSERT INTO calendars (name, description, time_zone, valid_from, valid_to, hours,
                                    exceptions, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) RETURNING *",
        )
        .bind(&draft.name)
        .bind(&draft.description)
        .bind(&draft.time_zone)
        .bind(draft.valid_from.map(|day| day.to_string()))
        .bind(draft.valid_to.map(|day| day.to_string()))
        .bind(rows::to_json(&draft.hours)?)
        .bind(rows::to_json(&draft.exceptions)?)
        .bind(now.0)
        .fetch_one(&mut *tx)
        .await
        .map_err(taken("name"))?;
        self.commit_change(tx).await?;
        calendar(&made)
    }

    async fn change_calendar(
        &self,
        was: &Calendar,
        draft: &CalendarDraft,
        now: Millis,
    ) -> Result<Option<Calendar>> {
        let mut tx = self.begin().await?;
        let found = sqlx::query("SELECT * FROM calendars WHERE id = $1")
            .bind(was.id.0)
            .fetch_optional(&mut *tx)
            .await?;
        match found.as_ref().map(calendar).transpose()? {
            None => return Ok(None),
            Some(is) if is != *was => return Err(StorageError::Meanwhile),
            Some(_) => {}
        }
        let changed = sqlx::query(
            "UPDATE calendars SET
                 name = $2, description = $3, time_zone = $4, valid_from = $5, valid_to = $6,
                 hours = $7, exceptions = $8, updated_at = $9
             WHERE id = $1 RETURNING *",
        )
        .bind(was.id.0)
        .bind(&draft.name)
        .bind(&draft.description)
        .bind(&draft.time_zone)
        .bind(draft.valid_from.map(|day| day.to_string()))
        .bind(draft.valid_to.map(|day| day.to_string()))
        .bind(rows::to_json(&draft.hours)?)
        .bind(rows::to_json(&draft.exceptions)?)
        .bind(now.0)
        .fetch_optional(&mut *tx)
        .await
        .map_err(taken("name"))?;
        let Some(changed) = changed else { return Ok(None) };
        self.commit_change(tx).await?;
        calendar(&changed).map(Some)
    }

    async fn delete_calendar(&self, id: CalendarId) -> Result<Option<Calendar>> {
        let mut tx = self.begin().await?;
        let gone = sqlx::query("DELETE FROM calendars WHERE id = $1 RETURNING *")
            .bind(id.0)
            .fetch_optional(&mut *tx)
            .await?;
        let Some(gone) = gone else { return Ok(None) };
        self.commit_change(tx).await?;
        calendar(&gone).map(Some)
    }
}

/// Reads a row.
pub fn calendar(row: &DbRow) -> Result<Calendar> {
    Ok(Calendar {
        id: CalendarId(row.try_get("id")?),
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        time_zone: row.try_get("time_zone")?,
        valid_from: rows::maybe_word::<Day>(row, "valid_from")?,
        valid_to: rows::maybe_word::<Day>(row, "valid_to")?,
        hours: rows::json(row, "hours")?,
        exceptions: rows::json(row, "exceptions")?,
        created_at: Millis(row.try_get("created_at")?),
        updated_at: Millis(row.try_get("updated_at")?),
    })
}
