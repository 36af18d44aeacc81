//! Jumping by a few typed letters: the field in the top bar, and the dialog behind it and behind
//! Ctrl-K. Without JavaScript the field is a link to the page that does the same.

use crate::{
    api::jump::find_hits,
    recent, start,
    text::{jump as words, ui},
    ui::{HitFace, Icon, Pic, focus_page, goes_into_field},
};
use leptos::{ev, html, prelude::*, task::spawn_local};
use model::{ids::UserId, jump::Hit};
use std::time::Duration;
use wasm_bindgen::JsCast;

/// How long one must pause in typing before the search begins.
const PAUSE: Duration = Duration::from_millis(120);

/// What the dialog knows.
#[derive(Clone, Copy)]
struct Search {
    text: RwSignal<String>,
    hits: RwSignal<Vec<Hit>>,
    /// The hit that Enter opens.
    at: RwSignal<usize>,
    /// Whether the answer to what stands in the field is still to come.
    busy: RwSignal<bool>,
    failed: RwSignal<Option<String>>,
    /// Counts what was typed: an answer to anything but the last is dropped.
    asked: StoredValue<u32>,
    timer: StoredValue<Option<TimeoutHandle>>,
    /// Whether Enter was pressed before there was an answer.
    eager: StoredValue<bool>,
    who: Option<UserId>,
}

impl Search {
    fn new() -> Self {
        Self {
            text: RwSignal::new(String::new()),
            hits: RwSignal::new(Vec::new()),
            at: RwSignal::new(0),
            busy: RwSignal::new(false),
            failed: RwSignal::new(None),
            asked: StoredValue::new(0),
            timer: StoredValue::new(None),
            eager: StoredValue::new(false),
            who: start::use_who().map(|who| who.id),
        }
    }

    /// Takes what stands in the field now; with nothing in it, what was opened last is shown.
    fn take(self, text: String) {
        self.asked.update_value(|asked| *asked += 1);
        self.eager.set_value(false);
        self.failed.set(None);
        if let Some(timer) = self.timer.get_value() {
            timer.clear();
        }
        let empty = text.trim().is_empty();
        self.text.set(text);
        self.busy.set(!empty);
        if empty {
            self.show(self.who.map(recent::recently).unwrap_or_default());
        } else {
            self.timer.set_value(set_timeout_with_handle(move || self.ask(), PAUSE).ok());
        }
    }

    fn ask(self) {
        let (number, text) = (self.asked.get_value(), self.text.get_untracked());
        spawn_local(async move {
            let found = find_hits(text).await;
            if self.asked.try_get_value() != Some(number) {
                return;
            }
            self.busy.set(false);
            match found {
                Ok(hits) => self.show(hits),
                Err(error) => {
                    self.show(Vec::new());
                    self.failed.set(Some(error.to_string()));
                }
            }
            if self.eager.get_value() {
                self.eager.set_value(false);
                // The rows are drawn by then.
                request_animation_frame(move || self.open());
            }
        });
    }

    fn show(self, hits: Vec<Hit>) {
        self.at.set(0);
        self.hits.set(hits);
    }

    /// Goes one up or down, round the ends.
    fn step(self, down: bool) {
        let count = self.hits.with_untracked(Vec::len);
        if count > 0 {
            self.at.update(|at| *at = (*at + if down { 1 } else { count - 1 }) % count);
            if let Some(row) = row_of(self.at.get_untracked()) {
                let nearest = web_sys::ScrollIntoViewOptions::new();
                nearest.set_block(web_sys::ScrollLogicalPosition::Nearest);
                row.scroll_into_view_with_scroll_into_view_options(&nearest);
            }
        }
    }

    /// Follows the link of the hit that is marked.
    fn open(self) {
        if self.busy.get_untracked() {
            self.eager.set_value(true);
        } else if let Some(row) = row_of(self.at.get_untracked()) {
            row.click();
        }
    }

    /// What is said in place of rows, or above them.
    fn said(self) -> String {
        if let Some(failed) = self.failed.get() {
            return failed;
        }
        let (empty, none) = (self.text.read().trim().is_empty(), self.hits.read().is_empty());
        match (empty, self.busy.get(), none) {
            (true, _, true) => words::HINT.into(),
            (true, _, false) => words::RECENT.into(),
            (false, true, _) => words::SEARCHING.into(),
            (false, false, true) => format!("{}. {}", words::NOTHING, words::NOTHING_ABOUT),
            (false, false, false) => words::count(self.hits.read().len()),
        }
    }
}

fn row_id(index: usize) -> String {
    format!("jump-{index}")
}

fn row_of(index: usize) -> Option<web_sys::HtmlElement> {
    document().get_element_by_id(&row_id(index))?.dyn_into().ok()
}

/// Whether this page has a search field of its own for `/`.
fn has_own_search() -> bool {
    document().query_selector(".log-filters").ok().flatten().is_some()
}

