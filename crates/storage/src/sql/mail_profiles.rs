//! Mail profiles.

use super::{DbRow, Store, rows, vault};
use crate::{
    Result, StorageError,
    vault::{KeptMailProfile, MailProfileStore},
};
use async_trait::async_trait;
use model::{ids::MailProfileId, mail_profile::MailProfile, time::Millis};
use sqlx::Row;

#[async_trait]
impl MailProfileStore for Store {
    async fn mail_profiles(&self) -> Result<Vec<MailProfile>> {
        let all = sqlx::query("SELECT * FROM mail_profiles ORDER BY name")
            .fetch_all(&self.readers)
            .await?;
        all.iter().map(|row| Ok(kept(row)?.profile)).collect()
    }

    async fn mail_profile(&self, name: &str) -> Result<Option<KeptMailProfile>> {
        let found = sqlx::query("SELECT * FROM mail_profiles WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.readers)
            .await?;
        found.as_ref().map(kept).transpose()
    }

    async fn put_mail_profile(
        &self,
        was: Option<&KeptMailProfile>,
        put: &KeptMailProfile,
    ) -> Result<MailProfile> {
        let mut tx = self.begin().await?;
        let found = sqlx::query("SELECT * FROM mail_profiles WHERE name = $1")
            .bind(&put.profile.name)
            .fetch_optional(&mut *tx)
            .await?;
        if found.as_ref().map(kept).transpose()?.as_ref() != was {
            return Err(StorageError::Meanwhile);
        }
        let revision = vault::raise(&mut tx).await?;
        let set = sqlx::query(
            "INSERT INTO mail_profiles
                 (name, server, port, tls, login, sealed_password, sender, updated_at, updated_by,
                  revision)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (name) DO UPDATE SET
                 server = excluded.server, port = excluded.port, tls = excluded.tls,
                 login = excluded.login, sealed_password = excluded.sealed_password,
                 sender = excluded.sender, updated_at = excluded.updated_at,
                 updated_by = excluded.updated_by, revision = excluded.revision
             RETURNING *",
        )
        .bind(&put.profile.name)
        .bind(&put.profile.server)
        .bind(i64::from(put.profile.port))
        .bind(put.profile.tls.as_str())
        .bind(&put.profile.user)
        .bind(&put.sealed_password)
        .bind(&put.profile.from)
        .bind(put.profile.updated_at.0)
        .bind(&put.profile.updated_by)
        .bind(revision)
        .fetch_one(&mut *tx)
        .await?;
        self.commit_vault(tx, revision).await?;
        Ok(kept(&set)?.profile)
    }

    async fn delete_mail_profile(&self, name: &str) -> Result<Option<MailProfile>> {
        let mut tx = self.begin().await?;
        let deleted = sqlx::query("DELETE FROM mail_profiles WHERE name = $1 RETURNING *")
            .bind(name)
            .fetch_optional(&mut *tx)
            .await?;
        let revision = vault::raise_deleted(&mut tx).await?;
        self.commit_vault(tx, revision).await?;
        deleted.as_ref().map(|row| Ok(kept(row)?.profile)).transpose()
    }
}

/// Reads a row with its sealed password.
pub(super) fn kept(row: &DbRow) -> Result<KeptMailProfile> {
    let sealed_password: Option<Vec<u8>> = row.try_get("sealed_password")?;
    let profile = MailProfile {
        id: MailProfileId(row.try_get("id")?),
        name: row.try_get("name")?,
        server: row.try_get("server")?,
        port: u16::try_from(rows::small(row, "port")?).unwrap_or_default(),
        tls: rows::word(row, "tls")?,
        user: row.try_get("login")?,
        has_password: sealed_password.is_some(),
        from: row.try_get("sender")?,
        updated_at: Millis(row.try_get("updated_at")?),
        updated_by: row.try_get("updated_by")?,
    };
    Ok(KeptMailProfile { profile, sealed_password })
}
