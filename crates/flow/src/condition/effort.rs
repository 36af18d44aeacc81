//! How much there is to do until a condition with a loop is evaluated.

use crate::variables::size;
use cel::common::ast::{ComprehensionExpr, EntryExpr, Expr, IdedExpr};
use model::JsonMap;

/// The most effort: that of comparing each of 4 KiB of items with another 4 KiB of them.
pub(super) const EFFORT_MAX: usize = 16 << 20;

/// Whether there is a loop in an expression.
pub(super) fn has_loop(expression: &IdedExpr) -> bool {
    matches!(expression.expr, Expr::Comprehension(_)) || parts(expression).any(has_loop)
}

/// How many bytes of the variables an expression looks at, as often as it may do so: what stands
/// inside a loop is looked at for each item, and a list has no more items than bytes.
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
            Expr::Ident(name) => self.variables.get(name).map_or(0, size),
            Expr::Comprehension(one) => {
                let inside = Self { inside: Some(one), ..*self };
                let each = [&one.loop_cond, &one.loop_step, &one.result];
                let each =
                    each.map(|part| inside.of(part)).into_iter().fold(1, usize::saturating_add);
                self.of(&one.iter_range).saturating_mul(each)
            }
            // Its items are not of the event.
            Expr::List(list) => self.of_parts(expression).saturating_add(list.elements.len()),
            _ => self.of_parts(expression),
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
