//! The sources of scripts, as an engine is handed them.

use model::flow::script::Script;
use serde_json::Value;
use std::sync::Arc;

/// The name of the values that placeholders stand for.
pub(crate) const VALUES: &str = "__v";

/// The source of an expression. It gives whether the value is truthy, and the value as a record
/// shows it. In parentheses of its own, since a comma would part arguments otherwise: `a(), b` is `b`.
pub(crate) fn of_expression(script: &Script) -> Arc<str> {
    let code = script.code.trim_end_matches(|c: char| c.is_whitespace() || c == ';');
    format!("(r=>[!!r,r===null||typeof r===\"boolean\"?r:String(r)])(({code}\n))").into()
}

/// What an expression has given: whether it is truthy, and the value.
pub(crate) fn given(value: Value) -> Option<(bool, Value)> {
    let Value::Array(pair) = value else { return None };
    let [Value::Bool(truthy), value] = <[Value; 2]>::try_from(pair).ok()? else { return None };
    Some((truthy, value))
}

/// The body that calls a method `f` of a text `d` with `a`. Arguments like `/a+/g` are patterns.
pub(crate) const TEXT_METHOD: &str = r#"const b=a.map(v=>{const m=typeof v==="string"&&v.match(/^\/([^]+)\/([dgimsuvy]*)$/);return m?new RegExp(m[1],m[2]):v});if(typeof d[f]!=="function")throw new Error("there is no string function "+f);return d[f](...b)"#;

/// The body that calls a function `f` of `Math` with `a`, or gives a constant of it.
pub(crate) const MATH: &str = r#"const v=Object.getOwnPropertyNames(Math).includes(f)?Math[f]:undefined;if(v===undefined)throw new Error("there is no Math."+f);return typeof v==="function"?String(v(...a)):String(v)"#;
