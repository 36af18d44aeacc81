//! The lists of numbers, and the page of one.

use super::{
    Refusal, empty,
    kept::{self, Field, when},
};
use crate::{
    api::{lists as api, url_of},
    text::{form, lists as words, time},
    ui::area_html,
};
use leptos::prelude::*;
use model::{
    number_list::{EntryPage, EntryQuery, NumberList},
    page::{Page, Paging},
    time::Millis,
};

/// Where the list is explained.
const HELP: &str = "/help/actions/list";

/// What a page shows beside what it is about.
pub struct Around<'a> {
    pub search: &'a str,
    pub editor: bool,
    pub now: Millis,
}

/// All lists.
pub fn lists(
    page: &Page<NumberList>,
    paging: Paging,
    around: &Around<'_>,
    refused: &Refusal,
) -> AnyView {
    let rows = page.items.iter().map(|list| row(list, around.now));
    let more = u64::from(paging.page) * u64::from(paging.size) < page.total;
    let next = more.then(|| (paging.page + 1).to_string());
    let after = if paging.page > 1 { paging.page.to_string() } else { String::new() };
    let onward = kept::onward("/lists", around.search, &after, next.as_deref());
    let table = match (page.items.is_empty(), around.search) {
        (true, "") => empty(words::EMPTY, words::EMPTY_ABOUT, words::HELP, HELP),
        (true, _) => empty(words::NONE, words::NONE_ABOUT, words::CLEAR, "/lists"),
        (false, _) => view! {
            <div class="card table-card">
                <table>
                    <caption class="sr-only">{words::TITLE}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{words::NAME}</th>
                            <th scope="col" class="num">{words::NUMBERS}</th>
                            <th scope="col" class="wide">{words::DESCRIPTION}</th>
                            <th scope="col">{words::CHANGED}</th>
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
                <div class="foot"><span>{words::lists(page.total)}</span>{onward}</div>
            </div>
        }
        .into_any(),
    };
    let add = around.editor.then(|| {
        let form = view! {
            <form method="post" action={url_of::<api::CreateList>()} class="card sheet limits">
                {named("new", "", "", refused)}
                <div class="row"><button class="btn primary">{words::CREATE}</button></div>
            </form>
        };
        kept::add_one(words::NEW, refused.is_some(), form.into_any())
    });
    view! {
        {kept::tabs("/lists")}
        {kept::tools(kept::search("/lists", words::SEARCH, around.search), add)}
        {table}
    }
    .into_any()
}

fn row(list: &NumberList, now: Millis) -> AnyView {
    view! {
        <tr>
            <td class="first name">
                <b class="strong"><a href=format!("/lists/{}", list.id)>{list.name.clone()}</a></b>
            </td>
            <td class="num" data-label=words::NUMBERS>{time::number(list.numbers)}</td>
            <td class="wide">{list.description.clone()}</td>
            <td class="last">{when(Some(list.updated_at), now, "")}</td>
        </tr>
    }
    .into_any()
}

fn named(form: &'static str, name: &str, description: &str, refused: &Refusal) -> AnyView {
    view! {
        {Field::new(form, "name", words::NAME).of(name).required().draw(refused)}
        {Field::new(form, "description", words::DESCRIPTION).of(description).draw(refused)}
        {kept::others(refused)}
    }
    .into_any()
}

/// What was refused of the forms of a list's page.
#[derive(Default)]
pub struct Refusals {
    pub add: Refusal,
    pub import: Refusal,
    pub settings: Refusal,
}

