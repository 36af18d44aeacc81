//! Secrets: random tokens and their digests, password hashes.

use crate::{AdminError, Result};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::RngCore;
use sha2::{Digest, Sha256};
use std::{
    fmt::Display,
    num::NonZero,
    sync::{Arc, OnceLock},
    thread::available_parallelism,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
};

/// How many may wait for their password to be hashed: a few seconds' work.
const WAITING_MAX: usize = 64;

/// 256 random bits as URL-safe text behind a prefix.
pub fn random(prefix: &str) -> String {
    let mut bytes = [0u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    format!("{prefix}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// The SHA-256 of a random secret, in hex: what is stored of it.
pub fn digest(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

/// Room for hashing passwords. Each takes 19 MiB and a core, and anybody may try to sign in: half of the
/// cores are left to others, and who finds too many waiting is told to come again.
#[derive(Clone)]
pub struct Hashing {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

impl Default for Hashing {
    fn default() -> Self {
        let cores = available_parallelism().map_or(1, NonZero::get);
        Self {
            places: Arc::new(Semaphore::new(WAITING_MAX)),
            turns: Arc::new(Semaphore::new((cores / 2).max(1))),
        }
    }
}

impl Hashing {
    /// A place among those who wait.
    ///
    /// # Errors
    /// When too many wait already.
    pub fn place(&self) -> Result<Place> {
        let place = self.places.clone().try_acquire_owned();
        let held = place.map_err(|_| AdminError::SlowDown { seconds: 1 })?;
        Ok(Place { held, turns: self.turns.clone() })
    }
}

/// A place among those whose password is hashed when it is their turn.
pub struct Place {
    held: OwnedSemaphorePermit,
    turns: Arc<Semaphore>,
}

impl Place {
    /// The argon2id hash of a password.
    pub async fn hash(self, password: String) -> Result<String> {
        self.in_turn(move || hash(&password)).await?.map_err(unhashed)
    }

    /// Whether the password fits. Without a hash (no such user) as long is spent as with one, so
    /// that the time tells nothing.
    pub async fn fits(self, password: String, hash: Option<String>) -> Result<bool> {
        let verify = move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| decoy().to_owned());
            let parsed = PasswordHash::new(&hash);
            let fits = parsed.is_ok_and(|hash| {
                Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
            });
            fits && known
        };
        self.in_turn(verify).await
    }

    /// Works on a thread of its own. The work keeps the place, since it goes on when nobody waits
    /// for it any more.
    async fn in_turn<T: Send + 'static>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let turn = self.turns.acquire_owned().await;
        let kept = (self.held, turn);
        let done = spawn_blocking(move || {
            let _kept = kept;
            work()
        });
        done.await.map_err(unhashed)
    }
}

fn unhashed(why: impl Display) -> AdminError {
    AdminError::Conflict(format!("the password cannot be hashed: {why}"))
}

fn hash(password: &str) -> std::result::Result<String, String> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| error.to_string())
}

/// A hash that no password is known for.
fn decoy() -> &'static str {
    static DECOY: OnceLock<String> = OnceLock::new();
    DECOY.get_or_init(|| hash(&random("")).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let hashing = Hashing::default();
        let hash = hashing.place().unwrap().hash("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        for (password, hash, fits) in [
            ("correct horse", Some(hash.clone()), true),
            ("battery staple", Some(hash), false),
            ("correct horse", None, false),
        ] {
            let place = hashing.place().unwrap();
            assert_eq!(place.fits(password.into(), hash).await.unwrap(), fits, "{password}");
        }
    }

    #[test]
    fn who_finds_too_many_waiting_is_told_to_come_again() {
        let hashing = Hashing::default();
        let mut waiting: Vec<_> =
            (0..WAITING_MAX).map(|_| hashing.place().map_err(|error| error.to_string())).collect();
        assert!(waiting.iter().all(Result::is_ok));
        assert!(matches!(hashing.place(), Err(AdminError::SlowDown { .. })));
        waiting.pop();
        assert!(hashing.place().is_ok());
    }

    #[test]
    fn secrets_differ_and_carry_256_bits() {
        let (one, other) = (random("oh_"), random("oh_"));
        assert_ne!(one, other);
        assert_eq!(one.len(), 3 + 43);
    }
}
