//! The delivery log.

use super::{
    super::{
        Services,
        auth::Bearer,
        problem::{ApiProblem, ParameterFault},
    },
    examples,
    parameters::{NoParameters, Parameters, Value, shown},
    path::Id,
    refusals::{BadParameters, Conflict, NotFound, Refusals},
};
use admin::AdminError;
use axum::{Json, extract::State, http::StatusCode};
use model::{
    catalog::EventKind,
    delivery::{DeliveryDetail, DeliveryFilter, DeliveryQuery, DeliveryRow, DeliveryState},
    ids::{DeliveryId, FlowId, HookId, QueueId},
    page::{Cursor, Slice},
    time::Millis,
    trace::FailureClass,
};
use serde::Serialize;
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{
        KnownFormat, OneOfBuilder, RefOr, Schema, SchemaFormat, Type,
        schema::{ObjectBuilder, SchemaType},
    },
};

/// How many deliveries an answer has unless it is asked for another number.
const SIZE: u32 = 50;
/// The most deliveries of one answer.
const SIZE_MAX: u32 = 200;
/// The longest text that is searched for, in characters.
const SEARCH_MAX: usize = 200;

/// What the log is narrowed to. A parameter that may be repeated names alternatives.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FilterParameters {
    /// With one of these ids. May be repeated.
    #[param(inline, required = false)]
    id: Vec<DeliveryId>,
    /// In one of these states. May be repeated.
    #[param(inline, required = false)]
    state: Vec<DeliveryState>,
    /// Of one of these events. May be repeated.
    #[param(inline, required = false)]
    event: Vec<EventKind>,
    /// Of one of these queues. May be repeated.
    #[param(inline, required = false)]
    queue: Vec<QueueId>,
    /// Of one of these hooks. May be repeated.
    #[param(inline, required = false)]
    hook: Vec<HookId>,
    /// Of one of these flows. May be repeated.
    #[param(inline, required = false)]
    flow: Vec<FlowId>,
    /// Whose last attempt failed so. May be repeated.
    #[param(inline, required = false)]
    failure: Vec<FailureClass>,
    /// A delivery's or an event's id or the first 8 or more digits of one, a call's attempt_id,
    /// or the id that a sender gave an event.
    #[param(max_length = 200)]
    search: Option<String>,
    /// Text inside the event's fields and variables, the requests and the answers, in any case of
    /// ASCII. Only within a span of at most 7 days, so `from` goes with it.
    #[param(max_length = 200)]
    text: Option<String>,
    /// Only those whose condition could not be decided (true), or none of them (false).
    warned: Option<bool>,
    /// Made at or after this time: RFC 3339, or milliseconds since 1970.
    #[param(inline, value_type = Moment, required = false)]
    from: Option<Moment>,
    /// Made before this time: RFC 3339, or milliseconds since 1970.
    #[param(inline, value_type = Moment, required = false)]
    to: Option<Moment>,
    /// Only tests that a person sent (true), or none of them (false).
    test: Option<bool>,
}

/// Which stretch of the log is asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StretchParameters {
    /// Deliveries older than this row number: `older` of another answer. Not with `after`.
    before: Option<i64>,
    /// Deliveries newer than this row number, those next to it: `newer` of another answer, or the
    /// `seq` of a row. Not with `before`.
    after: Option<i64>,
    /// The most deliveries that are answered.
    #[param(minimum = 1, maximum = 200, default = 50, required = false)]
    size: u32,
}

impl FilterParameters {
    /// Takes them out of the query.
    pub fn read(given: &mut Parameters) -> Self {
        let read = Self {
            id: given.all("id"),
            state: given.all("state"),
            event: given.all("event"),
            queue: given.all("queue"),
            hook: given.all("hook"),
            flow: given.all("flow"),
            failure: given.all("failure"),
            search: given.one("search"),
            text: given.one("text"),
            warned: given.one("warned"),
            from: given.one("from"),
            to: given.one("to"),
            test: given.one("test"),
        };
        for (name, text) in [("search", &read.search), ("text", &read.text)] {
            if text.as_ref().is_some_and(|text| text.chars().count() > SEARCH_MAX) {
                given.fault(name, format!("has at most {SEARCH_MAX} characters"));
            }
        }
        read
    }
}

impl From<FilterParameters> for DeliveryFilter {
    fn from(given: FilterParameters) -> Self {
        Self {
            ids: given.id,
            states: given.state,
            events: given.event,
            queues: given.queue,
            hooks: given.hook,
            flows: given.flow,
            failures: given.failure,
            search: given.search.unwrap_or_default(),
            text: given.text.unwrap_or_default(),
            warned: given.warned,
            from: given.from.map(|moment| moment.0),
            to: given.to.map(|moment| moment.0),
            test: given.test,
        }
    }
}

