//! Follows the log while it is looked at: by a stream of what happens, and where there is none by
//! looking again and again.

use super::{
    filter::SIZE,
    stream::Stream,
    stretch::{KEPT, Stretch},
};
use crate::api::deliveries::{Listed, list_deliveries};
use leptos::{prelude::*, task::spawn_local};
use model::{
    delivery::{DeliveryFilter, DeliveryQuery, DeliveryRow},
    page::{Cursor, Slice},
};
use std::{mem, time::Duration};

/// Where the server tells what happens in the log.
const STREAM: &str = "/deliveries/stream";
/// How often the log is looked at while no stream is heard.
const EVERY: Duration = Duration::from_secs(2);
/// After how many of these times without a word a stream is given up for another. The server says
/// something every 8 s.
const SILENT: u32 = 10;
/// After how many of these times the log is looked at beside the stream, which does not tell that a
/// delivery begins to run, is parked, or has become too old for the span.
const UNTOLD: u32 = 5;

/// Whether the log is followed.
#[derive(Clone, Copy)]
pub struct Live {
    /// Whether the person wants it.
    pub on: RwSignal<bool>,
    /// Whether the server cannot be heard.
    pub cut: RwSignal<bool>,
}

impl Live {
    /// It is followed until the person holds it still.
    pub fn new() -> Self {
        Self { on: RwSignal::new(true), cut: RwSignal::new(false) }
    }
}

/// What is shown of the log, and what waits to be shown.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    pub rows: RwSignal<Vec<DeliveryRow>>,
    /// The cursor of what is older than the rows.
    pub older: RwSignal<Option<i64>>,
    /// The newest stretch as it is now; the rows of another stay what they are.
    latest: RwSignal<Stretch>,
    newest: bool,
    filter: StoredValue<DeliveryFilter>,
}

impl Shown {
    /// A stretch of the log as it was found.
    pub fn new(slice: Slice<DeliveryRow>, query: &DeliveryQuery) -> Self {
        let latest = Stretch::from(slice);
        Self {
            rows: RwSignal::new(latest.rows.clone()),
            older: RwSignal::new(latest.older),
            latest: RwSignal::new(latest),
            newest: query.cursor == Cursor::Newest,
            filter: StoredValue::new(query.filter.clone()),
        }
    }

    /// How many new rows wait to be shown.
    pub fn fresh(self) -> usize {
        let first = self.rows.with(|rows| rows.first().map_or(0, |row| row.seq));
        self.latest.with(|latest| latest.rows.iter().filter(|row| row.seq > first).count())
    }

    /// Shows the newest stretch as it is now.
    pub fn show(self) {
        self.latest.with_untracked(|latest| {
            if self.rows.with_untracked(|rows| *rows != latest.rows) {
                self.rows.set(latest.rows.clone());
            }
            if self.older.get_untracked() != latest.older {
                self.older.set(latest.older);
            }
        });
    }

    /// Takes in what was told.
    fn tell(self, told: &[DeliveryRow]) {
        let filter = self.filter.get_value();
        if self.newest {
            self.latest.update(|latest| latest.take(told, &filter));
        }
        self.draw(told);
    }

    /// Takes in the stretch as it was found again.
    fn find(self, slice: Slice<DeliveryRow>) {
        let found = slice.items.clone();
        if self.newest {
            self.latest.set(slice.into());
        }
        self.draw(&found);
    }

    /// New rows come in at the top while one is there; further down, and while somebody goes through
    /// them by keyboard, who would lose their place, they wait to be asked for, and only what is shown
    /// already changes.
    fn draw(self, known: &[DeliveryRow]) {
        let top = window().scroll_y().unwrap_or(0.0) < 40.0 && !is_gone_through();
        let shown = self.rows.get_untracked();
        if self.newest && (top || shown.is_empty()) {
            self.show();
            return;
        }
        let new = |row: &DeliveryRow| known.iter().find(|new| new.id == row.id);
        let merged: Vec<_> = shown.iter().map(|row| new(row).unwrap_or(row).clone()).collect();
        if merged != shown {
            self.rows.set(merged);
        }
    }

    /// How many rows are asked for when the log is looked at: as many as there are.
    fn size(self) -> u32 {
        let rows =
            if self.newest { self.latest.with_untracked(|latest| latest.rows.len()) } else { 0 };
        u32::try_from(rows.min(KEPT)).unwrap_or(SIZE).max(SIZE)
    }

    /// Whether something may happen to what is shown that no stream tells, or come in by that where
    /// nothing is.
    fn changes_untold(self) -> bool {
        self.rows
            .with_untracked(|rows| rows.is_empty() || rows.iter().any(|row| !row.state.is_final()))
    }
}

/// Whether a row has the focus, as the keyboard gives it.
fn is_gone_through() -> bool {
    document().query_selector(".rowlist li :focus-visible").is_ok_and(|found| found.is_some())
}

/// Follows the log from where the rows were found, in the browser.
pub(super) fn follow(
    live: Live,
    shown: Shown,
    query: DeliveryQuery,
    minutes: Option<i64>,
    address: String,
    place: String,
) {
    Effect::new(move |_| {
        let state = State {
            query: query.clone(),
            minutes,
            address: address.clone(),
            place: place.clone(),
            stream: None,
            heard: false,
            silent: 0,
            strikes: 0,
            look: Look::default(),
        };
        let following = Following { live, shown, state: StoredValue::new_local(state) };
        Effect::new(move |_| {
            live.on.track();
            following.steer();
        });
        let turned = move |_| following.steer();
        let handle = window_event_listener_untyped("visibilitychange", turned);
        on_cleanup(move || handle.remove());
        if let Ok(timer) = set_interval_with_handle(move || following.strike(), EVERY) {
            on_cleanup(move || timer.clear());
        }
    });
}

