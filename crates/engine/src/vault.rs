//! Variables of the installation, secrets and mail profiles, opened and in memory: a flow reads them
//! while a text is put together.
//!
//! They are not part of the index: flows set variables, and only what has changed is read then.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use flow::{Checkpoint, GlobalValue, Inherited, Reference};
use model::{
    JsonMap,
    ids::{DeliveryId, EventId},
    mail_profile::MailProfile,
    trace::{Failure, FailureClass},
    variable::{Kept, KeptVariable},
};
use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};
use storage::{
    Result, Storage,
    key::{Key, Seal, Unopened},
    vault::VaultNews,
};
use tokio::sync::{Mutex, watch};

/// What is sealed of a run begins so; it goes on in base64.
const SEALED: &str = "sealed:";

/// A mail profile with its password. Its `Debug` hides that.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenMailProfile {
    pub profile: MailProfile,
    pub password: Option<String>,
}

impl fmt::Debug for OpenMailProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenMailProfile").field("profile", &self.profile).finish_non_exhaustive()
    }
}

/// All of them: never older than the last change that this process made when an attempt begins.
pub struct Vault {
    storage: Arc<dyn Storage>,
    key: Option<Key>,
    opened: RwLock<Opened>,
    changes: watch::Receiver<i64>,
    /// One renewal at a time.
    renewing: Mutex<()>,
    /// Up to which revision was told before the database lost some.
    told_before: AtomicI64,
}

#[derive(Default)]
struct Opened {
    revision: i64,
    variables: HashMap<String, GlobalValue>,
    secrets: HashMap<String, String>,
    mail_profiles: HashMap<String, Arc<OpenMailProfile>>,
}

/// Whose run is kept so, where that is said: what earlier releases have kept does not.
fn of_whom(kept: &str) -> (Option<DeliveryId>, &str) {
    let named = kept.split_once(' ').and_then(|(id, run)| Some((id.parse().ok()?, run)));
    named.map_or((None, kept), |(id, run)| (Some(id), run))
}

/// Whether what is kept at a delivery's row number is its own. A server that took over without the last
/// commits gives their numbers again, and may have been told to keep a run under one meanwhile.
pub fn is_run_of(id: DeliveryId, kept: &str) -> bool {
    of_whom(kept).0.is_none_or(|of| of == id)
}

impl Vault {
    /// Reads all of them, to be opened with this key.
    pub async fn load(storage: Arc<dyn Storage>, key: Option<Key>) -> Result<Self> {
        let (changes, opened) = (storage.vault_changes(), RwLock::default());
        let (renewing, told_before) = (Mutex::new(()), AtomicI64::new(-1));
        let vault = Self { storage, key, opened, changes, renewing, told_before };
        vault.read().await?;
        Ok(vault)
    }

    /// A variable of the installation.
    pub fn variable(&self, name: &str) -> Option<GlobalValue> {
        self.with(|opened| opened.variables.get(name).cloned())
    }

    /// A secret.
    pub fn secret(&self, name: &str) -> Option<String> {
        self.with(|opened| opened.secrets.get(name).cloned())
    }

    /// A mail profile.
    pub fn mail_profile(&self, named: &Reference) -> Option<Arc<OpenMailProfile>> {
        self.with(|opened| match named {
            Reference::Name(name) => opened.mail_profiles.get(name).cloned(),
            Reference::Id(id) => {
                opened.mail_profiles.values().find(|one| one.profile.id.0 == *id).cloned()
            }
        })
    }

    /// A value as it is kept; nothing where there is no key to seal it with.
    pub fn kept(&self, name: &str, value: &str, encrypt: bool) -> Option<Kept> {
        if !encrypt {
            return Some(Kept::Plain(value.to_owned()));
        }
        Some(Kept::Sealed(self.key.as_ref()?.seal(Seal::Variable(name), value)))
    }

    /// The value of a variable that is kept so; nothing where it cannot be opened.
    pub fn value_of(&self, kept: &KeptVariable) -> Option<GlobalValue> {
        value_of(kept, self.key.as_ref())
    }

    /// The run of a delivery as it is kept: sealed where secrets may stand in it. Without a key it has
    /// used none.
    pub fn kept_run(&self, id: DeliveryId, run: &Checkpoint) -> String {
        let text = run.to_text();
        let text = match self.key.as_ref().filter(|_| run.may_hold_secrets()) {
            Some(key) => sealed(key, Seal::Run(&id.to_string()), &text),
            None => text,
        };
        format!("{id} {text}")
    }

    /// The run of a delivery that is kept so.
    ///
    /// # Errors
    /// Where it cannot be opened, or is none.
    pub fn opened_run(&self, id: DeliveryId, kept: &str) -> Result<Checkpoint, Failure> {
        let (_, kept) = of_whom(kept);
        match kept.strip_prefix(SEALED) {
            None => Checkpoint::parse(kept),
            Some(sealed) => Checkpoint::parse(&self.unsealed(Seal::Run(&id.to_string()), sealed)?),
        }
    }

