//! What a body says, member by member: what is missing, empty or of the wrong kind is told for all
//! members at once.

use super::fault::Fault;
use crate::http::body;
use admin::changes::Extras;
use axum::{body::Body, extract::Request, http::StatusCode};
use model::{
    JsonMap,
    flow::{check::SOURCE_MAX, json::laid_out},
    problem::Problem,
    user::{Actor, Permission},
};
use serde_json::{Value, value::RawValue};
use std::{collections::HashMap, fmt::Display, str::FromStr};

/// The largest body, in bytes: a flow with the drawing that the original keeps with it.
const BODY_MAX: usize = 2 << 20;
/// Members that are ours to say, not the client's.
const READ_ONLY: [&str; 3] = ["id", "created_at", "updated_at"];

/// What a body is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// To make something: what it does not name has its default.
    New,
    /// To take the place of what is there.
    Whole,
    /// To change what it names.
    Part,
}

/// What a body says of a member.
enum Said {
    Nothing,
    /// That it is to be empty.
    Empty,
    Is(Value),
}

/// The members of a body that have not been read yet, and what was wrong with the others.
pub struct Members {
    means: Means,
    members: JsonMap,
    /// The same as they are written.
    written: HashMap<String, Box<RawValue>>,
    /// The names that a change is to be confined to, where it says so.
    named: Option<Vec<String>>,
    read: Vec<&'static str>,
    problems: Vec<Problem>,
}

impl Members {
    /// Reads the body. Whoever may change nothing learns so before it is looked at.
    pub async fn of(actor: &Actor, request: Request, means: Means) -> Result<Self, Fault> {
        actor.require(Permission::Edit)?;
        Self::parse(&read(request.into_body()).await?, means)
    }

    pub(super) fn parse(body: &[u8], means: Means) -> Result<Self, Fault> {
        let unreadable = |detail| Fault::new(StatusCode::BAD_REQUEST, "request.unreadable", detail);
        let value = serde_json::from_slice(body).map_err(|error| {
            let error = error.to_string();
            unreadable(match error.strip_prefix("recursion limit exceeded") {
                Some(place) => format!("the body nests too deeply: more than 127 levels{place}"),
                None => format!("the body is not JSON: {error}"),
            })
        })?;
        let Value::Object(mut members) = value else {
            return Err(unreadable("the body is no JSON object".to_owned()));
        };
        let written = serde_json::from_slice(body).unwrap_or_default();
        let fields = members.shift_remove("fields");
        for name in READ_ONLY {
            members.shift_remove(name);
        }
        let mut problems = Vec::new();
        let named = match fields.filter(|_| means == Means::Part) {
            None | Some(Value::Null) => None,
            Some(fields) => named(&fields).unwrap_or_else(|| {
                problems.push(Problem::new("/fields", "is a list of members' names"));
                None
            }),
        };
        if let Some(named) = &named {
            members.retain(|name, _| named.contains(name));
        }
        Ok(Self { means, members, written, named, read: Vec::new(), problems })
    }

    fn take(&mut self, name: &'static str) -> Said {
        self.read.push(name);
        let is_named = || self.named.as_ref().is_some_and(|all| all.iter().any(|one| one == name));
        match self.members.shift_remove(name) {
            Some(Value::Null) => Said::Empty,
            Some(value) => Said::Is(value),
            None if is_named() => Said::Empty,
            None => Said::Nothing,
        }
    }

    fn fault(&mut self, name: &str, detail: impl Into<String>) {
        self.problems.push(Problem::new(format!("/{name}"), detail));
    }

    /// A member that nothing can be without.
    fn needed(&mut self, name: &'static str) -> Option<Value> {
        match self.take(name) {
            Said::Is(value) => Some(value),
            // What is needed of something new is for the use case to say.
            Said::Nothing if self.means != Means::Whole => None,
            Said::Empty if self.means == Means::New => None,
            Said::Nothing | Said::Empty => {
                self.fault(name, "is needed");
                None
            }
        }
    }

    /// A text that is not empty.
    pub fn needed_text(&mut self, name: &'static str) -> Option<String> {
        let value = self.needed(name)?;
        self.as_text(name, value)
    }

    /// A word of a closed list that nothing can be without.
    pub fn needed_word<T: FromStr<Err: Display>>(&mut self, name: &'static str) -> Option<T> {
        let value = self.needed(name)?;
        self.as_word(name, value)
    }

    /// The id of what a member refers to: `{"id": "7"}`, a text or a number.
    pub fn needed_lookup(&mut self, name: &'static str) -> Option<i64> {
        let value = self.needed(name)?;
        let id = value.get("id").and_then(|id| match id {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        });
        if id.is_none() {
            self.fault(name, "has the form {\"id\": \"7\"}");
        }
        id
    }

    /// An array of steps, laid out for people.
    pub fn needed_steps(&mut self, name: &'static str) -> Option<String> {
        let value = self.needed(name)?;
        if !value.is_array() {
            self.fault(name, "is an array of steps");
            return None;
        }
        let written = self.written.get(name)?.get();
        Some(laid_out(written, SOURCE_MAX).into_owned())
    }

