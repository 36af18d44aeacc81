//! The installation's key, with which secrets are sealed before they are kept.
//!
//! It stands in a file beside the database, made at the first start, and readable for its owner
//! alone. The database has a check value, so that a process whose key is another one says so at its
//! start and never seals anything that others cannot open.

use crate::{Storage, StorageError};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use rand::RngCore;
use std::{
    fmt,
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// The fact with the check value.
pub(crate) const CHECK: &str = "key_check";
/// The length of a nonce, in bytes.
const NONCE: usize = 24;

/// What is sealed. A sealed value opens as nothing else than what it was sealed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seal<'n> {
    /// The value of a secret.
    Secret(&'n str),
    /// The value of a variable of the installation.
    Variable(&'n str),
    /// The password of a mail profile.
    MailPassword(&'n str),
    /// The run of a delivery, by its id.
    Run(&'n str),
    /// What runs begin with that go back to an event, by its id, and were begun by another run.
    Inherited(&'n str),
    /// What tells whether a key is the right one.
    Check,
}

impl fmt::Display for Seal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret(name) => write!(f, "secret {name}"),
            Self::Variable(name) => write!(f, "variable {name}"),
            Self::MailPassword(name) => write!(f, "password of mail profile {name}"),
            Self::Run(id) => write!(f, "run of delivery {id}"),
            Self::Inherited(id) => write!(f, "beginning of a run of event {id}"),
            Self::Check => f.write_str("check value"),
        }
    }
}

/// A sealed value that this key does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {0} cannot be opened: it was sealed with another key, or has been changed")]
pub struct Unopened(String);

/// Why there is no key to be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Something is sealed, and the key is not there.
    #[error(
        "the key file {} is missing, and the database holds what was sealed with it; put the file \
         there (it belongs to the backup of the database), or say by OFFHOOK_KEY_FILE where it is; if it \
         is lost for good, `offhook forget-sealed` forgets what was sealed, and the next start makes a \
         new key",
        .0.display()
    )]
    Missing(PathBuf),
    /// The key is not the one.
    #[error(
        "the key in {} is not the one that the secrets of this database are sealed with; all nodes \
         share one key file: put the right one there, or say by OFFHOOK_KEY_FILE where it is",
        .0.display()
    )]
    Wrong(PathBuf),
    /// The file holds no key.
    #[error("the key file {} does not hold a key: 64 hexadecimal digits", .0.display())]
    Malformed(PathBuf),
    /// The file cannot be read or made.
    #[error("the key file {} cannot be read or made", .file.display())]
    File { file: PathBuf, source: std::io::Error },
    /// The database failed.
    #[error("whether the key is the right one cannot be checked")]
    Storage(#[from] StorageError),
}

