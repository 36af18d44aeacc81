//! What a body is, by its headers.

use super::refusal::Refusal;
use axum::http::{HeaderMap, header::CONTENT_TYPE};
use model::settings::{BATCH_BYTES_MAX, EVENT_BYTES_MAX};

/// The header that says what is read.
pub const ACCEPT_POST: (&str, &str) = (
    "accept-post",
    "application/json, application/x-ndjson, application/cloudevents+json, \
     application/cloudevents-batch+json",
);

/// The attributes that a CloudEvent must have, as headers: any of them makes a post one.
const TELLING: [&str; 4] = ["ce-specversion", "ce-type", "ce-source", "ce-id"];

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// An event, or an array of them.
    Json,
    /// An event a line.
    Lines,
    /// The data of a CloudEvent whose attributes are headers.
    Binary,
    /// A CloudEvent.
    Structured,
    /// An array of CloudEvents.
    Batched,
}

impl Shape {
    /// The shape that the headers tell. Without a content type a body is JSON.
    ///
    /// # Errors
    /// When bodies of such a type are not read.
    pub fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let given = headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or("unreadable"));
        let kind = essence(given.unwrap_or_default());
        let is_binary = TELLING.iter().any(|name| headers.contains_key(*name));
        match kind.as_str() {
            "application/cloudevents+json" => Ok(Self::Structured),
            "application/cloudevents-batch+json" => Ok(Self::Batched),
            other if other.starts_with("application/cloudevents") => Err(unread(other)),
            other if is_binary && (other.is_empty() || is_json(other)) => Ok(Self::Binary),
            other if is_binary => Err(Refusal::unread(
                format!("a CloudEvent's data is JSON here, not {other}"),
                ACCEPT_POST,
            )),
            "application/x-ndjson" | "application/ndjson" => Ok(Self::Lines),
            other if other.is_empty() || is_json(other) => Ok(Self::Json),
            other => Err(unread(other)),
        }
    }

    /// How large the unpacked body may be, in bytes.
    pub fn bytes_max(self) -> usize {
        match self {
            Self::Binary | Self::Structured => EVENT_BYTES_MAX,
            Self::Json | Self::Lines | Self::Batched => BATCH_BYTES_MAX,
        }
    }
}

/// Whether a media type declares JSON, which is `*/json` or `*/*+json`.
pub fn is_json(media_type: &str) -> bool {
    let kind = essence(media_type);
    let subtype = kind.split_once('/').map_or("", |(_, subtype)| subtype);
    subtype == "json" || subtype.ends_with("+json")
}

/// A media type without its parameters.
fn essence(media_type: &str) -> String {
    let kind = media_type.split(';').next().unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}

fn unread(kind: &str) -> Refusal {
    let detail = format!(
        "bodies of type {kind} are not read here; an event or an array of them is \
         application/json, an event a line application/x-ndjson, a CloudEvent \
         application/cloudevents+json, many of them application/cloudevents-batch+json"
    );
    Refusal::unread(detail, ACCEPT_POST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn shape(pairs: &[(&'static str, &'static str)]) -> Result<Shape, String> {
        let headers = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        Shape::of(&headers.collect()).map_err(|refusal| refusal.problem.detail)
    }

    #[test]
    fn the_content_type_tells_the_shape() {
        assert_eq!(shape(&[]), Ok(Shape::Json));
        for json in ["application/json", "Application/JSON; charset=utf-8", "text/json", ""] {
            assert_eq!(shape(&[("content-type", json)]), Ok(Shape::Json), "{json}");
        }
        assert_eq!(shape(&[("content-type", "application/vnd.dialler+json")]), Ok(Shape::Json));
        assert_eq!(shape(&[("content-type", "application/x-ndjson")]), Ok(Shape::Lines));
        assert_eq!(
            shape(&[("content-type", "application/cloudevents+json; charset=UTF-8")]),
            Ok(Shape::Structured)
        );
        assert_eq!(
            shape(&[("content-type", "application/cloudevents-batch+json")]),
            Ok(Shape::Batched)
        );
        for other in ["text/plain", "application/x-www-form-urlencoded", "json", "a/b+jsonx"] {
            assert!(shape(&[("content-type", other)]).is_err_and(|told| told.contains(other)));
        }
        for format in ["application/cloudevents+avro", "application/cloudevents"] {
            assert!(shape(&[("content-type", format)]).is_err(), "{format}");
        }
    }

    #[test]
    fn headers_of_a_cloud_event_make_a_post_one_unless_the_body_is_one() {
        assert_eq!(shape(&[("ce-id", "1")]), Ok(Shape::Binary));
        assert_eq!(
            shape(&[("content-type", "application/json"), ("ce-type", "x")]),
            Ok(Shape::Binary)
        );
        assert_eq!(
            shape(&[("content-type", "application/cloudevents+json"), ("ce-id", "1")]),
            Ok(Shape::Structured)
        );
        assert!(shape(&[("content-type", "application/x-ndjson"), ("ce-id", "1")]).is_err());
        assert_eq!(shape(&[("ce-queue", "1")]), Ok(Shape::Json));
    }
}