/// What the log is narrowed to while it is followed. A parameter that may be repeated names
/// alternatives.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StreamParameters {
    /// In one of these states. May be repeated.
    #[param(inline, required = false)]
    state: Vec<DeliveryState>,
    /// Of one of these events. May be repeated.
    #[param(inline, required = false)]
    event: Vec<EventKind>,
    /// Of one of these queues. May be repeated.
    #[param(inline, required = false)]
    queue: Vec<QueueId>,
    /// Of one of these hooks. May be repeated.
    #[param(inline, required = false)]
    hook: Vec<HookId>,
    /// Of one of these flows. May be repeated.
    #[param(inline, required = false)]
    flow: Vec<FlowId>,
    /// Whose last attempt failed so. May be repeated.
    #[param(inline, required = false)]
    failure: Vec<FailureClass>,
    /// A delivery's or an event's id or the first 8 or more digits of one, a call's attempt_id,
    /// or the id that a sender gave an event.
    #[param(max_length = 200)]
    search: Option<String>,
    /// Only those whose condition could not be decided (true), or none of them (false).
    warned: Option<bool>,
    /// Only tests that a person sent (true), or none of them (false).
    test: Option<bool>,
}

impl StreamParameters {
    /// Reads the filter. It has neither text, which costs a look into each, nor times: what
    /// happens, happens now.
    pub fn read(mut given: Parameters) -> Result<DeliveryFilter, ApiProblem> {
        let read = Self {
            state: given.all("state"),
            event: given.all("event"),
            queue: given.all("queue"),
            hook: given.all("hook"),
            flow: given.all("flow"),
            failure: given.all("failure"),
            search: given.one("search"),
            warned: given.one("warned"),
            test: given.one("test"),
        };
        if read.search.as_ref().is_some_and(|text| text.chars().count() > SEARCH_MAX) {
            given.fault("search", format!("has at most {SEARCH_MAX} characters"));
        }
        given.end()?;
        Ok(DeliveryFilter {
            states: read.state,
            events: read.event,
            queues: read.queue,
            hooks: read.hook,
            flows: read.flow,
            failures: read.failure,
            search: read.search.unwrap_or_default(),
            warned: read.warned,
            test: read.test,
            ..DeliveryFilter::default()
        })
    }
}

/// What is asked of the log.
fn asked(mut given: Parameters) -> Result<DeliveryQuery, ApiProblem> {
    let filter = FilterParameters::read(&mut given).into();
    let StretchParameters { before, after, size } = StretchParameters {
        before: given.one("before"),
        after: given.one("after"),
        size: given.number("size", 1..=SIZE_MAX).unwrap_or(SIZE),
    };
    if before.is_some() && after.is_some() {
        given.fault("after", "does not go with before: an answer leads one way");
    }
    given.end()?;
    let cursor = match (before, after) {
        (Some(seq), _) => Cursor::Before(seq),
        (None, Some(seq)) => Cursor::After(seq),
        (None, None) => Cursor::Newest,
    };
    Ok(DeliveryQuery { filter, cursor, size })
}

/// A time, as the log's answers have it or as people write it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Moment(Millis);

impl Value for Moment {
    fn read(text: &str) -> Result<Self, String> {
        let read = match text.parse::<i64>() {
            Ok(ms) => Some(Millis(ms)),
            Err(_) => text.parse().ok(),
        };
        read.filter(|at| (0..=MOMENT_MAX_MS).contains(&at.0)).map(Self).ok_or_else(|| {
            format!(
                "is a time since 1970, as in RFC 3339, such as 2026-11-22T09:30:00Z (in an \
                 address + is written %2B), or in milliseconds, not {}",
                shown(text)
            )
        })
    }
}

/// 9999-12-30T22:00:00.999Z, the last moment that is the year 9999 everywhere.
const MOMENT_MAX_MS: i64 = 253_402_207_200_999;

impl ToSchema for Moment {}

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        let written = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
        let counted = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::Integer))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(0_i64))
            .maximum(Some(MOMENT_MAX_MS));
        Schema::from(OneOfBuilder::new().item(written).item(counted).build()).into()
    }
}

/// A stretch of the log, newest first, and the row numbers that lead on.
#[derive(Serialize, ToSchema)]
pub struct DeliveryPage {
    /// Newest first.
    pub items: Vec<DeliveryRow>,
    /// What to give as `before` for the next older deliveries, if there are any.
    pub older: Option<i64>,
    /// What to give as `after` for the next newer deliveries, if there are any.
    pub newer: Option<i64>,
    /// How far the log was looked through, in milliseconds since 1970, where that had to end before
    /// the stretch was full, since little matches text or several filters at once: `older` and
    /// `newer` lead on from there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub searched_to: Option<Millis>,
}

impl From<Slice<DeliveryRow>> for DeliveryPage {
    fn from(Slice { items, older, newer, searched_to }: Slice<DeliveryRow>) -> Self {
        Self { items, older, newer, searched_to }
    }
}

