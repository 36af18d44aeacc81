//! Rows that can be chosen, and a bar of what can be done to them.
//!
//! The boxes are native check boxes that belong to the bar's form, by its id, since forms do not
//! stand inside each other and rows have forms of their own. The form leads (by GET) to a page
//! that asks, with the chosen ids in its address; so nothing of this needs JavaScript. What
//! JavaScript adds: ranges, the box for all, the count, and that the page opens over the list.

use super::{Button, GetForm, Kind};
use crate::text::ui as words;
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// The id of the bar's form. A page has one list whose rows can be chosen.
const FORM: &str = "chosen";
/// The id of the box for all.
const ALL: &str = "choose-all";
/// The id of what is said about the keys.
const HINT: &str = "chosen-hint";

/// The box that chooses a row.
#[component]
pub fn ChooseRow(
    /// What is sent for it; one of the list's `rows`.
    #[prop(into)]
    id: String,
    /// Which row it is, for those who do not see it.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! {
        <td class="choose">
            <input
                type="checkbox"
                id=box_id(&id)
                form=FORM
                name="id"
                value=id
                aria-label=words::choose(&label)
                autocomplete="off"
            />
        </td>
    }
}

/// The box that chooses all rows of the page; in a table's head.
#[component]
pub fn ChooseAll() -> impl IntoView {
    view! {
        <input
            type="checkbox"
            id=ALL
            aria-label=words::CHOOSE_ALL
            aria-describedby=HINT
            autocomplete="off"
        />
    }
}

/// A list whose rows begin with a [`ChooseRow`] each, and the bar that appears when one is chosen.
#[component]
pub fn Selectable(
    /// The ids of the rows, in their order.
    rows: Vec<String>,
    /// What is chosen: one, many.
    what: (&'static str, &'static str),
    /// The path of the page that asks.
    #[prop(into)]
    action: String,
    /// What else its address says.
    fields: Vec<(String, String)>,
    /// What can be done: (value of `act`, words, whether it destroys).
    acts: Vec<(&'static str, &'static str, bool)>,
    children: Children,
) -> impl IntoView {
    let list = List { rows: StoredValue::new(rows), count: RwSignal::new(0) };
    // Where a range begins: the box that was changed last.
    let anchor = StoredValue::new(None::<usize>);
    let bar = NodeRef::<html::Div>::new();
    // What was chosen before the page came alive is kept. Later the boxes are those of other rows,
    // which are drawn into the same elements by the next frame.
    let first = Owner::current_shared_context().is_some_and(|shared| shared.during_hydration());
    Effect::new(move |_| {
        if first {
            list.recount();
        } else {
            request_animation_frame(move || list.begin_anew());
        }
    });

    let click = move |event: ev::MouseEvent| {
        let Some(input) = target(&event) else { return };
        if input.id() == ALL {
            list.set(0, usize::MAX, input.checked());
        } else if let Some(at) = list.place(&input) {
            if let (true, Some(from)) = (event.shift_key(), anchor.get_value()) {
                list.set(from, at, input.checked());
            }
            anchor.set_value(Some(at));
        } else {
            return;
        }
        list.recount();
    };
    let key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && list.count.get_untracked() > 0 {
            list.begin_anew();
            // The bar goes, and the focus must not go with it.
            list.focus(anchor.get_value().unwrap_or(0));
            return;
        }
        let Some(at) = target(&event).and_then(|input| list.place(&input)) else { return };
        let to = match event.key().as_str() {
            "ArrowDown" => Some(at + 1),
            "ArrowUp" => at.checked_sub(1),
            "Enter" => {
                event.prevent_default();
                focus_first_button(bar);
                return;
            }
            _ => return,
        };
        event.prevent_default();
        let Some(to) = to else { return };
        if list.focus(to) && event.shift_key() {
            list.set(at, to, true);
            list.recount();
            anchor.set_value(Some(to));
        }
    };
    let told = move || match list.count.get() {
        0 => words::WITH_CHOSEN.to_owned(),
        count => words::chosen(count, what),
    };
    let said = move || match list.count.get() {
        0 => String::new(),
        count => words::chosen(count, what),
    };
    let clear = Callback::new(move |()| {
        list.begin_anew();
        list.focus(anchor.get_value().unwrap_or(0));
    });
    let buttons = acts.into_iter().map(|(act, label, danger)| {
        let kind = if danger { Kind::Danger } else { Kind::Plain };
        view! {
            <Button kind name="act" value=act>
                {label}
            </Button>
        }
    });
    view! {
        <div class="choosing" on:click=click on:keydown=key>
            {children()}
            <div class="chosen" role="group" aria-label=words::WITH_CHOSEN node_ref=bar>
                <b aria-hidden="true">{told}</b>
                <GetForm action id=FORM class="row">
                    {fields
                        .into_iter()
                        .map(|(name, value)| {
                            view! { <input type="hidden" name=name value=value /> }
                        })
                        .collect_view()}
                    {buttons.collect_view()}
                </GetForm>
                <span class="live-only">
                    <Button kind=Kind::Quiet on_click=clear>
                        {words::CHOOSE_NONE}
                    </Button>
                </span>
                <span class="hint" id=HINT>
                    {words::CHOOSE_HINT}
                </span>
            </div>
            <p class="sr-only" role="status">
                {said}
            </p>
        </div>
    }
}

