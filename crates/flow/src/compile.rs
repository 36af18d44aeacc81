//! From the tree of steps to a flat list of instructions.

use crate::program::{
    CompiledLimit, CompiledRule, CompiledStep, ForEach, Instruction, Js, List, Operation, Owner,
    Program, Scope, Switch, While,
};
use model::flow::{
    FlowMode,
    syntax::{Action, Function, Step},
};
use std::collections::{HashMap, HashSet};

/// Compiles checked steps.
pub(crate) fn compile(steps: Vec<Step>, mode: FlowMode) -> Program {
    let mut compiler = Compiler {
        program: Program {
            mode,
            code: Vec::new(),
            steps: Vec::new(),
            scopes: Vec::new(),
            functions: HashMap::new(),
        },
        scope: Scope::default(),
        bodies: Vec::new(),
        declared: HashSet::new(),
    };
    compiler.scope(Owner::Flow, steps);
    // The bodies may have further ones.
    while let Some(body) = compiler.bodies.pop() {
        let number = compiler.program.scopes.len();
        match body {
            Body::Function(function) => {
                compiler.program.functions.insert(function.name.clone(), number);
                compiler.scope(Owner::Function(function.name), function.actions);
            }
            Body::List { step, actions } => {
                if let Operation::List(list) = &mut compiler.program.steps[step].operation {
                    list.scope = number;
                }
                compiler.scope(Owner::List(step), actions);
            }
        }
    }
    compiler.program
}

/// Steps that are a scope of their own.
enum Body {
    Function(Function),
    /// What a `list` step runs.
    List {
        step: usize,
        actions: Vec<Step>,
    },
}

struct Compiler {
    program: Program,
    scope: Scope,
    /// Those that are still to be compiled.
    bodies: Vec<Body>,
    /// The names of functions.
    declared: HashSet<String>,
}

impl Compiler {
    fn here(&self) -> usize {
        self.program.code.len()
    }

    fn emit(&mut self, instruction: Instruction) -> usize {
        self.program.code.push(instruction);
        self.here() - 1
    }

    fn scope(&mut self, owner: Owner, steps: Vec<Step>) {
        let first_step = self.program.steps.len();
        self.scope = Scope { entry: self.here(), owner, ..Scope::default() };
        self.steps(steps);
        self.emit(Instruction::Return);
        // Only now are all tags of the scope known.
        for step in &mut self.program.steps[first_step..] {
            if let Some(limit) = &mut step.limit {
                limit.address = self.scope.tags.get(&limit.tag).copied();
            }
            for rule in &mut step.on_error {
                rule.address = rule.tag().and_then(|tag| self.scope.tags.get(tag)).copied();
            }
            if let Operation::Goto { tag, address } = &mut step.operation {
                *address = tag.literal().and_then(|tag| self.scope.tags.get(tag)).copied();
            }
        }
        self.program.scopes.push(std::mem::take(&mut self.scope));
    }

    fn steps(&mut self, steps: Vec<Step>) {
        for step in steps {
            self.step(step);
        }
    }

    fn step(&mut self, mut step: Step) {
        let (tag, here) = (step.tag.take(), self.here());
        if !step.disabled {
            self.enabled_step(step);
        }
        // Behind those inside it: of two steps with one tag the original goes to the one that it has
        // read to its end last.
        if let Some(tag) = tag {
            self.scope.tags.insert(tag, here);
        }
    }

