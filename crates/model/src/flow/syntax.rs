//! The syntax tree of a flow: what [`check`](super::check::check) makes of its text.

mod failure;
mod outside;
mod request;

pub use failure::{ErrorRule, FailureFilter, Reaction, Retry};
pub use outside::{
    Attachment, Cache, Calendar, EMAIL_TYPES, Global, List, ListAdd, Mail, MailVia, NOTES, Named,
    Notification, Publish, SQL_DRIVERS, Smtp, Sql, SqlDriver,
};
pub use request::{Auth, Expect, Export, HttpRequest, METHODS, Parser};

use super::{
    expression::Expression,
    script::Script,
    template::{Template, ValueTemplate},
};

/// One step: an action placed in a flow.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The stable `_id`; every saved flow has it in every step.
    pub id: Option<String>,
    /// A JSON pointer into the array of steps: `/2/if/then/0`.
    pub path: String,
    pub action: Action,
    /// Shown in the trace.
    pub name: Option<String>,
    /// What `goto` jumps to.
    pub tag: Option<String>,
    pub limit: Option<Limit>,
    /// What an error does; the first rule that fits decides.
    pub on_error: Vec<ErrorRule>,
    pub retry: Option<Retry>,
    /// Whether the flow ends after this step.
    pub break_after: bool,
    /// Whether the step is passed over.
    pub disabled: bool,
}

/// After `max` passes of a step, the flow goes on elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    pub max: u32,
    /// The tag to go to. Without one the limit has no effect; a tag that is not in the scope ends
    /// the flow.
    pub failover: Option<String>,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    HttpRequest(Box<HttpRequest>),
    /// Variables and their values, assigned together.
    Set(Vec<(String, ValueTemplate)>),
    UnSet(Vec<Template>),
    If(If),
    Switch(Switch),
    While(While),
    ForEach(ForEach),
    /// The tag.
    Goto(Template),
    Function(Function),
    Execute(Execute),
    Schema(Schema),
    Log(Template),
    Js(Js),
    Text(TextFunction),
    Math(Math),
    Dump,
    Sleep(Sleep),
    Timezone(Named),
    Calendar(Calendar),
    Cache(Cache),
    List(List),
    ListAdd(ListAdd),
    Global(Vec<(String, Global)>),
    Sql(Box<Sql>),
    Mail(Box<Mail>),
    Publish(Publish),
    Notification(Notification),
    /// Ends the flow.
    Break,
    /// Does nothing.
    Start,
    /// Declares what starts the flow; does nothing when run.
    Trigger,
    /// The name of an action that needs the original's core; an error when run.
    NeedsCore(&'static str),
    /// The name of an action that nobody knows, as an imported flow may have it; an error when run.
    Unknown(String),
}

impl Action {
    /// The name under which the action is shown. `sleep` is another name of `softSleep`.
    pub fn name(&self) -> &str {
        match self {
            Self::HttpRequest(_) => "httpRequest",
            Self::Set(_) => "set",
            Self::UnSet(_) => "unSet",
            Self::If(_) => "if",
            Self::Switch(_) => "switch",
            Self::While(_) => "while",
            Self::ForEach(_) => "forEach",
            Self::Goto(_) => "goto",
            Self::Function(_) => "function",
            Self::Execute(_) => "execute",
            Self::Schema(_) => "schema",
            Self::Log(_) => "log",
            Self::Js(_) => "js",
            Self::Text(_) => "string",
            Self::Math(_) => "math",
            Self::Dump => "dump",
            Self::Timezone(_) => "timezone",
            Self::Calendar(_) => "calendar",
            Self::Cache(_) => "cache",
            Self::List(_) => "list",
            Self::ListAdd(_) => "listAdd",
            Self::Global(_) => "global",
            Self::Sql(_) => "sql",
            Self::Mail(_) => "sendEmail",
            Self::Publish(_) => "mq",
            Self::Notification(_) => "notification",
            Self::Sleep(_) => "softSleep",
            Self::Break => "break",
            Self::Start => "start",
            Self::Trigger => "trigger",
            Self::NeedsCore(name) => name,
            Self::Unknown(name) => name,
        }
    }
}

/// A number, written as one or as text with placeholders.
#[derive(Debug, Clone, PartialEq)]
pub enum Number {
    Literal(u64),
    Text(Template),
}

/// The arguments of `if`.
#[derive(Debug, Clone, PartialEq)]
pub struct If {
    pub expression: Expression,
    pub then: Vec<Step>,
    pub otherwise: Vec<Step>,
}

/// The arguments of `switch`.
#[derive(Debug, Clone, PartialEq)]
pub struct Switch {
    pub variable: Template,
    /// Values and their steps, in the order of the text, without `default`.
    pub cases: Vec<(String, Vec<Step>)>,
    pub default: Option<Vec<Step>>,
}

/// The arguments of `while`. The first pass asks no condition.
#[derive(Debug, Clone, PartialEq)]
pub struct While {
    pub condition: Expression,
    pub steps: Vec<Step>,
    /// 1000 if the step names none.
    pub max_steps: Number,
}

/// The arguments of `function`.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    pub name: String,
    pub actions: Vec<Step>,
}

/// The argument of `softSleep`.
#[derive(Debug, Clone, PartialEq)]
pub struct Sleep {
    /// Milliseconds.
    pub time: Number,
}

/// The arguments of `forEach`.
#[derive(Debug, Clone, PartialEq)]
pub struct ForEach {
    /// A list, or a text that holds one as JSON.
    pub list: ValueTemplate,
    /// The variable that holds each item in turn.
    pub variable: String,
    pub steps: Vec<Step>,
}

/// The arguments of `execute`.
#[derive(Debug, Clone, PartialEq)]
pub struct Execute {
    /// The function's name.
    pub name: Template,
    /// Whether it is a run of its own.
    pub detached: bool,
}

/// The arguments of `schema`.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// The number of the flow to call.
    pub id: Template,
    /// Whether it is a run of its own.
    pub detached: bool,
}

/// The arguments of `js`.
#[derive(Debug, Clone, PartialEq)]
pub struct Js {
    pub script: Script,
    /// The variable for what it returns.
    pub variable: String,
}

/// The arguments of `string`.
#[derive(Debug, Clone, PartialEq)]
pub struct TextFunction {
    pub data: Template,
    /// The function's name; with placeholders it is known only when the step runs.
    pub function: Template,
    /// One, or a list of them.
    pub arguments: ValueTemplate,
    pub variable: String,
}

/// The arguments of `math`.
#[derive(Debug, Clone, PartialEq)]
pub struct Math {
    pub function: Template,
    /// One, or a list of them.
    pub data: ValueTemplate,
    pub variable: String,
}