/// 256 bits. Its `Debug` hides them.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// A new one.
    pub fn random() -> Self {
        let mut bytes = [0; 32];
        rand::rng().fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// The key in this file, which is made where the database has nothing sealed yet.
    ///
    /// # Errors
    /// Where there is no key, or another one than the database wants.
    pub async fn of_file(file: &Path, storage: &dyn Storage) -> Result<Self, KeyError> {
        let check = storage.fact(CHECK).await?;
        let key = match read(file)? {
            Some(key) => key,
            None if check.is_some() => return Err(KeyError::Missing(file.to_owned())),
            None => make(file)?,
        };
        let check = match check {
            Some(check) => check,
            // Of nodes that start at once the first one's counts.
            None => storage.put_first_fact(CHECK, &hex::encode(key.seal(Seal::Check, ""))).await?,
        };
        let sealed = hex::decode(check).unwrap_or_default();
        match key.open(Seal::Check, &sealed) {
            Ok(_) => Ok(key),
            Err(_) => Err(KeyError::Wrong(file.to_owned())),
        }
    }

    /// A text that nobody reads without the key: a nonce, then what is encrypted.
    pub fn seal(&self, seal: Seal<'_>, text: &str) -> Vec<u8> {
        let mut nonce = [0; NONCE];
        rand::rng().fill_bytes(&mut nonce);
        let named = seal.to_string();
        let payload = Payload { msg: text.as_bytes(), aad: named.as_bytes() };
        let encrypted = XChaCha20Poly1305::new(&self.0.into()).encrypt(&nonce.into(), payload);
        // It fails for texts of 256 GiB and more, which none here is.
        [nonce.as_slice(), &encrypted.unwrap_or_default()].concat()
    }

    /// The text of what was sealed as this.
    ///
    /// # Errors
    /// Where it was sealed as something else, with another key, or has been changed.
    pub fn open(&self, seal: Seal<'_>, sealed: &[u8]) -> Result<String, Unopened> {
        let refused = || Unopened(seal.to_string());
        let (nonce, encrypted) = sealed.split_at_checked(NONCE).ok_or_else(refused)?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| refused())?;
        let named = seal.to_string();
        let payload = Payload { msg: encrypted, aad: named.as_bytes() };
        let opened = XChaCha20Poly1305::new(&self.0.into()).decrypt(&nonce.into(), payload);
        String::from_utf8(opened.map_err(|_| refused())?).map_err(|_| refused())
    }
}

/// The key in a file; nothing where there is no file.
fn read(file: &Path) -> Result<Option<Key>, KeyError> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            return Err(KeyError::Malformed(file.to_owned()));
        }
        Err(source) => return Err(KeyError::File { file: file.to_owned(), source }),
    };
    let bytes = hex::decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(|bytes| Some(Key(bytes))).ok_or_else(|| KeyError::Malformed(file.to_owned()))
}

/// Makes the file with a new key. It appears whole, or another process's did.
fn make(file: &Path) -> Result<Key, KeyError> {
    let failed = |source| KeyError::File { file: file.to_owned(), source };
    let key = Key::random();
    if let Some(folder) = file.parent().filter(|folder| *folder != Path::new("")) {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut begun = file.as_os_str().to_owned();
    // Of nodes in containers that share a folder each may have the same process id.
    begun.push(format!(".{:016x}", rand::random::<u64>()));
    let begun = PathBuf::from(begun);
    let write = || {
        let mut new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&begun)?;
        new.write_all(format!("{}\n", hex::encode(key.0)).as_bytes())?;
        new.sync_all()?;
        fs::hard_link(&begun, file)
    };
    let written = write();
    fs::remove_file(&begun).ok();
    match written {
        Ok(()) => {
            tracing::info!(file = %file.display(), "made the key for secrets; it belongs to the backup");
            Ok(key)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            read(file)?.ok_or_else(|| failed(error))
        }
        Err(error) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_opened_as_itself_and_by_its_key_alone() {
        let key = Key::random();
        let sealed = key.seal(Seal::Secret("CRM"), "s3cret");
        assert!(!sealed.windows(6).any(|window| window == b"s3cret"));
        assert_ne!(sealed, key.seal(Seal::Secret("CRM"), "s3cret"), "a nonce of its own each time");
        assert_eq!(key.open(Seal::Secret("CRM"), &sealed).as_deref(), Ok("s3cret"));
        assert!(key.open(Seal::Secret("ERP"), &sealed).is_err());
        assert!(key.open(Seal::Variable("CRM"), &sealed).is_err());
        assert!(Key::random().open(Seal::Secret("CRM"), &sealed).is_err());
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        for wrong in [&changed[..], &sealed[..30], &sealed[..5], b""] {
            let refused = key.open(Seal::Secret("CRM"), wrong).unwrap_err();
            assert!(refused.to_string().contains("secret CRM"));
        }
        assert_eq!(key.open(Seal::Check, &key.seal(Seal::Check, "")).as_deref(), Ok(""));
    }

    #[test]
    fn a_key_shows_nothing_of_itself() {
        assert_eq!(format!("{:?}", Key::random()), "Key");
    }
}
