//! API tokens.

use super::form::Reply;
use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{api::form::Done, text::tokens as text, typed};
use leptos::prelude::*;
use model::user::Token;
use serde::{Deserialize, Serialize};

/// A token just made, with its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeToken {
    pub name: String,
    pub secret: String,
}

/// Where in the session the key of the token just made waits for its page.
#[cfg(feature = "ssr")]
const MADE_KEY: &str = "made_token";

#[cfg(feature = "ssr")]
pub use ssr::MadeTokens;

/// All tokens whose name holds the text.
#[server(prefix = "/api/panel", endpoint = "tokens/list")]
pub async fn list_tokens(search: String) -> Result<Vec<Token>, AppError> {
    Ok(super::admin()?.tokens(&super::actor().await?, &search).await?)
}

/// Makes a token; its secret waits in memory for the page that shows it once.
#[server(prefix = "/api/panel", endpoint = "tokens/create")]
pub async fn create_token(
    name: String,
    #[server(default)] scopes: Vec<String>,
) -> Result<Reply, AppError> {
    use super::form::{answer, session, word};
    use crate::start::Who;
    let mut typed = typed![name];
    typed.extend(scopes.iter().map(|scope| (format!("scope-{scope}"), "on".to_owned())));
    answer(typed, async {
        let scopes = scopes.iter().map(|scope| word("scopes", scope));
        let scopes = scopes.collect::<Result<Vec<_>, _>>()?;
        let actor = super::actor().await?;
        let who = Who::of(&actor).ok_or(AppError::SignedOut)?;
        let made = super::admin()?.create_token(&actor, &name, &scopes).await?;
        let shown = MadeToken { name: made.token.name, secret: made.secret };
        let key = ssr::waiting()?.put(who.id, shown);
        session()?.insert(MADE_KEY, key).await.map_err(|_| AppError::Unavailable)?;
        Ok(Done::to("/tokens/made").saying(text::MADE))
    })
    .await
}

/// The token just made, once.
#[server(prefix = "/api/panel", endpoint = "tokens/made")]
pub async fn take_made_token() -> Result<Option<MadeToken>, AppError> {
    use crate::start::Who;
    let actor = super::actor().await?;
    actor.require(model::user::Permission::Administer)?;
    let who = Who::of(&actor).ok_or(AppError::SignedOut)?;
    let session = super::form::session()?;
    let key: Option<String> = session.remove(MADE_KEY).await.map_err(|_| AppError::Unavailable)?;
    let waiting = ssr::waiting()?;
    Ok(key.and_then(|key| waiting.take(&key, who.id)))
}

/// Deletes a token, which refuses its next use.
#[server(prefix = "/api/panel", endpoint = "tokens/delete")]
pub async fn delete_token(id: String) -> Result<Reply, AppError> {
    use super::form::{answer, word};
    answer(Vec::new(), async {
        let id = word("id", &id)?;
        let token = super::admin()?.delete_token(&super::actor().await?, id).await?;
        Ok(Done::to("/tokens").saying(text::deleted(&token.name)))
    })
    .await
}

#[cfg(feature = "ssr")]
mod ssr {
    use super::MadeToken;
    use crate::error::AppError;
    use leptos::prelude::*;
    use model::ids::UserId;
    use std::{
        collections::HashMap,
        sync::{Arc, Mutex, MutexGuard, PoisonError},
        time::{Duration, Instant},
    };
    use tower_sessions::session::Id;

    /// How long a token waits to be shown.
    const WAITS: Duration = Duration::from_secs(300);
    /// How many wait at a time; one more drops the oldest.
    const WAITING_MAX: usize = 100;

    /// The tokens of the last minutes that nobody has seen yet, by a random key. In memory only:
    /// a secret is never written down.
    #[derive(Default)]
    pub struct MadeTokens(Mutex<HashMap<String, (UserId, MadeToken, Instant)>>);

    impl MadeTokens {
        /// Keeps a token for the one who made it; the key by which they take it.
        pub fn put(&self, maker: UserId, made: MadeToken) -> String {
            let mut waiting = self.fresh();
            if waiting.len() >= WAITING_MAX {
                let oldest = waiting.iter().min_by_key(|(_, (_, _, since))| *since);
                if let Some(key) = oldest.map(|(key, _)| key.clone()) {
                    waiting.remove(&key);
                }
            }
            let key = Id::default().to_string();
            waiting.insert(key.clone(), (maker, made, Instant::now()));
            key
        }

        /// The token, once, for the one who made it.
        pub fn take(&self, key: &str, maker: UserId) -> Option<MadeToken> {
            let mut waiting = self.fresh();
            if waiting.get(key)?.0 != maker {
                return None;
            }
            waiting.remove(key).map(|(_, made, _)| made)
        }

        fn fresh(&self) -> MutexGuard<'_, HashMap<String, (UserId, MadeToken, Instant)>> {
            let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.retain(|_, (_, _, since)| since.elapsed() < WAITS);
            waiting
        }
    }

    /// Those of this process.
    pub fn waiting() -> Result<Arc<MadeTokens>, AppError> {
        use_context().ok_or(AppError::Unavailable)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn made(name: &str) -> MadeToken {
            MadeToken { name: name.into(), secret: "s".into() }
        }

        #[test]
        fn a_token_is_shown_once_to_its_maker() {
            let waiting = MadeTokens::default();
            let key = waiting.put(UserId(1), made("crm"));
            assert_eq!(waiting.take(&key, UserId(2)), None);
            assert_eq!(waiting.take(&key, UserId(1)), Some(made("crm")));
            assert_eq!(waiting.take(&key, UserId(1)), None);
        }

        #[test]
        fn only_so_many_tokens_wait() {
            let waiting = MadeTokens::default();
            let first = waiting.put(UserId(1), made("first"));
            let keys: Vec<_> =
                (0..WAITING_MAX).map(|n| waiting.put(UserId(1), made(&n.to_string()))).collect();
            assert_eq!(waiting.take(&first, UserId(1)), None);
            assert!(keys.iter().all(|key| waiting.take(key, UserId(1)).is_some()));
        }
    }
}
