//! Notes that flows leave for a user.

/// The attribute of a note that says for how many seconds it is shown.
pub const SECONDS: &str = "data-seconds";

#[cfg(feature = "ssr")]
pub use ssr::{CloseNote, close_note};

#[cfg(feature = "ssr")]
mod ssr {
    use crate::{
        api::{
            self,
            form::{Done, Reply, answer, word},
        },
        error::AppError,
    };
    use leptos::prelude::*;

    /// Closes a note to whoever asks.
    #[server(prefix = "/api/panel", endpoint = "notes/close")]
    pub async fn close_note(id: String) -> Result<Reply, AppError> {
        answer(Vec::new(), async {
            let id = word("id", &id)?;
            api::admin()?.close_note(&api::actor().await?, id).await?;
            Ok(Done::here())
        })
        .await
    }
}
