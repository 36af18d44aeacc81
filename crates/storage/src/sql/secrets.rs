//! Secrets.

use super::{DbRow, Store, vault};
use crate::{
    Result, StorageError,
    vault::{KeptSecret, SecretStore},
};
use async_trait::async_trait;
use model::{secret::Secret, time::Millis};
use sqlx::Row;

#[async_trait]
impl SecretStore for Store {
    async fn secrets(&self) -> Result<Vec<Secret>> {
        let all =
            sqlx::query("SELECT * FROM secrets ORDER BY name").fetch_all(&self.readers).await?;
        all.iter().map(secret).collect()
    }

    async fn secret(&self, name: &str) -> Result<Option<KeptSecret>> {
        let found = sqlx::query("SELECT * FROM secrets WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.readers)
            .await?;
        found.as_ref().map(kept).transpose()
    }

    async fn put_secret(&self, was: Option<&KeptSecret>, put: &KeptSecret) -> Result<Secret> {
        let mut tx = self.begin().await?;
        let found = sqlx::query("SELECT * FROM secrets WHERE name = $1")
            .bind(&put.secret.name)
            .fetch_optional(&mut *tx)
            .await?;
        if found.as_ref().map(kept).transpose()?.as_ref() != was {
            return Err(StorageError::Meanwhile);
        }
        let revision = vault::raise(&mut tx).await?;
        let set = sqlx::query(
            "INSERT INTO secrets
                 (name, description, sealed, created_at, updated_at, updated_by, revision)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (name) DO UPDATE SET
                 description = excluded.description, sealed = excluded.sealed,
                 updated_at = excluded.updated_at, updated_by = excluded.updated_by,
                 revision = excluded.revision
             RETURNING *",
        )
        .bind(&put.secret.name)
        .bind(&put.secret.description)
        .bind(&put.sealed)
        .bind(put.secret.created_at.0)
        .bind(put.secret.updated_at.0)
        .bind(&put.secret.updated_by)
        .bind(revision)
        .fetch_one(&mut *tx)
        .await?;
        self.commit_vault(tx, revision).await?;
        secret(&set)
    }

    async fn delete_secret(&self, name: &str) -> Result<Option<Secret>> {
        let mut tx = self.begin().await?;
        let deleted = sqlx::query("DELETE FROM secrets WHERE name = $1 RETURNING *")
            .bind(name)
            .fetch_optional(&mut *tx)
            .await?;
        let revision = vault::raise_deleted(&mut tx).await?;
        self.commit_vault(tx, revision).await?;
        deleted.as_ref().map(secret).transpose()
    }
}

/// Reads a row with its sealed value.
pub(super) fn kept(row: &DbRow) -> Result<KeptSecret> {
    Ok(KeptSecret { secret: secret(row)?, sealed: row.try_get("sealed")? })
}

fn secret(row: &DbRow) -> Result<Secret> {
    Ok(Secret {
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        created_at: Millis(row.try_get("created_at")?),
        updated_at: Millis(row.try_get("updated_at")?),
        updated_by: row.try_get("updated_by")?,
    })
}
