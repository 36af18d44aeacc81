//! Variables of the installation, secrets and mail profiles, as they are kept: what nobody may read
//! is sealed with the installation's key.

use crate::Result;
use async_trait::async_trait;
use model::{mail_profile::MailProfile, secret::Secret, variable::KeptVariable};
use tokio::sync::watch;

/// A secret as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptSecret {
    pub secret: Secret,
    pub sealed: Vec<u8>,
}

/// A mail profile as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptMailProfile {
    pub profile: MailProfile,
    pub sealed_password: Option<Vec<u8>>,
}

/// What has changed since a revision.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VaultNews {
    pub revision: i64,
    /// Whether this is all that there is, since something has been deleted.
    pub whole: bool,
    pub variables: Vec<KeptVariable>,
    pub secrets: Vec<KeptSecret>,
    pub mail_profiles: Vec<KeptMailProfile>,
}

/// All three, for whoever keeps them in memory.
#[async_trait]
pub trait VaultStore: Send + Sync {
    /// What has changed since that revision; 0 knows nothing.
    async fn vault_news(&self, since: i64) -> Result<VaultNews>;
    /// The revision in the database, raised by every change, whichever process made it.
    async fn vault_revision(&self) -> Result<i64>;
    /// Told of each change that this process makes, before the change is answered.
    fn vault_changes(&self) -> watch::Receiver<i64>;
}

/// Variables of the installation.
#[async_trait]
pub trait VariableStore: Send + Sync {
    /// All of them, by name.
    async fn variables(&self) -> Result<Vec<KeptVariable>>;
    async fn variable(&self, name: &str) -> Result<Option<KeptVariable>>;
    /// Makes the variable, or sets it anew.
    async fn put_variable(&self, variable: &KeptVariable) -> Result<()>;
    async fn delete_variable(&self, name: &str) -> Result<Option<KeptVariable>>;
}

/// Secrets.
#[async_trait]
pub trait SecretStore: Send + Sync {
    /// All of them, by name.
    async fn secrets(&self) -> Result<Vec<Secret>>;
    async fn secret(&self, name: &str) -> Result<Option<KeptSecret>>;
    /// Makes the secret, or sets one anew that still is as it `was`; when it was made first stays.
    /// Fails with [`StorageError::Meanwhile`](crate::StorageError::Meanwhile) where it is another by
    /// now.
    async fn put_secret(&self, was: Option<&KeptSecret>, secret: &KeptSecret) -> Result<Secret>;
    async fn delete_secret(&self, name: &str) -> Result<Option<Secret>>;
}

/// Mail profiles.
#[async_trait]
pub trait MailProfileStore: Send + Sync {
    /// All of them, by name.
    async fn mail_profiles(&self) -> Result<Vec<MailProfile>>;
    async fn mail_profile(&self, name: &str) -> Result<Option<KeptMailProfile>>;
    /// Makes the profile of this name, or sets one anew that still is as it `was`; its number is the
    /// database's to give. Fails as [`SecretStore::put_secret`] does.
    async fn put_mail_profile(
        &self,
        was: Option<&KeptMailProfile>,
        profile: &KeptMailProfile,
    ) -> Result<MailProfile>;
    async fn delete_mail_profile(&self, name: &str) -> Result<Option<MailProfile>>;
}
