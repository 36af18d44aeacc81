//! Users, and the link at which the first one is made.

use super::{DbRow, Store, Tx, dialect::IS_LOGIN, rows, taken};
use crate::{Account, Result, StorageError, UserStore};
use async_trait::async_trait;
use model::{
    ids::UserId,
    time::Millis,
    user::{Role, User},
};
use sqlx::{AssertSqlSafe, Row};

#[async_trait]
impl UserStore for Store {
    async fn users(&self, search: &str) -> Result<Vec<User>> {
        let all = sqlx::query("SELECT * FROM users").fetch_all(&self.readers).await?;
        let mut users = all.iter().map(user).collect::<Result<Vec<_>>>()?;
        users.retain(|user| rows::holds(&user.login, search));
        users.sort_by_cached_key(|user| user.login.to_ascii_lowercase());
        Ok(users)
    }

    async fn user(&self, id: UserId) -> Result<Option<User>> {
        let found = sqlx::query("SELECT * FROM users WHERE id = $1")
            .bind(id.0)
            .fetch_optional(&self.readers)
            .await?;
        found.as_ref().map(user).transpose()
    }

    async fn user_of_session(&self, id: UserId, began: Millis) -> Result<Option<User>> {
        let found = sqlx::query("SELECT * FROM users WHERE id = $1 AND sessions_since <= $2")
            .bind(id.0)
            .bind(began.0)
            .fetch_optional(&self.readers)
            .await?;
        found.as_ref().map(user).transpose()
    }

    async fn user_by_login(&self, login: &str) -> Result<Option<Account>> {
        let found = sqlx::query(AssertSqlSafe(format!("SELECT * FROM users WHERE {IS_LOGIN}")))
            .bind(login)
            .fetch_optional(&self.readers)
            .await?;
        let account = |row: &DbRow| {
            let (user, sessions_since) = with_sessions(row)?;
            Ok(Account { user, password_hash: row.try_get("password_hash")?, sessions_since })
        };
        found.as_ref().map(account).transpose()
    }

    async fn create_user(
        &self,
        login: &str,
        role: Role,
        password_hash: &str,
        now: Millis,
    ) -> Result<User> {
        let mut tx = self.begin().await?;
        let made = insert(&mut tx, login, role, password_hash, now).await?;
        tx.commit().await?;
        Ok(made)
    }

    async fn set_user_role(&self, id: UserId, role: Role) -> Result<Option<User>> {
        let mut tx = self.begin().await?;
        let administered = has_admin(&mut tx).await?;
        let changed = sqlx::query("UPDATE users SET role = $2 WHERE id = $1 RETURNING *")
            .bind(id.0)
            .bind(role.as_str())
            .fetch_optional(&mut *tx)
            .await?;
        if administered && !has_admin(&mut tx).await? {
            return Err(StorageError::LastAdmin);
        }
        tx.commit().await?;
        changed.as_ref().map(user).transpose()
    }

    async fn set_user_password(
        &self,
        id: UserId,
        password_hash: &str,
        now: Millis,
    ) -> Result<Option<(User, Millis)>> {
        let mut tx = self.begin().await?;
        // What has begun ends, though the clock has been set back since.
        let changed = sqlx::query(
            "UPDATE users SET password_hash = $2,
                 sessions_since = CASE WHEN sessions_since < $3 THEN $3 ELSE sessions_since + 1 END
             WHERE id = $1 RETURNING *",
        )
        .bind(id.0)
        .bind(password_hash)
        .bind(now.0)
        .fetch_optional(&mut *tx)
        .await?;
        sqlx::query("DELETE FROM sign_in_links WHERE user_id = $1")
            .bind(id.0)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        changed.as_ref().map(with_sessions).transpose()
    }

