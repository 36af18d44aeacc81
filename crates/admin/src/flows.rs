//! Flows and their versions.

use crate::{
    Admin, AdminError, Result, amid_others, changes::FlowChange, checked_name, checked_text,
    extras, no_problems, now,
};
use model::{
    flow::{
        Flow, FlowDraft, FlowFilter, FlowRow, FlowVersion,
        check::{self, FlowProblem, Severity},
    },
    hook::HookFilter,
    ids::FlowId,
    page::{Page, Paging},
    problem::Problem,
    user::{Actor, Permission},
};
use storage::StorageError;

impl Admin {
    /// A page of the flows.
    pub async fn flows(
        &self,
        actor: &Actor,
        filter: &FlowFilter,
        paging: Paging,
    ) -> Result<Page<FlowRow>> {
        actor.require(Permission::Read)?;
        Ok(self.storage.flows(filter, paging).await?)
    }

    /// A flow with one of its versions, or its newest.
    pub async fn flow(&self, actor: &Actor, id: FlowId, version: Option<u32>) -> Result<Flow> {
        actor.require(Permission::Read)?;
        self.storage.flow(id, version).await?.ok_or_else(|| AdminError::no("flow", id))
    }

    /// A flow's versions, newest first.
    pub async fn flow_versions(&self, actor: &Actor, id: FlowId) -> Result<Vec<FlowVersion>> {
        actor.require(Permission::Read)?;
        Ok(self.storage.flow_versions(id).await?)
    }

    /// Makes a flow with its first version.
    pub async fn create_flow(&self, actor: &Actor, draft: FlowDraft) -> Result<Flow> {
        actor.require(Permission::Edit)?;
        let draft = checked(draft, Origin::Written, Faults::ByLine)?;
        Ok(self.storage.create_flow(&draft, &actor.name, now()).await?)
    }

    /// Makes a flow of one that was written elsewhere: what the original takes is kept.
    pub async fn import_flow(&self, actor: &Actor, draft: FlowDraft) -> Result<Flow> {
        actor.require(Permission::Edit)?;
        let draft = checked(draft, Origin::Kept, Faults::ByLine)?;
        Ok(self.storage.create_flow(&draft, &actor.name, now()).await?)
    }

    /// A page of the flows, each whole, with its newest version.
    pub async fn whole_flows(
        &self,
        actor: &Actor,
        filter: &FlowFilter,
        paging: Paging,
    ) -> Result<Page<Flow>> {
        actor.require(Permission::Read)?;
        Ok(self.storage.whole_flows(filter, paging).await?)
    }

    /// Makes a flow of what a change names: its name and its steps at least.
    pub async fn add_flow(&self, actor: &Actor, new: FlowChange) -> Result<Flow> {
        actor.require(Permission::Edit)?;
        let draft = checked(new.into_new()?, Origin::Written, Faults::ByPath)?;
        Ok(self.storage.create_flow(&draft, &actor.name, now()).await?)
    }

    /// Changes what the change names, and nothing else, whoever else changes the flow. Other steps
    /// or another mode make a new version.
    pub async fn change_flow(&self, actor: &Actor, id: FlowId, change: FlowChange) -> Result<Flow> {
        actor.require(Permission::Edit)?;
        let changed = amid_others(|| async {
            let was = self.flow(actor, id, None).await?;
            let draft = change.clone().applied_to(&was);
            let origin = Origin::of(&draft, &was);
            let draft = checked(draft, origin, Faults::ByPath)?;
            self.check_fits_its_hooks(id, &draft).await?;
            Ok(self.storage.change_flow(&was, &draft, &actor.name, now()).await)
        });
        changed.await??.ok_or_else(|| AdminError::no("flow", id))
    }

    /// Saves a new version on top of version `base`; refused when somebody saved one meanwhile.
    pub async fn save_flow(
        &self,
        actor: &Actor,
        id: FlowId,
        base: u32,
        draft: FlowDraft,
    ) -> Result<Flow> {
        actor.require(Permission::Edit)?;
        let origin = Origin::of(&draft, &self.flow(actor, id, None).await?);
        let draft = checked(draft, origin, Faults::ByLine)?;
        self.save_checked(actor, id, base, draft).await
    }

    /// Saves an earlier version as the newest, on top of version `base`.
    pub async fn restore_flow(
        &self,
        actor: &Actor,
        id: FlowId,
        version: u32,
        base: u32,
    ) -> Result<Flow> {
        actor.require(Permission::Edit)?;
        let old = self.flow(actor, id, Some(version)).await?;
        let draft = FlowDraft {
            name: old.name,
            kind: old.kind,
            description: old.description,
            mode: old.version.mode,
            source: old.version.source,
            extras: None,
        };
        let draft = checked(draft, Origin::Kept, Faults::ByLine)?;
        self.save_checked(actor, id, base, draft).await
    }

    async fn save_checked(
        &self,
        actor: &Actor,
        id: FlowId,
        base: u32,
        draft: FlowDraft,
    ) -> Result<Flow> {
        self.check_fits_its_hooks(id, &draft).await?;
        let saved = self.storage.save_flow(id, base, &draft, &actor.name, now()).await?;
        saved.ok_or_else(|| AdminError::no("flow", id))
    }

    /// Refuses a type that no hook may run while hooks run the flow.
    async fn check_fits_its_hooks(&self, id: FlowId, draft: &FlowDraft) -> Result<()> {
        if draft.kind.fits_a_hook() || !self.is_hooked(id).await? {
            return Ok(());
        }
        Err(AdminError::Invalid(vec![Problem::new(
            "/kind",
            "hooks run this flow, and a hook runs flows of type service or default",
        )]))
    }

