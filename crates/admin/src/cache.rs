//! The cache: what flows keep for later runs, and people look at.

use crate::{Admin, AdminError, Result, no_problems, now};
use model::{
    cache::{self, CacheEntry},
    problem::Problem,
    secret::HIDDEN,
    user::{Actor, Permission},
};

impl Admin {
    /// At most `limit` of what is kept, in the order of the keys, which begin with `prefix` and come
    /// after `after`.
    pub async fn cache_entries(
        &self,
        actor: &Actor,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<CacheEntry>> {
        actor.require(Permission::Read)?;
        if [prefix, after.unwrap_or_default()].iter().any(|text| text.contains('\0')) {
            return Ok(Vec::new());
        }
        let entries = self.storage.cache_entries(prefix, after, limit, now()).await?;
        Ok(entries.into_iter().map(shown).collect())
    }

    /// What is kept under a key.
    pub async fn cache_entry(&self, actor: &Actor, key: &str) -> Result<CacheEntry> {
        actor.require(Permission::Read)?;
        let none = || AdminError::no("key of the cache", key);
        if cache::unfit(key, "").is_some() {
            return Err(none());
        }
        self.storage.cache_entry(key, now()).await?.map(shown).ok_or_else(none)
    }

    /// Keeps a value for so many seconds, or for good.
    pub async fn put_cache_entry(
        &self,
        actor: &Actor,
        key: &str,
        value: String,
        ttl_s: Option<u64>,
    ) -> Result<CacheEntry> {
        actor.require(Permission::Edit)?;
        let mut problems = Vec::new();
        if let Some(why) = cache::unfit(key, &value) {
            problems.push(Problem::new("/value", why));
        }
        let ttl_ms = match ttl_s {
            None => None,
            Some(ttl_s) if (1..=cache::TTL_MAX_S).contains(&ttl_s) => {
                i64::try_from(ttl_s).ok().map(|ttl_s| ttl_s * 1_000)
            }
            Some(ttl_s) => {
                let allowed = format!("is 1 to {}, not {ttl_s}", cache::TTL_MAX_S);
                problems.push(Problem::new("/ttl_s", allowed));
                None
            }
        };
        no_problems(problems)?;
        let expires_at = ttl_ms.map(|ms| now().plus(ms));
        let entry = CacheEntry { key: key.to_owned(), value, expires_at };
        self.storage.put_cache_entry(&entry).await?;
        Ok(entry)
    }

    /// Forgets what is kept under a key; what that was.
    pub async fn forget_cache_entry(&self, actor: &Actor, key: &str) -> Result<CacheEntry> {
        actor.require(Permission::Edit)?;
        let none = || AdminError::no("key of the cache", key);
        if cache::unfit(key, "").is_some() {
            return Err(none());
        }
        self.storage.forget_cache_entry(key, now()).await?.map(shown).ok_or_else(none)
    }
}

/// As people are shown it.
fn shown(entry: CacheEntry) -> CacheEntry {
    let is_secret = entry.key.starts_with(cache::COOKIE_KEYS);
    CacheEntry { value: if is_secret { HIDDEN.into() } else { entry.value }, ..entry }
}
