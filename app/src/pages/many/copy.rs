//! Copying hooks to other queues: which queues, then what will be made.

use super::{Named, joined, kept_fields};
use crate::{
    api::{
        many::{Chosen, CopyMany, Preview, ShownCopy},
        queues::offer_queues,
        url_of,
    },
    text::{form, many as words},
    ui::{
        Button, Choice, Dialog, Form, FormErrors, GetForm, Hidden, Icon, Kind, LinkButton, Pic,
        Radios, list_path, offers, put_first,
    },
};
use leptos::{ev, prelude::*};
use model::many::CopiesBegin;

/// Where the forms of these dialogs lead.
fn here() -> String {
    format!("{}/many", list_path())
}

/// The fields that every address of these dialogs has.
#[component]
fn Kept(ids: Vec<i64>) -> impl IntoView {
    let hidden = |(name, value): (String, String)| {
        view! { <input type="hidden" name=name value=value /> }
    };
    let fields = kept_fields().into_iter().map(hidden).collect_view();
    let ids = ids.into_iter().map(|id| hidden(("id".into(), id.to_string()))).collect_view();
    view! {
        <input type="hidden" name="act" value="copy" />
        {fields}
        {ids}
    }
}

/// To which queues. Several can be chosen, found by typing; what is chosen stays.
#[component]
pub fn ChooseQueues(
    title: String,
    hooks: Chosen,
    chosen: Vec<Choice>,
    found: Vec<Choice>,
    back: String,
) -> impl IntoView {
    let own = hooks.queue.map(|id| id.to_string());
    let not_own = move |found: Vec<Choice>| {
        let other = |choice: &Choice| own.as_ref() != Some(&choice.value);
        found.into_iter().filter(other).collect::<Vec<_>>()
    };
    let picked = RwSignal::new(chosen.clone());
    let mut first = found;
    put_first(&mut first, chosen);
    let search = RwSignal::new(String::new());
    let choices = RwSignal::new(first);
    offers(search, choices, Vec::new(), |text| {
        Box::pin(async move { offer_queues(text).await.ok() })
    });
    // What is chosen stands before what is found; a box that is ticked stays where it is.
    let shown = Memo::new(move |_| {
        let mut shown = not_own(choices.get());
        put_first(&mut shown, picked.get_untracked());
        shown
    });
    let row = move |choice: Choice| {
        let value = choice.value.clone();
        let Choice { label, note, .. } = choice.clone();
        let checked = picked.with_untracked(|all| all.iter().any(|one| one.value == value));
        let ticked = move |event: ev::Event| {
            let on = event_target_checked(&event);
            picked.update(|all| {
                all.retain(|one| one.value != choice.value);
                if on {
                    all.push(choice.clone());
                }
            });
        };
        view! {
            <li>
                <label>
                    <input
                        type="checkbox"
                        name="copy_to"
                        value=value
                        checked=checked
                        on:change=ticked
                    />
                    <span>{label}</span>
                    <span class="dim">{note}</span>
                </label>
            </li>
        }
    };
    let list = move || {
        let rows = shown.get();
        if rows.is_empty() {
            return view! { <li class="dim">{words::TO_NONE}</li> }.into_any();
        }
        rows.into_iter().map(row).collect_view().into_any()
    };
    let ids = hooks.ids.clone();
    view! {
        <Dialog title close=back.clone() narrow=true>
            <GetForm action=here()>
                <Kept ids />
                <div class="dialog-body">
                    <Named chosen=hooks />
                    <fieldset class="field">
                        <legend class="legend">{words::TO}</legend>
                        <div class="row">
                            <span class="search grow">
                                <Icon of=Pic::Search />
                                <input
                                    type="search"
                                    name="find"
                                    aria-label=words::TO_SEARCH
                                    placeholder=words::TO_SEARCH
                                    autocomplete="off"
                                    on:input=move |event| search.set(event_target_value(&event))
                                    on:keydown=move |event: ev::KeyboardEvent| {
                                        if event.key() == "Enter" {
                                            event.prevent_default();
                                        }
                                    }
                                />
                            </span>
                            <span class="dead-only">
                                <Button name="step" value="find">
                                    {crate::text::ui::SEARCH}
                                </Button>
                            </span>
                        </div>
                        <ul class="named ticks">{list}</ul>
                        <p class="hint live-only" role="status">
                            {move || words::queues_chosen(picked.with(Vec::len))}
                        </p>
                    </fieldset>
                </div>
                <footer>
                    <span class="grow"></span>
                    <LinkButton href=back>{form::CANCEL}</LinkButton>
                    <Button kind=Kind::Primary name="step" value="preview">
                        {words::PREVIEW}
                    </Button>
                </footer>
            </GetForm>
        </Dialog>
    }
}

/// What will be made, queue by queue, and what cannot be.
#[component]
pub fn PreviewCopies(preview: Preview, back: String) -> impl IntoView {
    let Preview { title, hooks, to, queues, possible, submit } = preview;
    let queue = |(name, copies): (String, Vec<ShownCopy>)| {
        let copies = copies.into_iter().map(|(which, why)| {
            let made = why.is_none();
            let icon = if made { Pic::Check } else { Pic::Close };
            view! {
                <li class:not=!made>
                    <Icon of=icon />
                    <span>
                        {which} " "
                        <span class="because">{why.unwrap_or_else(|| words::MADE.into())}</span>
                    </span>
                </li>
            }
        });
        view! {
            <h3>{name}</h3>
            <ul>{copies.collect_view()}</ul>
        }
    };
    let mut again: leptos_router::params::ParamsMap = kept_fields().into_iter().collect();
    again.insert("act", "copy".into());
    for id in &hooks.ids {
        again.insert("id", id.to_string());
    }
    for id in &to {
        again.insert("copy_to", id.to_string());
    }
    let again = format!("{}{}", here(), again.to_query_string());
    let notes = hooks.notes.iter().map(|note| view! { <p class="about">{note.clone()}</p> });
    let notes = notes.collect_view();
    let begin = (possible > 0).then(|| {
        view! {
            <Radios
                name="hooks"
                label=words::BEGIN
                value=CopiesBegin::AsTheyAre.to_string()
                options=begin_options()
            />
        }
    });
    let make = (possible > 0).then(|| {
        view! {
            <Button kind=Kind::Primary name="confirm" value="true">
                {submit}
            </Button>
        }
    });
    view! {
        <Dialog title close=back.clone() narrow=true>
            <Form action={url_of::<CopyMany>()}>
                <Hidden name="ids" value=joined(&hooks.ids) />
                <Hidden name="to" value=joined(&to) />
                <Hidden name="back" value=back.clone() />
                <div class="dialog-body">
                    <p>{words::PREVIEW_ABOUT}</p>
                    {notes}
                    <div class="named plan" tabindex="0" role="group" aria-label=words::WHICH>
                        {queues.into_iter().map(queue).collect_view()}
                    </div>
                    {begin}
                    <FormErrors />
                </div>
                <footer>
                    <LinkButton href=again>{words::OTHER_QUEUES}</LinkButton>
                    <span class="grow"></span>
                    <LinkButton href=back>{form::CANCEL}</LinkButton>
                    {make}
                </footer>
            </Form>
        </Dialog>
    }
}

/// How copies may begin, in words.
pub fn begin_options() -> Vec<(String, String)> {
    vec![
        (CopiesBegin::AsTheyAre.to_string(), words::BEGIN_SAME.into()),
        (CopiesBegin::Disabled.to_string(), words::BEGIN_OFF.into()),
    ]
}
