//! What an editor does with the cache.

use super::form::{Done, Reply, answer_in_toast};
use crate::{error::AppError, text::cache as words};
use leptos::prelude::*;

/// Forgets what is kept under a key.
#[server(prefix = "/api/panel", endpoint = "cache/forget")]
pub async fn forget_cached(key: String) -> Result<Reply, AppError> {
    answer_in_toast(async {
        super::admin()?.forget_cache_entry(&super::actor().await?, &key).await?;
        Ok(Done::here().saying(words::forgotten(&key)))
    })
    .await
}
