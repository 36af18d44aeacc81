//! What flows keep and ask.

use super::{
    super::{
        cache::CachePage,
        calendars::CalendarPage,
        lists::{ListPage, NewEntries},
    },
    ACCEPTED,
};
use model::{
    cache::CacheEntry,
    calendar::{Calendar, Exception, Week, spans},
    ids::{CalendarId, ListId},
    number_list::{EntryDraft, EntryPage, ListDraft, ListEntry, NumberList},
};

/// A list of numbers.
pub fn number_list() -> NumberList {
    let ListDraft { name, description } = list_draft();
    NumberList {
        id: ListId(4),
        name,
        description,
        numbers: 1,
        created_at: ACCEPTED.plus(-86_400_000),
        updated_at: ACCEPTED.plus(-86_400_000),
    }
}

/// What makes it.
pub fn list_draft() -> ListDraft {
    ListDraft { name: "VIP".into(), description: "Answered first".into() }
}

/// All of them: the one.
pub fn list_page() -> ListPage {
    ListPage { items: vec![number_list()], next: false }
}

/// The number in it.
pub fn list_entry() -> ListEntry {
    ListEntry {
        number: "+380441234567".into(),
        description: "Olena, by hand".into(),
        expires_at: None,
        added_at: ACCEPTED,
    }
}

/// All of its numbers.
pub fn entry_page() -> EntryPage {
    EntryPage { items: vec![list_entry()], next: None }
}

/// What adds it.
pub fn new_entries() -> NewEntries {
    let ListEntry { number, description, expires_at, added_at: _ } = list_entry();
    NewEntries { entries: vec![EntryDraft { number, description, expires_at }] }
}

/// Open on weekdays, and not at New Year.
pub fn calendar() -> Calendar {
    let day = spans("09:00-13:00, 14:00-18:00").unwrap_or_default();
    let hours = Week {
        monday: day.clone(),
        tuesday: day.clone(),
        wednesday: day.clone(),
        thursday: day.clone(),
        friday: day,
        ..Week::default()
    };
    let new_year = "2027-01-01".parse().map(|date| Exception {
        name: "New Year".into(),
        date,
        yearly: true,
        hours: Vec::new(),
    });
    Calendar {
        id: CalendarId(2),
        name: "Office".into(),
        description: "The first floor".into(),
        time_zone: "Europe/Kyiv".into(),
        valid_from: None,
        valid_to: None,
        hours,
        exceptions: new_year.into_iter().collect(),
        created_at: ACCEPTED.plus(-86_400_000),
        updated_at: ACCEPTED,
    }
}

/// All of them: the one.
pub fn calendar_page() -> CalendarPage {
    CalendarPage { items: vec![calendar()], next: false }
}

/// A value of the cache.
pub fn cached() -> CacheEntry {
    CacheEntry {
        key: "callbacks:2026-11-28".into(),
        value: "17".into(),
        expires_at: Some(ACCEPTED.plus(3_600_000)),
    }
}

/// All of it: the one value.
pub fn cache_page() -> CachePage {
    CachePage { items: vec![cached()], next: None }
}