    /// What a run that goes back to this event begins with, as it is kept: sealed where secrets may
    /// stand in it, and else the variables alone.
    pub fn kept_inherited(&self, event: EventId, inherited: &Inherited) -> String {
        let text = match self.key.as_ref().filter(|_| inherited.may_hold_secrets()) {
            Some(key) => serde_json::to_string(inherited)
                .map(|text| sealed(key, Seal::Inherited(&event.to_string()), &text)),
            None => serde_json::to_string(&inherited.variables),
        };
        text.unwrap_or_default()
    }

    /// What a run begins with that is kept so.
    ///
    /// # Errors
    /// Where it cannot be opened, or is none.
    pub fn opened_inherited(&self, event: EventId, kept: &str) -> Result<Inherited, Failure> {
        let read = match kept.strip_prefix(SEALED) {
            None => serde_json::from_str::<JsonMap>(kept).map(Inherited::from),
            Some(sealed) => {
                let seal = Seal::Inherited(&event.to_string());
                serde_json::from_str(&self.unsealed(seal, sealed)?)
            }
        };
        read.map_err(|error| {
            let detail = format!("what this run begins with cannot be read: {error}");
            Failure::new(FailureClass::Flow, detail)
        })
    }

    fn unsealed(&self, seal: Seal<'_>, sealed: &str) -> Result<String, Failure> {
        let sealed = BASE64_STANDARD.decode(sealed).unwrap_or_default();
        open(self.key.as_ref(), seal, &sealed).ok_or_else(|| {
            let detail = "what was kept of this run was sealed with a key that is not this \
                          installation's any more";
            Failure::new(FailureClass::NotSetUp, detail)
        })
    }

    /// Reads what this process has changed since.
    pub async fn renew(&self) -> Result<()> {
        let newest = *self.changes.borrow();
        if newest <= self.told_before.load(Ordering::Relaxed) {
            return Ok(());
        }
        if self.revision() < newest { self.read_to(newest).await } else { Ok(()) }
    }

    /// Reads what any process has changed since. False where the database has less than was read before:
    /// it has lost some.
    pub async fn look(&self) -> Result<bool> {
        let before = self.revision();
        let newest = self.storage.vault_revision().await?;
        if self.revision() < newest {
            self.read_to(newest).await?;
        }
        Ok(newest >= before)
    }

    async fn read_to(&self, at_least: i64) -> Result<()> {
        let _one = self.renewing.lock().await;
        if self.revision() < at_least { self.read().await } else { Ok(()) }
    }

    /// Reads all of it again, whatever its revision: the database may have lost some.
    pub async fn read_again(&self) -> Result<()> {
        let _one = self.renewing.lock().await;
        let mut anew = Opened::default();
        anew.take(self.storage.vault_news(anew.revision).await?, self.key.as_ref());
        // What was told before may be lost as well, and is not waited for.
        self.told_before.store(*self.changes.borrow(), Ordering::Relaxed);
        *self.opened.write().unwrap_or_else(PoisonError::into_inner) = anew;
        Ok(())
    }

    async fn read(&self) -> Result<()> {
        let news = self.storage.vault_news(self.revision()).await?;
        let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        opened.take(news, self.key.as_ref());
        Ok(())
    }

    fn revision(&self) -> i64 {
        self.with(|opened| opened.revision)
    }

