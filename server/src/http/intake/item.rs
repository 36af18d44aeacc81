//! One event of a post, on its way to the engine.

use crate::http::problem::ApiProblem;
use model::problem::Problem;
use serde_json::Value;

/// What a post holds.
pub enum Post {
    /// The answer is that of the event.
    One(Item),
    /// The answer lists what became of each.
    Many(Vec<Item>),
}

/// An event as it was posted.
#[derive(Debug)]
pub struct Item {
    /// In the shape that the engine takes, or why it cannot be brought into it.
    pub event: Result<Value, ApiProblem>,
    /// What it was in the post.
    pub origin: Origin,
    /// The line on which it stands, from 1, where lines are counted.
    pub line: Option<usize>,
}

impl Item {
    /// An event in our own shape, which only the engine checks.
    pub fn event(event: Value) -> Self {
        Self { event: Ok(event), origin: Origin::Event, line: None }
    }
}

/// What an item was in the post. The engine names faults by their place in an event of our shape;
/// a sender is told the place in what it sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// An event of our shape.
    Event,
    /// A CloudEvent in JSON.
    Structured,
    /// A CloudEvent in JSON whose data stands there in base64.
    Base64,
    /// A CloudEvent with its attributes in headers and its data in the body.
    Binary,
}

impl Origin {
    /// The place of a CloudEvent's attribute: a JSON pointer, or a header's name.
    pub fn attribute(self, name: &str) -> String {
        match self {
            Self::Binary => format!("ce-{name}"),
            _ => format!("/{}", model::problem::pointer_token(name)),
        }
    }

    /// A fault at a place within a CloudEvent's data.
    pub fn in_data(self, pointer: &str, detail: impl Into<String>) -> Problem {
        let detail = detail.into();
        match self {
            Self::Event | Self::Binary => Problem::new(pointer, detail),
            Self::Structured => Problem::new(format!("/data{pointer}"), detail),
            Self::Base64 if pointer.is_empty() => Problem::new("/data_base64", detail),
            Self::Base64 => Problem::new("/data_base64", format!("in it, {pointer} {detail}")),
        }
    }

    /// The engine's fault, at its place in what was sent.
    pub fn sent(self, Problem { pointer, detail }: Problem) -> Problem {
        if self == Self::Event {
            return Problem { pointer, detail };
        }
        match pointer.as_str() {
            "/id" => Problem::new(self.attribute("id"), detail),
            "/event" => Problem::new(self.attribute("type"), detail),
            "/queue_id" => Problem::new(self.attribute("subject"), detail),
            "/occurred_at" => Problem::new(self.attribute("time"), detail),
            "" => Problem { pointer, detail },
            within => self.in_data(within, detail),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(origin: Origin, pointer: &str) -> (String, String) {
        let Problem { pointer, detail } = origin.sent(Problem::new(pointer, "is wrong"));
        (pointer, detail)
    }

    #[test]
    fn a_fault_is_named_by_its_place_in_what_was_sent() {
        let at = |origin, pointer| sent(origin, pointer).0;
        for pointer in ["", "/id", "/event", "/data/attempt_id"] {
            assert_eq!(at(Origin::Event, pointer), pointer);
        }
        assert_eq!(at(Origin::Structured, "/event"), "/type");
        assert_eq!(at(Origin::Structured, "/queue_id"), "/subject");
        assert_eq!(at(Origin::Structured, "/data/attempt_id"), "/data/data/attempt_id");
        assert_eq!(at(Origin::Structured, "/variables"), "/data/variables");
        assert_eq!(at(Origin::Binary, "/occurred_at"), "ce-time");
        assert_eq!(at(Origin::Binary, "/id"), "ce-id");
        assert_eq!(at(Origin::Binary, "/data/attempt_id"), "/data/attempt_id");
        assert_eq!(
            sent(Origin::Base64, "/data/attempt_id"),
            ("/data_base64".into(), "in it, /data/attempt_id is wrong".into())
        );
    }
}
