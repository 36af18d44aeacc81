//! Signing in and out, the first administrator, one's own password, the theme.

use super::form::Reply;
use crate::error::AppError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Where in the session the signed-in user's id is kept.
pub const USER_KEY: &str = "user";
/// Where in the session is kept as of when it counts as begun.
pub const BEGAN_KEY: &str = "began";

/// The page at which to sign in, and from which one comes back to `next`.
pub fn sign_in_path(next: &str) -> String {
    if next == "/" || !super::form::is_own_path(next) {
        return "/sign-in".into();
    }
    let next: String = next.bytes().map(escaped).collect();
    format!("/sign-in?next={next}")
}

fn escaped(byte: u8) -> String {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    }
}

/// Whether the installation has an administrator, and so people who can sign in.
#[server(prefix = "/api/panel", endpoint = "session/ready")]
pub async fn is_set_up() -> Result<bool, AppError> {
    Ok(super::admin()?.is_set_up().await?)
}

/// What a set-up link still opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetupLink {
    /// The first administrator can be made.
    Open,
    /// It has been used, is too old, or was replaced.
    Closed,
    /// An administrator exists: there is nothing to set up.
    Done,
}

/// Whether a set-up link may still be used. Looking does not use it up.
#[server(prefix = "/api/panel", endpoint = "session/setup-link")]
pub async fn look_at_setup_link(link: String) -> Result<SetupLink, AppError> {
    let admin = super::admin()?;
    if admin.is_set_up().await? {
        return Ok(SetupLink::Done);
    }
    let open = admin.setup_link_is_open(&link).await?;
    Ok(if open { SetupLink::Open } else { SetupLink::Closed })
}

/// Makes the first administrator, and signs them in.
#[server(prefix = "/api/panel", endpoint = "session/set-up")]
pub async fn set_up(
    #[server(default)] link: String,
    #[server(default)] login: String,
    #[server(default)] password: String,
    #[server(default)] again: String,
) -> Result<Reply, AppError> {
    use super::form::{Done, answer};
    answer(crate::typed![login], async {
        same(&password, &again, "again")?;
        let user = super::admin()?.set_up(&link, &login, password).await?;
        begin(user.id, user.created_at).await?;
        Ok(Done::to("/queues").saying(crate::text::session::SET_UP_DONE).anew())
    })
    .await
}

/// Signs a person in.
#[server(prefix = "/api/panel", endpoint = "session/sign-in")]
pub async fn sign_in(
    #[server(default)] login: String,
    #[server(default)] password: String,
    #[server(default)] next: String,
) -> Result<Reply, AppError> {
    use super::form::{Done, answer, is_own_path};
    answer(crate::typed![login], async {
        let slow = use_context::<std::sync::Arc<admin::SignIn>>().ok_or(AppError::Unavailable)?;
        let signed_in = super::admin()?.sign_in(&slow, &login, password).await?;
        begin(signed_in.user.id, signed_in.sessions_since).await?;
        let next = if is_own_path(&next) { next.as_str() } else { "/overview" };
        Ok(Done::to(next).anew())
    })
    .await
}

/// Signs a person in by a link that an operator gave them, which is used up by it.
#[server(prefix = "/api/panel", endpoint = "session/sign-in-link")]
pub async fn sign_in_by_link(#[server(default)] link: String) -> Result<Reply, AppError> {
    use super::form::{Done, answer};
    answer(Vec::new(), async {
        let signed_in = super::admin()?.sign_in_by_link(&link).await?;
        begin(signed_in.user.id, signed_in.sessions_since).await?;
        Ok(Done::to("/queues").anew())
    })
    .await
}

/// Signs the person out and forgets the session.
#[server(prefix = "/api/panel", endpoint = "session/sign-out")]
pub async fn sign_out() -> Result<Reply, AppError> {
    use super::form::{Done, answer, session};
    answer(Vec::new(), async {
        session()?.flush().await.map_err(failed)?;
        Ok(Done::to("/sign-in").anew())
    })
    .await
}

/// Changes the person's own password, given the present one. Of their sessions this one goes on.
#[server(prefix = "/api/panel", endpoint = "session/password")]
pub async fn change_password(
    #[server(default)] current: String,
    #[server(default)] password: String,
    #[server(default)] again: String,
) -> Result<Reply, AppError> {
    use super::form::{Done, answer};
    use crate::{start::Who, text};
    answer(Vec::new(), async {
        let actor = super::actor().await?;
        let who = Who::of(&actor).ok_or(AppError::SignedOut)?;
        let slow = use_context::<std::sync::Arc<admin::SignIn>>().ok_or(AppError::Unavailable)?;
        same(&password, &again, "again")?;
        let admin = super::admin()?;
        let changed = match admin.change_own_password(&slow, &who.login, current, password).await {
            Err(admin::AdminError::WrongPassword) => {
                return Err(AppError::field("current", text::account::WRONG));
            }
            other => other?,
        };
        begin(who.id, changed.sessions_since).await?;
        Ok(Done::to("/account").saying(text::account::CHANGED))
    })
    .await
}

/// Keeps the theme in a cookie of a year.
#[server(prefix = "/api/panel", endpoint = "session/theme")]
pub async fn set_theme(#[server(default)] theme: String) -> Result<Reply, AppError> {
    use super::form::{Done, answer};
    use crate::start::{THEME_COOKIE, Theme};
    answer(Vec::new(), async {
        let theme: Theme = theme.parse().unwrap_or_default();
        let cookie = format!("{THEME_COOKIE}={theme}; Path=/; Max-Age=31536000; SameSite=Lax");
        if let (Some(response), Ok(cookie)) =
            (use_context::<leptos_axum::ResponseOptions>(), cookie.parse())
        {
            response.append_header(http::header::SET_COOKIE, cookie);
        }
        Ok(Done::here())
    })
    .await
}

/// Begins an empty session under a new id, so that one planted before signing in is worth nothing.
/// It counts as begun when the user's sessions began to count, as of when the password or the link was
/// looked at: one that is changed meanwhile ends this session too, whatever the clock says.
#[cfg(feature = "ssr")]
async fn begin(user: model::ids::UserId, since: model::time::Millis) -> Result<(), AppError> {
    let session = super::form::session()?;
    session.clear().await;
    session.cycle_id().await.map_err(failed)?;
    session.insert(BEGAN_KEY, since).await.map_err(failed)?;
    session.insert(USER_KEY, user).await.map_err(failed)
}

#[cfg(feature = "ssr")]
fn failed(error: tower_sessions::session::Error) -> AppError {
    tracing::error!(%error, "a session cannot be kept");
    AppError::Unavailable
}

#[cfg(feature = "ssr")]
fn same(password: &str, again: &str, field: &str) -> Result<(), AppError> {
    if password == again {
        Ok(())
    } else {
        Err(AppError::field(field, crate::text::session::NOT_THE_SAME))
    }
}

#[cfg(test)]
mod tests {
    use super::sign_in_path;

    #[test]
    fn where_one_was_going_survives_in_the_address() {
        assert_eq!(sign_in_path("/queues/1?a=b&c"), "/sign-in?next=/queues/1%3Fa%3Db%26c");
        assert_eq!(sign_in_path("//evil.example"), "/sign-in");
    }
}
