//! The expressions of `if` and `while`: the part of JavaScript that is evaluated natively.
//!
//! Literals, placeholders, comparison, logic, arithmetic, `?:` and parentheses, with the meaning
//! that JavaScript (ECMA-262) gives them. A placeholder stands for its variable's text as a value:
//! it is never parsed, so no value can inject code. All else is refused when the text is read.

mod lexer;
mod parser;
mod value;

pub use value::Value;

use super::template::{Part, Placeholder, Template};
use std::borrow::Cow;
use thiserror::Error;

/// The longest expression, in bytes.
pub const LENGTH_MAX: usize = 10_000;
/// The deepest tree of an expression.
pub const DEPTH_MAX: usize = 100;
/// The longest text that `+` may make, in bytes.
pub const TEXT_MAX: usize = 8 << 20;

/// An expression, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    text: String,
    root: Node,
}

/// Why a text is no expression that can be evaluated here.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("column {column}: {message}")]
pub struct ExpressionError {
    /// In characters, from 1.
    pub column: u32,
    /// In bytes, from 0.
    pub offset: usize,
    pub message: String,
}

/// Why an evaluation gave no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EvalError {
    #[error("the expression makes a text of more than {} MiB", TEXT_MAX >> 20)]
    TextTooLong,
}

/// Gives the text of a placeholder's variable; nothing for one that does not exist.
pub type Lookup<'v, 'l> = dyn FnMut(&Placeholder) -> Option<Cow<'v, str>> + 'l;

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Literal(Value<'static>),
    Variable(Placeholder),
    /// A quoted text with placeholders in it.
    Quoted(Template),
    Unary(Unary, Box<Node>),
    Binary(Binary, Box<(Node, Node)>),
    Choice(Box<(Node, Node, Node)>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unary {
    Not,
    Minus,
    Plus,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Binary {
    Or,
    And,
    Same,
    NotSame,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// Reads an expression.
///
/// # Errors
/// The first place that is not part of the native subset, and what is wrong there.
pub fn parse(text: &str) -> Result<Expression, ExpressionError> {
    parser::parse(text).map_err(|fault| ExpressionError {
        column: 1 + u32::try_from(text[..fault.offset].chars().count()).unwrap_or(u32::MAX - 1),
        offset: fault.offset,
        message: fault.message,
    })
}

impl Expression {
    /// The expression as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value of the expression. A variable that does not exist is the empty text.
    ///
    /// # Errors
    /// When a text would become too long.
    pub fn eval<'v>(&'v self, lookup: &mut Lookup<'v, '_>) -> Result<Value<'v>, EvalError> {
        eval(&self.root, lookup)
    }
}

fn eval<'v>(node: &'v Node, lookup: &mut Lookup<'v, '_>) -> Result<Value<'v>, EvalError> {
    Ok(match node {
        Node::Literal(value) => value.borrowed(),
        Node::Variable(placeholder) => Value::Text(lookup(placeholder).unwrap_or_default()),
        Node::Quoted(template) => {
            let mut text = String::new();
            for part in &template.parts {
                match part {
                    Part::Text(part) => text.push_str(part),
                    Part::Placeholder(placeholder) => {
                        text.push_str(&lookup(placeholder).unwrap_or_default());
                    }
                }
                if text.len() > TEXT_MAX {
                    return Err(EvalError::TextTooLong);
                }
            }
            Value::Text(Cow::Owned(text))
        }
        Node::Unary(Unary::Not, operand) => Value::Bool(!eval(operand, lookup)?.is_truthy()),
        Node::Unary(Unary::Minus, operand) => Value::Number(-eval(operand, lookup)?.to_number()),
        Node::Unary(Unary::Plus, operand) => Value::Number(eval(operand, lookup)?.to_number()),
        Node::Choice(nodes) => {
            let (condition, then, otherwise) = &**nodes;
            let branch = if eval(condition, lookup)?.is_truthy() { then } else { otherwise };
            eval(branch, lookup)?
        }
        Node::Binary(operator, operands) => {
            let left = eval(&operands.0, lookup)?;
            match operator {
                Binary::Or if left.is_truthy() => left,
                Binary::And if !left.is_truthy() => left,
                Binary::Or | Binary::And => eval(&operands.1, lookup)?,
                _ => binary(*operator, left, eval(&operands.1, lookup)?)?,
            }
        }
    })
}

fn binary<'v>(operator: Binary, left: Value<'v>, right: Value<'v>) -> Result<Value<'v>, EvalError> {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let order = |holds: fn(std::cmp::Ordering) -> bool| {
        Value::Bool(left.compare(&right).is_some_and(holds))
    };
    Ok(match operator {
        Binary::Same => Value::Bool(left.is_same(&right)),
        Binary::NotSame => Value::Bool(!left.is_same(&right)),
        Binary::Equal => Value::Bool(left.is_equal(&right)),
        Binary::NotEqual => Value::Bool(!left.is_equal(&right)),
        Binary::Less => order(|o| o == Less),
        Binary::LessOrEqual => order(|o| matches!(o, Less | Equal)),
        Binary::Greater => order(|o| o == Greater),
        Binary::GreaterOrEqual => order(|o| matches!(o, Greater | Equal)),
        Binary::Add => return left.add(right),
        Binary::Subtract => Value::Number(left.to_number() - right.to_number()),
        Binary::Multiply => Value::Number(left.to_number() * right.to_number()),
        Binary::Divide => Value::Number(left.to_number() / right.to_number()),
        Binary::Remainder => Value::Number(left.to_number() % right.to_number()),
        // Both are decided before their right side is evaluated.
        Binary::Or | Binary::And => right,
    })
}

#[cfg(test)]
mod tests;