    async fn is_hooked(&self, id: FlowId) -> Result<bool> {
        let filter = HookFilter::of_flow(id);
        Ok(self.storage.hooks(&filter, Paging { page: 1, size: 1 }, now()).await?.total > 0)
    }

    /// Makes a flow like this one, under a name of its own.
    pub async fn duplicate_flow(&self, actor: &Actor, id: FlowId, name: String) -> Result<Flow> {
        actor.require(Permission::Edit)?;
        let flow = self.flow(actor, id, None).await?;
        let draft = FlowDraft {
            name,
            kind: flow.kind,
            description: flow.description,
            mode: flow.version.mode,
            source: flow.version.source,
            extras: Some(flow.extras),
        };
        self.import_flow(actor, draft).await
    }

    /// The flow that runs when a delivery of this one dies, if there is one.
    pub async fn failure_flow(&self, actor: &Actor, id: FlowId) -> Result<Option<FlowId>> {
        self.flow(actor, id, None).await?;
        Ok(self.storage.failure_flow(id).await?)
    }

    /// Has a flow run when a delivery of this one dies, or none.
    pub async fn set_failure_flow(
        &self,
        actor: &Actor,
        id: FlowId,
        to: Option<FlowId>,
    ) -> Result<()> {
        actor.require(Permission::Edit)?;
        if let Some(to) = to {
            let refused = |why: &str| Err(AdminError::Invalid(vec![Problem::new("/flow_id", why)]));
            match self.storage.flow(to, None).await? {
                _ if to == id => return refused("a flow cannot be its own failure flow"),
                None => return refused("does not exist"),
                Some(flow) if !flow.kind.fits_a_hook() => {
                    return refused("a failure flow is of type service or default");
                }
                Some(_) => {}
            }
        }
        if self.storage.set_failure_flow(id, to, now()).await? {
            Ok(())
        } else {
            Err(AdminError::no("flow", id))
        }
    }

    /// Deletes a flow; refused while hooks use it, which are named.
    pub async fn delete_flow(&self, actor: &Actor, id: FlowId) -> Result<Flow> {
        actor.require(Permission::Edit)?;
        match self.storage.delete_flow(id).await {
            Ok(deleted) => deleted.ok_or_else(|| AdminError::no("flow", id)),
            Err(StorageError::InUse { flows, .. }) if !flows.is_empty() => {
                Err(AdminError::Conflict(format!(
                    "it is the failure flow of {}; give them another one first",
                    flows.join(", ")
                )))
            }
            Err(StorageError::InUse { hooks, deliveries, .. }) if hooks.is_empty() => {
                Err(AdminError::Conflict(format!(
                    "{deliveries} unfinished deliveries still run this flow or have called it; \
                     it can be deleted when they are done"
                )))
            }
            Err(StorageError::InUse { hooks, .. }) => {
                let mut names = Vec::new();
                for hook in hooks.iter().take(5) {
                    let queue = self.storage.queue(hook.queue_id).await?;
                    let queue = queue.map_or_else(|| hook.queue_id.to_string(), |q| q.name);
                    names.push(format!("{queue} / {}", hook.event));
                }
                if hooks.len() > names.len() {
                    names.push(format!("{} more", hooks.len() - names.len()));
                }
                Err(AdminError::Conflict(format!(
                    "hooks use this flow: {}; delete them or give them another flow first",
                    names.join(", ")
                )))
            }
            Err(other) => Err(other.into()),
        }
    }
}

/// Where a draft's steps come from.
#[derive(PartialEq)]
enum Origin {
    /// Somebody has written them here.
    Written,
    /// They were written elsewhere, or are kept here already.
    Kept,
}

impl Origin {
    fn of(draft: &FlowDraft, was: &Flow) -> Self {
        if draft.source == was.version.source { Self::Kept } else { Self::Written }
    }
}

/// How faults of the steps are told.
enum Faults {
    /// By line and column of the text, which a person sees.
    ByLine,
    /// By their place in the array, of which a program knows.
    ByPath,
}

/// Checks the draft and gives every step its id.
fn checked(draft: FlowDraft, origin: Origin, faults: Faults) -> Result<FlowDraft> {
    let mut problems = Vec::new();
    let name = checked_name("name", &draft.name, 120, &mut problems);
    let description = checked_text("description", &draft.description, 2_000, &mut problems);
    for problem in check::check(&draft.source).problems {
        let refused = match origin {
            Origin::Written => problem.is_error(),
            Origin::Kept => problem.severity == Severity::Error,
        };
        if !refused {
            continue;
        }
        let FlowProblem { line, column, path, message, .. } = problem;
        problems.push(match faults {
            Faults::ByPath => Problem::new(format!("/source{path}"), message),
            Faults::ByLine => {
                let at = if path.is_empty() { String::new() } else { format!(" ({path})") };
                let detail = format!("line {line}, column {column}{at}: {message}");
                Problem::new("/source", detail)
            }
        });
    }
    extras::check(draft.extras.as_ref(), extras::FLOW_BYTES_MAX, &mut problems);
    no_problems(problems)?;
    let source = check::with_ids(&draft.source).map_err(|faults| {
        AdminError::Invalid(
            faults.into_iter().map(|fault| Problem::new("/source", fault.message)).collect(),
        )
    })?;
    Ok(FlowDraft { name, description, source, ..draft })
}
