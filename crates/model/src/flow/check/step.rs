//! One step: its meta keys, and which action it is.

use super::{
    IdSlot, PresentId, STEP_ID_MAX,
    argument::{Place, is_left_out},
    arguments::{Arguments, FromRead, Read},
    reader::{Reader, below},
};
use crate::flow::{
    json::{Kind, Member, Node},
    language::{self, Description},
    syntax::{Action, ErrorRule, Limit, Reaction, Retry, Step},
};

/// How much is kept of the name of an action that nobody knows, in characters.
const NAME_SHOWN: usize = 64;

impl Reader<'_> {
    pub(super) fn step(&mut self, node: &Node, path: &str) -> Option<Step> {
        let members = self.object(node, path, "a step")?;
        let found = self.find_action(node, members, path);
        let mut step = Step {
            id: None,
            path: path.to_owned(),
            action: Action::Start,
            name: None,
            tag: None,
            limit: None,
            on_error: Vec::new(),
            retry: None,
            break_after: false,
            disabled: false,
        };
        let mut slot = IdSlot { inside: node.start + 1, present: None };
        for member in members {
            let is_action = found.is_some_and(|(action, _)| std::ptr::eq(action, member));
            if !is_action {
                self.meta(member, path, &mut step, &mut slot);
            }
        }
        self.slots.push(slot);
        // What is inside is read even if the step is disabled: its faults stay faults.
        let outer = step.disabled.then(|| self.scopes.disable());
        let read = found.and_then(|(member, action)| match action {
            Some(action) => self.action(member, path, action),
            None => Some(Action::Unknown(member.key.chars().take(NAME_SHOWN).collect())),
        });
        if let Some(outer) = outer {
            self.scopes.restore(outer);
        }
        step.action = read?;
        Some(step)
    }

    /// The member that names the step's action, and what is known of the action, if anything is.
    fn find_action<'m>(
        &mut self,
        node: &Node,
        members: &'m [Member],
        path: &str,
    ) -> Option<(&'m Member, Option<&'static Description>)> {
        // `break` and `retry` are actions where they stand without another.
        let is_meta = |key: &str| language::meta(key).is_some();
        let named = |member: &'m Member| Some((member, language::action(&member.key)?));
        let mut actions = members.iter().filter(|m| !is_meta(&m.key)).filter_map(named);
        let action = actions.next();
        for (other, _) in actions {
            let first = action.map_or("", |(member, _)| member.key.as_str());
            let message = format!("a step has one action, this has `{first}` and `{}`", other.key);
            self.error(other.key_start, path, message);
        }
        let is_unknown =
            |member: &&Member| !is_meta(&member.key) && language::action(&member.key).is_none();
        let unknown: Vec<_> = members.iter().filter(is_unknown).collect();
        for member in &unknown {
            let key = member.key.as_str();
            let at = below(path, key);
            let what = if action.is_some() { "key" } else { "action" };
            let actions = language::actions();
            let names = actions.flat_map(|action| action.other_names.iter().chain([&action.name]));
            let names = names.copied().chain(language::META.iter().map(|key| key.name));
            let hint = self.hint(key, names);
            let message = format!("unknown {what} `{key}`{hint}");
            match (action, unknown.len()) {
                // It is that step's error when it is run.
                (None, 1) => self.foreign(member.key_start, &at, message),
                _ => self.error(member.key_start, &at, message),
            }
        }
        if let Some((member, action)) = action {
            return Some((member, Some(action)));
        }
        if let Some(member) = unknown.first() {
            return Some((member, None));
        }
        let alone = members
            .iter()
            .filter(|member| !matches!(member.value.kind, Kind::Bool(false)))
            .find_map(named);
        if alone.is_none() {
            self.error(node.start, path, "this step has no action");
        }
        alone.map(|(member, action)| (member, Some(action)))
    }

    fn meta(&mut self, member: &Member, path: &str, step: &mut Step, slot: &mut IdSlot) {
        let node = &member.value;
        let at = below(path, &member.key);
        // Unknown keys and second actions are reported where the action is looked for.
        let Some(key) = language::meta(&member.key) else { return };
        if key.name == "tag" && is_left_out(&key.kind, node) {
            return;
        }
        let what = format!("`{}`", key.name);
        let what = if key.name == "break" { "`break` beside an action" } else { &what };
        let Some(read) = self.read(&key.kind, node, &Place { path: &at, what }) else { return };
        match key.name {
            "_id" => {
                if let Some(id) = self.id(String::from_read(read), node, path, &at) {
                    slot.present =
                        Some(PresentId { text: id.clone(), start: node.start, end: node.end });
                    step.id = Some(id);
                }
            }
            "name" => step.name = String::from_read(read).or(step.name.take()),
            "trace" => {
                let name = Arguments::from_read(read).and_then(|mut trace| trace.take("name"));
                step.name = step.name.take().or(name);
            }
            "tag" => {
                step.tag = String::from_read(read);
                if let Some(tag) = &step.tag {
                    self.declare_tag(tag, node.start, &at);
                }
            }
            "break" => step.break_after = bool::from_read(read).unwrap_or_default(),
            "disabled" => step.disabled = bool::from_read(read).unwrap_or_default(),
            "limit" => step.limit = self.limit(Arguments::from_read(read), node, &at),
            "onError" => step.on_error = error_rules(read).unwrap_or_default(),
            "retry" => step.retry = Arguments::from_read(read).and_then(retry),
            _ => {}
        }
    }

    fn id(&mut self, id: Option<String>, node: &Node, step: &str, path: &str) -> Option<String> {
        let id = id?;
        // It becomes part of the `webhook-id` header.
        if id.len() > STEP_ID_MAX || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            let message = format!("`_id` is 1 to {STEP_ID_MAX} letters, digits or signs");
            self.error(node.start, path, message);
            return None;
        }
        if let Some(first) = self.ids.get(&id) {
            let message =
                format!("step {first} has the same `_id`: this one gets a new one when saved");
            self.warn(node.start, path, message);
        } else {
            self.ids.insert(id.clone(), step.to_owned());
        }
        Some(id)
    }

    fn limit(&mut self, read: Option<Arguments>, node: &Node, path: &str) -> Option<Limit> {
        let mut limit = read?;
        let failover: Option<String> = limit.take("failover");
        match &failover {
            Some(tag) => {
                let at = below(path, "failover");
                let place = node.members().iter().find(|member| member.key == "failover");
                self.use_failover(tag, place.map_or(node.start, |member| member.value.start), &at);
            }
            None => self.warn(node.start, path, "`limit` has no effect without `failover`"),
        }
        let max: u64 = limit.take("max")?;
        Some(Limit { max: u32::try_from(max).unwrap_or(u32::MAX), failover })
    }
}

