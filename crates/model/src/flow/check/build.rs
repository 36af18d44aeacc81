//! The typed tree of an action, from what its description has let pass.

mod outside;
mod request;

use super::{
    argument::Place,
    arguments::{Arguments, FromRead, Read},
    reader::{Reader, below},
};
use crate::flow::{
    json::Member,
    language::{Description, Runs},
    syntax::{
        Action, Execute, ForEach, Function, If, Js, Math, Schema, Sleep, Switch, TextFunction,
        While,
    },
    template::Template,
};

/// The member of a step that names its action, and the pointer to it.
struct Site<'m> {
    member: &'m Member,
    path: &'m str,
}

impl Site<'_> {
    /// Where an argument's value begins, or the action itself.
    fn place_of(&self, argument: &str) -> usize {
        let found = self.member.value.members().iter().find(|other| other.key == argument);
        found.map_or(self.member.key_start, |found| found.value.start)
    }

    fn path_of(&self, argument: &str) -> String {
        below(self.path, argument)
    }
}

impl Reader<'_> {
    /// Reads the action that a member of a step names.
    pub(super) fn action(
        &mut self,
        member: &Member,
        step: &str,
        action: &'static Description,
    ) -> Option<Action> {
        let path = below(step, &member.key);
        let what = format!("`{}`", member.key);
        if action.runs == Runs::NeedsCore {
            let message = format!(
                "{what} needs the contact centre's own core: it is kept, and an error when it is run"
            );
            self.warn(member.key_start, &path, message);
            return Some(Action::NeedsCore(action.name));
        }
        let outer = std::mem::replace(&mut self.secrets, action.secrets);
        let read = self.read(&action.value, &member.value, &Place { path: &path, what: &what });
        self.secrets = outer;
        self.build(action.name, read?, &Site { member, path: &path })
    }

    fn build(&mut self, name: &str, mut read: Read, site: &Site<'_>) -> Option<Action> {
        let mut none = Arguments::default();
        let arguments = match &mut read {
            Read::Object(arguments) => arguments,
            _ => &mut none,
        };
        Some(match name {
            "httpRequest" => self.http_request(arguments)?,
            "set" => Action::Set(FromRead::from_read(read)?),
            "unSet" => Action::UnSet(FromRead::from_read(read)?),
            "log" => Action::Log(FromRead::from_read(read)?),
            "dump" => Action::Dump,
            "js" => Action::Js(Js {
                script: arguments.take("data")?,
                variable: arguments.take("setVar")?,
            }),
            "string" => Action::Text(TextFunction {
                data: arguments.take("data")?,
                function: arguments.take("fn")?,
                arguments: arguments.take("args")?,
                variable: arguments.take("setVar")?,
            }),
            "math" => Action::Math(Math {
                function: arguments.take("fn")?,
                data: arguments.take("data")?,
                variable: arguments.take("setVar")?,
            }),
            "if" => Action::If(If {
                expression: arguments.take("expression")?,
                then: arguments.take("then").unwrap_or_default(),
                otherwise: arguments.take("else").unwrap_or_default(),
            }),
            "switch" => switch(arguments)?,
            "while" => Action::While(While {
                condition: arguments.take("condition")?,
                steps: arguments.take("do").unwrap_or_default(),
                max_steps: arguments.take("maxSteps")?,
            }),
            "forEach" => Action::ForEach(ForEach {
                list: arguments.take("list")?,
                variable: arguments.take("as")?,
                steps: arguments.take("do").unwrap_or_default(),
            }),
            "goto" => {
                let tag = Template::from_read(read)?;
                if let Some(tag) = tag.literal() {
                    self.use_tag(tag, site.member.value.start, site.path);
                }
                Action::Goto(tag)
            }
            "function" => {
                let name: String = arguments.take("name")?;
                self.declare_function(&name, site.place_of("name"), &site.path_of("name"));
                let actions = arguments.take("actions").unwrap_or_default();
                Action::Function(Function { name, actions })
            }
            "execute" => {
                let name: Template = arguments.take("name")?;
                if let Some(literal) = name.literal() {
                    self.use_function(literal, site.place_of("name"), &site.path_of("name"));
                }
                Action::Execute(Execute { name, detached: arguments.take("async")? })
            }
            "schema" => {
                let id: Template = arguments.take("id")?;
                if id.literal().is_some_and(|id| id.trim().parse::<i64>().is_err()) {
                    let message = "`id` is the number of a flow";
                    self.error(site.place_of("id"), &site.path_of("id"), message);
                }
                Action::Schema(Schema { id, detached: arguments.take("async")? })
            }
            "softSleep" => Action::Sleep(Sleep { time: FromRead::from_read(read)? }),
            "break" => Action::Break,
            "start" => Action::Start,
            "trigger" => Action::Trigger,
            name => self.outside(name, read, site)?,
        })
    }
}

fn switch(arguments: &mut Arguments) -> Option<Action> {
    let mut cases: Vec<(String, _)> = arguments.take("case")?;
    let default = cases.iter().position(|(value, _)| value == "default");
    let default = default.map(|place| cases.remove(place).1);
    Some(Action::Switch(Switch { variable: arguments.take("variable")?, cases, default }))
}
