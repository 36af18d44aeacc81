//! The help pages about the actions of flows. What each does is said by its description in
//! `model::flow::language`; here is what the pages say around it. The server's alone.

use super::time::number;
use model::flow::language::{Group, Keys, Kind};

pub const TITLE: &str = "Actions of flows";
pub const PATH: &str = "/help/actions";
pub const ABOUT: &str = "What a step of a flow can do. The same is available to editors as a JSON \
                         Schema at ";
pub const SCHEMA: &str = "/api/flow.schema.json";
pub const SEARCH: &str = "Search actions";
pub const GO: &str = "Search";
pub const NONE: &str = "No action is like that.";
pub const ALL: &str = "All actions";
pub const ARGUMENTS: &str = "Arguments";
pub const ARGUMENT: &str = "Argument";
pub const KIND: &str = "What may stand there";
pub const MEANING: &str = "What it is for";
pub const VALUE: &str = "Its value is";
pub const EXAMPLE: &str = "Example";
pub const BESIDE: &str = "Beside every action";
pub const BESIDE_ABOUT: &str = "These keys may stand in a step beside its action.";
pub const REQUIRED: &str = "required";
pub const OUTSIDE: &str =
    "It acts outside of the flow: what it has done is not done again after a restart.";
pub const NEEDS_CORE: &str = "It needs the contact centre's own core. Offhook keeps such a step, and when it is run it is an error.";

/// What the actions of a group have to do with.
pub fn group(of: Group) -> &'static str {
    match of {
        Group::Control => "Which steps run",
        Group::Values => "Variables and texts",
        Group::Requests => "Requests",
        Group::Time => "Time",
        Group::Installation => "What the installation keeps",
        Group::Messages => "Messages and databases",
        Group::Core => "Only beside the contact centre's core",
    }
}

/// The path of an action's page.
pub fn path(name: &str) -> String {
    format!("{PATH}/{name}")
}

/// The other names of an action.
pub fn also(names: &[&str]) -> String {
    format!("Also called {}.", names.join(", "))
}

/// What an argument is when it is missing.
pub fn default(value: &str) -> String {
    format!("{value} if it is missing")
}

/// What may stand in a place.
pub fn kind(of: &Kind) -> String {
    let said = match of {
        Kind::Plain | Kind::Label => "text",
        Kind::Tag => "a tag",
        Kind::Variable => "the name of a variable",
        Kind::Text | Kind::Filled => "text with ${…}",
        Kind::Url => "an address with ${…}",
        Kind::Flag => "true or false",
        Kind::Value => "any JSON with ${…}",
        Kind::Steps | Kind::Body => "steps",
        Kind::Cases => "texts, each with its steps",
        Kind::Expression => "an expression",
        Kind::Script => "JavaScript",
        Kind::Path => "a path into the answer",
        Kind::Statuses => "statuses: 2xx, 200, \"2xx,404\"",
        Kind::FailureClass => "a class of failures: timeout, http_5xx, …",
        Kind::Anything => "anything",
        Kind::Number(range) | Kind::Count(range) => {
            let unit = if range.unit.is_empty() { "" } else { " in " };
            let bounds = match range.max {
                u64::MAX => format!("at least {}", number(range.min)),
                max => format!("{} to {}", number(range.min), number(max)),
            };
            return format!("a whole number{unit}{}, {bounds}", range.unit);
        }
        Kind::Decimal { min, max } => return format!("a number, {min} to {max}"),
        Kind::OneOf { words, .. } => return words.join(", "),
        Kind::Map { keys, values } => {
            let keys = match keys {
                Keys::Variables => "variables",
                Keys::Headers => "names of headers",
                Keys::Any => "names",
            };
            return format!("{keys}, each with {}", kind(values));
        }
        Kind::List(item) => return format!("a list of {}", kind(item)),
        Kind::OneOrMany(item) => return format!("{}, or a list of such", kind(item)),
        Kind::Object(arguments) => {
            let names: Vec<_> = arguments.iter().map(|argument| argument.name).collect();
            return format!("an object of {}", names.join(", "));
        }
        Kind::Either(kinds) => {
            return kinds.iter().map(kind).collect::<Vec<_>>().join("; or ");
        }
    };
    said.to_owned()
}
