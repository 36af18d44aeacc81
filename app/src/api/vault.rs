//! Variables of the installation, secrets and mail profiles: what their pages, which the server
//! draws, post.

use super::{
    form::{Done, Reply, answer, answer_in_toast, word},
    tokens::MadeToken,
    waiting::Waiting,
};
use crate::{drawn::Shelf, error::AppError, start::Who, text::vault as text, typed};
use leptos::prelude::*;
use model::{
    mail_profile::MailProfileDraft,
    secret::{SIGNING_KEY, SecretDraft},
    variable::VariableDraft,
};
use std::sync::Arc;

/// Makes a variable of the installation, or sets it anew.
#[server(prefix = "/api/panel", endpoint = "variables/save")]
pub async fn save_variable(
    name: String,
    #[server(default)] value: String,
    #[server(default)] encrypted: String,
    #[server(default)] new: String,
) -> Result<Reply, AppError> {
    let value = text::with_plain_ends(&value);
    // What is to be encrypted is not left in the session.
    let again = if encrypted.is_empty() { value.clone() } else { String::new() };
    let typed = vec![
        ("name".to_owned(), name.clone()),
        ("value".to_owned(), again),
        ("encrypted".to_owned(), encrypted.clone()),
    ];
    answer(typed, async {
        let (admin, actor) = (super::admin()?, super::actor().await?);
        if !new.is_empty() && admin.variable(&actor, name.trim()).await.is_ok() {
            return Err(AppError::field("name", text::IN_USE));
        }
        // What is encrypted is not shown, so its field is empty for want of typing.
        if new.is_empty() && value.is_empty() {
            let kept = admin.variable(&actor, name.trim()).await?;
            if kept.encrypted {
                return Err(AppError::field("value", text::TYPE_AGAIN));
            }
        }
        let draft = VariableDraft { value, encrypted: !encrypted.is_empty() };
        let set = admin.put_variable(&actor, &name, draft).await?;
        Ok(Done::to(Shelf::Variables.path()).saying(text::saved(&set.name)))
    })
    .await
}

/// Deletes a variable of the installation.
#[server(prefix = "/api/panel", endpoint = "variables/delete")]
pub async fn delete_variable(name: String) -> Result<Reply, AppError> {
    answer_in_toast(async {
        super::admin()?.delete_variable(&super::actor().await?, &name).await?;
        Ok(Done::to(Shelf::Variables.path()).saying(text::deleted(&name)))
    })
    .await
}

/// Makes a secret, or sets it anew; an empty value leaves the old one.
#[server(prefix = "/api/panel", endpoint = "secrets/save")]
pub async fn save_secret(
    name: String,
    #[server(default)] value: String,
    #[server(default)] description: String,
    #[server(default)] new: String,
) -> Result<Reply, AppError> {
    answer(typed![name, description], async {
        let (admin, actor) = (super::admin()?, super::actor().await?);
        if !new.is_empty() && admin.secret(&actor, name.trim()).await.is_ok() {
            return Err(AppError::field("name", text::IN_USE));
        }
        let value = Some(text::pasted(&value)).filter(|value| !value.is_empty());
        let draft = SecretDraft { value, description: Some(description) };
        let set = admin.put_secret(&actor, &name, draft).await?;
        Ok(Done::to(Shelf::Secrets.path()).saying(text::saved(&set.name)))
    })
    .await
}

/// Makes a key to sign requests with; it waits in memory for the page that shows it once.
#[server(prefix = "/api/panel", endpoint = "secrets/signing-key")]
pub async fn make_signing_key() -> Result<Reply, AppError> {
    answer_in_toast(async {
        let actor = super::actor().await?;
        let who = Who::of(&actor).ok_or(AppError::SignedOut)?;
        let waiting: Arc<Waiting<MadeToken>> = use_context().ok_or(AppError::Unavailable)?;
        let secret = super::admin()?.make_signing_key(&actor).await?;
        let shown = MadeToken { name: SIGNING_KEY.into(), secret };
        let key = waiting.put(who.id, shown);
        let to = format!("{}?made={key}", Shelf::Secrets.path());
        Ok(Done::to(to).saying(text::MADE_SAID))
    })
    .await
}

/// Deletes a secret.
#[server(prefix = "/api/panel", endpoint = "secrets/delete")]
pub async fn delete_secret(name: String) -> Result<Reply, AppError> {
    answer_in_toast(async {
        super::admin()?.delete_secret(&super::actor().await?, &name).await?;
        Ok(Done::to(Shelf::Secrets.path()).saying(text::deleted(&name)))
    })
    .await
}

/// Makes a mail profile, or sets it anew; an empty password leaves the old one.
#[server(prefix = "/api/panel", endpoint = "mail-profiles/save")]
pub async fn save_mail_profile(
    name: String,
    #[server(default)] server: String,
    #[server(default)] port: String,
    #[server(default)] tls: String,
    #[server(default)] user: String,
    #[server(default)] password: String,
    #[server(default)] no_password: String,
    #[server(default)] from: String,
    #[server(default)] new: String,
) -> Result<Reply, AppError> {
    answer(typed![name, server, port, tls, user, from], async {
        let (admin, actor) = (super::admin()?, super::actor().await?);
        if !new.is_empty() && admin.mail_profile(&actor, name.trim()).await.is_ok() {
            return Err(AppError::field("name", text::IN_USE));
        }
        let password = match (no_password.is_empty(), password.is_empty()) {
            (false, _) => Some(String::new()),
            (true, true) => None,
            (true, false) => Some(password),
        };
        let port = port.trim().parse().map_err(|_| AppError::field("port", text::NO_PORT))?;
        let tls = word("tls", &tls)?;
        let draft = MailProfileDraft { server, port, tls, user: Some(user), password, from };
        let set = admin.put_mail_profile(&actor, &name, draft).await?;
        Ok(Done::to(Shelf::MailProfiles.path()).saying(text::saved(&set.name)))
    })
    .await
}

/// Deletes a mail profile.
#[server(prefix = "/api/panel", endpoint = "mail-profiles/delete")]
pub async fn delete_mail_profile(name: String) -> Result<Reply, AppError> {
    answer_in_toast(async {
        super::admin()?.delete_mail_profile(&super::actor().await?, &name).await?;
        Ok(Done::to(Shelf::MailProfiles.path()).saying(text::deleted(&name)))
    })
    .await
}
