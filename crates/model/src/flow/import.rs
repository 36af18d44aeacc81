//! What becomes of a flow that was written for the original: a report for each of its steps.

mod differences;
#[cfg(test)]
mod tests;

use super::{
    check::{self, FlowProblem, Severity},
    json::{self, Kind as Json, Member, Node},
    language::{self, Argument, Kind, Runs},
};
use crate::problem::pointer_token;
use serde::{Deserialize, Serialize};

/// The report on a flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// In the order of the text, those inside others after them.
    pub steps: Vec<StepReport>,
    /// What is wrong with the text, warnings included.
    pub problems: Vec<FlowProblem>,
}

/// The report on a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepReport {
    /// A JSON pointer into the array of steps.
    pub path: String,
    /// From 1.
    pub line: u32,
    /// The action's name, as it is written.
    pub action: String,
    pub verdict: Verdict,
    /// What is wrong, what is other than in the original, and what only who writes here may not do, in
    /// sentences.
    pub notes: Vec<String>,
}

/// What a step does here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It runs as it did.
    Runs,
    /// It runs, and some of it is other than in the original on purpose.
    Differs,
    /// It needs the original's core: it is kept, and an error when it is run.
    NeedsCore,
    /// No action of its name is known: it is kept, and an error when it is run.
    Unknown,
    /// It must be mended before the flow can be saved.
    Refused,
}

impl Report {
    /// Whether the flow can be saved as it is.
    pub fn is_sound(&self) -> bool {
        self.problems.iter().all(|problem| problem.severity != Severity::Error)
    }

    /// The same where so many lines stand above the array.
    pub fn below(mut self, lines: u32) -> Self {
        self.steps.iter_mut().for_each(|step| step.line += lines);
        self.problems.iter_mut().for_each(|problem| problem.line += lines);
        self
    }
}

/// Reports on a flow's text: an array of steps.
pub fn report(source: &str) -> Report {
    let problems = check::check(source).problems;
    let mut steps = Vec::new();
    // What is refused for its size is not looked at step by step.
    if source.len() <= check::SOURCE_MAX
        && let Ok(document) = json::read(source, check::DEPTH_MAX)
    {
        let breaks = source.match_indices('\n').map(|(at, _)| at).collect();
        let mut walk = Walk { breaks, steps: &mut steps };
        walk.steps(&document.root, "");
    }
    for problem in problems.iter().filter(|problem| problem.is_error()) {
        let Some(step) = at(&mut steps, &problem.path) else { continue };
        if problem.severity == Severity::Error {
            step.verdict = Verdict::Refused;
        }
        step.notes.push(problem.message.clone());
    }
    Report { steps, problems }
}

/// The innermost step that a pointer leads into.
fn at<'s>(steps: &'s mut [StepReport], path: &str) -> Option<&'s mut StepReport> {
    let leads_into = |step: &&mut StepReport| {
        path.strip_prefix(step.path.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    steps.iter_mut().filter(leads_into).max_by_key(|step| step.path.len())
}

struct Walk<'a> {
    /// Where the lines end.
    breaks: Vec<usize>,
    steps: &'a mut Vec<StepReport>,
}

impl Walk<'_> {
    fn steps(&mut self, list: &Node, path: &str) {
        let Json::List(items) = &list.kind else { return };
        for (index, item) in items.iter().enumerate() {
            self.step(item, &format!("{path}/{index}"));
        }
    }

    fn step(&mut self, node: &Node, path: &str) {
        let known = |member: &&Member| language::action(&member.key).is_some();
        let beside = |member: &&Member| language::meta(&member.key).is_some();
        let members = node.members();
        let named = members.iter().find(|member| known(member) && !beside(member));
        let named = named.or_else(|| members.iter().find(|member| !beside(member)));
        let named = named.or_else(|| members.iter().find(known));
        let action = named.and_then(|member| language::action(&member.key));
        let (notes, needs_core) = match (named, action) {
            (Some(member), Some(action)) => (
                differences::of(action, &member.value),
                action.runs == Runs::NeedsCore || differences::needs_core(action, &member.value),
            ),
            _ => (Vec::new(), false),
        };
        if self.steps.len() == check::STEPS_MAX {
            return;
        }
        let line = self.breaks.partition_point(|at| *at < node.start);
        self.steps.push(StepReport {
            path: path.to_owned(),
            line: u32::try_from(line + 1).unwrap_or(u32::MAX),
            action: named.map(|member| member.key.clone()).unwrap_or_default(),
            verdict: match action {
                None => Verdict::Unknown,
                Some(_) if needs_core => Verdict::NeedsCore,
                Some(_) if notes.is_empty() => Verdict::Runs,
                Some(_) => Verdict::Differs,
            },
            notes,
        });
        if let (Some(member), Some(action)) = (named, action) {
            let path = format!("{path}/{}", pointer_token(&member.key));
            self.inside(&action.value, &member.value, &path);
        }
    }

    /// Looks for steps inside what stands under an action's name.
    fn inside(&mut self, kind: &Kind, node: &Node, path: &str) {
        match kind {
            Kind::Steps | Kind::Body => self.steps(node, path),
            Kind::Cases => {
                for case in node.members() {
                    self.steps(&case.value, &format!("{path}/{}", pointer_token(&case.key)));
                }
            }
            Kind::Object(arguments) => self.arguments(arguments, node, path),
            _ => {}
        }
    }

    fn arguments(&mut self, arguments: &[Argument], node: &Node, path: &str) {
        for member in node.members() {
            if let Some(argument) = arguments.iter().find(|known| known.name == member.key) {
                self.inside(&argument.kind, &member.value, &format!("{path}/{}", member.key));
            }
        }
    }
}