/// The rules of `onError`: one for all failures, or a list.
fn error_rules(read: Read) -> Option<Vec<ErrorRule>> {
    if let Read::List(items) = read {
        return items
            .into_iter()
            .map(|item| {
                let mut rule = Arguments::from_read(item)?;
                let on = rule.take("on").unwrap_or_default();
                Some(ErrorRule { on, reaction: rule.take("do")? })
            })
            .collect();
    }
    Some(vec![ErrorRule { on: Vec::new(), reaction: Reaction::from_read(read)? }])
}

impl FromRead for Reaction {
    fn from_read(read: Read) -> Option<Self> {
        match read {
            Read::Plain(word) if word == "continue" => Some(Self::Continue),
            Read::Plain(_) => Some(Self::Fail),
            Read::Object(mut goto) => goto.take("goto").map(Self::Goto),
            _ => None,
        }
    }
}

fn retry(mut given: Arguments) -> Option<Retry> {
    Some(Retry {
        on: given.take("on").unwrap_or_default(),
        attempts: u32::try_from(given.take::<u64>("attempts")?).unwrap_or(u32::MAX),
        delay_ms: given.take("delay_ms")?,
        factor: given.take("factor")?,
        max_delay_ms: given.take("max_delay_ms")?,
        jitter: given.take("jitter")?,
    })
}
