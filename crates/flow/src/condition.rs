//! The conditions of hooks: whether an event is to run the hook's flow, in CEL.

mod effort;

use cel::{
    Context, Env, ExecutionError, Program, Value,
    common::ast::{EntryExpr, Expr, IdedExpr},
};
use effort::{EFFORT_MAX, effort, may_grow};
use model::{
    JsonMap,
    warning::{Warning, WarningKind},
};
use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, LazyLock},
};

/// The longest condition, in characters.
pub const LENGTH_MAX: usize = 2_000;
/// How deeply brackets may nest.
const BRACKETS_MAX: usize = 16;
/// How deep the tree of a condition may be: evaluating it takes some 40 KiB of the stack for each
/// level in a debug build. Chains of `&&` and `||` are balanced by the parser, so they are not deep.
const DEPTH_MAX: usize = 20;
/// The parser takes more than 100 KiB for each bracket in a debug build, so it runs on a stack of
/// its own.
const PARSER_STACK: usize = 64 << 20;

/// Building it takes longer than most conditions.
static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// Functions that a condition may call.
const FUNCTIONS: [&str; 16] = [
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "has",
    "all",
    "exists",
    "exists_one",
    "map",
    "filter",
    "int",
    "uint",
    "double",
    "string",
    "bool",
    "type",
];

/// A hook's condition, compiled.
#[derive(Debug)]
pub struct Condition {
    program: Program,
    /// The variables that it speaks of.
    names: Vec<String>,
    /// Whether it is to be weighed before it is evaluated.
    may_grow: bool,
}

/// Why a text is no condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConditionError {
    /// What is wrong, in words for a person.
    pub message: String,
    /// Where, in characters from 1, when it is known.
    pub column: Option<u32>,
}

impl ConditionError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), column: None }
    }
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// When the text is not a condition, or too long or too deeply nested.
    pub fn compile(text: &str) -> Result<Self, ConditionError> {
        guard(text)?;
        let unreadable = || ConditionError::new("the condition cannot be read");
        let parsed = std::thread::scope(|scope| {
            std::thread::Builder::new()
                .stack_size(PARSER_STACK)
                .spawn_scoped(scope, || catch_unwind(|| Program::compile(text)))
                .map_err(|error| ConditionError::new(format!("no thread to read it: {error}")))?
                .join()
                .and_then(|parsed| parsed)
                .map_err(|_| unreadable())
        })?;
        let program = parsed.map_err(|errors| {
            let Some(error) = errors.errors.first() else {
                return unreadable();
            };
            ConditionError {
                message: error.msg.clone(),
                // Lines are counted as well; in a condition of several lines the column says
                // nothing without its line.
                column: (error.pos.0 == 1).then(|| u32::try_from(error.pos.1).ok()).flatten(),
            }
        })?;
        inspect(program.expression(), 0, DEPTH_MAX)?;
        let references = program.references();
        for function in references.functions() {
            let is_name = function.starts_with(|c: char| c.is_ascii_alphabetic());
            if is_name && !FUNCTIONS.contains(&function) {
                let known = FUNCTIONS.join(", ");
                return Err(ConditionError::new(format!(
                    "there is no function `{function}`; there are {known}"
                )));
            }
        }
        let names = references.variables().into_iter().map(str::to_owned).collect();
        let may_grow = may_grow(program.expression());
        Ok(Self { program, names, may_grow })
    }

    /// Whether the condition holds for an event's variables.
    ///
    /// # Errors
    /// A warning, when a field is missing, the result is neither true nor false, or it would take too
    /// long to tell. The hook is to be run then, with a warning.
    pub fn holds(&self, variables: &JsonMap) -> Result<bool, Warning> {
        if self.may_grow && effort(self.program.expression(), variables) > EFFORT_MAX {
            let detail =
                "what the condition goes through or puts together is too long in this event";
            return Err(Warning::new(WarningKind::NotEvaluated, detail));
        }
        let mut context = Context::with_env(Arc::clone(&ENVIRONMENT));
        for name in &self.names {
            if let Some(value) = variables.get(name) {
                context.add_variable_from_value(name.as_str(), convert(value));
            }
        }
        let result =
            catch_unwind(AssertUnwindSafe(|| self.program.execute(&context))).map_err(|_| {
                let detail = "the condition cannot be evaluated for this event";
                Warning::new(WarningKind::NotEvaluated, detail)
            })?;
        match result {
            Ok(Value::Bool(holds)) => Ok(holds),
            Ok(other) => {
                let given = describe(&other);
                let detail = format!("the condition gives {given}, neither true nor false");
                Err(Warning::new(WarningKind::NotABoolean, detail))
            }
            Err(error) => Err(explain(&error)),
        }
    }
}