/// The field in the top bar, and its dialog.
#[component]
pub fn Jump() -> impl IntoView {
    let search = Search::new();
    let dialog = NodeRef::<html::Dialog>::new();
    let show = move || {
        if let Some(dialog) = dialog.get_untracked()
            && dialog.show_modal().is_ok()
        {
            search.take(String::new());
        }
    };
    let shut = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |event| {
            let command = (event.ctrl_key() || event.meta_key()) && !event.shift_key();
            let slash = event.key() == "/" && !event.ctrl_key() && !event.meta_key();
            let open = dialog.get_untracked().is_some_and(|dialog| dialog.open());
            if command && !event.alt_key() && event.key().eq_ignore_ascii_case("k") {
                event.prevent_default();
                if open { shut() } else { show() }
            } else if slash && !goes_into_field(&event) && !has_own_search() {
                event.prevent_default();
                show();
            }
        });
        on_cleanup(move || handle.remove());
    });
    let clicked = move |event: ev::MouseEvent| {
        // With a key held it opens in another tab, as any link.
        if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
            event.prevent_default();
            show();
        }
    };
    view! {
        <a
            class="search top-search"
            href="/jump"
            aria-keyshortcuts="Control+K Meta+K"
            aria-haspopup="dialog"
            on:click=clicked
        >
            <Icon of=Pic::Search />
            <span>{words::TITLE}</span>
            <kbd aria-hidden="true">{words::KEYS}</kbd>
        </a>
        <dialog
            node_ref=dialog
            class="jump"
            aria-label=words::TITLE
            on:mousedown=move |event| {
                let beside = dialog
                    .get_untracked()
                    .is_some_and(|own| {
                        event.target().is_some_and(|target| own.is_same_node(target.dyn_ref()))
                    });
                if beside {
                    shut();
                }
            }
        >
            <div class="jump-in">
                <Field search />
                <p class="jump-said dim" role="status">
                    {move || search.said()}
                </p>
                <Rows search shut=Callback::new(move |()| shut()) />
                <p class="jump-foot dim" aria-hidden="true">
                    {words::FOOT
                        .iter()
                        .map(|(key, does)| view! { <span><kbd>{*key}</kbd>" "{*does}</span> })
                        .collect_view()}
                </p>
                <form method="dialog">
                    <button class="btn quiet icon jump-close" aria-label=ui::CLOSE>
                        <Icon of=Pic::Close />
                    </button>
                </form>
            </div>
        </dialog>
    }
}

#[component]
fn Field(search: Search) -> impl IntoView {
    let key = move |event: ev::KeyboardEvent| {
        match event.key().as_str() {
            "ArrowDown" => search.step(true),
            "ArrowUp" => search.step(false),
            "Enter" => search.open(),
            _ => return,
        }
        event.prevent_default();
    };
    let any = move || !search.hits.read().is_empty();
    view! {
        <div class="jump-field">
            <Icon of=Pic::Search />
            <input
                type="text"
                role="combobox"
                aria-label=words::FIELD
                aria-autocomplete="list"
                aria-controls=move || any().then_some("jump-rows")
                aria-expanded=move || if any() { "true" } else { "false" }
                aria-activedescendant=move || any().then(|| row_id(search.at.get()))
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                placeholder=words::FIELD
                prop:value=search.text
                on:input=move |event| search.take(event_target_value(&event))
                on:keydown=key
            />
        </div>
    }
}

#[component]
fn Rows(search: Search, shut: Callback<()>) -> impl IntoView {
    let follow = move |event: ev::MouseEvent| {
        if event.ctrl_key() || event.meta_key() || event.shift_key() {
            return;
        }
        shut.run(());
        // One goes on in the page that comes, not in the top bar.
        focus_page();
    };
    let row = move |(index, hit): (usize, Hit)| {
        let here = move || search.at.get() == index;
        let href = hit.href.clone();
        view! {
            <a
                id=row_id(index)
                class="hit"
                class:at=here
                role="option"
                tabindex="-1"
                href=href
                aria-selected=move || if here() { "true" } else { "false" }
                on:mousemove=move |_| {
                    if !here() {
                        search.at.set(index);
                    }
                }
                // The field keeps the focus.
                on:mousedown=move |event| event.prevent_default()
                on:click=follow
            >
                <HitFace hit />
            </a>
        }
    };
    move || {
        let hits = search.hits.get();
        (!hits.is_empty()).then(|| {
            view! {
                <div
                    id="jump-rows"
                    class="jump-rows"
                    role="listbox"
                    aria-label=words::RESULTS
                    aria-busy=move || if search.busy.get() { "true" } else { "false" }
                >
                    {hits.into_iter().enumerate().map(row).collect_view()}
                </div>
            }
        })
    }
}
