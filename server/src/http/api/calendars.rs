//! Calendars, which flows ask whether it is working time.

use super::{
    super::{Services, auth::Bearer, problem::ApiProblem},
    body::Said,
    examples,
    parameters::{NoParameters, PageParameters, Parameters},
    path::Id,
    refusals::{BadParameters, BadPost, Invalid, NotFound, Refusals, TooLarge},
};
use axum::{Json, extract::State, http::StatusCode};
use model::{
    calendar::{Calendar, CalendarDraft},
    ids::CalendarId,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A page of the calendars, and whether another follows.
#[derive(Serialize, ToSchema)]
pub struct CalendarPage {
    /// By name.
    pub items: Vec<Calendar>,
    /// Whether there is a next page.
    pub next: bool,
}

/// Lists the calendars
///
/// A page of them at a time, by name. Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/calendars",
    operation_id = "listCalendars",
    tag = "calendars",
    params(PageParameters),
    responses(
        (status = 200, description = "A page of the calendars", body = CalendarPage,
            example = json!(examples::calendar_page())),
        BadParameters,
        Refusals,
    )
)]
pub async fn list(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    given: Parameters,
) -> Result<Json<CalendarPage>, ApiProblem> {
    let (search, paging) = PageParameters::read(given)?;
    let found = services.admin.calendars(&actor, &search, paging).await?;
    let next = u64::from(paging.page) * u64::from(paging.size) < found.total;
    Ok(Json(CalendarPage { items: found.items, next }))
}

/// Makes a calendar
///
/// Needs a token of scope manage.
#[utoipa::path(
    post,
    path = "/calendars",
    operation_id = "createCalendar",
    tag = "calendars",
    request_body(content = CalendarDraft, example = json!(examples::calendar().draft())),
    responses(
        (status = 201, description = "The calendar", body = Calendar,
            example = json!(examples::calendar())),
        BadPost,
        TooLarge,
        Invalid,
        Refusals,
    )
)]
pub async fn create(
    State(services): State<Services>,
    _: NoParameters,
    Said(actor, draft): Said<CalendarDraft>,
) -> Result<(StatusCode, Json<Calendar>), ApiProblem> {
    Ok((StatusCode::CREATED, Json(services.admin.create_calendar(&actor, draft).await?)))
}

/// Shows a calendar
///
/// Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/calendars/{id}",
    operation_id = "getCalendar",
    tag = "calendars",
    params(("id" = CalendarId, Path, description = "The calendar's number")),
    responses(
        (status = 200, description = "The calendar", body = Calendar,
            example = json!(examples::calendar())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn one(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(id): Id<CalendarId>,
) -> Result<Json<Calendar>, ApiProblem> {
    Ok(Json(services.admin.calendar(&actor, id).await?))
}

/// Changes a calendar
///
/// All of it: what the body leaves out is empty then. Needs a token of scope manage.
#[utoipa::path(
    put,
    path = "/calendars/{id}",
    operation_id = "changeCalendar",
    tag = "calendars",
    params(("id" = CalendarId, Path, description = "The calendar's number")),
    request_body(content = CalendarDraft, example = json!(examples::calendar().draft())),
    responses(
        (status = 200, description = "The calendar as it is now", body = Calendar,
            example = json!(examples::calendar())),
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
    Id(id): Id<CalendarId>,
    Said(actor, draft): Said<CalendarDraft>,
) -> Result<Json<Calendar>, ApiProblem> {
    Ok(Json(services.admin.update_calendar(&actor, id, draft).await?))
}

/// Deletes a calendar
///
/// A flow that names it fails at that step. Needs a token of scope manage.
#[utoipa::path(
    delete,
    path = "/calendars/{id}",
    operation_id = "deleteCalendar",
    tag = "calendars",
    params(("id" = CalendarId, Path, description = "The calendar's number")),
    responses(
        (status = 200, description = "The calendar as it was", body = Calendar,
            example = json!(examples::calendar())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn delete(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(id): Id<CalendarId>,
) -> Result<Json<Calendar>, ApiProblem> {
    Ok(Json(services.admin.delete_calendar(&actor, id).await?))
}