/// Refuses what could cost the parser its stack.
fn guard(text: &str) -> Result<(), ConditionError> {
    if text.trim().is_empty() {
        return Err(ConditionError::new("the condition is empty"));
    }
    if text.chars().count() > LENGTH_MAX {
        return Err(ConditionError::new(format!("longer than {LENGTH_MAX} characters")));
    }
    let mut depth: usize = 0;
    let mut quote = None;
    let mut escaped = false;
    for (index, character) in text.chars().enumerate() {
        match (quote, character) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(character),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > BRACKETS_MAX {
            return Err(ConditionError {
                message: format!("nested too deeply: at most {BRACKETS_MAX} levels"),
                column: u32::try_from(index + 1).ok(),
            });
        }
    }
    Ok(())
}

/// Refuses loops inside loops, whose time grows beyond any bound with the length of the lists, and
/// trees that could cost the evaluation its stack.
fn inspect(expression: &IdedExpr, loops: usize, levels: usize) -> Result<(), ConditionError> {
    let Some(levels) = levels.checked_sub(1) else {
        return Err(ConditionError::new(format!("nested too deeply: at most {DEPTH_MAX} levels")));
    };
    let inner = |item: &IdedExpr| inspect(item, loops, levels);
    match &expression.expr {
        Expr::Comprehension(comprehension) => {
            if loops == 1 {
                let message = "exists, all, map and filter cannot stand inside one another";
                return Err(ConditionError::new(message));
            }
            inner(&comprehension.iter_range)?;
            inspect(&comprehension.loop_cond, loops + 1, levels)?;
            inspect(&comprehension.loop_step, loops + 1, levels)?;
            inspect(&comprehension.result, loops + 1, levels)
        }
        Expr::Call(call) => {
            call.target.as_deref().map_or(Ok(()), inner)?;
            call.args.iter().try_for_each(inner)
        }
        Expr::List(list) => list.elements.iter().try_for_each(inner),
        Expr::Select(select) => inner(&select.operand),
        Expr::Map(map) => map.entries.iter().try_for_each(|entry| match &entry.expr {
            EntryExpr::MapEntry(entry) => {
                inner(&entry.key)?;
                inner(&entry.value)
            }
            EntryExpr::StructField(field) => inner(&field.value),
        }),
        Expr::Struct(_) => Err(ConditionError::new("messages (`Name{…}`) are not available")),
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => Ok(()),
    }
}

fn convert(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Value::Int(number),
            (None, Some(number)) => Value::UInt(number),
            (None, None) => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        serde_json::Value::String(text) => Value::String(Arc::new(text.clone())),
        serde_json::Value::Array(items) => {
            Value::List(Arc::new(items.iter().map(convert).collect()))
        }
        serde_json::Value::Object(members) => {
            let map: HashMap<String, Value> =
                members.iter().map(|(key, value)| (key.clone(), convert(value))).collect();
            Value::from(map)
        }
    }
}

fn describe(value: &Value) -> &'static str {
    match value {
        Value::List(_) => "a list",
        Value::Map(_) => "an object",
        Value::Int(_) | Value::UInt(_) | Value::Float(_) => "a number",
        Value::String(_) => "text",
        Value::Null => "null",
        _ => "something",
    }
}

