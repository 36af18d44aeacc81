//! Notes to users of the panel.

use super::{Db, DbRow, Store, log::among, rows};
use crate::{NoteStore, Result};
use async_trait::async_trait;
use model::{
    ids::{NoteId, UserId},
    note::Note,
    time::Millis,
};
use sqlx::{QueryBuilder, Row};

#[async_trait]
impl NoteStore for Store {
    async fn known_users(&self, ids: &[UserId]) -> Result<Vec<UserId>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = QueryBuilder::<Db>::new("SELECT id FROM users WHERE TRUE");
        among(&mut sql, "id", ids.iter().map(|id| id.0));
        sql.push(" ORDER BY id");
        let found = sql.build_query_scalar::<i64>().fetch_all(&self.engine).await?;
        Ok(found.into_iter().map(UserId).collect())
    }

    async fn take_notes(&self, user: UserId, limit: u32, now: Millis) -> Result<Vec<Note>> {
        let found = sqlx::query(
            "SELECT * FROM notes WHERE user_id = $1 AND expires_at > $2
             ORDER BY made_at DESC, id LIMIT $3",
        )
        .bind(user.0)
        .bind(now.0)
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        let notes = found.iter().map(note).collect::<Result<Vec<_>>>()?;
        let once: Vec<_> = notes.iter().filter(|note| note.timeout_s.is_some()).collect();
        if !once.is_empty() {
            let mut sql = QueryBuilder::<Db>::new("DELETE FROM notes WHERE user_id = ");
            sql.push_bind(user.0);
            among(&mut sql, "id", once.iter().map(|note| note.id.0));
            sql.build().execute(&self.writer).await?;
        }
        Ok(notes)
    }

    async fn close_note(&self, user: UserId, id: NoteId) -> Result<bool> {
        let closed = sqlx::query("DELETE FROM notes WHERE user_id = $1 AND id = $2")
            .bind(user.0)
            .bind(id.0)
            .execute(&self.writer)
            .await?;
        Ok(closed.rows_affected() > 0)
    }
}

fn note(row: &DbRow) -> Result<Note> {
    Ok(Note {
        id: NoteId(rows::uuid(row, "id")?),
        user: UserId(row.try_get("user_id")?),
        kind: row.try_get("kind")?,
        message: row.try_get("message")?,
        timeout_s: rows::maybe_small(row, "timeout_s")?,
        made_at: Millis(row.try_get("made_at")?),
    })
}
