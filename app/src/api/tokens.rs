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

/// Where in the session the token just made waits for its page.
#[cfg(feature = "ssr")]
const MADE_KEY: &str = "made_token";

/// All tokens whose name holds the text.
#[server(prefix = "/api/panel", endpoint = "tokens/list")]
pub async fn list_tokens(search: String) -> Result<Vec<Token>, AppError> {
    Ok(super::admin()?.tokens(&super::actor().await?, &search).await?)
}

/// Makes a token; its secret waits in the session for the page that shows it once.
#[server(prefix = "/api/panel", endpoint = "tokens/create")]
pub async fn create_token(
    name: String,
    #[server(default)] scopes: Vec<String>,
) -> Result<Reply, AppError> {
    use super::form::{answer, session, word};
    let mut typed = typed![name];
    typed.extend(scopes.iter().map(|scope| (format!("scope-{scope}"), "on".to_owned())));
    answer(typed, async {
        let scopes = scopes.iter().map(|scope| word("scopes", scope));
        let scopes = scopes.collect::<Result<Vec<_>, _>>()?;
        let made = super::admin()?.create_token(&super::actor().await?, &name, &scopes).await?;
        let shown = MadeToken { name: made.token.name, secret: made.secret };
        session()?.insert(MADE_KEY, shown).await.map_err(|_| AppError::Unavailable)?;
        Ok(Done::to("/tokens/made").saying(text::MADE))
    })
    .await
}

/// The token just made, once.
#[server(prefix = "/api/panel", endpoint = "tokens/made")]
pub async fn take_made_token() -> Result<Option<MadeToken>, AppError> {
    super::actor().await?;
    let session = super::form::session()?;
    session.remove(MADE_KEY).await.map_err(|_| AppError::Unavailable)
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
