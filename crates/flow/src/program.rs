//! A flow made ready to run: a flat list of instructions with addresses, so that a `goto` can
//! enter any nesting, and a position in a run is an address and a stack of calls.

use crate::{checkpoint::At, compile};
use model::flow::{
    FlowMode,
    check::{self, FlowProblem},
    expression::Expression,
    syntax::{HttpRequest, Number},
    template::{Template, ValueTemplate},
};
use std::collections::HashMap;

/// A flow compiled to a flat list of instructions.
#[derive(Debug)]
pub struct Program {
    pub(crate) mode: FlowMode,
    pub(crate) code: Vec<Instruction>,
    pub(crate) steps: Vec<CompiledStep>,
    /// The flow itself first, then the bodies of functions.
    pub(crate) scopes: Vec<Scope>,
    /// Where each function's scope stands in `scopes`.
    pub(crate) functions: HashMap<String, usize>,
}

/// What stands at an address.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Instruction {
    /// Runs a step.
    Step(usize),
    /// Ends a pass of the loop of a `while` step.
    EndOfPass(usize),
    /// Goes on at an address.
    Jump(usize),
    /// Ends the flow.
    End,
    /// Ends the scope: the flow, or a function, whose caller goes on.
    Return,
}

/// The flow or a function's body.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    pub(crate) entry: usize,
    pub(crate) tags: HashMap<String, usize>,
    /// The function's name; nothing for the flow itself.
    pub(crate) function: Option<String>,
    /// The steps of the loops that stand in it, in their order.
    pub(crate) loops: Vec<usize>,
}

/// A step and the addresses that it needs.
#[derive(Debug)]
pub(crate) struct CompiledStep {
    pub(crate) id: String,
    pub(crate) path: String,
    pub(crate) action: &'static str,
    pub(crate) name: Option<String>,
    pub(crate) limit: Option<CompiledLimit>,
    pub(crate) operation: Operation,
    /// The address after the step and all that is inside it.
    pub(crate) after: usize,
}

/// A limit that has a failover.
#[derive(Debug)]
pub(crate) struct CompiledLimit {
    pub(crate) max: u32,
    pub(crate) tag: String,
    /// Nothing if the tag is not in the scope: the flow ends then.
    pub(crate) address: Option<usize>,
}

/// What a step does.
#[derive(Debug)]
pub(crate) enum Operation {
    HttpRequest(Box<HttpRequest>),
    Set(Vec<(String, ValueTemplate)>),
    UnSet(Vec<Template>),
    If {
        expression: Expression,
        then: usize,
        otherwise: usize,
    },
    Switch(Switch),
    While(While),
    Goto {
        tag: Template,
        address: Option<usize>,
    },
    Execute(Template),
    Log(Template),
    Sleep(Number),
    Break,
    /// `start` and `trigger`.
    Nothing,
}

impl Operation {
    /// Whether it has an effect outside.
    pub(crate) fn has_effect(&self) -> bool {
        matches!(self, Self::HttpRequest(_))
    }
}

#[derive(Debug)]
pub(crate) struct Switch {
    pub(crate) variable: Template,
    /// Values and the addresses of their steps.
    pub(crate) cases: HashMap<String, usize>,
    pub(crate) default: Option<usize>,
}

/// The steps of the loop follow the step.
#[derive(Debug)]
pub(crate) struct While {
    pub(crate) condition: Expression,
    pub(crate) max_steps: Number,
    /// The address of the loop's first step.
    pub(crate) body: usize,
    /// Its number among the loops of its scope.
    pub(crate) number: usize,
}

impl Program {
    /// Checks and compiles a flow's JSON text. Steps without an `_id` are given one.
    ///
    /// # Errors
    /// All problems, when one of them is an error.
    pub fn load(source: &str, mode: FlowMode) -> Result<Self, Vec<FlowProblem>> {
        let source = check::with_ids(source)?;
        let checked = check::check(&source);
        checked.steps.map(|steps| compile::compile(steps, mode)).ok_or(checked.problems)
    }

    /// The address of a place beside a step, if there is one.
    pub(crate) fn address(&self, step: usize, at: At) -> Option<usize> {
        let is_there = |one: &Instruction| match (one, at) {
            (Instruction::Step(number), At::Before) => *number == step,
            (Instruction::EndOfPass(number), At::EndOfPass) => *number == step,
            _ => false,
        };
        match at {
            At::After => self.steps.get(step).map(|step| step.after),
            At::Before | At::EndOfPass => self.code.iter().position(is_there),
        }
    }

    /// The mode that the flow runs in.
    pub fn mode(&self) -> FlowMode {
        self.mode
    }
}
