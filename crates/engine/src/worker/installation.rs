//! What the installation keeps, as a run sees it: what it has changed itself, over what is stored.

use super::{beyond::not_set_up, outside::Outside};
use crate::clock;
use flow::{CalendarAnswer, Installation, ListEntry, Notification, Reference};
use model::{
    cache::{self, CacheEntry},
    effect::Effect,
    ids::{ListId, NoteId, UserId},
    note::{MESSAGE_MAX, Note},
    number_list,
    time::Millis,
    trace::{Failure, FailureClass},
    variable::{KeptVariable, name_problem, value_problem},
};
use uuid::Uuid;

impl Outside<'_> {
    fn list(&self, list: &Reference) -> Result<ListId, Failure> {
        self.index.list(list).ok_or_else(|| no_such("list", list))
    }
}

impl Outside<'_> {
    /// Leaves a note to users, who find it when it is written with the run.
    pub(super) async fn leave_note(&self, note: Notification) -> Result<(), Failure> {
        let flow_fault = |why: String| Failure::new(FailureClass::Flow, why);
        let letters = note.message.chars().count();
        if letters > MESSAGE_MAX {
            let why =
                format!("a note has at most {MESSAGE_MAX} characters, and this has {letters}");
            return Err(flow_fault(why));
        }
        if let Some(why) = cache::has_nul(&note.message) {
            return Err(flow_fault(why));
        }
        let asked: Vec<_> = note.users.iter().copied().map(UserId).collect();
        let users = self.storage.known_users(&asked).await;
        let users = users.map_err(|error| unread("the users", &error))?;
        if users.is_empty() {
            return Err(flow_fault("none of these users is there".into()));
        }
        let timeout_s = note.timeout.map(|time| u32::try_from(time.as_secs()).unwrap_or(u32::MAX));
        for user in users {
            self.pending().add(Effect::Note(Note {
                id: NoteId(Uuid::now_v7()),
                user,
                kind: note.kind.clone(),
                message: note.message.clone(),
                timeout_s,
                made_at: clock::now(),
            }));
        }
        Ok(())
    }
}

impl Installation for Outside<'_> {
    async fn cached(&self, key: &str) -> Result<Option<String>, Failure> {
        let now = clock::now();
        if let Some(own) = self.pending().cached(key, now) {
            return Ok(own);
        }
        if key.contains('\0') {
            return Ok(None);
        }
        self.storage.cached(key, now).await.map_err(|error| unread("the cache", &error))
    }

    async fn cache(&self, key: &str, value: &str, ttl_s: Option<u64>) -> Result<(), Failure> {
        if let Some(why) = cache::unfit(key, value) {
            return Err(Failure::new(FailureClass::Flow, why));
        }
        let ends =
            |s: u64| clock::now().plus(i64::try_from(s).unwrap_or(i64::MAX).saturating_mul(1_000));
        let expires_at = ttl_s.map(ends);
        let entry = CacheEntry { key: key.to_owned(), value: value.to_owned(), expires_at };
        self.pending().add(Effect::Cache(entry));
        Ok(())
    }

    async fn forget(&self, key: &str) -> Result<(), Failure> {
        if cache::unfit(key, "").is_none() {
            self.pending().add(Effect::Forget(key.to_owned()));
        }
        Ok(())
    }

    async fn is_listed(&self, list: &Reference, destination: &str) -> Result<bool, Failure> {
        let (list, now) = (self.list(list)?, clock::now());
        if let Some(own) = self.pending().is_listed(list, destination, now) {
            return Ok(own);
        }
        if destination.contains('\0') {
            return Ok(false);
        }
        let listed = self.storage.is_listed(list, destination, now).await;
        listed.map_err(|error| unread("the list", &error))
    }

    async fn add_to_list(&self, list: &Reference, entry: ListEntry) -> Result<(), Failure> {
        let list = self.list(list)?;
        let ListEntry { destination: number, description, expires_at } = entry;
        if let Some(why) = number_list::unfit(&number, &description) {
            return Err(Failure::new(FailureClass::Flow, why));
        }
        let expires_at = expires_at.map(|at| Millis(at.as_millisecond()));
        let added_at = clock::now();
        let entry = number_list::ListEntry { number, description, expires_at, added_at };
        self.pending().add(Effect::AddToList { list, entry });
        Ok(())
    }

    async fn calendar(&self, calendar: &Reference) -> Result<CalendarAnswer, Failure> {
        let found = self.index.calendar(calendar).ok_or_else(|| no_such("calendar", calendar))?;
        Ok(found.at(clock::now()))
    }

    async fn set_global(&self, name: &str, value: &str, encrypt: bool) -> Result<(), Failure> {
        let unfit = name_problem(name).or_else(|| value_problem("value", value));
        if let Some(problem) = unfit {
            // It is cut where what is hidden is known.
            let detail =
                format!("the {} of the variable \"{name}\" {}", problem.field(), problem.detail);
            return Err(Failure::new(FailureClass::Flow, detail));
        }
        let kept = self.vault.kept(name, value, encrypt);
        let value = kept.ok_or_else(|| not_set_up("a key to encrypt variables with"))?;
        let (name, updated_by) = (name.to_owned(), format!("flow {}", self.flow_name()));
        let variable = KeptVariable { name, value, updated_at: clock::now(), updated_by };
        self.pending().add(Effect::SetVariable(variable));
        Ok(())
    }
}

/// The failure of a step that names what is not there.
pub(super) fn no_such(what: &str, reference: &Reference) -> Failure {
    let detail = match reference {
        Reference::Id(id) => format!("there is no {what} {id}"),
        // It is cut where what is hidden is known.
        Reference::Name(name) => format!("there is no {what} \"{name}\""),
    };
    Failure::new(FailureClass::Flow, detail)
}

/// The failure of a step that asks a database which does not answer; the next attempt may fare
/// better.
fn unread(what: &str, error: &storage::StorageError) -> Failure {
    Failure::new(FailureClass::Interrupted, format!("{what} could not be read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_there_is_not_cut_before_what_it_hides_is_known() {
        let name = "x".repeat(150);
        let said = no_such("list", &Reference::Name(name.clone()));
        assert_eq!(said.detail, format!("there is no list \"{name}\""));
    }
}
