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
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Value, json, value::RawValue};

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

/// An item as it is sent.
pub struct Item {
    members: JsonMap,
    /// A member that is sent as it is written, with the digits of its numbers.
    written: Option<(&'static str, Box<RawValue>)>,
}

impl Item {
    /// With this text in the place of a member's value.
    pub fn with_written(members: JsonMap, name: &'static str, text: Box<RawValue>) -> Self {
        Self { members, written: Some((name, text)) }
    }
}

impl From<JsonMap> for Item {
    fn from(members: JsonMap) -> Self {
        Self { members, written: None }
    }
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.members.len()))?;
        for (name, value) in &self.members {
            match &self.written {
                Some((written, text)) if written == name => map.serialize_entry(name, text)?,
                _ => map.serialize_entry(name, value)?,
            }
        }
        map.end()
    }
}

/// A page of a list.
#[derive(Serialize)]
pub struct List {
    /// Whether another page follows.
    next: bool,
    items: Vec<Item>,
}

/// A page of items with these members; no names are all members.
pub fn list<T, I: Into<Item>>(
    page: Page<T>,
    paging: Paging,
    fields: &[String],
    make: impl Fn(T) -> Result<I, Fault>,
) -> Result<Json<List>, Fault> {
    let next = u64::from(paging.page) * u64::from(paging.size) < page.total;
    let narrowed = |mut item: Item| {
        if !fields.is_empty() {
            item.members.retain(|name, _| fields.contains(name));
        }
        item
    };
    let items = page.items.into_iter().map(|row| Ok(narrowed(make(row)?.into())));
    Ok(Json(List { next, items: items.collect::<Result<_, Fault>>()? }))
}