    fn enabled_step(&mut self, step: Step) {
        let break_after = step.break_after;
        let action = step.action.name().to_owned();
        let limit = step.limit.and_then(|limit| {
            let tag = limit.failover?;
            Some(CompiledLimit { max: limit.max, tag, address: None })
        });
        let number = self.program.steps.len();
        let on_error =
            step.on_error.into_iter().map(|rule| CompiledRule { rule, address: None }).collect();
        let placed = |operation| CompiledStep {
            id: step.id.unwrap_or_default(),
            path: step.path,
            action,
            name: step.name,
            limit,
            on_error,
            retry: step.retry,
            operation,
            after: 0,
        };
        match step.action {
            Action::Function(function) => {
                // A declaration is nothing that runs.
                self.declare(function);
            }
            Action::If(arguments) => {
                let then = self.here() + 1;
                let condition = arguments.expression.into();
                let operation = Operation::If { condition, then, otherwise: 0 };
                self.place(placed(operation));
                self.steps(arguments.then);
                let end_of_then = self.emit(Instruction::Jump(0));
                let begin_of_else = self.here();
                self.steps(arguments.otherwise);
                self.program.code[end_of_then] = Instruction::Jump(self.here());
                let step = &mut self.program.steps[number];
                if let Operation::If { otherwise, .. } = &mut step.operation {
                    *otherwise = begin_of_else;
                }
                step.after = self.program.code.len();
            }
            Action::Switch(arguments) => {
                self.place(placed(Operation::Nothing));
                let mut ends = Vec::new();
                let mut cases = HashMap::with_capacity(arguments.cases.len());
                for (value, steps) in arguments.cases {
                    cases.insert(value, self.here());
                    self.steps(steps);
                    ends.push(self.emit(Instruction::Jump(0)));
                }
                let default = arguments.default.map(|steps| {
                    let address = self.here();
                    self.steps(steps);
                    address
                });
                for end in ends {
                    self.program.code[end] = Instruction::Jump(self.here());
                }
                let step = &mut self.program.steps[number];
                step.operation =
                    Operation::Switch(Switch { variable: arguments.variable, cases, default });
                step.after = self.program.code.len();
            }
            Action::While(arguments) => {
                let order = self.scope.loops.len();
                self.scope.loops.push(number);
                let operation = Operation::While(While {
                    condition: arguments.condition.into(),
                    max_steps: arguments.max_steps,
                    body: self.here() + 1,
                    number: order,
                });
                self.place(placed(operation));
                self.steps(arguments.steps);
                self.emit(Instruction::EndOfPass(number));
                self.program.steps[number].after = self.program.code.len();
            }
            Action::ForEach(arguments) => {
                let order = self.scope.loops.len();
                self.scope.loops.push(number);
                self.place(placed(Operation::ForEach(ForEach {
                    list: arguments.list,
                    variable: arguments.variable,
                    body: self.here() + 1,
                    number: order,
                })));
                self.steps(arguments.steps);
                self.emit(Instruction::EndOfPass(number));
                self.program.steps[number].after = self.program.code.len();
            }
            Action::List(arguments) => {
                self.bodies.push(Body::List { step: number, actions: arguments.actions });
                self.place(placed(Operation::List(List {
                    list: arguments.list,
                    destination: arguments.destination,
                    scope: 0,
                })));
            }
            Action::Js(arguments) => self.place(placed(Operation::Js(Js {
                source: arguments.script.code.as_str().into(),
                script: arguments.script,
                variable: arguments.variable,
            }))),
            Action::HttpRequest(arguments) => {
                self.place(placed(Operation::HttpRequest(arguments)));
            }
            Action::Set(values) => self.place(placed(Operation::Set(values))),
            Action::UnSet(names) => self.place(placed(Operation::UnSet(names))),
            // The flow ends with it, and nothing is gone to.
            Action::Goto(_) if break_after => self.place(placed(Operation::Break)),
            Action::Goto(tag) => self.place(placed(Operation::Goto { tag, address: None })),
            Action::Execute(name) => self.place(placed(Operation::Execute(name))),
            Action::Log(text) => self.place(placed(Operation::Log(text))),
            Action::Sleep(arguments) => self.place(placed(Operation::Sleep(arguments.time))),
            Action::Schema(arguments) => self.place(placed(Operation::Schema(arguments))),
            Action::Text(arguments) => self.place(placed(Operation::Text(arguments))),
            Action::Math(arguments) => self.place(placed(Operation::Math(arguments))),
            Action::Dump => self.place(placed(Operation::Dump)),
            Action::Timezone(zone) => self.place(placed(Operation::Timezone(zone))),
            Action::Calendar(arguments) => self.place(placed(Operation::Calendar(arguments))),
            Action::Cache(arguments) => self.place(placed(Operation::Cache(arguments))),
            Action::ListAdd(arguments) => self.place(placed(Operation::ListAdd(arguments))),
            Action::Global(values) => self.place(placed(Operation::Global(values))),
            Action::Sql(arguments) => self.place(placed(Operation::Sql(arguments))),
            Action::Mail(arguments) => self.place(placed(Operation::Mail(arguments))),
            Action::Publish(arguments) => self.place(placed(Operation::Publish(arguments))),
            Action::Notification(note) => self.place(placed(Operation::Notification(note))),
            Action::Break => self.place(placed(Operation::Break)),
            Action::Start | Action::Trigger => self.place(placed(Operation::Nothing)),
            Action::NeedsCore(_) => self.place(placed(Operation::NeedsCore)),
            Action::Unknown(_) => self.place(placed(Operation::Unknown)),
        }
        if break_after {
            self.emit(Instruction::End);
        }
    }

    /// Of two functions of one name the later holds, as in the original.
    fn declare(&mut self, function: Function) {
        if !self.declared.insert(function.name.clone()) {
            let is_it =
                |body: &Body| matches!(body, Body::Function(one) if one.name == function.name);
            self.bodies.retain(|body| !is_it(body));
        }
        self.bodies.push(Body::Function(function));
    }

    fn place(&mut self, mut step: CompiledStep) {
        let number = self.program.steps.len();
        self.emit(Instruction::Step(number));
        step.after = self.here();
        self.program.steps.push(step);
    }
}
