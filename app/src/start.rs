//! What the server knows before a page is drawn: who looks at it, the theme, the time, and what
//! the last form left behind. Sent along with the page, so that both halves draw the same.

use crate::api::form::Flash;
use leptos::prelude::*;
use model::{
    ids::UserId,
    time::Millis,
    user::{Actor, Grant, Permission, Role},
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The name of the cookie that keeps the theme.
pub const THEME_COOKIE: &str = "theme";

/// What is known before a page is drawn. The server puts it into the request's extensions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Start {
    pub who: Option<Who>,
    pub theme: Theme,
    pub now: Millis,
    pub flash: Flash,
    /// What flows have to say to whoever looks, drawn.
    pub notes: String,
    /// Whether the sample contact centre is loaded, and with it the receiver's page.
    pub sample: bool,
}

impl Default for Start {
    fn default() -> Self {
        Self {
            who: None,
            theme: Theme::System,
            now: Millis(0),
            flash: Flash::default(),
            notes: String::new(),
            sample: false,
        }
    }
}

#[cfg(feature = "ssr")]
impl Start {
    /// Tells whoever looks what flows have to say.
    pub fn tell(&mut self, notes: Vec<model::note::Note>) {
        self.notes = crate::drawn::notes(notes);
    }
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    pub id: UserId,
    pub login: String,
    pub role: Role,
}

impl Who {
    /// The person behind an actor, if it is one.
    pub fn of(actor: &Actor) -> Option<Self> {
        match actor.grant {
            Grant::User(id, role) => Some(Self { id, login: actor.name.clone(), role }),
            Grant::Token(_) | Grant::Operator => None,
        }
    }

    fn has(&self, permission: Permission) -> bool {
        let grant = Grant::User(self.id, self.role);
        Actor { name: String::new(), grant }.has(permission)
    }
}

/// How the panel is coloured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system is.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The word in the cookie and in `data-theme`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl fmt::Display for Theme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Theme {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == text).ok_or(())
    }
}

#[derive(Clone, Copy)]
struct Shared {
    who: StoredValue<Option<Who>>,
    theme: RwSignal<Theme>,
    now: RwSignal<Millis>,
    flash: StoredValue<Flash>,
    notes: StoredValue<String>,
    sample: bool,
    changes: RwSignal<u64>,
}

/// Makes all this available to the components below. Called once, by the panel's root.
pub fn provide_start() {
    let start = SharedValue::new(from_request).into_inner();
    let now = RwSignal::new(start.now);
    provide_context(Shared {
        who: StoredValue::new(start.who),
        theme: RwSignal::new(start.theme),
        now,
        flash: StoredValue::new(start.flash),
        notes: StoredValue::new(start.notes),
        sample: start.sample,
        changes: RwSignal::new(0),
    });
    Effect::new(move |_| tick(now));
}

/// The server's clock may differ from the browser's: only what has passed since is taken from
/// the latter.
fn tick(now: RwSignal<Millis>) {
    let began = web_sys::js_sys::Date::now();
    let first = now.get_untracked();
    let step = move || {
        let passed = web_sys::js_sys::Date::now() - began;
        now.set(first.plus(passed as i64));
    };
    set_interval(step, std::time::Duration::from_secs(1));
}

#[cfg(feature = "ssr")]
fn from_request() -> Start {
    let parts = use_context::<http::request::Parts>();
    parts.and_then(|parts| parts.extensions.get::<Start>().cloned()).unwrap_or_default()
}

#[cfg(not(feature = "ssr"))]
fn from_request() -> Start {
    Start::default()
}

fn shared() -> Shared {
    expect_context()
}

/// Who is signed in.
pub fn use_who() -> Option<Who> {
    shared().who.get_value()
}

/// Whether the person who is signed in may change queues, hooks and flows, test and replay.
pub fn may_edit() -> bool {
    use_who().is_some_and(|who| who.has(Permission::Edit))
}

/// Whether the person who is signed in may manage users and tokens.
pub fn may_administer() -> bool {
    use_who().is_some_and(|who| who.has(Permission::Administer))
}

/// The theme in use.
pub fn use_theme() -> RwSignal<Theme> {
    shared().theme
}

/// The time now, by the server's clock; moves on every second once the page is alive.
pub fn use_now() -> RwSignal<Millis> {
    shared().now
}

/// Whether the sample contact centre is loaded.
pub fn has_sample() -> bool {
    shared().sample
}

/// Counts the forms that did something: a resource that names it in its source is loaded anew
/// after each.
pub fn use_changes() -> RwSignal<u64> {
    shared().changes
}

/// What flows have to say to whoever looks, as HTML.
pub fn use_notes() -> StoredValue<String> {
    shared().notes
}

/// What the last form left behind. Empty once the page is alive and the person has gone on.
pub fn use_flash() -> StoredValue<Flash> {
    shared().flash
}
