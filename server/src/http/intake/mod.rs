//! `POST /api/v1/events`: one event, or up to 1,000, in whichever shape a sender has them.
//!
//! The headers say what the body is ([`shape`]) and whether it is packed ([`unpack`]). It is read
//! when there is room for what it weighs then ([`mod@weight`]). What it
//! holds becomes [`Item`]s, from JSON ([`json`]), lines ([`lines`]) or CloudEvents
//! ([`cloud_event`]); the engine takes them in one call, whatever they came as; and [`answer`] tells
//! the sender what became of each. `OPTIONS` is for senders that ask before they post
//! ([`handshake`]).

mod answer;
mod cloud_event;
mod handshake;
mod item;
mod json;
mod lines;
mod refusal;
mod shape;
mod unpack;
mod weight;

pub use answer::{Accepted, Entry, Many};
pub use handshake::{__path_options_events, options_events};

use super::{
    Services,
    api::{
        parameters::NoParameters,
        posted::{self, CloudEvent, PostAnswer, PostBody},
        refusals::{BadPost, Conflict, Invalid, Refusals, TooLarge, UnreadType},
    },
    auth::Bearer,
    problem::ApiProblem,
};
use answer::Verdict;
use axum::{
    body::Bytes,
    extract::{FromRequest, Request, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use engine::{Engine, EngineError, Room};
use item::{Item, Origin, Post};
use json::NotJson;
use model::{
    problem::Problem,
    settings::{BATCH_BYTES_MAX, BATCH_MAX, EVENT_BYTES_MAX},
    user::{Actor, Permission},
};
use refusal::Refusal;
use serde_json::{Value, value::RawValue};
use shape::Shape;
use unpack::Encoding;
use weight::weight;

/// Posts events
///
/// One event, or 1 to 1,000: as JSON, as lines of it, or as CloudEvents 1.0, also in binary mode,
/// where the attributes are headers (`ce-id`, `ce-type`, …). Bodies may be packed
/// (`Content-Encoding: gzip` or `zstd`). The answer comes when everything that was accepted is
/// safely kept. Of many events each is accepted or refused on its own, and the answer says which.
/// Needs a token of scope ingest.
#[utoipa::path(
    post,
    path = "/events",
    operation_id = "postEvents",
    tag = "events",
    request_body(content(
        (PostBody = "application/json", examples(
            ("one" = (summary = "One event", value = json!(posted::event()))),
            ("many" = (summary = "Many events", value = json!([posted::event()]))),
        )),
        (String = "application/x-ndjson", example = json!(posted::lines())),
        (CloudEvent = "application/cloudevents+json", example = json!(posted::cloud_event())),
        (Vec<CloudEvent> = "application/cloudevents-batch+json",
            example = json!([posted::cloud_event()])),
    )),
    responses(
        (status = 202, description = "Kept: an answer to the event, or to each of many",
            body = PostAnswer, examples(
                ("one" = (summary = "One event", value = json!(posted::accepted()))),
                ("many" = (summary = "Many events", value = json!(posted::many()))),
            )),
        BadPost,
        Conflict,
        TooLarge,
        UnreadType,
        Invalid,
        Refusals,
    )
)]
pub async fn post_events(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    request: Request,
) -> Result<Response, Refusal> {
    // A token without the scope learns so before its body is looked at.
    actor.require(Permission::Ingest).map_err(EngineError::from)?;
    let headers = request.headers().clone();
    let shape = Shape::of(&headers)?;
    let encoding = Encoding::of(&headers)?;
    let sent = Bytes::from_request(request, &services).await.map_err(unreadable)?;
    let turn = match encoding {
        Encoding::Identity => None,
        Encoding::Gzip | Encoding::Zstd => services.unpacking.acquire().await.ok(),
    };
    let body = unpack::unpack(encoding, sent, shape.bytes_max()).await?;
    let room = services.engine.room(weight(shape, &body)).await?;
    drop(turn);
    match read(shape, &headers, &body)? {
        Post::One(item) => {
            let mut verdicts = take(&services.engine, &actor, vec![item], room).await?;
            let verdict = verdicts.pop().ok_or_else(lost)?;
            Ok(answer::one(verdict)?)
        }
        Post::Many(items) => {
            let verdicts = take(&services.engine, &actor, items, room).await?;
            Ok(answer::many(verdicts))
        }
    }
}