    fn with<T>(&self, look: impl FnOnce(&Opened) -> T) -> T {
        look(&self.opened.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Opened {
    /// Takes in what has changed. What cannot be opened is as if it were not there.
    fn take(&mut self, news: VaultNews, key: Option<&Key>) {
        if news.whole {
            *self = Self::default();
        }
        self.revision = news.revision;
        let open = |seal: Seal<'_>, sealed: &[u8]| open(key, seal, sealed);
        for one in news.variables {
            match value_of(&one, key) {
                Some(value) => self.variables.insert(one.name, value),
                None => self.variables.remove(&one.name),
            };
        }
        for one in news.secrets {
            let name = one.secret.name;
            match open(Seal::Secret(&name), &one.sealed) {
                Some(value) => self.secrets.insert(name, value),
                None => self.secrets.remove(&name),
            };
        }
        for one in news.mail_profiles {
            let name = one.profile.name.clone();
            let sealed = one.sealed_password.as_deref();
            let password = sealed.and_then(|sealed| open(Seal::MailPassword(&name), sealed));
            let opened = OpenMailProfile { profile: one.profile, password };
            self.mail_profiles.insert(name, Arc::new(opened));
        }
    }
}

fn sealed(key: &Key, seal: Seal<'_>, text: &str) -> String {
    format!("{SEALED}{}", BASE64_STANDARD.encode(key.seal(seal, text)))
}

fn value_of(kept: &KeptVariable, key: Option<&Key>) -> Option<GlobalValue> {
    let (value, encrypted) = match &kept.value {
        Kept::Plain(value) => (value.clone(), false),
        Kept::Sealed(sealed) => (open(key, Seal::Variable(&kept.name), sealed)?, true),
    };
    Some(GlobalValue { value, encrypted })
}

fn open(key: Option<&Key>, seal: Seal<'_>, sealed: &[u8]) -> Option<String> {
    let opened = match key {
        Some(key) => key.open(seal, sealed).map_err(|error: Unopened| error.to_string()),
        None => Err(format!("there is no key to open the {seal} with")),
    };
    opened.inspect_err(|error| tracing::error!(%error, "not to be used by flows")).ok()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use model::time::Millis;
    use serde_json::json;
    use tempfile::TempDir;
    use uuid::Uuid;

    /// A vault of a new installation, and the folder that it is in.
    pub(crate) async fn empty() -> (Vault, TempDir) {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("offhook.db").display());
        let storage = storage::open(&url).await.unwrap();
        storage.migrate().await.unwrap();
        (Vault::load(storage, Some(Key::random())).await.unwrap(), folder)
    }

    fn inherited(hidden: &[&str]) -> Inherited {
        let variables = json!({"delivery_id": "7", "number": 1.5});
        let hidden = hidden.iter().map(|one| (*one).to_owned()).collect();
        Inherited { variables: variables.as_object().unwrap().clone(), hidden }
    }

    #[tokio::test]
    async fn what_a_run_hands_on_is_sealed_where_a_secret_may_stand_in_it() {
        let (vault, _folder) = empty().await;
        let (event, other) = (EventId(Uuid::now_v7()), EventId(Uuid::now_v7()));
        let plain = vault.kept_inherited(event, &inherited(&[]));
        assert_eq!(plain, r#"{"delivery_id":"7","number":1.5}"#);
        assert_eq!(vault.opened_inherited(event, &plain).unwrap(), inherited(&[]));
        let sealed = vault.kept_inherited(event, &inherited(&["hush"]));
        assert!(!sealed.contains("number"), "{sealed}");
        assert_eq!(vault.opened_inherited(event, &sealed).unwrap(), inherited(&["hush"]));
        let failure = vault.opened_inherited(other, &sealed).unwrap_err();
        assert_eq!(failure.class, FailureClass::NotSetUp);
        let failure = vault.opened_inherited(event, "sealed").unwrap_err();
        assert_eq!(failure.class, FailureClass::Flow);
    }

    #[test]
    fn a_run_is_whose_it_is_kept_for_and_of_an_earlier_release_whose_number_it_has() {
        let (own, other) = (DeliveryId(Uuid::now_v7()), DeliveryId(Uuid::now_v7()));
        let kept = format!("{own} {{}}");
        assert!(is_run_of(own, &kept) && !is_run_of(other, &kept));
        assert_eq!(of_whom(&kept), (Some(own), "{}"));
        for before in ["{}", r#"{"a b": 1}"#, "sealed:AAAA"] {
            assert!(is_run_of(own, before));
            assert_eq!(of_whom(before), (None, before));
        }
    }

    #[tokio::test]
    async fn that_the_database_has_lost_changes_is_seen() {
        let (vault, folder) = empty().await;
        vault.storage.put_variable(&kept("a", Kept::Plain("1".into()))).await.unwrap();
        assert!(vault.look().await.unwrap() && vault.look().await.unwrap());
        crate::current::tests::lose(&folder, "vault_revision").await;
        assert!(!vault.look().await.unwrap());
    }

    fn kept(name: &str, value: Kept) -> KeptVariable {
        let name = name.to_owned();
        KeptVariable { name, value, updated_at: Millis(0), updated_by: "olena".into() }
    }

    #[tokio::test]
    async fn changes_are_seen_by_this_process_at_once_and_by_others_when_they_look() {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("offhook.db").display());
        let (here, there) =
            (storage::open(&url).await.unwrap(), storage::open(&url).await.unwrap());
        here.migrate().await.unwrap();
        let key = Key::random();
        let load = |storage| Vault::load(storage, Some(key.clone()));
        let (one, other) = (load(here.clone()).await.unwrap(), load(there).await.unwrap());
        let sealed = key.seal(Seal::Variable("b"), "hidden");
        here.put_variable(&kept("a", Kept::Plain("1".into()))).await.unwrap();
        here.put_variable(&kept("b", Kept::Sealed(sealed))).await.unwrap();
        let foreign = Key::random().seal(Seal::Variable("c"), "of another key");
        here.put_variable(&kept("c", Kept::Sealed(foreign))).await.unwrap();
        one.renew().await.unwrap();
        other.renew().await.unwrap();
        assert_eq!(other.variable("a"), None);
        other.look().await.unwrap();
        for vault in [&one, &other] {
            let plain = GlobalValue { value: "1".into(), encrypted: false };
            let hidden = GlobalValue { value: "hidden".into(), encrypted: true };
            assert_eq!((vault.variable("a"), vault.variable("b")), (Some(plain), Some(hidden)));
            assert_eq!(vault.variable("c"), None);
        }
        here.delete_variable("a").await.unwrap();
        one.renew().await.unwrap();
        other.look().await.unwrap();
        for vault in [&one, &other] {
            assert!(vault.variable("a").is_none() && vault.variable("b").is_some());
        }
    }
}
