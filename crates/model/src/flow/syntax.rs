//! The syntax tree of a flow: what [`check`](super::check::check) makes of its text.

use super::{
    expression::Expression,
    path::Path,
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
    /// The tag.
    Goto(Template),
    Function(Function),
    /// The function's name.
    Execute(Template),
    Log(Template),
    Sleep(Sleep),
    /// Ends the flow.
    Break,
    /// Does nothing.
    Start,
    /// Declares what starts the flow; does nothing when run.
    Trigger,
}

impl Action {
    /// The name under which the action is shown. `sleep` is another name of `softSleep`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::HttpRequest(_) => "httpRequest",
            Self::Set(_) => "set",
            Self::UnSet(_) => "unSet",
            Self::If(_) => "if",
            Self::Switch(_) => "switch",
            Self::While(_) => "while",
            Self::Goto(_) => "goto",
            Self::Function(_) => "function",
            Self::Execute(_) => "execute",
            Self::Log(_) => "log",
            Self::Sleep(_) => "softSleep",
            Self::Break => "break",
            Self::Start => "start",
            Self::Trigger => "trigger",
        }
    }
}

/// The methods of a request.
pub const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// The arguments of `httpRequest`.
#[derive(Debug, Clone, PartialEq)]
pub struct HttpRequest {
    pub url: Template,
    /// `POST` if the step names none.
    pub method: Template,
    /// Milliseconds, 1000 if the step names none.
    pub timeout: Number,
    pub headers: Vec<(String, Template)>,
    /// Fills placeholders of the url, percent-encoded.
    pub path: Vec<(String, Template)>,
    pub data: Option<ValueTemplate>,
    /// Variables and where their values stand in the answer.
    pub export_variables: Vec<(String, Path)>,
    /// The variable that the status is stored in.
    pub response_code: Option<String>,
    pub expect: Option<Expect>,
}

/// A number, written as one or as text with placeholders.
#[derive(Debug, Clone, PartialEq)]
pub enum Number {
    Literal(u64),
    Text(Template),
}

/// The statuses that a request expects: `2xx`, `200`, `2xx,404`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expect {
    /// From and to, both included.
    ranges: Vec<(u16, u16)>,
}

impl Expect {
    /// What a strict flow expects of a request that does not say: `2xx`.
    pub fn success() -> Self {
        Self { ranges: vec![(200, 299)] }
    }

    /// Reads `2xx`, `200`, `2xx,404`; nothing if it is none of these.
    pub fn parse(text: &str) -> Option<Self> {
        let range = |part: &str| {
            let part = part.trim().to_ascii_lowercase();
            if let Some(class) = part.strip_suffix("xx") {
                let class: u16 = class.parse().ok().filter(|class| (1..=5).contains(class))?;
                return (part.len() == 3).then_some((class * 100, class * 100 + 99));
            }
            let digits = part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit());
            let status: u16 = part.parse().ok().filter(|s| digits && (100..=599).contains(s))?;
            Some((status, status))
        };
        let ranges = text.split(',').map(range).collect::<Option<Vec<_>>>()?;
        Some(Self { ranges })
    }

    /// Whether a status is one of these.
    pub fn admits(&self, status: u16) -> bool {
        self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&status))
    }
}

impl std::fmt::Display for Expect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, (from, to)) in self.ranges.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            if from == to { write!(f, "{from}")? } else { write!(f, "{}xx", from / 100)? }
        }
        Ok(())
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expect_takes_classes_and_single_statuses() {
        let expect = Expect::parse("2XX, 404").unwrap();
        assert!(expect.admits(204) && expect.admits(404) && !expect.admits(400));
        assert_eq!(expect.to_string(), "2xx, 404");
        for text in ["", "2x", "xx", "20", "600", "2xx,", "6xx", "+20", "200-299", "12xx"] {
            assert_eq!(Expect::parse(text), None, "{text}");
        }
    }
}
