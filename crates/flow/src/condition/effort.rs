//! How much there is to do until a condition is evaluated that loops or puts values together.

use crate::variables::size;
use cel::common::ast::{
    ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, operators::ADD,
};
use model::JsonMap;
use serde_json::Value;

/// The most effort: that of comparing each of 4 KiB of items with another 4 KiB of them.
pub(super) const EFFORT_MAX: usize = 16 << 20;

/// Whether an expression may take much more than reading the variables once: it loops, or puts
/// together what may become long.
pub(super) fn may_grow(expression: &IdedExpr) -> bool {
    let grows = match &expression.expr {
        Expr::Comprehension(_) => true,
        Expr::Call(call) => call.func_name == ADD,
        _ => false,
    };
    grows || parts(expression).any(may_grow)
}

/// How many bytes of the variables an expression looks at, as often as it may do so: what stands
/// inside a loop is looked at for each item, and a list has no more items than bytes. What is put
/// together counts with it, since another loop may go over that.
pub(super) fn effort(expression: &IdedExpr, variables: &JsonMap) -> usize {
    Effort { variables, inside: None }.of(expression)
}

struct Effort<'a> {
    variables: &'a JsonMap,
    /// The loop that is looked into; none stands inside another.
    inside: Option<&'a ComprehensionExpr>,
}

impl<'a> Effort<'a> {
    fn of(&self, expression: &'a IdedExpr) -> usize {
        match &expression.expr {
            Expr::Ident(name) if self.is_of_loop(name) => 0,
            Expr::Ident(_) => self.found(expression).map_or(0, size),
            // What a name leads to is lent, whatever stands beside it.
            Expr::Select(select) => match self.found(expression) {
                Some(value) => size(value),
                None => self.of(&select.operand),
            },
            Expr::Comprehension(one) => {
                let inside = Self { inside: Some(one), ..*self };
                let each = [&one.loop_cond, &one.loop_step, &one.result];
                let each =
                    each.map(|part| inside.of(part)).into_iter().fold(1, usize::saturating_add);
                self.of(&one.iter_range).saturating_mul(each)
            }
            Expr::Call(call) if call.func_name != ADD => self.of_parts(expression),
            _ => parts(expression).map(put).fold(self.of_parts(expression), usize::saturating_add),
        }
    }

    /// The value in the variables that a name, with members behind it, leads to.
    fn found(&self, expression: &IdedExpr) -> Option<&'a Value> {
        match &expression.expr {
            Expr::Ident(name) if !self.is_of_loop(name) => self.variables.get(name),
            Expr::Select(select) => self.found(&select.operand)?.get(&select.field),
            _ => None,
        }
    }

    fn of_parts(&self, expression: &'a IdedExpr) -> usize {
        parts(expression).map(|part| self.of(part)).fold(0, usize::saturating_add)
    }

    /// An item, or what is gathered: all of them together are what the loop goes over.
    fn is_of_loop(&self, name: &str) -> bool {
        self.inside.is_some_and(|one| {
            [&one.iter_var, &one.accu_var].into_iter().chain(&one.iter_var2).any(|own| own == name)
        })
    }
}

/// What a part adds to what it is put into, beside what of it is the event's.
fn put(part: &IdedExpr) -> usize {
    match &part.expr {
        Expr::Literal(LiteralValue::String(text)) => text.inner().len().max(1),
        Expr::Literal(LiteralValue::Bytes(bytes)) => bytes.inner().len().max(1),
        _ => 1,
    }
}

/// What an expression consists of, but for a loop's own parts that are done for each item.
fn parts(expression: &IdedExpr) -> impl Iterator<Item = &IdedExpr> {
    let parts: Vec<&IdedExpr> = match &expression.expr {
        Expr::Comprehension(one) => vec![&one.iter_range],
        Expr::Call(call) => call.target.as_deref().into_iter().chain(&call.args).collect(),
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Select(select) => vec![&select.operand],
        Expr::Map(map) => map.entries.iter().flat_map(|entry| entry_parts(&entry.expr)).collect(),
        Expr::Struct(_) | Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => Vec::new(),
    };
    parts.into_iter()
}

fn entry_parts(entry: &EntryExpr) -> Vec<&IdedExpr> {
    match entry {
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
        EntryExpr::StructField(field) => vec![&field.value],
    }
}
