//! Variables of the installation, and what has changed of all that the vault holds. Its revision is
//! its own: flows set variables, and nothing else is to be read anew for that.

use super::{Conn, DbRow, Store, Tx, dialect::SNAPSHOT, mail_profiles, secrets};
use crate::{
    Forgotten, Result, StorageError,
    key::CHECK,
    vault::{VariableStore, VaultNews, VaultStore},
};
use async_trait::async_trait;
use model::{
    effect::Effect,
    time::Millis,
    variable::{Kept, KeptVariable},
};
use sqlx::Row;
use tokio::sync::watch;

#[async_trait]
impl VaultStore for Store {
    async fn vault_news(&self, since: i64) -> Result<VaultNews> {
        // One read transaction, so that the parts and the revision belong together.
        let mut tx = self.engine.begin_with(SNAPSHOT).await?;
        let now =
            sqlx::query("SELECT revision, deleted FROM vault_revision").fetch_one(&mut *tx).await?;
        let whole = since < now.try_get::<i64, _>("deleted")? || since == 0;
        // Copied rows have the revision 0.
        let since = if whole { -1 } else { since };
        let variables = sqlx::query("SELECT * FROM variables WHERE revision > $1")
            .bind(since)
            .fetch_all(&mut *tx)
            .await?;
        let secrets = sqlx::query("SELECT * FROM secrets WHERE revision > $1")
            .bind(since)
            .fetch_all(&mut *tx)
            .await?;
        let profiles = sqlx::query("SELECT * FROM mail_profiles WHERE revision > $1")
            .bind(since)
            .fetch_all(&mut *tx)
            .await?;
        Ok(VaultNews {
            revision: now.try_get("revision")?,
            whole,
            variables: variables.iter().map(variable).collect::<Result<_>>()?,
            secrets: secrets.iter().map(secrets::kept).collect::<Result<_>>()?,
            mail_profiles: profiles.iter().map(mail_profiles::kept).collect::<Result<_>>()?,
        })
    }

    async fn vault_revision(&self) -> Result<i64> {
        Ok(sqlx::query_scalar("SELECT revision FROM vault_revision")
            .fetch_one(&self.engine)
            .await?)
    }

    fn vault_changes(&self) -> watch::Receiver<i64> {
        self.vault.subscribe()
    }
}

#[async_trait]
impl VariableStore for Store {
    async fn variables(&self) -> Result<Vec<KeptVariable>> {
        let all =
            sqlx::query("SELECT * FROM variables ORDER BY name").fetch_all(&self.readers).await?;
        all.iter().map(variable).collect()
    }

    async fn variable(&self, name: &str) -> Result<Option<KeptVariable>> {
        let found = sqlx::query("SELECT * FROM variables WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.readers)
            .await?;
        found.as_ref().map(variable).transpose()
    }

    async fn put_variable(&self, variable: &KeptVariable) -> Result<()> {
        let mut tx = self.begin().await?;
        let revision = raise(&mut tx).await?;
        put(&mut tx, variable, revision).await?;
        self.commit_vault(tx, revision).await
    }

    async fn delete_variable(&self, name: &str) -> Result<Option<KeptVariable>> {
        let mut tx = self.begin().await?;
        // The revision first, then the row: as whoever sets variables locks them.
        let revision = raise_deleted(&mut tx).await?;
        let deleted = sqlx::query("DELETE FROM variables WHERE name = $1 RETURNING *")
            .bind(name)
            .fetch_optional(&mut *tx)
            .await?;
        self.commit_vault(tx, revision).await?;
        deleted.as_ref().map(variable).transpose()
    }
}

impl Store {
    /// Commits a change under its revision, and tells of it.
    pub(super) async fn commit_vault(&self, tx: Tx, revision: i64) -> Result<()> {
        tx.commit().await?;
        self.tell_vault(revision);
        Ok(())
    }

    /// Tells of the variables that a commit of the engine has set. Where that cannot be read now, it
    /// is found by whoever compares revisions.
    pub(super) async fn tell_set(&self, effects: &[Effect]) {
        if effects.iter().any(|effect| matches!(effect, Effect::SetVariable(_)))
            && let Ok(revision) = self.vault_revision().await
        {
            self.tell_vault(revision);
        }
    }

    /// Tells of a revision, unless a newer one has been told.
    pub(super) fn tell_vault(&self, revision: i64) {
        self.vault.send_modify(|newest| *newest = revision.max(*newest));
    }
}

/// Takes the next revision. Its row is held until the commit, so that revisions come in the order
/// of commits.
pub(super) async fn raise(tx: &mut Conn) -> Result<i64> {
    Ok(sqlx::query_scalar("UPDATE vault_revision SET revision = revision + 1 RETURNING revision")
        .fetch_one(&mut *tx)
        .await?)
}

/// Takes the next revision for a deletion.
pub(super) async fn raise_deleted(tx: &mut Tx) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "UPDATE vault_revision SET revision = revision + 1, deleted = revision + 1
         RETURNING revision",
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// Forgets what is sealed, and with which key.
pub(super) async fn forget_sealed(store: &Store) -> Result<Forgotten> {
    let mut tx = store.begin().await?;
    let revision = raise_deleted(&mut tx).await?;
    let mut forgotten = [0; 3];
    let statements = [
        "DELETE FROM secrets",
        "DELETE FROM variables WHERE sealed IS NOT NULL",
        "UPDATE mail_profiles SET sealed_password = NULL WHERE sealed_password IS NOT NULL",
    ];
    for (many, sql) in forgotten.iter_mut().zip(statements) {
        *many = sqlx::query(sql).execute(&mut *tx).await?.rows_affected();
    }
    sqlx::query("DELETE FROM installation WHERE name = $1").bind(CHECK).execute(&mut *tx).await?;
    store.commit_vault(tx, revision).await?;
    let [secrets, variables, passwords] = forgotten;
    Ok(Forgotten { secrets, variables, passwords })
}

/// Sets a variable.
pub(super) async fn put(tx: &mut Conn, variable: &KeptVariable, revision: i64) -> Result<()> {
    let (value, sealed) = match &variable.value {
        Kept::Plain(value) => (Some(value.as_str()), None),
        Kept::Sealed(sealed) => (None, Some(sealed.as_slice())),
    };
    sqlx::query(
        "INSERT INTO variables (name, value, sealed, updated_at, updated_by, revision)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (name) DO UPDATE SET
             value = excluded.value, sealed = excluded.sealed, updated_at = excluded.updated_at,
             updated_by = excluded.updated_by, revision = excluded.revision",
    )
    .bind(&variable.name)
    .bind(value)
    .bind(sealed)
    .bind(variable.updated_at.0)
    .bind(&variable.updated_by)
    .bind(revision)
    .execute(&mut *tx)
    .await?;
    Ok(())
}

fn variable(row: &DbRow) -> Result<KeptVariable> {
    let plain: Option<String> = row.try_get("value")?;
    let sealed: Option<Vec<u8>> = row.try_get("sealed")?;
    let value = plain.map(Kept::Plain).or(sealed.map(Kept::Sealed));
    let none = || StorageError::Corrupt { what: "variable", detail: "it has no value".into() };
    Ok(KeptVariable {
        name: row.try_get("name")?,
        value: value.ok_or_else(none)?,
        updated_at: Millis(row.try_get("updated_at")?),
        updated_by: row.try_get("updated_by")?,
    })
}
