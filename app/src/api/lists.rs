//! What an editor does with lists of numbers. The forms are drawn by the server and posted by the
//! browser itself.

use super::form::{Done, Reply, answer, answer_in_toast, word};
use crate::{error::AppError, text::lists as words, typed};
use leptos::prelude::*;
use model::{
    ids::ListId,
    number_list::{EntryDraft, ListDraft},
    time::Millis,
};

fn path(id: ListId) -> String {
    format!("/lists/{id}")
}

/// Makes a list.
#[server(prefix = "/api/panel", endpoint = "lists/create")]
pub async fn create_list(
    name: String,
    #[server(default)] description: String,
) -> Result<Reply, AppError> {
    answer(typed![name, description], async {
        let draft = ListDraft { name, description };
        let made = super::admin()?.create_number_list(&super::actor().await?, draft).await?;
        Ok(Done::to(path(made.id)).saying(words::made(&made.name)))
    })
    .await
}

/// Changes a list's name and description.
#[server(prefix = "/api/panel", endpoint = "lists/change")]
pub async fn change_list(
    id: String,
    name: String,
    #[server(default)] description: String,
) -> Result<Reply, AppError> {
    answer(typed![name, description], async {
        let id: ListId = word("id", &id)?;
        let draft = ListDraft { name, description };
        super::admin()?.update_number_list(&super::actor().await?, id, draft).await?;
        Ok(Done::to(path(id)).saying(words::SAVED))
    })
    .await
}

/// Deletes a list.
#[server(prefix = "/api/panel", endpoint = "lists/delete")]
pub async fn delete_list(id: String) -> Result<Reply, AppError> {
    answer_in_toast(async {
        let id: ListId = word("id", &id)?;
        let gone = super::admin()?.delete_number_list(&super::actor().await?, id).await?;
        Ok(Done::to("/lists").saying(words::deleted(&gone.name)).gone())
    })
    .await
}

/// Adds a number to a list.
#[server(prefix = "/api/panel", endpoint = "lists/add")]
pub async fn add_number(
    id: String,
    number: String,
    #[server(default)] description: String,
    #[server(default)] expires_at: String,
) -> Result<Reply, AppError> {
    answer(typed![number, description, expires_at], async {
        let id: ListId = word("id", &id)?;
        let expires_at = match expires_at.trim() {
            "" => None,
            // As the browser writes a day and a time, in UTC.
            text => {
                let at =
                    text.get(..16).and_then(|text| format!("{text}:00Z").parse::<Millis>().ok());
                Some(at.ok_or_else(|| AppError::field("expires_at", words::NO_TIME))?)
            }
        };
        let draft = EntryDraft { number, description, expires_at };
        let (admin, actor) = (super::admin()?, super::actor().await?);
        let added = admin.add_to_list(&actor, id, vec![draft]).await.map_err(|error| {
            let error = AppError::from(error).at("entries/0/number", "number");
            error.at("entries/0/expires_at", "expires_at")
        })?;
        Ok(Done::to(path(id)).saying(words::added(added)))
    })
    .await
}

/// Adds numbers that a person pasted.
#[server(prefix = "/api/panel", endpoint = "lists/import")]
pub async fn import_numbers(id: String, numbers: String) -> Result<Reply, AppError> {
    answer(typed![numbers], async {
        let id: ListId = word("id", &id)?;
        let (admin, actor) = (super::admin()?, super::actor().await?);
        let added = admin.import_to_list(&actor, id, &numbers).await?;
        Ok(Done::to(path(id)).saying(words::added(added)))
    })
    .await
}

/// Takes a number out of a list.
#[server(prefix = "/api/panel", endpoint = "lists/remove")]
pub async fn remove_number(id: String, number: String) -> Result<Reply, AppError> {
    answer_in_toast(async {
        let id: ListId = word("id", &id)?;
        super::admin()?.remove_from_list(&super::actor().await?, id, &number).await?;
        Ok(Done::here().saying(words::removed(&number)))
    })
    .await
}
