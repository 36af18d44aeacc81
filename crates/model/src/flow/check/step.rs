//! One step: its meta keys, and which action it is.

use super::{
    IdSlot, PresentId, STEP_ID_MAX,
    names::{ACTIONS, ACTIONS_OF_THE_CORE, ACTIONS_TO_COME, META, META_TO_COME},
    reader::{Reader, below},
};
use crate::flow::{
    json::{Kind, Member, Node},
    syntax::{Action, Limit, Number, Step},
};

impl Reader<'_> {
    pub(super) fn step(&mut self, node: &Node, path: &str) -> Option<Step> {
        let members = self.object(node, path, "a step")?;
        let action = self.find_action(node, members, path);
        let mut step = Step {
            id: None,
            path: path.to_owned(),
            action: Action::Start,
            name: None,
            tag: None,
            limit: None,
            break_after: false,
            disabled: false,
        };
        let mut slot = IdSlot { inside: node.start + 1, present: None };
        for member in members {
            let is_action = action.is_some_and(|action| std::ptr::eq(action, member));
            if !is_action {
                self.meta(member, path, &mut step, &mut slot);
            }
        }
        self.slots.push(slot);
        // What is inside is read even if the step is disabled: its faults stay faults.
        let outer = step.disabled.then(|| self.scopes.disable());
        let read = action.and_then(|member| self.action(member, path));
        if let Some(outer) = outer {
            self.scopes.restore(outer);
        }
        step.action = read?;
        Some(step)
    }

    /// The member that names the step's action.
    fn find_action<'m>(
        &mut self,
        node: &Node,
        members: &'m [Member],
        path: &str,
    ) -> Option<&'m Member> {
        let available = |key: &str| key != "break" && ACTIONS.contains(&key);
        let to_come = |key: &str| ACTIONS_TO_COME.contains(&key);
        let of_the_core = |key: &str| ACTIONS_OF_THE_CORE.contains(&key);
        let mut actions = members.iter().filter(|member| {
            let key = member.key.as_str();
            available(key) || to_come(key) || of_the_core(key)
        });
        let action = actions.next();
        for other in actions {
            let first = action.map_or("", |member| member.key.as_str());
            let message = format!("a step has one action, this has `{first}` and `{}`", other.key);
            self.error(other.key_start, path, message);
        }
        let mut unknown = None;
        for member in members {
            let key = member.key.as_str();
            let known = available(key) || to_come(key) || of_the_core(key);
            if known || META.contains(&key) {
                continue;
            }
            let at = below(path, key);
            if META_TO_COME.contains(&key) {
                self.error(member.key_start, &at, format!("`{key}` is not available yet"));
            } else {
                unknown = Some(());
                let what = if action.is_some() { "key" } else { "action" };
                let names = ACTIONS
                    .into_iter()
                    .chain(ACTIONS_TO_COME)
                    .chain(ACTIONS_OF_THE_CORE)
                    .chain(META)
                    .chain(META_TO_COME);
                let hint = self.hint(key, names);
                self.error(member.key_start, &at, format!("unknown {what} `{key}`{hint}"));
            }
        }
        let Some(member) = action else {
            // `break` is an action when it stands without another.
            let ends = members.iter().find(|member| {
                member.key == "break" && !matches!(member.value.kind, Kind::Bool(false))
            });
            if ends.is_none() && unknown.is_none() {
                self.error(node.start, path, "this step has no action");
            }
            return ends;
        };
        let key = member.key.as_str();
        let refusal = if to_come(key) {
            format!("the action `{key}` is not available yet")
        } else if of_the_core(key) {
            format!("the action `{key}` needs the contact centre's own core, it cannot run here")
        } else {
            return Some(member);
        };
        self.error(member.key_start, &below(path, key), refusal);
        None
    }

    fn meta(&mut self, member: &Member, path: &str, step: &mut Step, slot: &mut IdSlot) {
        let (key, node) = (member.key.as_str(), &member.value);
        let at = below(path, key);
        match key {
            "_id" => {
                if let Some(id) = self.id(node, path, &at) {
                    slot.present =
                        Some(PresentId { text: id.to_owned(), start: node.start, end: node.end });
                    step.id = Some(id.to_owned());
                }
            }
            "name" => step.name = self.label(node, &at, "`name`").or(step.name.take()),
            "trace" => {
                if let Some(members) = self.object(node, &at, "`trace`")
                    && let Some(name) = members.iter().find(|member| member.key == "name")
                {
                    let name = self.label(&name.value, &at, "`trace.name`");
                    step.name = step.name.take().or(name);
                }
            }
            "tag" => {
                if let Some(tag) = self.text(node, &at, "`tag`") {
                    self.declare_tag(tag, node.start, &at);
                    step.tag = Some(tag.to_owned());
                }
            }
            "break" => step.break_after = self.flag(node, &at, "`break` beside an action"),
            "disabled" => step.disabled = self.flag(node, &at, "`disabled`"),
            "async" => {
                self.flag(node, &at, "`async`");
            }
            "limit" => step.limit = self.limit(node, &at),
            // Unknown keys and second actions are reported where the action is looked for.
            _ => {}
        }
    }

    fn label(&mut self, node: &Node, path: &str, what: &str) -> Option<String> {
        match &node.kind {
            Kind::Text(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            _ => {
                self.wrong_type(node, path, what, "text");
                None
            }
        }
    }

    pub(super) fn flag(&mut self, node: &Node, path: &str, what: &str) -> bool {
        match node.kind {
            Kind::Bool(value) => value,
            _ => {
                self.wrong_type(node, path, what, "true or false");
                false
            }
        }
    }

    fn id<'n>(&mut self, node: &'n Node, step: &str, path: &str) -> Option<&'n str> {
        let id = self.text(node, path, "`_id`")?;
        // It becomes part of the `webhook-id` header.
        if id.len() > STEP_ID_MAX || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            let message = format!("`_id` is 1 to {STEP_ID_MAX} letters, digits or signs");
            self.error(node.start, path, message);
            return None;
        }
        if let Some(first) = self.ids.get(id) {
            let message =
                format!("step {first} has the same `_id`: this one gets a new one when saved");
            self.warn(node.start, path, message);
        } else {
            self.ids.insert(id.to_owned(), step.to_owned());
        }
        Some(id)
    }

    fn limit(&mut self, node: &Node, path: &str) -> Option<Limit> {
        let members = self.object(node, path, "`limit`")?;
        let mut max = None;
        let mut failover = None;
        for member in members {
            let at = below(path, &member.key);
            match member.key.as_str() {
                "max" => match self.number(&member.value, &at, "`max`", 0..=u64::from(u32::MAX)) {
                    Some(Number::Literal(number)) => max = u32::try_from(number).ok(),
                    Some(Number::Text(_)) => {
                        self.error(member.value.start, &at, "`max` is a plain number");
                    }
                    None => {}
                },
                "failover" => {
                    if let Some(tag) = self.text(&member.value, &at, "`failover`") {
                        self.use_failover(tag, member.value.start, &at);
                        failover = Some(tag.to_owned());
                    }
                }
                _ => self.unknown_argument(member, path, &["max", "failover"]),
            }
        }
        if !members.iter().any(|member| member.key == "max") {
            self.error(node.start, path, "`limit` lacks `max`");
        }
        if !members.iter().any(|member| member.key == "failover") {
            self.warn(node.start, path, "`limit` has no effect without `failover`");
        }
        Some(Limit { max: max?, failover })
    }
}
