//! What flows keep and ask: the cache, the lists of numbers, calendars. Flows change them by
//! [`Effect`](model::effect::Effect)s, which a commit of the engine writes; people change them here.

use crate::Result;
use async_trait::async_trait;
use model::{
    cache::CacheEntry,
    calendar::{Calendar, CalendarDraft},
    ids::{CalendarId, ListId, NoteId, UserId},
    note::Note,
    number_list::{EntryQuery, ListDraft, ListEntry, NumberList},
    page::{Page, Paging},
    time::Millis,
};

/// The cache.
#[async_trait]
pub trait CacheStore: Send + Sync {
    /// The value of a key, if it is there and has not expired; for a run that asks.
    async fn cached(&self, key: &str, now: Millis) -> Result<Option<String>>;
    /// The same with when it expires; for a person who asks.
    async fn cache_entry(&self, key: &str, now: Millis) -> Result<Option<CacheEntry>>;
    /// At most `limit` of what has not expired, in the order of the keys, which begin with `prefix`
    /// and come after `after`.
    async fn cache_entries(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
        now: Millis,
    ) -> Result<Vec<CacheEntry>>;
    /// Keeps a value in place of what is under its key.
    async fn put_cache_entry(&self, entry: &CacheEntry) -> Result<()>;
    /// Forgets a key; what it held, unless that had expired.
    async fn forget_cache_entry(&self, key: &str, now: Millis) -> Result<Option<CacheEntry>>;
    /// Deletes at most `limit` values of the cache, numbers of lists and notes that have expired, of each;
    /// how many it deleted.
    async fn sweep_kept(&self, limit: u32, now: Millis) -> Result<u64>;
}

/// Lists of numbers.
#[async_trait]
pub trait ListStore: Send + Sync {
    /// Whether a number is in a list, and has not expired there; for a run that asks.
    async fn is_listed(&self, list: ListId, number: &str, now: Millis) -> Result<bool>;
    /// A page of the lists whose names hold the text, by name.
    async fn number_lists(&self, search: &str, paging: Paging) -> Result<Page<NumberList>>;
    async fn number_list(&self, id: ListId) -> Result<Option<NumberList>>;
    /// Fails with [`StorageError::Taken`](crate::StorageError::Taken) where the name is in use.
    async fn create_number_list(&self, draft: &ListDraft, now: Millis) -> Result<NumberList>;
    /// Fails as [`Self::create_number_list`] does.
    async fn update_number_list(
        &self,
        id: ListId,
        draft: &ListDraft,
        now: Millis,
    ) -> Result<Option<NumberList>>;
    /// Deletes a list with its numbers. Those go first, some thousands at a time, so that it holds
    /// nobody up.
    async fn delete_number_list(&self, id: ListId) -> Result<Option<NumberList>>;
    /// A stretch of a list's numbers in their order, those that have expired left out.
    async fn list_entries(
        &self,
        id: ListId,
        query: &EntryQuery,
        now: Millis,
    ) -> Result<Vec<ListEntry>>;
    /// Adds numbers, in place of the same ones; whether the list is there.
    async fn put_list_entries(&self, id: ListId, entries: &[ListEntry]) -> Result<bool>;
    /// Takes a number out; nothing where it was not in it.
    async fn delete_list_entry(&self, id: ListId, number: &str) -> Result<Option<ListEntry>>;
}

/// Calendars.
#[async_trait]
pub trait CalendarStore: Send + Sync {
    /// A page of the calendars whose names hold the text, by name.
    async fn calendars(&self, search: &str, paging: Paging) -> Result<Page<Calendar>>;
    async fn calendar(&self, id: CalendarId) -> Result<Option<Calendar>>;
    /// Fails with [`StorageError::Taken`](crate::StorageError::Taken) where the name is in use.
    async fn create_calendar(&self, draft: &CalendarDraft, now: Millis) -> Result<Calendar>;
    /// Changes a calendar that still is as it `was`. Fails with
    /// [`StorageError::Meanwhile`](crate::StorageError::Meanwhile) where it is another by now, and
    /// as [`Self::create_calendar`] does.
    async fn change_calendar(
        &self,
        was: &Calendar,
        draft: &CalendarDraft,
        now: Millis,
    ) -> Result<Option<Calendar>>;
    async fn delete_calendar(&self, id: CalendarId) -> Result<Option<Calendar>>;
}

/// Notes to users of the panel.
#[async_trait]
pub trait NoteStore: Send + Sync {
    /// Which of these users there are, by number; for a run that asks.
    async fn known_users(&self, ids: &[UserId]) -> Result<Vec<UserId>>;
    /// At most `limit` notes to a user, the newest first. Those that are shown for a time only are
    /// deleted with that.
    async fn take_notes(&self, user: UserId, limit: u32, now: Millis) -> Result<Vec<Note>>;
    /// Deletes one of a user's notes; whether it was there.
    async fn close_note(&self, user: UserId, id: NoteId) -> Result<bool>;
}
