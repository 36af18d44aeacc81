//! Lists of numbers, which flows ask and fill.

use crate::{Admin, AdminError, Result, checked_name, checked_text, no_problems, now};
use model::{
    ids::ListId,
    number_list::{
        self, DESCRIPTION_MAX, EntryDraft, EntryPage, EntryQuery, IMPORT_MAX, ListDraft, ListEntry,
        NAME_MAX, NumberList,
    },
    page::{Page, Paging},
    problem::Problem,
    user::{Actor, Permission},
};

impl Admin {
    /// A page of the lists whose names hold the text.
    pub async fn number_lists(
        &self,
        actor: &Actor,
        search: &str,
        paging: Paging,
    ) -> Result<Page<NumberList>> {
        actor.require(Permission::Read)?;
        Ok(self.storage.number_lists(search, paging).await?)
    }

    /// One list.
    pub async fn number_list(&self, actor: &Actor, id: ListId) -> Result<NumberList> {
        actor.require(Permission::Read)?;
        self.storage.number_list(id).await?.ok_or_else(|| AdminError::no("list", id))
    }

    /// Makes a list.
    pub async fn create_number_list(&self, actor: &Actor, draft: ListDraft) -> Result<NumberList> {
        actor.require(Permission::Edit)?;
        Ok(self.storage.create_number_list(&checked(draft)?, now()).await?)
    }

    /// Changes a list's name and description.
    pub async fn update_number_list(
        &self,
        actor: &Actor,
        id: ListId,
        draft: ListDraft,
    ) -> Result<NumberList> {
        actor.require(Permission::Edit)?;
        let changed = self.storage.update_number_list(id, &checked(draft)?, now()).await?;
        changed.ok_or_else(|| AdminError::no("list", id))
    }

    /// Deletes a list with its numbers. A flow that names it fails at that step.
    pub async fn delete_number_list(&self, actor: &Actor, id: ListId) -> Result<NumberList> {
        actor.require(Permission::Edit)?;
        let deleted = self.storage.delete_number_list(id).await?;
        deleted.ok_or_else(|| AdminError::no("list", id))
    }

    /// A stretch of a list's numbers, in their order.
    pub async fn list_entries(
        &self,
        actor: &Actor,
        id: ListId,
        query: EntryQuery,
    ) -> Result<EntryPage> {
        self.number_list(actor, id).await?;
        let asked = [Some(&query.prefix), query.after.as_ref()];
        if asked.into_iter().flatten().any(|text| text.contains('\0')) {
            return Ok(EntryPage::default());
        }
        // One more than asked says whether there are more.
        let one_more = EntryQuery { size: query.size.saturating_add(1), ..query.clone() };
        let mut items = self.storage.list_entries(id, &one_more, now()).await?;
        let more = items.len() > query.size as usize;
        items.truncate(query.size as usize);
        let next = items.last().filter(|_| more).map(|last| last.number.clone());
        Ok(EntryPage { items, next })
    }

    /// Adds numbers, in place of the same ones; how many were given.
    pub async fn add_to_list(
        &self,
        actor: &Actor,
        id: ListId,
        drafts: Vec<EntryDraft>,
    ) -> Result<usize> {
        actor.require(Permission::Edit)?;
        let (now, mut problems) = (now(), Vec::new());
        if drafts.is_empty() || drafts.len() > IMPORT_MAX {
            let why = format!("are 1 to {IMPORT_MAX}, not {}", drafts.len());
            problems.push(Problem::new("/entries", why));
        }
        let mut entries = Vec::with_capacity(drafts.len());
        for (place, draft) in drafts.into_iter().enumerate() {
            let number = draft.number.trim().to_owned();
            let description = draft.description.trim().to_owned();
            if let Some(why) = number_list::unfit(&number, &description) {
                problems.push(Problem::new(format!("/entries/{place}/number"), why));
            }
            if draft.expires_at.is_some_and(|at| at <= now) {
                let pointer = format!("/entries/{place}/expires_at");
                problems.push(Problem::new(pointer, "lies in the past"));
            }
            let expires_at = draft.expires_at;
            entries.push(ListEntry { number, description, expires_at, added_at: now });
        }
        no_problems(problems)?;
        let is_there = self.storage.put_list_entries(id, &entries).await?;
        if is_there { Ok(entries.len()) } else { Err(AdminError::no("list", id)) }
    }

    /// Adds numbers as a person pastes them: one a line, with a comma and a description behind it,
    /// or none; how many lines there were.
    pub async fn import_to_list(&self, actor: &Actor, id: ListId, text: &str) -> Result<usize> {
        actor.require(Permission::Edit)?;
        let wrong = |why: String| AdminError::Invalid(vec![Problem::new("/numbers", why)]);
        let drafts = number_list::pasted(text).map_err(wrong)?;
        if drafts.is_empty() {
            return Err(wrong("holds no number".into()));
        }
        self.add_to_list(actor, id, drafts).await
    }

    /// Takes a number out of a list.
    pub async fn remove_from_list(
        &self,
        actor: &Actor,
        id: ListId,
        number: &str,
    ) -> Result<ListEntry> {
        actor.require(Permission::Edit)?;
        let none = || AdminError::no("number in this list", number);
        if number.contains('\0') {
            return Err(none());
        }
        self.storage.delete_list_entry(id, number).await?.ok_or_else(none)
    }
}

fn checked(draft: ListDraft) -> Result<ListDraft> {
    let mut problems = Vec::new();
    let name = checked_name("name", &draft.name, NAME_MAX, &mut problems);
    let description =
        checked_text("description", &draft.description, DESCRIPTION_MAX, &mut problems);
    no_problems(problems)?;
    Ok(ListDraft { name, description })
}
