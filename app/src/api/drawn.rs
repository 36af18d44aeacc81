//! Pages that the server draws whole.

use crate::error::AppError;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

/// A page, drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    pub title: String,
    /// The page above, if there is one: its name and its path.
    pub above: Option<(String, String)>,
    /// What stands beside the title, as HTML like the body.
    pub beside: String,
    /// HTML, made by the server from views, which escape what they show.
    pub body: String,
    /// The path to share, where the page has something to share.
    pub share: Option<String>,
    /// After how many seconds it is to be drawn anew, since it changes by itself; 0 is never.
    pub every: u64,
    /// What is said of when it is while it cannot be drawn anew.
    pub as_of: String,
}

/// Draws the page at this path and query.
#[server(prefix = "/api/panel", endpoint = "drawn", input = Json)]
pub async fn draw(page: String) -> Result<Sheet, AppError> {
    // Before anything is waited for: what was begun twice on the server may have lost its page by then.
    let now = now::start()?.now;
    let sheet = address::drawn(&super::admin()?, &super::actor().await?, &page).await?;
    Ok(Sheet { as_of: crate::text::ui::as_of(now), ..sheet })
}

#[cfg(feature = "ssr")]
mod address;
#[cfg(feature = "ssr")]
mod chart;
#[cfg(feature = "ssr")]
mod kept;
#[cfg(feature = "ssr")]
mod now;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
mod replays;
#[cfg(feature = "ssr")]
mod vault;
