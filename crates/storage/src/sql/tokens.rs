//! API tokens. Their changes raise the revision, so that what is remembered of them is dropped.

use super::{DbRow, Store, rows, taken};
use crate::{Result, StorageError, TokenStore};
use async_trait::async_trait;
use model::{
    ids::TokenId,
    time::Millis,
    user::{Scope, Token},
};
use sqlx::Row;

#[async_trait]
impl TokenStore for Store {
    async fn tokens(&self, search: &str) -> Result<Vec<Token>> {
        let all =
            sqlx::query("SELECT * FROM tokens ORDER BY name").fetch_all(&self.readers).await?;
        let mut tokens = all.iter().map(token).collect::<Result<Vec<_>>>()?;
        tokens.retain(|token| rows::holds(&token.name, search));
        Ok(tokens)
    }

    async fn token_by_hash(&self, hash: &str) -> Result<Option<Token>> {
        let found = sqlx::query("SELECT * FROM tokens WHERE hash = $1")
            .bind(hash)
            .fetch_optional(&self.engine)
            .await?;
        found.as_ref().map(token).transpose()
    }

    async fn create_token(
        &self,
        name: &str,
        scopes: &[Scope],
        hint: &str,
        hash: &str,
        now: Millis,
    ) -> Result<Token> {
        let words: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
        let mut tx = self.begin().await?;
        let made = sqlx::query(
            "INSERT INTO tokens (name, scopes, hint, hash, created_at)
             VALUES ($1, $2, $3, $4, $5) RETURNING *",
        )
        .bind(name)
        .bind(words.join(","))
        .bind(hint)
        .bind(hash)
        .bind(now.0)
        .fetch_one(&mut *tx)
        .await
        .map_err(taken("name"))?;
        self.commit_change(tx).await?;
        token(&made)
    }

    async fn touch_token(&self, id: TokenId, now: Millis) -> Result<()> {
        sqlx::query("UPDATE tokens SET last_used_at = $2 WHERE id = $1")
            .bind(id.0)
            .bind(now.0)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    async fn delete_token(&self, id: TokenId) -> Result<Option<Token>> {
        let mut tx = self.begin().await?;
        let deleted = sqlx::query("DELETE FROM tokens WHERE id = $1 RETURNING *")
            .bind(id.0)
            .fetch_optional(&mut *tx)
            .await?;
        self.commit_change(tx).await?;
        deleted.as_ref().map(token).transpose()
    }
}

fn token(row: &DbRow) -> Result<Token> {
    let words = row.try_get::<&str, _>("scopes")?.split(',');
    let scopes = words.map(str::parse).collect::<std::result::Result<_, _>>();
    Ok(Token {
        id: TokenId(row.try_get("id")?),
        name: row.try_get("name")?,
        scopes: scopes.map_err(|error: model::user::UnknownWord| StorageError::Corrupt {
            what: "scopes",
            detail: error.to_string(),
        })?,
        hint: row.try_get("hint")?,
        created_at: Millis(row.try_get("created_at")?),
        last_used_at: row.try_get::<Option<i64>, _>("last_used_at")?.map(Millis),
    })
}
