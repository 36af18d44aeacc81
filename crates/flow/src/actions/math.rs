//! `math`: a pick at random, or a function of JavaScript's `Math`.

use super::{
    Next, Notes, Surroundings,
    text::{listed, number},
};
use crate::{World, interpolate::Filler, record::shown_value, scripts::MATH, variables::Variables};
use model::{
    flow::{expression, script::ScriptKind, syntax::Math},
    trace::Failure,
};
use serde_json::{Value, json};
use std::{
    f64::consts,
    sync::{Arc, LazyLock},
};

static FUNCTION: LazyLock<Arc<str>> = LazyLock::new(|| MATH.into());

pub(crate) async fn run<W: World>(
    arguments: &Math,
    variables: &mut Variables<'_>,
    around: &Surroundings<'_, W>,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let function = filler.name(&arguments.function);
    let data = listed(filler.value(&arguments.data, true));
    filler.finish()?;
    let shown_data: Vec<_> = data.iter().map(shown_value).collect();
    notes.input = json!({"fn": function, "data": shown_data});
    let value = if function.is_empty() || function == "random" {
        picked(data, around.run.world.random())
    } else {
        let numbers: Vec<f64> = data.iter().map(number).collect();
        match native(&function, &numbers) {
            Some(value) => written(&expression::Value::Number(value).to_text()),
            None => {
                let bindings = vec![("f", function.into()), ("a", data.into())];
                let run = around.run;
                match run.script(ScriptKind::Body, &FUNCTION, bindings, variables).await? {
                    Value::String(text) => written(&text),
                    other => other,
                }
            }
        }
    };
    notes.output(&arguments.variable, || shown_value(&value));
    variables.set(&arguments.variable, value)?;
    Ok(Next::On)
}

fn picked(mut data: Vec<Value>, chance: u64) -> Value {
    match data.len() {
        0 => Value::String(String::new()),
        length => data.swap_remove((chance % length as u64) as usize),
    }
}

/// A number as JavaScript writes it; what is none is empty.
fn written(text: &str) -> Value {
    match text {
        "NaN" => Value::String(String::new()),
        text => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
    }
}

/// The functions and constants of `Math` that are the same here; nothing for all others.
fn native(function: &str, given: &[f64]) -> Option<f64> {
    let first = given.first().copied().unwrap_or(f64::NAN);
    let second = given.get(1).copied().unwrap_or(f64::NAN);
    let extreme = |start: f64, takes: fn(f64, f64) -> bool| {
        given.iter().fold(start, |best, one| match () {
            () if best.is_nan() || one.is_nan() => f64::NAN,
            // Of the two zeros, the positive one is the larger.
            () if takes(*one, best) || (*one == best && takes(1.0 / *one, 1.0 / best)) => *one,
            () => best,
        })
    };
    Some(match function {
        "abs" => first.abs(),
        "ceil" => first.ceil(),
        "floor" => first.floor(),
        "trunc" => first.trunc(),
        // Halves are rounded up, also below zero.
        "round" if first.fract() == -0.5 => first.ceil(),
        "round" => first.round(),
        "sign" if first == 0.0 || first.is_nan() => first,
        "sign" => first.signum(),
        "sqrt" => first.sqrt(),
        "max" => extreme(f64::NEG_INFINITY, |one, best| one > best),
        "min" => extreme(f64::INFINITY, |one, best| one < best),
        // Other than in Rust, 1 to the power of NaN or infinity is no number.
        "pow" if second.is_nan() || (first.abs() == 1.0 && second.is_infinite()) => f64::NAN,
        "pow" => first.powf(second),
        "PI" => consts::PI,
        "E" => consts::E,
        "LN2" => consts::LN_2,
        "LN10" => consts::LN_10,
        "LOG2E" => consts::LOG2_E,
        "LOG10E" => consts::LOG10_E,
        "SQRT2" => consts::SQRT_2,
        "SQRT1_2" => consts::FRAC_1_SQRT_2,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_do_what_javascript_does() {
        for (function, given, expected) in [
            ("round", vec![2.5], "3"),
            ("round", vec![-2.5], "-2"),
            ("round", vec![-2.6], "-3"),
            ("max", vec![], "-Infinity"),
            ("max", vec![1.0, 3.0, 2.0], "3"),
            ("min", vec![1.0, f64::NAN], "NaN"),
            ("pow", vec![2.0, 10.0], "1024"),
            ("pow", vec![1.0, f64::INFINITY], "NaN"),
            ("abs", vec![], "NaN"),
            ("sign", vec![-7.0], "-1"),
            ("floor", vec![-0.5], "-1"),
            ("sqrt", vec![-1.0], "NaN"),
            ("PI", vec![], "3.141592653589793"),
        ] {
            let value = native(function, &given).unwrap();
            let text = expression::Value::Number(value).to_text().into_owned();
            assert_eq!(text, expected, "{function}{given:?}");
        }
        assert_eq!(native("max", &[-0.0, 0.0]).map(f64::is_sign_positive), Some(true));
        assert_eq!(native("sin", &[1.0]), None);
    }

    #[test]
    fn a_whole_number_is_stored_as_one_and_what_is_none_is_empty() {
        assert_eq!(written("3").to_string(), "3");
        assert_eq!(written("1.5"), json!(1.5));
        assert_eq!(written("NaN"), json!(""));
        assert_eq!(written("Infinity"), json!("Infinity"));
    }

    #[test]
    fn a_pick_is_one_of_the_data() {
        assert_eq!(picked(vec![json!("a"), json!("b")], 5), json!("b"));
        assert_eq!(picked(Vec::new(), 5), json!(""));
    }
}