/// What the body holds.
fn read(shape: Shape, headers: &HeaderMap, body: &[u8]) -> Result<Post, ApiProblem> {
    let whole = || json::read(body).map_err(NotJson::of_body);
    let items = || json::items(body).map_err(NotJson::of_body);
    Ok(match shape {
        Shape::Json => match items()? {
            Some(events) if events.is_empty() || events.len() > BATCH_MAX => {
                return Err(not_so_many("an array holds", 1));
            }
            Some(events) => Post::Many(many(&events, Origin::Event, Item::event)),
            None if body.len() > EVENT_BYTES_MAX => return Err(too_large()),
            None => Post::One(Item::event(whole()?)),
        },
        Shape::Lines => Post::Many(lines::read(body)?),
        Shape::Binary => Post::One(cloud_event::binary(headers, body)?),
        Shape::Structured => Post::One(cloud_event::structured(whole()?)),
        Shape::Batched => match items()? {
            Some(events) if events.len() > BATCH_MAX => {
                return Err(not_so_many("a batch holds", 0));
            }
            Some(events) => Post::Many(many(&events, Origin::Structured, cloud_event::structured)),
            None => {
                whole()?;
                return Err(fault("is a batch: an array of CloudEvents"));
            }
        },
    })
}

/// The events of an array. One that is too large, or cannot be read, costs the others nothing.
fn many(events: &[&RawValue], origin: Origin, item: fn(Value) -> Item) -> Vec<Item> {
    let one = |event: &&RawValue| match json::read_item(event) {
        Ok(event) => item(event),
        Err(problem) => Item { event: Err(problem), origin, line: None },
    };
    events.iter().map(one).collect()
}

/// Has the engine take what can be read as an event; what became of each, in their order.
async fn take(
    engine: &Engine,
    actor: &Actor,
    items: Vec<Item>,
    room: Room,
) -> Result<Vec<Verdict>, ApiProblem> {
    let mut bodies = Vec::with_capacity(items.len());
    let mut waiting = Vec::with_capacity(items.len());
    for Item { event, origin, line } in items {
        let refused = event.map(|body| bodies.push(body)).err();
        waiting.push((refused, origin, line));
    }
    let mut outcomes = engine.accept(actor, bodies, room).await?.into_iter();
    let verdict = |(refused, origin, line)| {
        let result = match refused {
            Some(problem) => Err(problem),
            None => match outcomes.next() {
                Some(outcome) => answer::result(outcome, origin),
                None => Err(lost()),
            },
        };
        Verdict { result, line }
    };
    Ok(waiting.into_iter().map(verdict).collect())
}

/// A fault of the body as a whole.
fn fault(detail: impl Into<String>) -> ApiProblem {
    ApiProblem::invalid(vec![Problem::new("", detail)])
}

fn not_so_many(what: &str, least: usize) -> ApiProblem {
    fault(format!("{what} {least} to {BATCH_MAX} events"))
}

/// The engine answers for each event that it is given; should it not, the sender does not take
/// that for an acceptance.
fn lost() -> ApiProblem {
    ApiProblem::new(StatusCode::SERVICE_UNAVAILABLE, "the event was not taken; send it again")
}

fn too_large() -> ApiProblem {
    let detail = format!(
        "one event has at most {} KiB, many together {} KiB",
        EVENT_BYTES_MAX >> 10,
        BATCH_BYTES_MAX >> 10
    );
    ApiProblem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
}

fn unreadable(rejection: BytesRejection) -> ApiProblem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        status => ApiProblem::new(status, rejection.body_text()),
    }
}
