//! Structured and batched mode: a CloudEvent is a JSON object (JSON event format).

use super::{Attributes, item};
use crate::http::{
    intake::{
        fault,
        item::{Item, Origin},
        json::{self, NotJson},
        shape::is_json,
    },
    problem::ApiProblem,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use model::JsonMap;
use serde_json::Value;

/// Reads a CloudEvent from its JSON.
pub fn structured(event: Value) -> Item {
    let Value::Object(mut members) = event else {
        let problem: ApiProblem = fault("is a CloudEvent: an object with specversion and type");
        return Item { event: Err(problem), origin: Origin::Structured, line: None };
    };
    let packed = members.remove("data_base64").filter(|packed| !packed.is_null());
    let plain = members.remove("data").unwrap_or_default();
    match packed {
        None => read(members, Origin::Structured, plain, None),
        Some(_) if !plain.is_null() => {
            let wrong = "stands beside data, and an event has one of the two";
            read(members, Origin::Base64, Value::Null, Some(wrong.into()))
        }
        Some(packed) => match unpack(&packed) {
            Ok(data) => read(members, Origin::Base64, data, None),
            Err(wrong) => read(members, Origin::Base64, Value::Null, Some(wrong)),
        },
    }
}

/// `wrong` is what is wrong with the data.
fn read(members: JsonMap, origin: Origin, data: Value, wrong: Option<String>) -> Item {
    let mut attributes = Attributes::new(members, origin);
    attributes.faults.extend(wrong.map(|wrong| origin.in_data("", wrong)));
    if let Some(kind) = attributes.text("datacontenttype").filter(|kind| !is_json(kind)) {
        let detail = format!("is application/json, the only data that is read here, not {kind}");
        attributes.fault("datacontenttype", detail);
    }
    item(attributes, data)
}

fn unpack(packed: &Value) -> Result<Value, String> {
    let text = packed.as_str().ok_or("is a text in base64")?;
    let bytes = BASE64_STANDARD.decode(text).map_err(|error| format!("is not base64: {error}"))?;
    json::read(&bytes).map_err(NotJson::of_part)
}