/// Lists deliveries
///
/// A stretch of the log, newest first, narrowed to what is asked for. Deliveries that arrive
/// meanwhile do not move what a row number leads to. Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/deliveries",
    operation_id = "listDeliveries",
    tag = "deliveries",
    params(FilterParameters, StretchParameters),
    responses(
        (status = 200, description = "A stretch of the log", body = DeliveryPage,
            example = json!(examples::delivery_page())),
        BadParameters,
        Refusals,
    )
)]
pub async fn list(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    given: Parameters,
) -> Result<Json<DeliveryPage>, ApiProblem> {
    let query = asked(given)?;
    let found = services.admin.deliveries(&actor, &query).await.map_err(about_parameters)?;
    Ok(Json(found.into()))
}

/// What the log finds wrong with a search is wrong with the parameters.
pub fn about_parameters(error: AdminError) -> ApiProblem {
    let AdminError::Invalid(problems) = error else { return error.into() };
    let faults = problems
        .into_iter()
        .map(|problem| ParameterFault { name: problem.field().to_owned(), detail: problem.detail });
    ApiProblem::parameters(faults.collect())
}

/// Shows a delivery
///
/// With its event's data, its attempts with every step that they ran, and its replays. Needs a
/// token of scope read or manage.
#[utoipa::path(
    get,
    path = "/deliveries/{id}",
    operation_id = "getDelivery",
    tag = "deliveries",
    params(("id" = DeliveryId, Path, description = "The delivery's id")),
    responses(
        (status = 200, description = "The delivery", body = DeliveryDetail,
            example = json!(examples::delivery())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn delivery(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(id): Id<DeliveryId>,
) -> Result<Json<DeliveryDetail>, ApiProblem> {
    Ok(Json(services.admin.delivery(&actor, id).await?))
}

/// The delivery that a replay made.
#[derive(Serialize, ToSchema)]
pub struct Replayed {
    /// The new delivery.
    pub id: DeliveryId,
    /// The one that was replayed.
    pub replay_of: DeliveryId,
}

/// Replays a delivery
///
/// Makes a new delivery of the same event for the same flow, as the flow is now, linked to this
/// one. Only what has ended can be replayed. Needs a token of scope manage.
#[utoipa::path(
    post,
    path = "/deliveries/{id}/replay",
    operation_id = "replayDelivery",
    tag = "deliveries",
    params(("id" = DeliveryId, Path, description = "The delivery's id")),
    responses(
        (status = 202, description = "The new delivery is kept, and runs", body = Replayed,
            example = json!(examples::replayed())),
        NotFound,
        Conflict,
        BadParameters,
        Refusals,
    )
)]
pub async fn replay(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(replay_of): Id<DeliveryId>,
) -> Result<(StatusCode, Json<Replayed>), ApiProblem> {
    let id = services.engine.replay(&actor, replay_of).await?;
    Ok((StatusCode::ACCEPTED, Json(Replayed { id, replay_of })))
}

/// Runs a delivery now
///
/// One that waits for its next attempt, or in its flow, goes on at once. One that is dead goes on at
/// the step that failed, on the version of its flow that it began with: requests that succeeded are
/// not sent again. Needs a token of scope manage.
#[utoipa::path(
    post,
    path = "/deliveries/{id}/run",
    operation_id = "runDelivery",
    tag = "deliveries",
    params((
        "id" = DeliveryId, Path, description = "The delivery's id",
        example = "0193a7c2-5b1e-7d21-9f0a-6c2e11b4a901"
    )),
    responses(
        (status = 202, description = "It runs as soon as there is room"),
        NotFound,
        Conflict,
        BadParameters,
        Refusals,
    )
)]
pub async fn run(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(id): Id<DeliveryId>,
) -> Result<StatusCode, ApiProblem> {
    services.engine.run_now(&actor, id).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Cancels a delivery
///
/// One that is not finished; an attempt that runs is its last. Needs a token of scope manage.
#[utoipa::path(
    post,
    path = "/deliveries/{id}/cancel",
    operation_id = "cancelDelivery",
    tag = "deliveries",
    params((
        "id" = DeliveryId, Path, description = "The delivery's id",
        example = "0193a7c2-5b1e-7d21-9f0a-6c2e11b4a901"
    )),
    responses(
        (status = 204, description = "It is called off"),
        NotFound,
        Conflict,
        BadParameters,
        Refusals,
    )
)]
pub async fn cancel(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(id): Id<DeliveryId>,
) -> Result<StatusCode, ApiProblem> {
    services.admin.cancel_delivery(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_people_write_it_and_as_the_log_answers_it() {
        let at = Ok(Moment(Millis(1_795_339_800_120)));
        let read = Moment::read;
        assert_eq!(read("2026-11-22T09:30:00.120Z"), at);
        assert_eq!(read("2026-11-22T11:30:00.120+02:00"), at);
        assert_eq!(read("1795339800120"), at);
        for wrong in
            ["", "yesterday", "2026-11-22", "-1", "1969-12-31T00:00:00Z", "253402207201000"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
