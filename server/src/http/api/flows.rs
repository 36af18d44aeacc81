//! What Webitel's shape of a flow has no room for, and flows from files.

use super::{
    super::{Services, auth::Bearer, problem::ApiProblem},
    body::Said,
    examples,
    parameters::NoParameters,
    path::Id,
    refusals::{BadParameters, BadPost, Invalid, NotFound, Refusals, TooLarge},
};
use app::imports::{Imported, Source, import};
use axum::{Json, extract::State};
use model::{
    flow::{FlowMode, import::Verdict},
    ids::FlowId,
    problem::Problem,
    whole,
};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// The flow that runs when a delivery of another one dies.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FailureFlow {
    /// Its number; nothing where none runs.
    #[serde(default, deserialize_with = "number")]
    pub flow_id: Option<FlowId>,
}

fn number<'de, D: Deserializer<'de>>(given: D) -> Result<Option<FlowId>, D::Error> {
    whole::maybe(given).map(|number| number.map(FlowId))
}

/// Shows a flow's failure flow
///
/// It runs once when a delivery of the flow dies, with the variables as they were and
/// `${error.class}`, `${error.message}` and `${error.step}`. Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/flows/{id}/failure-flow",
    operation_id = "getFailureFlow",
    tag = "flows",
    params(("id" = FlowId, Path, description = "The flow's number")),
    responses(
        (status = 200, description = "The failure flow", body = FailureFlow,
            example = json!(examples::failure_flow())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn failure_flow(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(id): Id<FlowId>,
) -> Result<Json<FailureFlow>, ApiProblem> {
    Ok(Json(FailureFlow { flow_id: services.admin.failure_flow(&actor, id).await? }))
}

/// Sets a flow's failure flow
///
/// Another flow that a hook may run, or none. Needs a token of scope manage.
#[utoipa::path(
    put,
    path = "/flows/{id}/failure-flow",
    operation_id = "setFailureFlow",
    tag = "flows",
    params(("id" = FlowId, Path, description = "The flow's number")),
    request_body(content = FailureFlow, example = json!(examples::failure_flow())),
    responses(
        (status = 200, description = "It is set", body = FailureFlow,
            example = json!(examples::failure_flow())),
        NotFound,
        BadPost,
        TooLarge,
        Invalid,
        Refusals,
    )
)]
pub async fn set_failure_flow(
    State(services): State<Services>,
    _: NoParameters,
    Id(id): Id<FlowId>,
    Said(actor, said): Said<FailureFlow>,
) -> Result<Json<FailureFlow>, ApiProblem> {
    services.admin.set_failure_flow(&actor, id, said.flow_id).await?;
    Ok(Json(said))
}

/// How many files are taken at once.
const FILES_MAX: usize = 100;

/// Files of flows to import.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// Exports of Offhook, schemas as Webitel writes them, or bare arrays of steps.
    #[schema(min_items = 1, max_items = 100)]
    pub files: Vec<ImportFile>,
    /// In the place of what the files say.
    #[serde(default)]
    pub mode: Option<FlowMode>,
    /// Whether to report only, and make nothing.
    #[serde(default)]
    pub check: bool,
}

/// A file of a flow.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportFile {
    /// Its name, by which the report names it. A bare array of steps is called so, without what
    /// comes after the last point.
    pub file: String,
    /// Its text.
    pub content: String,
}

/// What became of files, in their order.
#[derive(Serialize, ToSchema)]
pub struct ImportReports {
    pub items: Vec<ImportReport>,
}

/// What became of a file.
#[derive(Serialize, ToSchema)]
pub struct ImportReport {
    pub file: String,
    /// The flow's name; nothing where the file is none.
    pub name: Option<String>,
    pub mode: Option<FlowMode>,
    /// Its steps in the order of the text, those inside others after them.
    pub steps: Vec<ImportStep>,
    /// What is wrong with the text, warnings included.
    pub problems: Vec<String>,
    /// Why no flow was made of it; nothing where one was, or only a report was asked for.
    pub refused: Option<String>,
    /// The flow that was made.
    pub flow_id: Option<FlowId>,
}

/// What becomes of a step.
#[derive(Serialize, ToSchema)]
pub struct ImportStep {
    /// A JSON pointer into the array of steps.
    pub path: String,
    /// The line of its text.
    #[schema(minimum = 1)]
    pub line: u32,
    /// The action's name, as it is written.
    pub action: String,
    // Whether it runs here, as the type says; said here, it would be an object in the document.
    #[schema(inline)]
    pub verdict: Verdict,
    /// What is wrong, and what is other than in the original.
    pub notes: Vec<String>,
}

impl From<Imported> for ImportReport {
    fn from(imported: Imported) -> Self {
        let Imported { file, flow, report, refused, made } = imported;
        let (name, mode) = flow.unzip();
        let (steps, problems) = report.map(|it| (it.steps, it.problems)).unwrap_or_default();
        let steps = steps.into_iter().map(|step| ImportStep {
            path: step.path,
            line: step.line,
            action: step.action,
            verdict: step.verdict,
            notes: step.notes,
        });
        let steps = steps.collect();
        let problems = problems.iter().map(ToString::to_string).collect();
        Self { file, name, mode, steps, problems, refused, flow_id: made }
    }
}

/// Imports flows
///
/// One file or many, up to 100. Each is reported on, step by step: what runs here, what does not and
/// why, what differs on purpose. What is sound becomes a flow, unless `check` is true. Needs a token
/// of scope manage.
#[utoipa::path(
    post,
    path = "/flows/import",
    operation_id = "importFlows",
    tag = "flows",
    request_body(content = Import, example = json!(examples::import())),
    responses(
        (status = 200, description = "What became of each file", body = ImportReports,
            example = json!(examples::import_reports())),
        BadPost,
        TooLarge,
        Invalid,
        Refusals,
    )
)]
pub async fn import_flows(
    State(services): State<Services>,
    _: NoParameters,
    Said(actor, said): Said<Import>,
) -> Result<Json<ImportReports>, ApiProblem> {
    if !(1..=FILES_MAX).contains(&said.files.len()) {
        let detail = format!("1 to {FILES_MAX} files, not {}", said.files.len());
        return Err(ApiProblem::invalid(vec![Problem::new("/files", detail)]));
    }
    let admin = Some(&services.admin).filter(|_| !said.check);
    let mut items = Vec::with_capacity(said.files.len());
    for ImportFile { file, content } in &said.files {
        let source = Source { file, content, name: "", mode: said.mode };
        items.push(import(admin, &actor, source).await?.into());
    }
    Ok(Json(ImportReports { items }))
}
