//! How things look on the wire: ids, lookups, times, lists.

use super::{super::Services, fault::Fault};
use axum::{
    Json,
    extract::{FromRequestParts, Path},
    http::{StatusCode, request::Parts},
};
use model::{
    JsonMap,
    page::{Page, Paging},
    time::Millis,
};
use serde::Serialize;
use serde_json::{Value, json};

/// The ids in the path, in their order.
pub struct Ids<const N: usize>(pub [i64; N]);

impl<const N: usize> FromRequestParts<Services> for Ids<N> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, services: &Services) -> Result<Self, Fault> {
        let bad = |detail| Fault::new(StatusCode::BAD_REQUEST, "request.bad_id", detail);
        let pairs = Path::<Vec<(String, String)>>::from_request_parts(parts, services).await;
        let pairs = pairs.map_err(|error| bad(error.body_text()))?;
        let ids = pairs.iter().map(|(what, text)| {
            let id = text.parse::<i64>();
            id.map_err(|_| bad(format!("\"{text}\" is no {what}'s id, which is a whole number")))
        });
        let ids = ids.collect::<Result<Vec<_>, _>>()?;
        ids.try_into().map(Self).map_err(|_| bad("the path has another number of ids".to_owned()))
    }
}

/// An id of 64 bits, which JavaScript's numbers do not hold: a text.
pub fn id(id: i64) -> Value {
    id.to_string().into()
}

/// A reference to something, with its name.
pub fn lookup(id: i64, name: &str) -> Value {
    json!({"id": id.to_string(), "name": name})
}

/// A time: milliseconds since 1970, as a text.
pub fn time(at: Millis) -> Value {
    at.0.to_string().into()
}

/// An item with these members of ours, and those that are kept for other tools.
pub fn item<const N: usize>(own: [(&str, Value); N], extras: JsonMap) -> JsonMap {
    let mut item: JsonMap = own.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    for (name, value) in extras {
        item.entry(name).or_insert(value);
    }
    item
}

/// A page of a list.
#[derive(Serialize)]
pub struct List {
    /// Whether another page follows.
    next: bool,
    items: Vec<JsonMap>,
}

/// A page of items with these members; no names are all members.
pub fn list<T>(
    page: Page<T>,
    paging: Paging,
    fields: &[String],
    make: impl Fn(T) -> Result<JsonMap, Fault>,
) -> Result<Json<List>, Fault> {
    let next = u64::from(paging.page) * u64::from(paging.size) < page.total;
    let narrowed = |mut item: JsonMap| {
        if !fields.is_empty() {
            item.retain(|name, _| fields.contains(name));
        }
        item
    };
    let items = page.items.into_iter().map(|row| Ok(narrowed(make(row)?)));
    Ok(Json(List { next, items: items.collect::<Result<_, Fault>>()? }))
}
