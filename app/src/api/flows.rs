//! Flows and their versions.

use super::form::Reply;
use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{api::form::Done, text::flows as text, typed};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
#[cfg(feature = "ssr")]
use model::flow::FlowDraft;
use model::{
    flow::{Flow, FlowFilter, FlowRow, FlowVersion},
    hook::HookRow,
    ids::FlowId,
    page::{Page, Paging},
};

/// A page of the flows.
#[server(prefix = "/api/panel", endpoint = "flows/list", input = Json)]
pub async fn list_flows(filter: FlowFilter, paging: Paging) -> Result<Page<FlowRow>, AppError> {
    let admin = super::admin()?;
    Ok(admin.flows(&super::actor().await?, &filter, paging).await?)
}

/// A flow with one of its versions, or its newest.
#[server(prefix = "/api/panel", endpoint = "flows/get", input = Json)]
pub async fn get_flow(id: FlowId, version: Option<u32>) -> Result<Flow, AppError> {
    let admin = super::admin()?;
    Ok(admin.flow(&super::actor().await?, id, version).await?)
}

/// A flow's versions, newest first.
#[server(prefix = "/api/panel", endpoint = "flows/versions", input = Json)]
pub async fn flow_versions(id: FlowId) -> Result<Vec<FlowVersion>, AppError> {
    let admin = super::admin()?;
    Ok(admin.flow_versions(&super::actor().await?, id).await?)
}

/// The hooks that run a flow.
#[server(prefix = "/api/panel", endpoint = "flows/hooks", input = Json)]
pub async fn flow_hooks(id: FlowId) -> Result<Page<HookRow>, AppError> {
    use model::hook::HookFilter;
    let admin = super::admin()?;
    let filter = HookFilter::of_flow(id);
    Ok(admin.hooks(&super::actor().await?, &filter, Paging { page: 1, size: 100 }).await?)
}

/// Makes a flow with its first version.
#[server(prefix = "/api/panel", endpoint = "flows/create")]
pub async fn create_flow(
    name: String,
    kind: String,
    mode: String,
    #[server(default)] description: String,
    source: String,
) -> Result<Reply, AppError> {
    use super::form::answer;
    answer(typed![name, kind, mode, description, source], async {
        let draft = draft(&name, &kind, &mode, &description, &source)?;
        let flow = super::admin()?.create_flow(&super::actor().await?, draft).await?;
        Ok(Done::to(format!("/flows/{}", flow.id)).saying(text::made(&flow.name)))
    })
    .await
}

/// Saves a new version on top of version `base`.
#[server(prefix = "/api/panel", endpoint = "flows/save")]
pub async fn save_flow(
    id: String,
    base: String,
    name: String,
    kind: String,
    mode: String,
    #[server(default)] description: String,
    source: String,
) -> Result<Reply, AppError> {
    use super::form::{answer, word};
    answer(typed![base, name, kind, mode, description, source], async {
        let draft = draft(&name, &kind, &mode, &description, &source)?;
        let (id, base) = (word("id", &id)?, word("base", &base)?);
        let flow = super::admin()?.save_flow(&super::actor().await?, id, base, draft).await?;
        Ok(Done::to(format!("/flows/{}", flow.id)).saying(text::saved(flow.current)))
    })
    .await
}

/// Makes a flow like this one.
#[server(prefix = "/api/panel", endpoint = "flows/duplicate")]
pub async fn duplicate_flow(id: String, name: String) -> Result<Reply, AppError> {
    use super::form::{answer, word};
    answer(typed![name], async {
        let admin = super::admin()?;
        let id = word("id", &id)?;
        let flow = admin.duplicate_flow(&super::actor().await?, id, name.clone()).await?;
        Ok(Done::to(format!("/flows/{}", flow.id)).saying(text::made(&flow.name)))
    })
    .await
}

/// Saves an earlier version as the newest.
#[server(prefix = "/api/panel", endpoint = "flows/restore")]
pub async fn restore_flow(id: String, version: String, base: String) -> Result<Reply, AppError> {
    use super::form::{answer, word};
    answer(Vec::new(), async {
        let (id, version, base) =
            (word("id", &id)?, word("version", &version)?, word("base", &base)?);
        let actor = super::actor().await?;
        let flow = super::admin()?.restore_flow(&actor, id, version, base).await?;
        Ok(Done::to(format!("/flows/{id}")).saying(text::restored(version, flow.current)))
    })
    .await
}

/// Has a flow run when a delivery of this one dies, or none.
#[server(prefix = "/api/panel", endpoint = "flows/failure-flow")]
pub async fn set_failure_flow(
    id: FlowId,
    #[server(default)] to: String,
) -> Result<Reply, AppError> {
    use super::form::{Done, answer_in_toast, word};
    answer_in_toast(async {
        let to = if to.is_empty() { None } else { Some(word("to", &to)?) };
        super::admin()?.set_failure_flow(&super::actor().await?, id, to).await?;
        Ok(Done::here().saying(text::FAILURE_FLOW_SAVED))
    })
    .await
}

/// Deletes a flow that no hook uses.
#[server(prefix = "/api/panel", endpoint = "flows/delete")]
pub async fn delete_flow(id: String) -> Result<Reply, AppError> {
    use super::form::{answer, word};
    answer(Vec::new(), async {
        let id = word("id", &id)?;
        let flow = super::admin()?.delete_flow(&super::actor().await?, id).await?;
        Ok(Done::to("/flows").saying(text::deleted(&flow.name)).gone())
    })
    .await
}

#[cfg(feature = "ssr")]
fn draft(
    name: &str,
    kind: &str,
    mode: &str,
    description: &str,
    source: &str,
) -> Result<FlowDraft, AppError> {
    use super::form::word;
    Ok(FlowDraft {
        name: name.to_owned(),
        kind: word("kind", kind)?,
        description: description.to_owned(),
        mode: word("mode", mode)?,
        // Browsers end the lines of a text field with CR LF when they post it.
        source: source.replace("\r\n", "\n"),
        extras: None,
    })
}

/// A flow as a file to keep, for whoever may read it: `GET /flows/{id}/export.json`.
#[cfg(feature = "ssr")]
pub async fn export(
    axum::extract::State(admin): axum::extract::State<admin::Admin>,
    axum::Extension(visitor): axum::Extension<super::Visitor>,
    axum::extract::Path(id): axum::extract::Path<String>,
) -> axum::response::Response {
    use axum::response::IntoResponse;
    let found = async {
        let actor = visitor.0?.ok_or(AppError::SignedOut)?;
        let id: FlowId = super::form::word("id", &id)?;
        Ok::<_, AppError>(admin.flow(&actor, id, None).await?)
    };
    match found.await {
        Ok(flow) => {
            let name = crate::flow_file::file_name(&flow);
            let headers = [
                (http::header::CONTENT_TYPE, "application/json; charset=utf-8".to_owned()),
                (http::header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
            ];
            (headers, crate::flow_file::write(&flow)).into_response()
        }
        Err(error) => {
            let status = http::StatusCode::from_u16(error.status());
            let status = status.unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
            (status, error.to_string()).into_response()
        }
    }
}
