//! The pages of what flows keep and ask.

use super::{
    Sheet,
    now::{refusal, start},
};
use crate::{
    api::{self, calendars as calendars_api, lists as lists_api},
    drawn::{self, Around, CalendarRefusals, ListRefusals},
    error::AppError,
    text::{cache as cache_words, calendars as calendar_words, lists as list_words},
};
use admin::Admin;
use leptos::prelude::*;
use model::{
    ids::{CalendarId, ListId},
    number_list::EntryQuery,
    page::Paging,
    user::{Actor, Permission},
};

/// How much of a list or the cache is shown at once.
const SIZE: u32 = 100;

fn sheet(title: &str, above: Option<(&str, &str)>, body: AnyView) -> Sheet {
    Sheet {
        title: title.into(),
        above: above.map(|(label, href)| (label.into(), href.into())),
        body: body.to_html(),
        ..Sheet::default()
    }
}

fn paging(after: &str) -> Paging {
    Paging { page: after.parse().unwrap_or(1).max(1), ..Paging::default() }
}

/// The lists from this page on.
pub async fn lists(
    admin: &Admin,
    actor: &Actor,
    search: &str,
    after: &str,
) -> Result<Sheet, AppError> {
    let (start, paging) = (start()?, paging(after));
    let page = admin.number_lists(actor, search, paging).await?;
    let around = Around { search, editor: actor.has(Permission::Edit), now: start.now };
    let refused = refusal(&start, api::url_of::<lists_api::CreateList>());
    let body = drawn::lists(&page, paging, &around, &refused);
    Ok(sheet(list_words::TITLE, None, body))
}

/// A list from this number on.
pub async fn list(
    admin: &Admin,
    actor: &Actor,
    id: &str,
    search: &str,
    after: &str,
) -> Result<Sheet, AppError> {
    let start = start()?;
    let id: ListId = id.parse().map_err(|_| AppError::no("list", id))?;
    let query = EntryQuery {
        prefix: search.trim().to_owned(),
        after: Some(after.to_owned()).filter(|after| !after.is_empty()),
        size: SIZE,
    };
    let list = admin.number_list(actor, id).await?;
    let entries = admin.list_entries(actor, id, query.clone()).await?;
    let around = Around { search, editor: actor.has(Permission::Edit), now: start.now };
    let refused = ListRefusals {
        add: refusal(&start, api::url_of::<lists_api::AddNumber>()),
        import: refusal(&start, api::url_of::<lists_api::ImportNumbers>()),
        settings: refusal(&start, api::url_of::<lists_api::ChangeList>()),
    };
    let body = drawn::list(&list, &entries, &query, &around, &refused);
    Ok(sheet(&list.name, Some((list_words::TITLE, "/lists")), body))
}

/// The calendars from this page on.
pub async fn calendars(
    admin: &Admin,
    actor: &Actor,
    search: &str,
    after: &str,
) -> Result<Sheet, AppError> {
    let (start, paging) = (start()?, paging(after));
    let page = admin.calendars(actor, search, paging).await?;
    let around = Around { search, editor: actor.has(Permission::Edit), now: start.now };
    let refused = refusal(&start, api::url_of::<calendars_api::CreateCalendar>());
    let body = drawn::calendars(&page, paging, &around, &refused);
    Ok(sheet(calendar_words::TITLE, None, body))
}

/// One calendar.
pub async fn calendar(admin: &Admin, actor: &Actor, id: &str) -> Result<Sheet, AppError> {
    let start = start()?;
    let id: CalendarId = id.parse().map_err(|_| AppError::no("calendar", id))?;
    let one = admin.calendar(actor, id).await?;
    let refused = CalendarRefusals {
        settings: refusal(&start, api::url_of::<calendars_api::SaveCalendar>()),
        exception: refusal(&start, api::url_of::<calendars_api::AddException>()),
    };
    let body = drawn::calendar(&one, actor.has(Permission::Edit), start.now, &refused);
    Ok(sheet(&one.name, Some((calendar_words::TITLE, "/calendars")), body))
}

/// The cache from this key on.
pub async fn cache(
    admin: &Admin,
    actor: &Actor,
    search: &str,
    after: &str,
) -> Result<Sheet, AppError> {
    let start = start()?;
    let behind = Some(after).filter(|after| !after.is_empty());
    let mut entries = admin.cache_entries(actor, search, behind, SIZE + 1).await?;
    let more = entries.len() > SIZE as usize;
    entries.truncate(SIZE as usize);
    let next = entries.last().filter(|_| more).map(|last| last.key.as_str());
    let around = Around { search, editor: actor.has(Permission::Edit), now: start.now };
    let body = drawn::cache(&entries, next, after, &around);
    Ok(sheet(cache_words::TITLE, None, body))
}
