//! Lists of numbers, which flows ask and fill.

use super::{
    super::{Services, auth::Bearer, problem::ApiProblem},
    body::Said,
    examples,
    parameters::{NoParameters, PageParameters, Parameters},
    path::{Id, IdAct},
    refusals::{BadParameters, BadPost, Invalid, NotFound, Refusals, TooLarge},
};
use axum::{Json, extract::State, http::StatusCode};
use model::{
    ids::ListId,
    number_list::{EntryDraft, EntryPage, EntryQuery, ListDraft, ListEntry, NumberList},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The most numbers of one stretch.
const SIZE_MAX: u32 = 1_000;

/// A page of the lists, and whether another follows.
#[derive(Serialize, ToSchema)]
pub struct ListPage {
    /// By name.
    pub items: Vec<NumberList>,
    /// Whether there is a next page.
    pub next: bool,
}

/// Which numbers of a list are asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EntryParameters {
    /// What they begin with.
    prefix: Option<String>,
    /// Only numbers behind this one: `next` of the stretch before.
    after: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 1000, default = 100, required = false)]
    size: u32,
}

/// Numbers to be added to a list.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEntries {
    #[schema(min_items = 1, max_items = 10000)]
    pub entries: Vec<EntryDraft>,
}

/// How many numbers were added.
#[derive(Serialize, ToSchema)]
pub struct Added {
    #[schema(examples(2), minimum = 0)]
    pub added: usize,
}

/// Lists the lists of numbers
///
/// A page of them at a time, by name. Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/lists",
    operation_id = "listNumberLists",
    tag = "lists",
    params(PageParameters),
    responses(
        (status = 200, description = "A page of the lists", body = ListPage,
            example = json!(examples::list_page())),
        BadParameters,
        Refusals,
    )
)]
pub async fn list(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    given: Parameters,
) -> Result<Json<ListPage>, ApiProblem> {
    let (search, paging) = PageParameters::read(given)?;
    let found = services.admin.number_lists(&actor, &search, paging).await?;
    let next = u64::from(paging.page) * u64::from(paging.size) < found.total;
    Ok(Json(ListPage { items: found.items, next }))
}

/// Makes a list of numbers
///
/// Needs a token of scope manage.
#[utoipa::path(
    post,
    path = "/lists",
    operation_id = "createNumberList",
    tag = "lists",
    request_body(content = ListDraft, example = json!(examples::list_draft())),
    responses(
        (status = 201, description = "The list", body = NumberList,
            example = json!(examples::number_list())),
        BadPost,
        TooLarge,
        Invalid,
        Refusals,
    )
)]
pub async fn create(
    State(services): State<Services>,
    _: NoParameters,
    Said(actor, draft): Said<ListDraft>,
) -> Result<(StatusCode, Json<NumberList>), ApiProblem> {
    Ok((StatusCode::CREATED, Json(services.admin.create_number_list(&actor, draft).await?)))
}

/// Shows a list of numbers
///
/// Its numbers are asked for by themselves. Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/lists/{id}",
    operation_id = "getNumberList",
    tag = "lists",
    params(("id" = ListId, Path, description = "The list's number")),
    responses(
        (status = 200, description = "The list", body = NumberList,
            example = json!(examples::number_list())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn one(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(id): Id<ListId>,
) -> Result<Json<NumberList>, ApiProblem> {
    Ok(Json(services.admin.number_list(&actor, id).await?))
}

/// Changes a list's name and description
///
/// Needs a token of scope manage.
#[utoipa::path(
    put,
    path = "/lists/{id}",
    operation_id = "changeNumberList",
    tag = "lists",
    params(("id" = ListId, Path, description = "The list's number")),
    request_body(content = ListDraft, example = json!(examples::list_draft())),
    responses(
        (status = 200, description = "The list as it is now", body = NumberList,
            example = json!(examples::number_list())),
        NotFound,
        BadPost,
        TooLarge,
        Invalid,
        Refusals,
    )
)]
pub async fn change(
    State(services): State<Services>,
    _: NoParameters,
    Id(id): Id<ListId>,
    Said(actor, draft): Said<ListDraft>,
) -> Result<Json<NumberList>, ApiProblem> {
    Ok(Json(services.admin.update_number_list(&actor, id, draft).await?))
}

/// Deletes a list with its numbers
///
/// A flow that names it fails at that step. Needs a token of scope manage.
#[utoipa::path(
    delete,
    path = "/lists/{id}",
    operation_id = "deleteNumberList",
    tag = "lists",
    params(("id" = ListId, Path, description = "The list's number")),
    responses(
        (status = 200, description = "The list as it was", body = NumberList,
            example = json!(examples::number_list())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn delete(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(id): Id<ListId>,
) -> Result<Json<NumberList>, ApiProblem> {
    Ok(Json(services.admin.delete_number_list(&actor, id).await?))
}

/// Lists the numbers of a list
///
/// A stretch at a time, in their order; those that have expired are left out. Needs a token of scope
/// read or manage.
#[utoipa::path(
    get,
    path = "/lists/{id}/entries",
    operation_id = "listNumbers",
    tag = "lists",
    params(("id" = ListId, Path, description = "The list's number"), EntryParameters),
    responses(
        (status = 200, description = "A stretch of the numbers", body = EntryPage,
            example = json!(examples::entry_page())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn entries(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    mut given: Parameters,
    Id(id): Id<ListId>,
) -> Result<Json<EntryPage>, ApiProblem> {
    let EntryParameters { prefix, after, size } = EntryParameters {
        prefix: given.one("prefix"),
        after: given.one("after"),
        size: given.number("size", 1..=SIZE_MAX).unwrap_or(100),
    };
    given.end()?;
    let query = EntryQuery { prefix: prefix.unwrap_or_default(), after, size };
    Ok(Json(services.admin.list_entries(&actor, id, query).await?))
}

/// Adds numbers to a list
///
/// All or none, each in place of the same number. Needs a token of scope manage.
#[utoipa::path(
    post,
    path = "/lists/{id}/entries",
    operation_id = "addNumbers",
    tag = "lists",
    params(("id" = ListId, Path, description = "The list's number")),
    request_body(content = NewEntries, example = json!(examples::new_entries())),
    responses(
        (status = 200, description = "How many were added", body = Added,
            example = json!({"added": 1})),
        NotFound,
        BadPost,
        TooLarge,
        Invalid,
        Refusals,
    )
)]
pub async fn add(
    State(services): State<Services>,
    _: NoParameters,
    Id(id): Id<ListId>,
    Said(actor, NewEntries { entries }): Said<NewEntries>,
) -> Result<Json<Added>, ApiProblem> {
    Ok(Json(Added { added: services.admin.add_to_list(&actor, id, entries).await? }))
}

/// Takes a number out of a list
///
/// Needs a token of scope manage.
#[utoipa::path(
    delete,
    path = "/lists/{id}/entries/{number}",
    operation_id = "removeNumber",
    tag = "lists",
    params(
        ("id" = ListId, Path, description = "The list's number"),
        ("number" = String, Path, description = "The number in it, escaped: %2B380441234567",
            max_length = 128),
    ),
    responses(
        (status = 200, description = "What was taken out", body = ListEntry,
            example = json!(examples::list_entry())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn remove(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    IdAct(id, number): IdAct<ListId, String>,
) -> Result<Json<ListEntry>, ApiProblem> {
    Ok(Json(services.admin.remove_from_list(&actor, id, &number).await?))
}
