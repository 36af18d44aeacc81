//! Notes that flows leave for a user.

/// Where a note is closed: by a form of the page, which the browser posts itself.
pub const CLOSE: &str = "/api/panel/notes/close";

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

    #[cfg(test)]
    mod tests {
        #[test]
        fn a_note_is_closed_where_the_page_says() {
            assert_eq!(crate::api::url_of::<super::CloseNote>(), super::super::CLOSE);
        }
    }
}
