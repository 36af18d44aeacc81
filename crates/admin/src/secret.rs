//! Secrets: random tokens and their digests, password hashes.

use crate::{AdminError, Result};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::RngCore;
use sha2::{Digest, Sha256};
use std::sync::OnceLock;
use tokio::sync::Semaphore;

/// How many passwords are hashed at once. Each takes 19 MiB, and anybody may try to sign in.
static HASHING: Semaphore = Semaphore::const_new(4);

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

/// The argon2id hash of a password, made on a thread of its own.
pub async fn hash_password(password: String) -> Result<String> {
    let _turn = HASHING.acquire().await;
    let hashed = tokio::task::spawn_blocking(move || hash(&password)).await;
    hashed
        .unwrap_or_else(|stopped| Err(stopped.to_string()))
        .map_err(|detail| AdminError::Conflict(format!("the password cannot be hashed: {detail}")))
}

/// Whether the password fits. Without a hash (no such user) as long is spent as with one, so that
/// the time tells nothing.
pub async fn password_fits(password: String, hash: Option<String>) -> bool {
    let verify = move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| decoy().to_owned());
        let parsed = PasswordHash::new(&hash);
        let fits = parsed.is_ok_and(|hash| {
            Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
        });
        fits && known
    };
    let _turn = HASHING.acquire().await;
    tokio::task::spawn_blocking(verify).await.unwrap_or(false)
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
        let hash = hash_password("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(password_fits("correct horse".into(), Some(hash.clone())).await);
        assert!(!password_fits("battery staple".into(), Some(hash)).await);
        assert!(!password_fits("correct horse".into(), None).await);
    }

    #[test]
    fn secrets_differ_and_carry_256_bits() {
        let (one, other) = (random("oh_"), random("oh_"));
        assert_ne!(one, other);
        assert_eq!(one.len(), 3 + 43);
    }
}
