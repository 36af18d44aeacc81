//! The arguments of the actions.

use super::reader::{Reader, below};
use crate::{
    flow::{
        json::{Kind, Member, Node},
        syntax::{Action, Function, If, Number, Sleep, Step, Switch, While},
        template::Template,
    },
    settings::SLEEP_MAX_MS,
};

/// How often a `while` goes round if it does not say.
const PASSES_DEFAULT: u64 = 1_000;

impl Reader<'_> {
    /// Reads the action that a member of a step names.
    pub(super) fn action(&mut self, member: &Member, step: &str) -> Option<Action> {
        let node = &member.value;
        let path = below(step, &member.key);
        let path = path.as_str();
        match member.key.as_str() {
            "httpRequest" => self.http_request(node, path),
            "set" => self.set(node, path),
            "unSet" => self.un_set(node, path),
            "if" => self.if_(node, path),
            "switch" => self.switch(node, path),
            "while" => self.while_(node, path),
            "goto" => {
                let tag = self.name(node, path, "`goto`")?;
                if let Some(tag) = tag.literal() {
                    self.use_tag(tag, node.start, path);
                }
                Some(Action::Goto(tag))
            }
            "function" => self.function(node, path),
            "execute" => self.execute(node, path),
            "log" => self.scalar(node, path, "`log`").map(Action::Log),
            "softSleep" | "sleep" => {
                let time = self.number(node, path, "the time in ms", 0..=SLEEP_MAX_MS)?;
                Some(Action::Sleep(Sleep { time }))
            }
            "break" => Some(Action::Break),
            "start" => Some(Action::Start),
            "trigger" => Some(Action::Trigger),
            _ => None,
        }
    }

    /// A name that may have placeholders.
    fn name(&mut self, node: &Node, path: &str, what: &str) -> Option<Template> {
        self.text(node, path, what)?;
        self.template(node, path, what)
    }

    fn set(&mut self, node: &Node, path: &str) -> Option<Action> {
        let members = self.object(node, path, "`set`")?;
        let mut values = Vec::with_capacity(members.len());
        for member in members {
            let at = below(path, &member.key);
            self.variable(&member.key, member.key_start, &at);
            values.push((member.key.clone(), self.value(&member.value, &at)));
        }
        Some(Action::Set(values))
    }

    /// The name of a variable that a step sets.
    pub(super) fn variable(&mut self, name: &str, offset: usize, path: &str) {
        if name.trim().is_empty() {
            self.error(offset, path, "the name of a variable is empty");
        } else if name.contains(['{', '}']) || name.contains("${") {
            self.error(offset, path, "the name of a variable may not have braces");
        }
    }

    fn un_set(&mut self, node: &Node, path: &str) -> Option<Action> {
        let items = match &node.kind {
            Kind::List(items) => items.as_slice(),
            Kind::Text(_) => std::slice::from_ref(node),
            _ => {
                self.wrong_type(node, path, "`unSet`", "a list of names");
                return None;
            }
        };
        let mut names = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            names.extend(self.name(item, &format!("{path}/{index}"), "a variable's name"));
        }
        Some(Action::UnSet(names))
    }

    fn if_(&mut self, node: &Node, path: &str) -> Option<Action> {
        let members = self.object(node, path, "`if`")?;
        let expression = self.required(node, members, path, "`if`", "expression");
        let mut read = None;
        let (mut then, mut otherwise) = (Vec::new(), Vec::new());
        for member in members {
            let at = below(path, &member.key);
            match member.key.as_str() {
                "expression" => read = self.expression(&member.value, &at, "in the expression"),
                "then" => then = self.steps(&member.value, &at, "`then`"),
                "else" => otherwise = self.steps(&member.value, &at, "`else`"),
                _ => self.unknown_argument(member, path, &["expression", "then", "else"]),
            }
        }
        expression?;
        Some(Action::If(If { expression: read?, then, otherwise }))
    }

    fn switch(&mut self, node: &Node, path: &str) -> Option<Action> {
        let members = self.object(node, path, "`switch`")?;
        self.required(node, members, path, "`switch`", "variable");
        self.required(node, members, path, "`switch`", "case");
        let mut variable = None;
        let mut cases = Vec::new();
        let mut default = None;
        for member in members {
            let at = below(path, &member.key);
            match member.key.as_str() {
                "variable" => variable = self.scalar(&member.value, &at, "`variable`"),
                "case" => {
                    for case in self.object(&member.value, &at, "`case`").unwrap_or_default() {
                        let what = format!("the case \"{}\"", case.key);
                        let steps = self.steps(&case.value, &below(&at, &case.key), &what);
                        if case.key == "default" {
                            default = Some(steps);
                        } else {
                            cases.push((case.key.clone(), steps));
                        }
                    }
                }
                _ => self.unknown_argument(member, path, &["variable", "case"]),
            }
        }
        Some(Action::Switch(Switch { variable: variable?, cases, default }))
    }

    fn while_(&mut self, node: &Node, path: &str) -> Option<Action> {
        let members = self.object(node, path, "`while`")?;
        self.required(node, members, path, "`while`", "condition");
        let mut condition = None;
        let mut steps = Vec::new();
        let mut max_steps = Some(Number::Literal(PASSES_DEFAULT));
        for member in members {
            let at = below(path, &member.key);
            match member.key.as_str() {
                "condition" => {
                    condition = self.expression(&member.value, &at, "in the condition");
                }
                "do" => steps = self.steps(&member.value, &at, "`do`"),
                "maxSteps" => {
                    max_steps = self.number(&member.value, &at, "`maxSteps`", 1..=u64::MAX);
                }
                _ => self.unknown_argument(member, path, &["condition", "do", "maxSteps"]),
            }
        }
        Some(Action::While(While { condition: condition?, steps, max_steps: max_steps? }))
    }

    fn function(&mut self, node: &Node, path: &str) -> Option<Action> {
        let members = self.object(node, path, "`function`")?;
        self.required(node, members, path, "`function`", "name");
        let mut name = None;
        let mut actions: Vec<Step> = Vec::new();
        for member in members {
            let at = below(path, &member.key);
            match member.key.as_str() {
                "name" => {
                    if let Some(text) = self.text(&member.value, &at, "the function's name") {
                        self.declare_function(text, member.value.start, &at);
                        name = Some(text.to_owned());
                    }
                }
                "actions" => {
                    let outer = self.scopes.enter();
                    actions = self.steps(&member.value, &at, "`actions`");
                    self.leave_scope(outer);
                }
                _ => self.unknown_argument(member, path, &["name", "actions"]),
            }
        }
        Some(Action::Function(Function { name: name?, actions }))
    }

    fn execute(&mut self, node: &Node, path: &str) -> Option<Action> {
        let members = self.object(node, path, "`execute`")?;
        self.required(node, members, path, "`execute`", "name");
        let mut name = None;
        for member in members {
            let at = below(path, &member.key);
            match member.key.as_str() {
                "name" => {
                    name = self.name(&member.value, &at, "the function's name");
                    if let Some(literal) = name.as_ref().and_then(Template::literal) {
                        self.use_function(literal, member.value.start, &at);
                    }
                }
                "async" => {
                    if self.flag(&member.value, &at, "`async`") {
                        let message = "asynchronous calls are not supported yet";
                        self.error(member.value.start, &at, message);
                    }
                }
                _ => self.unknown_argument(member, path, &["name", "async"]),
            }
        }
        name.map(Action::Execute)
    }

    /// Says when an argument is missing.
    pub(super) fn required(
        &mut self,
        node: &Node,
        members: &[Member],
        path: &str,
        action: &str,
        name: &str,
    ) -> Option<()> {
        if members.iter().any(|member| member.key == name) {
            return Some(());
        }
        self.error(node.start, path, format!("{action} lacks `{name}`"));
        None
    }

    pub(super) fn unknown_argument(&mut self, member: &Member, path: &str, known: &[&str]) {
        let hint = self.hint(&member.key, known.iter().copied());
        let message = format!("`{}` is not known here and has no effect{hint}", member.key);
        self.warn(member.key_start, &below(path, &member.key), message);
    }
}