/// One list with a stretch of its numbers.
pub fn list(
    list: &NumberList,
    entries: &EntryPage,
    query: &EntryQuery,
    around: &Around<'_>,
    refused: &Refusals,
) -> AnyView {
    let path = format!("/lists/{}", list.id);
    let rows = entries.items.iter().map(|entry| {
        let remove = around.editor.then(|| {
            view! {
                <form method="post" action={url_of::<api::RemoveNumber>()}>
                    <input type="hidden" name="id" value=list.id.to_string() />
                    <input type="hidden" name="number" value=entry.number.clone() />
                    <button class="btn" aria-label=words::remove(&entry.number)>
                        {words::REMOVE}
                    </button>
                </form>
            }
        });
        view! {
            <tr>
                <td class="first name mono">{entry.number.clone()}</td>
                <td class="break">{entry.description.clone()}</td>
                <td data-label=words::EXPIRES>{when(entry.expires_at, around.now, words::NEVER)}</td>
                <td data-label=words::ADDED>{when(Some(entry.added_at), around.now, "")}</td>
                <td class="acts last">{remove}</td>
            </tr>
        }
    });
    let after = query.after.as_deref().unwrap_or_default();
    let table = if entries.items.is_empty() {
        view! {
            <div class="card empty">
                <h2>{words::NO_NUMBERS}</h2>
                <p>{words::NO_NUMBERS_ABOUT}</p>
            </div>
        }
        .into_any()
    } else {
        view! {
            <div class="card table-card">
                <table>
                    <caption class="sr-only">{words::NUMBERS}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{words::NUMBER}</th>
                            <th scope="col">{words::DESCRIPTION}</th>
                            <th scope="col">{words::EXPIRES}</th>
                            <th scope="col">{words::ADDED}</th>
                            <th scope="col">
                                <span class="sr-only">{crate::text::ui::ACTIONS}</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
                <div class="foot">
                    <span>{words::total(list.numbers)}</span>
                    {kept::onward(&path, around.search, after, entries.next.as_deref())}
                </div>
            </div>
        }
        .into_any()
    };
    let about = (!list.description.is_empty())
        .then(|| view! { <p class="dim">{list.description.clone()}</p> });
    view! {
        {about}
        {kept::search(&path, words::SEARCH_NUMBERS, around.search)}
        {table}
        {around.editor.then(|| forms(list, refused))}
    }
    .into_any()
}

fn forms(list: &NumberList, refused: &Refusals) -> AnyView {
    let id = || view! { <input type="hidden" name="id" value=list.id.to_string() /> };
    let pasted = refused.import.typed("numbers").unwrap_or_default();
    let wrong = refused.import.problem("numbers");
    view! {
        <section class="card sheet">
            <h2>{words::ADD_TITLE}</h2>
            <form method="post" action={url_of::<api::AddNumber>()} class="limits">
                {id()}
                {Field::new("add", "number", words::NUMBER).required().draw(&refused.add)}
                {Field::new("add", "description", words::DESCRIPTION).draw(&refused.add)}
                {Field::new("add", "expires_at", words::EXPIRES_AT)
                    .kind("datetime-local")
                    .hint(words::EXPIRES_HINT)
                    .draw(&refused.add)}
                {kept::others(&refused.add)}
                <div class="row"><button class="btn primary">{words::ADD}</button></div>
            </form>
        </section>
        <section class="card sheet">
            <h2>{words::IMPORT_TITLE}</h2>
            <form method="post" action={url_of::<api::ImportNumbers>()} class="stack">
                {id()}
                <div class="field">
                    <label for="import-numbers">{words::IMPORT_LABEL}</label>
                    <textarea
                        class="input area mono"
                        id="import-numbers"
                        name="numbers"
                        rows="6"
                        spellcheck="false"
                        aria-describedby="import-hint"
                        aria-invalid=wrong.as_ref().map(|_| "true")
                        inner_html=area_html(&pasted)
                    ></textarea>
                    {wrong.map(|told| view! { <div class="problem">{told}</div> })}
                    <div class="hint" id="import-hint">{words::IMPORT_HINT}</div>
                </div>
                {kept::others(&refused.import)}
                <div class="row"><button class="btn">{words::IMPORT}</button></div>
            </form>
        </section>
        <section class="card sheet">
            <h2>{words::SETTINGS}</h2>
            <form method="post" action={url_of::<api::ChangeList>()} class="limits">
                {id()}
                {named("list", &list.name, &list.description, &refused.settings)}
                <div class="row"><button class="btn primary">{form::SAVE}</button></div>
            </form>
            {kept::deletion(
                url_of::<api::DeleteList>(),
                list.id.0,
                words::DELETE,
                words::DELETE_ABOUT,
            )}
        </section>
    }
    .into_any()
}
