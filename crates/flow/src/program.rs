//! A flow made ready to run: a flat list of instructions with addresses, so that a `goto` can
//! enter any nesting, and a position in a run is an address and a stack of calls.

use crate::{checkpoint::At, compile, scripts};
use model::flow::{
    FlowMode,
    check::{self, FlowProblem},
    expression::{Expression, Form},
    script::Script,
    syntax::{
        Cache, Calendar, ErrorRule, Execute, Global, HttpRequest, ListAdd, Mail, Math, Named,
        Notification, Number, Publish, Reaction, Retry, Schema, Sql, TextFunction,
    },
    template::{Template, ValueTemplate},
};
use std::{collections::HashMap, sync::Arc};

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
    /// Ends a pass of the loop of a `while` or `forEach` step.
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
    pub(crate) owner: Owner,
    /// The steps of the loops that stand in it, in their order.
    pub(crate) loops: Vec<usize>,
}

/// What a scope is the body of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Owner {
    #[default]
    Flow,
    /// The function's name.
    Function(String),
    /// The `list` step.
    List(usize),
}

/// A step and the addresses that it needs.
#[derive(Debug)]
pub(crate) struct CompiledStep {
    pub(crate) id: String,
    pub(crate) path: String,
    pub(crate) action: String,
    pub(crate) name: Option<String>,
    pub(crate) limit: Option<CompiledLimit>,
    pub(crate) on_error: Vec<CompiledRule>,
    pub(crate) retry: Option<Retry>,
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

/// A rule of `onError`.
#[derive(Debug)]
pub(crate) struct CompiledRule {
    pub(crate) rule: ErrorRule,
    /// Where the rule's tag is, if it has one.
    pub(crate) address: Option<usize>,
}

impl CompiledRule {
    pub(crate) fn tag(&self) -> Option<&str> {
        match &self.rule.reaction {
            Reaction::Goto(tag) => Some(tag),
            _ => None,
        }
    }
}

/// An expression, and its source for a script engine if it is not native.
#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) expression: Expression,
    pub(crate) source: Option<Arc<str>>,
}

impl From<Expression> for Condition {
    fn from(expression: Expression) -> Self {
        let source = match expression.form() {
            Form::Native(_) => None,
            Form::Script(script) => Some(scripts::of_expression(script)),
        };
        Self { expression, source }
    }
}

/// A script, and its source for a script engine.
#[derive(Debug)]
pub(crate) struct Js {
    pub(crate) script: Script,
    pub(crate) source: Arc<str>,
    pub(crate) variable: String,
}

/// What a step does.
#[derive(Debug)]
pub(crate) enum Operation {
    HttpRequest(Box<HttpRequest>),
    Set(Vec<(String, ValueTemplate)>),
    UnSet(Vec<Template>),
    If {
        condition: Condition,
        then: usize,
        otherwise: usize,
    },
    Switch(Switch),
    While(While),
    ForEach(ForEach),
    Goto {
        tag: Template,
        address: Option<usize>,
    },
    Execute(Execute),
    Schema(Schema),
    Log(Template),
    Js(Js),
    Text(TextFunction),
    Math(Math),
    Dump,
    Sleep(Number),
    Timezone(Named),
    Calendar(Calendar),
    Cache(Cache),
    List(List),
    ListAdd(ListAdd),
    Global(Vec<(String, Global)>),
    Sql(Box<Sql>),
    Mail(Box<Mail>),
    Publish(Publish),
    Notification(Notification),
    Break,
    /// `start` and `trigger`.
    Nothing,
    /// An action of the original that cannot run here.
    NeedsCore,
    /// An action that nobody knows.
    Unknown,
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
    pub(crate) condition: Condition,
    pub(crate) max_steps: Number,
    /// The address of the loop's first step.
    pub(crate) body: usize,
    /// Its number among the loops of its scope.
    pub(crate) number: usize,
}

/// The steps of the loop follow the step.
#[derive(Debug)]
pub(crate) struct ForEach {
    pub(crate) list: ValueTemplate,
    pub(crate) variable: String,
    pub(crate) body: usize,
    pub(crate) number: usize,
}

/// `list`, whose steps are a scope of their own.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) list: Named,
    pub(crate) destination: Template,
    /// Where the scope stands in `scopes`.
    pub(crate) scope: usize,
}

impl Operation {
    /// Whether it has an effect outside.
    pub(crate) fn has_effect(&self) -> bool {
        match self {
            Self::HttpRequest(_) | Self::Sql(_) | Self::Mail(_) | Self::Publish(_) => true,
            Self::Execute(arguments) => arguments.detached,
            Self::Schema(arguments) => arguments.detached,
            _ => false,
        }
    }

    /// Whether it changes what the installation keeps: that is written with the run, and so stands
    /// behind no barrier and makes none.
    pub(crate) fn is_written_with_the_run(&self) -> bool {
        match self {
            Self::ListAdd(_) | Self::Global(_) | Self::Notification(_) => true,
            Self::Cache(cache) => !matches!(cache, Cache::Get(_)),
            _ => false,
        }
    }

    /// Whether it waits for something, and so lets others have the thread.
    pub(crate) fn waits(&self) -> bool {
        !matches!(
            self,
            Self::Set(_)
                | Self::UnSet(_)
                | Self::If { .. }
                | Self::Switch(_)
                | Self::While(_)
                | Self::ForEach(_)
                | Self::Goto { .. }
                | Self::Execute(_)
                | Self::Log(_)
                | Self::Dump
                | Self::Timezone(_)
                | Self::Text(_)
                | Self::Math(_)
                | Self::Break
                | Self::Nothing
                | Self::NeedsCore
                | Self::Unknown
        )
    }

    /// The number of the step's loop among those of its scope, if it is a loop.
    pub(crate) fn loop_number(&self) -> Option<usize> {
        match self {
            Self::While(arguments) => Some(arguments.number),
            Self::ForEach(arguments) => Some(arguments.number),
            _ => None,
        }
    }
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