    /// A text that may be empty, and is where something takes the place of what is there.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        match self.take(name) {
            Said::Is(value) => self.as_text(name, value),
            Said::Empty => Some(String::new()),
            Said::Nothing => (self.means == Means::Whole).then(String::new),
        }
    }

    /// A text that may be empty, of ours: tools of the original do not name it, and so it stays.
    pub fn own_text(&mut self, name: &'static str) -> Option<String> {
        match self.take(name) {
            Said::Is(value) => self.as_text(name, value),
            Said::Empty => Some(String::new()),
            Said::Nothing => None,
        }
    }

    /// Yes or no; stays where nothing is said.
    pub fn flag(&mut self, name: &'static str) -> Option<bool> {
        match self.take(name) {
            Said::Is(Value::Bool(flag)) => Some(flag),
            Said::Is(_) => {
                self.fault(name, "is true or false");
                None
            }
            Said::Empty => Some(false),
            Said::Nothing => None,
        }
    }

    /// A word of a closed list; stays where nothing is said.
    pub fn word<T: FromStr<Err: Display>>(&mut self, name: &'static str) -> Option<T> {
        match self.take(name) {
            Said::Is(value) => self.as_word(name, value),
            Said::Empty | Said::Nothing => None,
        }
    }

    /// A number from 0 to 255, also as a text; stays where nothing is said.
    pub fn small(&mut self, name: &'static str) -> Option<u8> {
        let Said::Is(value) = self.take(name) else { return None };
        let number = match &value {
            Value::Number(number) => number.as_u64().and_then(|number| number.try_into().ok()),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        if number.is_none() {
            self.fault(name, format!("{value} is no number of a type"));
        }
        number
    }

    /// An object; empty where something takes the place of what is there.
    pub fn object(&mut self, name: &'static str) -> Option<JsonMap> {
        match self.take(name) {
            Said::Is(Value::Object(object)) => Some(object),
            Said::Is(_) => {
                self.fault(name, "is an object");
                None
            }
            Said::Empty => Some(JsonMap::new()),
            Said::Nothing => (self.means == Means::Whole).then(JsonMap::new),
        }
    }

    /// How a hook delivers: whether in order, and how long a late one holds back the others.
    pub fn policy(&mut self) -> (Option<bool>, Option<i64>) {
        let mut policy = match self.take("policy") {
            Said::Is(Value::Object(policy)) => policy,
            Said::Is(_) => {
                self.fault("policy", "has the form {\"ordered\": true, \"max_hold_ms\": 30000}");
                return (None, None);
            }
            Said::Empty => {
                return (Some(true), Some(model::hook::DEFAULT_MAX_HOLD_MS));
            }
            Said::Nothing => return (None, None),
        };
        let ordered = policy.shift_remove("ordered").and_then(|value| {
            let flag = value.as_bool();
            if flag.is_none() {
                self.fault("policy/ordered", "is true or false");
            }
            flag
        });
        let hold = policy.shift_remove("max_hold_ms").and_then(|value| {
            let number = value.as_i64();
            if number.is_none() {
                self.fault("policy/max_hold_ms", "is a whole number of milliseconds");
            }
            number
        });
        for name in policy.keys() {
            let place = format!("policy/{}", model::problem::pointer_token(name));
            self.fault(&place, "is unknown; a policy has ordered and max_hold_ms");
        }
        (ordered, hold)
    }

    /// All members that have not been read: they are kept as they are.
    pub fn extras(&mut self) -> Extras {
        if self.members.get("tags").is_some_and(|tags| !tags.is_null() && !are_tags(tags)) {
            self.fault("tags", "has the form [{\"name\": \"vip\"}]");
        }
        let set = std::mem::take(&mut self.members);
        if self.means != Means::Part {
            return Extras::All(set);
        }
        let named = self.named.iter().flatten();
        let gone = named.filter(|name| {
            !set.contains_key(*name)
                && !self.read.contains(&name.as_str())
                && !READ_ONLY.contains(&name.as_str())
        });
        let removed = gone.cloned().collect();
        Extras::Some { set, removed }
    }

    /// Fails where something was wrong.
    pub fn done(self) -> Result<(), Fault> {
        if self.problems.is_empty() { Ok(()) } else { Err(Fault::invalid(&self.problems)) }
    }

    fn as_text(&mut self, name: &str, value: Value) -> Option<String> {
        let Value::String(text) = value else {
            self.fault(name, "is a text");
            return None;
        };
        Some(text)
    }

    fn as_word<T: FromStr<Err: Display>>(&mut self, name: &str, value: Value) -> Option<T> {
        match self.as_text(name, value)?.parse() {
            Ok(word) => Some(word),
            Err(error) => {
                self.fault(name, error.to_string());
                None
            }
        }
    }
}

/// The whole body, within its limit.
async fn read(posted: Body) -> Result<Vec<u8>, Fault> {
    let unreadable = |status, detail| Fault::new(status, "request.unreadable", detail);
    match body::read(posted, BODY_MAX).await {
        Ok(Some(read)) => Ok(read),
        Ok(None) => {
            let detail = format!("a body has at most {} KiB", BODY_MAX >> 10);
            Err(unreadable(StatusCode::PAYLOAD_TOO_LARGE, detail))
        }
        Err(error) => Err(unreadable(StatusCode::BAD_REQUEST, error.to_string())),
    }
}

/// The members that `fields` names; an empty list is none. Of `schema.id` it is `schema`.
fn named(fields: &Value) -> Option<Option<Vec<String>>> {
    let words: Option<Vec<&str>> = fields.as_array()?.iter().map(Value::as_str).collect();
    let first = |word: &str| word.split('.').next().unwrap_or_default().trim().to_owned();
    let words: Vec<_> = words?.into_iter().map(first).collect();
    Some((!words.is_empty()).then_some(words))
}

fn are_tags(tags: &Value) -> bool {
    let is_tag = |tag: &Value| tag.get("name").is_some_and(Value::is_string);
    tags.as_array().is_some_and(|tags| tags.iter().all(is_tag))
}