/// Somebody who follows the log. The state is let go of before anything else is called: that may want
/// it too.
#[derive(Clone, Copy)]
struct Following {
    live: Live,
    shown: Shown,
    state: StoredValue<State, LocalStorage>,
}

struct State {
    query: DeliveryQuery,
    minutes: Option<i64>,
    /// The filters in the address.
    address: String,
    /// Up to where everything was told or found.
    place: String,
    stream: Option<Stream>,
    /// Whether the stream tells.
    heard: bool,
    /// How many times the clock struck since it told last, and since it was opened.
    silent: u32,
    strikes: u32,
    look: Look,
}

/// A look at the log.
#[derive(Default)]
struct Look {
    under_way: bool,
    /// Whether there must be another, since not all that happened was told.
    owed: bool,
    /// What was told while it is under way: the look may not have seen that yet.
    told: Vec<DeliveryRow>,
}

impl Following {
    /// Follows while the person wants it and looks at the page: a browser has few connections to one
    /// server, and hidden pages are not to hold them.
    fn wanted(self) -> bool {
        let hidden = document().visibility_state() == web_sys::VisibilityState::Hidden;
        !hidden && self.live.on.get_untracked()
    }

    /// Opens the stream or closes it. Where it goes on, nothing of what happened meanwhile is missed.
    fn steer(self) {
        if !self.wanted() {
            let closed = self.state.try_update_value(|state| {
                state.heard = false;
                state.stream.take()
            });
            drop(closed);
        } else if self.state.with_value(|state| state.stream.is_none()) {
            self.open();
        }
    }

    fn open(self) {
        let url = self.state.try_update_value(|state| {
            state.heard = false;
            state.silent = 0;
            state.strikes = 0;
            let State { address, place, .. } = state;
            let join = if address.is_empty() { '?' } else { '&' };
            format!("{STREAM}{address}{join}since={place}")
        });
        let Some(url) = url else { return };
        let stream =
            Stream::open(&url, move |data, place| self.hear(&data, place), move || self.miss());
        let before = self.state.try_update_value(|state| mem::replace(&mut state.stream, stream));
        drop(before);
    }

    /// Takes in an event of the stream: deliveries, or nothing where they were too many to be told.
    fn hear(self, data: &str, place: String) {
        let Ok(told) = serde_json::from_slice::<Option<Vec<DeliveryRow>>>(data.as_bytes()) else {
            return;
        };
        let told = self.state.try_update_value(|state| {
            state.heard = true;
            state.silent = 0;
            state.place = place;
            match told {
                None => {
                    state.look.owed = true;
                    None
                }
                Some(rows) if state.look.under_way => {
                    state.look.told.extend(rows);
                    Some(Vec::new())
                }
                told => told,
            }
        });
        self.note(false);
        match told.flatten() {
            None => self.look(),
            Some(rows) if rows.is_empty() => {}
            Some(rows) => self.shown.tell(&rows),
        }
    }

    /// The stream is cut off, or does not come about: then the looks tell whether anything is heard.
    fn miss(self) {
        if self.state.try_update_value(|state| mem::take(&mut state.heard)) == Some(true) {
            self.note(true);
            self.look();
        }
    }

    /// Says whether the server can be heard.
    fn note(self, cut: bool) {
        if self.live.cut.get_untracked() != cut {
            self.live.cut.set(cut);
        }
    }

    /// The clock has struck.
    fn strike(self) {
        if !self.wanted() {
            return;
        }
        // Who has gone back to the top is shown what is there.
        self.shown.draw(&[]);
        let silent = self.state.try_update_value(|state| {
            state.silent += 1;
            state.strikes += 1;
            state.silent
        });
        if silent >= Some(SILENT) {
            self.open();
        }
        let (due, untold, ages) = self.state.with_value(|state| {
            // A search for text looks at much: it is made again only where not all was told.
            let often = state.query.filter.text.is_empty();
            let untold = often && state.strikes.is_multiple_of(UNTOLD);
            (often && !state.heard || state.look.owed, untold, state.minutes.is_some())
        });
        if due || untold && (ages || self.shown.changes_untold()) {
            self.look();
        }
    }

    /// Looks at the log, unless somebody is at it.
    fn look(self) {
        let begun = self.state.try_update_value(|state| {
            if state.look.under_way {
                return None;
            }
            let before = mem::replace(&mut state.look, Look { under_way: true, ..Look::default() });
            Some((state.query.clone(), state.minutes, before.owed))
        });
        let Some((mut query, minutes, owed)) = begun.flatten() else { return };
        query.size = self.shown.size();
        spawn_local(async move {
            let found = list_deliveries(query, minutes).await;
            let ended = |state: &mut State| (mem::take(&mut state.look), state.heard);
            // The list may have been replaced meanwhile.
            let Some((look, heard)) = self.state.try_update_value(ended) else { return };
            match found {
                Ok(Listed { slice, place }) => {
                    self.note(false);
                    self.state.update_value(|state| {
                        state.place = place;
                        state.look.owed = look.owed;
                    });
                    self.shown.find(slice);
                    if look.owed {
                        self.look();
                    }
                }
                Err(_) => {
                    self.note(!heard);
                    self.state.update_value(|state| state.look.owed = owed || look.owed);
                }
            }
            if !look.told.is_empty() {
                self.shown.tell(&look.told);
            }
        });
    }
}
