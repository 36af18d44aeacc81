//! Calendars, which flows ask whether it is working time.

use crate::{
    Admin, AdminError, Result, amid_others, checked_name, checked_text, is_still, no_problems, now,
    now_after,
};
use model::{
    calendar::{Calendar, CalendarDraft, DESCRIPTION_MAX, NAME_MAX},
    ids::CalendarId,
    page::{Page, Paging},
    time::Millis,
    user::{Actor, Permission},
};

impl Admin {
    /// A page of the calendars whose names hold the text.
    pub async fn calendars(
        &self,
        actor: &Actor,
        search: &str,
        paging: Paging,
    ) -> Result<Page<Calendar>> {
        actor.require(Permission::Read)?;
        Ok(self.storage.calendars(search, paging).await?)
    }

    /// One calendar.
    pub async fn calendar(&self, actor: &Actor, id: CalendarId) -> Result<Calendar> {
        actor.require(Permission::Read)?;
        self.storage.calendar(id).await?.ok_or_else(|| AdminError::no("calendar", id))
    }

    /// Makes a calendar.
    pub async fn create_calendar(&self, actor: &Actor, draft: CalendarDraft) -> Result<Calendar> {
        actor.require(Permission::Edit)?;
        Ok(self.storage.create_calendar(&checked(draft)?, now()).await?)
    }

    /// Changes a calendar, all of it. It is in force with the next attempt that asks.
    pub async fn update_calendar(
        &self,
        actor: &Actor,
        id: CalendarId,
        draft: CalendarDraft,
    ) -> Result<Calendar> {
        let all = move |was: &mut CalendarDraft| {
            *was = draft.clone();
            Ok(())
        };
        self.edit_calendar(actor, id, None, all).await
    }

    /// Changes a part of a calendar, and nothing else, whoever else changes it; what `change` refuses
    /// is told as it says. With a `base`, when what was shown had last been changed, it is refused
    /// where the calendar has been changed since.
    pub async fn edit_calendar(
        &self,
        actor: &Actor,
        id: CalendarId,
        base: Option<Millis>,
        change: impl Fn(&mut CalendarDraft) -> Result<(), String> + Send,
    ) -> Result<Calendar> {
        actor.require(Permission::Edit)?;
        let changed = amid_others(|| async {
            let was = self.calendar(actor, id).await?;
            is_still("calendar", was.updated_at, base)?;
            let mut draft = was.draft();
            change(&mut draft).map_err(AdminError::Conflict)?;
            let draft = checked(draft)?;
            Ok(self.storage.change_calendar(&was, &draft, now_after(was.updated_at)).await)
        });
        changed.await??.ok_or_else(|| AdminError::no("calendar", id))
    }

    /// Deletes a calendar. A flow that names it fails at that step.
    pub async fn delete_calendar(&self, actor: &Actor, id: CalendarId) -> Result<Calendar> {
        actor.require(Permission::Edit)?;
        let deleted = self.storage.delete_calendar(id).await?;
        deleted.ok_or_else(|| AdminError::no("calendar", id))
    }
}

fn checked(draft: CalendarDraft) -> Result<CalendarDraft> {
    let mut problems = Vec::new();
    let name = checked_name("name", &draft.name, NAME_MAX, &mut problems);
    let description =
        checked_text("description", &draft.description, DESCRIPTION_MAX, &mut problems);
    let time_zone = draft.time_zone.trim().to_owned();
    let mut draft = CalendarDraft { name, description, time_zone, ..draft };
    for exception in &mut draft.exceptions {
        exception.name = exception.name.trim().to_owned();
    }
    draft.exceptions.sort_by_key(|exception| (exception.date, exception.yearly));
    problems.extend(draft.problems());
    no_problems(problems)?;
    Ok(draft)
}
