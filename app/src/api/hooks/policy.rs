//! A hook's policy, as the form has it.

use crate::{error::AppError, text::policy as words};
use model::{
    duration,
    policy::{Policy, Preset},
    problem::Problem,
};

/// What was typed.
pub struct Typed<'a> {
    pub retry: &'a str,
    pub retry_waits: &'a str,
    pub max_age: &'a str,
    pub attempt_limit: &'a str,
    pub priority: &'a str,
}

/// Reads the policy; all that is wrong is told at once, each at its field.
pub fn read(typed: &Typed<'_>) -> Result<Policy, AppError> {
    let mut problems = Vec::new();
    let mut policy = Policy::default();
    let mut say = |field: &str, detail: String| {
        problems.push(Problem::new(format!("/{field}"), detail));
    };
    let preset = typed.retry.trim();
    match if preset.is_empty() { Ok(Preset::Default) } else { preset.parse() } {
        Ok(Preset::Custom) => match duration::parse_list(typed.retry_waits) {
            Ok(waits) if waits.is_empty() => say("retry_waits", words::WAITS_NEEDED.into()),
            Ok(waits) => policy.retry_waits_ms = Some(waits),
            Err(error) => say("retry_waits", error.to_string()),
        },
        Ok(preset) => policy.retry_waits_ms = preset.waits_ms(),
        Err(error) => say("retry", error.to_string()),
    }
    let mut span = |field: &str, text: &str| {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        duration::parse(text).map_err(|error| say(field, error.to_string())).ok()
    };
    policy.max_age_ms = span("max_age", typed.max_age);
    policy.attempt_limit_ms = span("attempt_limit", typed.attempt_limit);
    if !typed.priority.trim().is_empty() {
        match typed.priority.trim().parse() {
            Ok(priority) => policy.priority = priority,
            Err(error) => problems.push(Problem::new("/priority", format!("{error}"))),
        }
    }
    problems.extend(policy.problems("").into_iter().map(at_field));
    if problems.is_empty() { Ok(policy) } else { Err(AppError::Invalid(problems)) }
}

/// What is wrong with the policy's own member is wrong with the field that gave it.
fn at_field(problem: Problem) -> Problem {
    let field = match problem.pointer.split('/').nth(1) {
        Some("max_age_ms") => "max_age",
        Some("attempt_limit_ms") => "attempt_limit",
        _ => "retry_waits",
    };
    let bounds = match field {
        "max_age" => "Lies between 1s and 60d",
        "attempt_limit" => "Lies between 100ms and 1h",
        _ => "At most 30 waits, each of at most 7d",
    };
    Problem::new(format!("/{field}"), bounds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::policy::Priority;

    fn typed<'a>(retry: &'a str, retry_waits: &'a str, max_age: &'a str) -> Typed<'a> {
        Typed { retry, retry_waits, max_age, attempt_limit: "", priority: "" }
    }

    fn fields(typed: &Typed<'_>) -> Vec<String> {
        let Err(AppError::Invalid(problems)) = read(typed) else { panic!("it is accepted") };
        problems.into_iter().map(|problem| problem.pointer).collect()
    }

    #[test]
    fn nothing_typed_is_the_default() {
        assert_eq!(read(&typed("", "", "")).unwrap(), Policy::default());
        assert_eq!(read(&typed("default", "5s", " ")).unwrap(), Policy::default());
    }

    #[test]
    fn what_is_typed_is_read() {
        let all = Typed {
            retry: "custom",
            retry_waits: "5s, 1h 30m",
            max_age: "3d",
            attempt_limit: "10s",
            priority: "high",
        };
        let expected = Policy {
            retry_waits_ms: Some(vec![5_000, 5_400_000]),
            max_age_ms: Some(259_200_000),
            attempt_limit_ms: Some(10_000),
            priority: Priority::High,
        };
        assert_eq!(read(&all).unwrap(), expected);
        assert_eq!(read(&typed("once", "", "")).unwrap().retry_waits_ms, Some(vec![]));
    }

    #[test]
    fn each_fault_is_told_at_its_field() {
        assert_eq!(fields(&typed("custom", "", "")), ["/retry_waits"]);
        assert_eq!(fields(&typed("custom", "soon", "never")), ["/retry_waits", "/max_age"]);
        assert_eq!(fields(&typed("custom", "8d", "61d")), ["/retry_waits", "/max_age"]);
        assert_eq!(fields(&typed("often", "", "")), ["/retry"]);
    }
}
