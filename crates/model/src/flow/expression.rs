//! The expressions of `if` and `while`, in JavaScript.
//!
//! Literals, placeholders, date helpers, comparison, logic, arithmetic, `?:` and parentheses are
//! evaluated natively, with the meaning that JavaScript (ECMA-262) gives them. All else is left to
//! a script engine ([`Script`]). A placeholder stands for its variable's text as a value: it is
//! never parsed, so no value can inject code.

mod date;
mod lexer;
mod parser;
mod value;

pub use date::{DateHelper, DatePart};
pub use value::{Value, is_space, number_text};

use super::{
    script::{Binding, Script, ScriptKind},
    template::{Part, Placeholder, Template},
};
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
    form: Form,
}

/// How an expression is evaluated.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    /// Here.
    Native(Native),
    /// By a script engine.
    Script(Script),
}

/// An expression of the native subset.
#[derive(Debug, Clone, PartialEq)]
pub struct Native(Node);

/// Why a text is no expression.
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

/// What an expression looks at.
pub trait Environment<'v> {
    /// The text of a placeholder's variable; nothing for one that does not exist.
    fn variable(&mut self, placeholder: &Placeholder) -> Option<Cow<'v, str>>;
    /// What a date helper gives now.
    fn date(&mut self, helper: &DateHelper) -> Value<'v>;
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Literal(Value<'static>),
    Variable(Placeholder),
    Date(DateHelper),
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

/// Reads an expression. What is not of the native subset is taken for JavaScript, unless it is
/// plainly broken.
///
/// # Errors
/// The first place that is wrong, and what is wrong there.
pub fn parse(text: &str) -> Result<Expression, ExpressionError> {
    let error = |offset: usize, message: String| ExpressionError {
        column: 1 + u32::try_from(text[..offset].chars().count()).unwrap_or(u32::MAX - 1),
        offset,
        message,
    };
    let form = match parser::parse(text) {
        Ok(root) => Form::Native(Native(root)),
        Err(fault) if fault.javascript => {
            let script = Script::parse(text, ScriptKind::Expression);
            Form::Script(script.map_err(|fault| error(fault.offset, fault.message))?)
        }
        Err(fault) => return Err(error(fault.offset, fault.message)),
    };
    Ok(Expression { text: text.to_owned(), form })
}

impl Expression {
    /// The expression as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a secret stands in it.
    pub fn has_secret(&self) -> bool {
        match &self.form {
            Form::Native(native) => has_secret(&native.0),
            Form::Script(script) => script.bindings.iter().any(
                |binding| matches!(binding, Binding::Variable(found) if found.secret().is_some()),
            ),
        }
    }

    /// How it is evaluated.
    pub fn form(&self) -> &Form {
        &self.form
    }
}

impl Native {
    /// The value of the expression. A variable that does not exist is the empty text.
    ///
    /// # Errors
    /// When a text would become too long.
    pub fn eval<'v>(
        &'v self,
        environment: &mut impl Environment<'v>,
    ) -> Result<Value<'v>, EvalError> {
        eval(&self.0, environment)
    }
}

fn has_secret(node: &Node) -> bool {
    match node {
        Node::Literal(_) | Node::Date(_) => false,
        Node::Variable(placeholder) => placeholder.secret().is_some(),
        Node::Quoted(template) => template.has_secret(),
        Node::Unary(_, operand) => has_secret(operand),
        Node::Binary(_, operands) => has_secret(&operands.0) || has_secret(&operands.1),
        Node::Choice(nodes) => has_secret(&nodes.0) || has_secret(&nodes.1) || has_secret(&nodes.2),
    }
}

fn eval<'v>(node: &'v Node, lookup: &mut impl Environment<'v>) -> Result<Value<'v>, EvalError> {
    Ok(match node {
        Node::Literal(value) => value.borrowed(),
        Node::Variable(placeholder) => {
            Value::Text(lookup.variable(placeholder).unwrap_or_default())
        }
        Node::Date(helper) => lookup.date(helper),
        Node::Quoted(template) => {
            let mut text = String::new();
            for part in &template.parts {
                match part {
                    Part::Text(part) => text.push_str(part),
                    Part::Placeholder(placeholder) => {
                        text.push_str(&lookup.variable(placeholder).unwrap_or_default());
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
