//! Saved views.

use super::form::Reply;
use crate::error::AppError;
use leptos::{prelude::*, server_fn::codec::Json};
use model::{
    ids::ViewId,
    view::{SavedView, ViewList},
};

/// One's own views, of one list or of all.
#[server(prefix = "/api/panel", endpoint = "views/list", input = Json)]
pub async fn list_views(list: Option<ViewList>) -> Result<Vec<SavedView>, AppError> {
    Ok(super::admin()?.views(&super::actor().await?, list).await?)
}

/// Saves the query of a list's address, and goes back to the list with it.
#[server(prefix = "/api/panel", endpoint = "views/save")]
pub async fn save_view(
    #[server(default)] list: String,
    #[server(default)] name: String,
    #[server(default)] query: String,
    #[server(default)] replace: bool,
    /// The list's path.
    #[server(default)]
    back: String,
) -> Result<Reply, AppError> {
    use super::form::{Done, answer, word};
    answer(crate::typed![name, replace], async {
        let list = word("list", &list)?;
        let (admin, actor) = (super::admin()?, super::actor().await?);
        let saved = admin.save_view(&actor, list, &name, &query, replace).await?;
        let to = crate::ui::view_path(&back, &saved.query);
        Ok(Done::to(to).saying(crate::text::views::SAVED))
    })
    .await
}

/// Deletes a view.
#[server(prefix = "/api/panel", endpoint = "views/delete")]
pub async fn delete_view(id: ViewId) -> Result<Reply, AppError> {
    use super::form::{Done, answer};
    answer(Vec::new(), async {
        let deleted = super::admin()?.delete_view(&super::actor().await?, id).await?;
        Ok(Done::to("/views").saying(crate::text::views::deleted(&deleted.name)))
    })
    .await
}