fn explain(error: &ExecutionError) -> Warning {
    let detail = match error {
        ExecutionError::UndeclaredReference(name) => {
            let detail = format!("the event has no field or variable `{name}`");
            return Warning::about(WarningKind::NoField, name.to_string(), detail);
        }
        ExecutionError::NoSuchKey(name) => {
            let detail = format!("there is no `{name}` in it");
            return Warning::about(WarningKind::NoMember, name.to_string(), detail);
        }
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => {
            "the condition divides by zero".to_owned()
        }
        ExecutionError::ValuesNotComparable(left, right) => {
            format!("{} and {} cannot be compared", describe(left), describe(right))
        }
        ExecutionError::IndexOutOfBounds(_) => "a list has no item at that index".to_owned(),
        ExecutionError::Overflow(..) => "a number becomes too large".to_owned(),
        // Others may hold the values themselves, of any size.
        other => other.to_string().chars().take(200).collect(),
    };
    Warning::new(WarningKind::NotEvaluated, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds(text: &str, variables: serde_json::Value) -> Result<bool, Warning> {
        let serde_json::Value::Object(map) = variables else { panic!() };
        Condition::compile(text).unwrap().holds(&map)
    }

    #[test]
    fn whole_and_broken_numbers_compare_naturally() {
        for (text, value, expected) in [
            ("call_duration > 20", json!(25.5), true),
            ("call_duration > 20", json!(25), true),
            ("call_duration > 20", json!(20), false),
            ("call_duration > 20", json!(20.0001), true),
            ("call_duration >= 25.5", json!(25), false),
            ("call_duration == 25", json!(25.0), true),
            ("call_duration != 25", json!(25.0), false),
            ("call_duration < 20.5", json!(20), true),
        ] {
            assert_eq!(
                holds(text, json!({"call_duration": value})),
                Ok(expected),
                "{text} {value}"
            );
        }
        assert_eq!(holds("attempt_id == 991", json!({"attempt_id": 991})), Ok(true));
        assert_eq!(holds("attempt_id == 991", json!({"attempt_id": 992})), Ok(false));
    }

    #[test]
    fn text_truth_lists_and_objects_are_seen() {
        let event =
            json!({"channel": "call", "use": true, "skills": ["a", "b"], "crm": {"vip": true}});
        for (text, expected) in [
            ("channel == 'call' && use", true),
            ("channel in ['chat', 'task']", false),
            ("'a' in skills", true),
            ("skills.exists(s, s == 'b')", true),
            ("crm.vip", true),
            ("has(crm.name)", false),
            ("channel.startsWith('ca')", true),
            ("size(skills) == 2", true),
            ("!use || true", true),
        ] {
            assert_eq!(holds(text, event.clone()), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_missing_field_is_told_in_words() {
        assert_eq!(
            holds("reason == 'busy'", json!({})),
            Err(Warning::about(
                WarningKind::NoField,
                "reason",
                "the event has no field or variable `reason`"
            ))
        );
        let inner = holds("crm.name == 'x'", json!({"crm": {}})).unwrap_err();
        assert_eq!((inner.kind, inner.field.as_deref()), (WarningKind::NoMember, Some("name")));
    }

    #[test]
    fn a_result_that_is_not_true_or_false_is_an_error() {
        let text = holds("channel", json!({"channel": "call"})).unwrap_err();
        assert_eq!(text.kind, WarningKind::NotABoolean);
        assert!(text.detail.contains("text"));
        assert!(holds("a > 1", json!({"a": "x"})).is_err());
        let zero = holds("1 / a == 1", json!({"a": 0})).unwrap_err();
        assert_eq!(zero.kind, WarningKind::NotEvaluated);
        assert!(zero.detail.contains("zero"));
    }

    #[test]
    fn what_is_no_condition_is_refused() {
        for text in ["", "a ==", "a = 1", "foo(a)", "(", "'abc", "a.b(c)", "\u{0}", "a b"] {
            assert!(Condition::compile(text).is_err(), "{text}");
        }
        assert!(Condition::compile("lower(a) == 'x'").unwrap_err().message.contains("`lower`"));
        assert!(Condition::compile("a.exists(x, b.exists(y, x == y))").is_err());
    }

    #[test]
    fn what_would_take_too_long_is_not_evaluated() {
        let list = |many: usize| (0..many).map(|number| number.to_string()).collect::<Vec<_>>();
        let large = json!({"id": "7", "list": list(10_000)});
        let event = json!({
            "one": list(10_000), "other": list(10_000), "few": list(20), "large": large,
            "long": "x".repeat(1 << 20)
        });
        let grown =
            |by: &str, times| format!("size(['x']{}) == 1", format!(".map(i,{by})").repeat(times));
        for (text, expected) in [
            ("one.exists(item, item == '9999')", Some(true)),
            ("one.map(item, item + '!').exists(item, item == '7!')", Some(true)),
            ("one.exists(item, item in ['a', 'b'])", Some(false)),
            ("'9999' in other && few.exists(item, item == 'x')", Some(false)),
            ("few.exists(item, item in one)", Some(true)),
            ("one.exists(item, item == large.id)", Some(true)),
            ("long + long != long", Some(true)),
            ("one.exists(item, item in large.list)", None),
            (&format!("long{} == 'x'", "+long".repeat(16)), None),
            (&grown("i+i", 2), Some(true)),
            (&grown("i+i+i+i+i+i+i+i", 7), None),
            (&grown("{'a':i,'b':i,'c':i}", 9), None),
            (&grown("[i,i,i]", 9), None),
            ("one.exists(item, item in other)", None),
            ("one.all(item, 1 < 0 || has(other.a) || item in {'a': other})", None),
            ("size(one.map(item, other)) == 1", None),
            ("few.map(item, one).exists(item, item == other)", None),
            ("['a', 'b'].exists(item, item in other)", Some(false)),
        ] {
            let given = holds(text, event.clone());
            match expected {
                Some(expected) => assert_eq!(given, Ok(expected), "{text}"),
                None => {
                    let warning = given.expect_err(text);
                    assert!(warning.detail.contains("too long in this event"), "{warning:?}");
                }
            }
        }
    }

    #[test]
    fn hostile_conditions_neither_panic_nor_overflow_the_stack() {
        let texts = [
            "(".repeat(3_000),
            "(".repeat(1_000),
            "[".repeat(1_000),
            "!".repeat(1_999) + "a",
            "-".repeat(1_999) + "1",
            "a?".repeat(900) + "1",
            "a?b:".repeat(499) + "1",
            "a+".repeat(999) + "a",
            "a&&".repeat(660) + "a",
            "a.b".to_owned() + &".b".repeat(990),
            "a".to_owned() + &"[0]".repeat(660),
            "a<".repeat(999) + "a",
            "99999999999999999999".to_owned(),
            "-9223372036854775808 / -1 == 1".to_owned(),
            "(".repeat(16) + "a" + &")".repeat(16),
            "size(".repeat(16) + "a" + &")".repeat(16),
            "[".repeat(16) + "a" + &"]".repeat(16),
            "a+".repeat(18) + "a",
            "a[".repeat(16) + "a" + &"]".repeat(16),
            "(a+1<2&&b?c:".repeat(16) + "a" + &")".repeat(16),
            "'\\ud800' == a".to_owned(),
            "b'\\xff' == a".to_owned(),
        ];
        // Half of a worker's stack.
        let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
            for text in texts {
                if let Ok(condition) = Condition::compile(&text) {
                    let variables = json!({"a": true, "b": 1});
                    let serde_json::Value::Object(variables) = variables else { return };
                    let _ = condition.holds(&variables);
                }
            }
        });
        thread.unwrap().join().unwrap();
    }
}
