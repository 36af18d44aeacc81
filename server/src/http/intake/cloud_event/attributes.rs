//! The attributes of a CloudEvent, whichever way they were sent.

use crate::http::intake::item::Origin;
use model::{JsonMap, problem::Problem};
use serde_json::Value;

/// Attributes that have not been read yet, and what was found wrong so far.
pub struct Attributes {
    pub origin: Origin,
    pub faults: Vec<Problem>,
    unread: JsonMap,
}

impl Attributes {
    /// Attributes as they were sent. One that is null is not set (JSON format, section 2.2).
    pub fn new(mut given: JsonMap, origin: Origin) -> Self {
        given.retain(|_, value| !value.is_null());
        Self { origin, faults: Vec::new(), unread: given }
    }

    /// Notes what is wrong with an attribute.
    pub fn fault(&mut self, name: &str, detail: impl Into<String>) {
        self.faults.push(Problem::new(self.origin.attribute(name), detail));
    }

    /// A text, if it is set and fit to be one.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let fault = match self.unread.remove(name)? {
            Value::String(text) if text.is_empty() => "is not empty where it is given",
            Value::String(text) if text.contains(char::is_control) => CONTROL,
            Value::String(text) => return Some(text),
            _ => "is a text",
        };
        self.fault(name, fault);
        None
    }

    /// A text that has to be there: `what` it is. One that was found wrong before is not said to
    /// be missing.
    pub fn needed(&mut self, name: &str, what: &str) -> Option<String> {
        let place = self.origin.attribute(name);
        let is_known = self.faults.iter().any(|fault| fault.pointer == place);
        if !is_known && !self.unread.contains_key(name) {
            self.fault(name, format!("is needed: {what}"));
        }
        self.text(name)
    }

    /// What has not been read: extension attributes, of which only the fit ones are given.
    pub fn extensions(&mut self) -> JsonMap {
        let mut fit = JsonMap::new();
        for (name, value) in std::mem::take(&mut self.unread) {
            match unfit(&name, &value) {
                Some(why) => self.fault(&name, why),
                None => {
                    fit.insert(name, value);
                }
            }
        }
        fit
    }
}

const CONTROL: &str = "holds a control character";

/// Why it is no extension attribute (core specification, naming conventions and type system).
fn unfit(name: &str, value: &Value) -> Option<&'static str> {
    let is_fit = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if name.is_empty() || !name.bytes().all(is_fit) {
        return Some("is no attribute: their names are lower-case letters and digits");
    }
    match value {
        // Data has a place of its own in each mode; as an attribute it would be lost unseen.
        _ if name == "data" => Some("is no attribute: the data is the body"),
        Value::String(text) if text.contains(char::is_control) => Some(CONTROL),
        Value::String(_) | Value::Bool(_) => None,
        Value::Number(number) if number.is_i64() || number.is_u64() => None,
        _ => Some("is a text, a whole number, true or false"),
    }
}
