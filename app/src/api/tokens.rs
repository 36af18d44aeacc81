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
pub use ssr::made_tokens;

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
    use crate::{api::waiting::Waiting, error::AppError};
    use leptos::prelude::*;
    use std::{sync::Arc, time::Duration};

    /// How long a token waits to be shown.
    const WAITS: Duration = Duration::from_secs(300);
    /// How many wait at a time.
    const WAITING_MAX: usize = 100;

    /// The tokens of the last minutes that nobody has seen yet. In memory only: a secret is never
    /// written down.
    pub type MadeTokens = Waiting<MadeToken>;

    /// None yet.
    pub fn made_tokens() -> Arc<MadeTokens> {
        Arc::new(Waiting::new(WAITS, WAITING_MAX))
    }

    /// Those of this process.
    pub fn waiting() -> Result<Arc<MadeTokens>, AppError> {
        use_context().ok_or(AppError::Unavailable)
    }
}