    async fn touch_user(&self, id: UserId, now: Millis) -> Result<()> {
        sqlx::query("UPDATE users SET last_seen_at = $2 WHERE id = $1")
            .bind(id.0)
            .bind(now.0)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    async fn delete_user(&self, id: UserId) -> Result<Option<User>> {
        let mut tx = self.begin().await?;
        let administered = has_admin(&mut tx).await?;
        let deleted = sqlx::query("DELETE FROM users WHERE id = $1 RETURNING *")
            .bind(id.0)
            .fetch_optional(&mut *tx)
            .await?;
        if administered && !has_admin(&mut tx).await? {
            return Err(StorageError::LastAdmin);
        }
        tx.commit().await?;
        deleted.as_ref().map(user).transpose()
    }

    async fn has_admin(&self) -> Result<bool> {
        Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users WHERE role = 'admin')")
            .fetch_one(&self.readers)
            .await?)
    }

    async fn put_setup_link(&self, hash: &str, expires_at: Millis) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM setup_links").execute(&mut *tx).await?;
        sqlx::query("INSERT INTO setup_links (hash, expires_at) VALUES ($1, $2)")
            .bind(hash)
            .bind(expires_at.0)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn setup_link_is_open(&self, hash: &str, now: Millis) -> Result<bool> {
        Ok(sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM setup_links WHERE hash = $1 AND expires_at > $2)
                    AND NOT EXISTS (SELECT 1 FROM users WHERE role = 'admin')",
        )
        .bind(hash)
        .bind(now.0)
        .fetch_one(&self.readers)
        .await?)
    }

    async fn use_setup_link(
        &self,
        hash: &str,
        login: &str,
        password_hash: &str,
        now: Millis,
    ) -> Result<Option<User>> {
        let mut tx = self.begin().await?;
        let used = sqlx::query(
            "DELETE FROM setup_links
             WHERE hash = $1 AND expires_at > $2
               AND NOT EXISTS (SELECT 1 FROM users WHERE role = 'admin')",
        )
        .bind(hash)
        .bind(now.0)
        .execute(&mut *tx)
        .await?;
        if used.rows_affected() == 0 {
            return Ok(None);
        }
        let made = insert(&mut tx, login, Role::Admin, password_hash, now).await?;
        tx.commit().await?;
        Ok(Some(made))
    }

    async fn put_sign_in_link(&self, id: UserId, hash: &str, expires_at: Millis) -> Result<()> {
        sqlx::query("INSERT INTO sign_in_links (hash, user_id, expires_at) VALUES ($1, $2, $3)")
            .bind(hash)
            .bind(id.0)
            .bind(expires_at.0)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    async fn use_sign_in_link(&self, hash: &str, now: Millis) -> Result<Option<(User, Millis)>> {
        let mut tx = self.begin().await?;
        let found = sqlx::query(
            "SELECT * FROM users WHERE id = (SELECT user_id FROM sign_in_links
                                             WHERE hash = $1 AND expires_at > $2)",
        )
        .bind(hash)
        .bind(now.0)
        .fetch_optional(&mut *tx)
        .await?;
        sqlx::query("DELETE FROM sign_in_links WHERE hash = $1 OR expires_at <= $2")
            .bind(hash)
            .bind(now.0)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        found.as_ref().map(with_sessions).transpose()
    }
}

async fn insert(
    tx: &mut Tx,
    login: &str,
    role: Role,
    password_hash: &str,
    now: Millis,
) -> Result<User> {
    let made = sqlx::query(
        // A session from before was of whoever had this number then.
        "INSERT INTO users (login, role, password_hash, sessions_since, created_at)
         VALUES ($1, $2, $3, $4, $4) RETURNING *",
    )
    .bind(login)
    .bind(role.as_str())
    .bind(password_hash)
    .bind(now.0)
    .fetch_one(&mut **tx)
    .await
    .map_err(taken("login"))?;
    user(&made)
}

/// Whether anybody could manage users. A change may not take the last one away; before the first
/// one is made there is nobody to keep.
async fn has_admin(tx: &mut Tx) -> Result<bool> {
    Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users WHERE role = 'admin')")
        .fetch_one(&mut **tx)
        .await?)
}

/// A user, and since when their sessions count.
fn with_sessions(row: &DbRow) -> Result<(User, Millis)> {
    Ok((user(row)?, Millis(row.try_get("sessions_since")?)))
}

fn user(row: &DbRow) -> Result<User> {
    Ok(User {
        id: UserId(row.try_get("id")?),
        login: row.try_get("login")?,
        role: rows::word(row, "role")?,
        created_at: Millis(row.try_get("created_at")?),
        last_seen_at: row.try_get::<Option<i64>, _>("last_seen_at")?.map(Millis),
    })
}