/// The boxes. What is chosen is what they say: no second record of it is kept.
#[derive(Clone, Copy)]
struct List {
    rows: StoredValue<Vec<String>>,
    count: RwSignal<usize>,
}

impl List {
    fn input(self, at: usize) -> Option<web_sys::HtmlInputElement> {
        let id = self.rows.with_value(|rows| rows.get(at).map(|id| box_id(id)))?;
        document().get_element_by_id(&id)?.dyn_into().ok()
    }

    fn all(self) -> impl Iterator<Item = web_sys::HtmlInputElement> {
        (0..self.rows.with_value(Vec::len)).filter_map(move |at| self.input(at))
    }

    /// Which row the box chooses, if it is one.
    fn place(self, input: &web_sys::HtmlInputElement) -> Option<usize> {
        let id = input.id();
        self.rows.with_value(|rows| rows.iter().position(|row| box_id(row) == id))
    }

    /// Chooses the rows between two, or leaves them.
    fn set(self, from: usize, to: usize, chosen: bool) {
        let last = self.rows.with_value(Vec::len).saturating_sub(1);
        for at in from.min(to)..=from.max(to).min(last) {
            if let Some(input) = self.input(at) {
                input.set_checked(chosen);
            }
        }
    }

    /// Chooses nothing, unless the list has gone meanwhile.
    fn begin_anew(self) {
        if self.rows.try_with_value(|_| ()).is_some() {
            self.set(0, usize::MAX, false);
            self.recount();
        }
    }

    /// Moves the focus to the box of a row, if there is such a row.
    fn focus(self, at: usize) -> bool {
        self.input(at).is_some_and(|input| input.focus().is_ok())
    }

    /// Counts what is chosen, and shows it in the box for all.
    fn recount(self) {
        let count = self.all().filter(web_sys::HtmlInputElement::checked).count();
        self.count.set(count);
        let all = document().get_element_by_id(ALL);
        if let Some(all) = all.and_then(|el| el.dyn_into::<web_sys::HtmlInputElement>().ok()) {
            all.set_checked(count > 0 && count == self.rows.with_value(Vec::len));
            all.set_indeterminate(count > 0 && !all.checked());
        }
    }
}

fn box_id(row: &str) -> String {
    format!("choose-{row}")
}

fn target(event: &web_sys::Event) -> Option<web_sys::HtmlInputElement> {
    event.target()?.dyn_into().ok()
}

fn focus_first_button(bar: NodeRef<html::Div>) {
    let button = bar.get_untracked().and_then(|bar| bar.query_selector("button").ok().flatten());
    if let Some(button) = button.and_then(|el| el.dyn_into::<web_sys::HtmlElement>().ok()) {
        _ = button.focus();
    }
}
