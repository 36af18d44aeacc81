//! The calendars, and the page of one.

use super::{
    Refusal, empty,
    kept::{self, Field, when},
    lists::Around,
};
use crate::{
    api::{calendars as api, url_of},
    text::calendars as words,
};
use leptos::prelude::*;
use model::{
    calendar::{Calendar, CalendarAnswer, Day, Exception, Weekday, time_zones, written},
    page::{Page, Paging},
    time::Millis,
};

/// All calendars.
pub fn calendars(
    page: &Page<Calendar>,
    paging: Paging,
    around: &Around<'_>,
    refused: &Refusal,
) -> AnyView {
    let rows = page.items.iter().map(|one| {
        view! {
            <tr>
                <td class="first name">
                    <b class="strong">
                        <a href=format!("/calendars/{}", one.id)>{one.name.clone()}</a>
                    </b>
                </td>
                <td data-label=words::NOW>{pill(&one.at(around.now))}</td>
                <td>{one.time_zone.clone()}</td>
                <td class="wide">{one.description.clone()}</td>
                <td class="last">{when(Some(one.updated_at), around.now, "")}</td>
            </tr>
        }
    });
    let more = u64::from(paging.page) * u64::from(paging.size) < page.total;
    let next = more.then(|| (paging.page + 1).to_string());
    let after = if paging.page > 1 { paging.page.to_string() } else { String::new() };
    let onward = kept::onward("/calendars", around.search, &after, next.as_deref());
    let table = match (page.items.is_empty(), around.search) {
        (true, "") => {
            empty(words::EMPTY, words::EMPTY_ABOUT, words::HELP, "/help/actions/calendar")
        }
        (true, _) => empty(words::NONE, words::NONE_ABOUT, words::CLEAR, "/calendars"),
        (false, _) => view! {
            <div class="card table-card">
                <table>
                    <caption class="sr-only">{words::TITLE}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{words::NAME}</th>
                            <th scope="col">{words::NOW}</th>
                            <th scope="col">{words::ZONE}</th>
                            <th scope="col" class="wide">{words::DESCRIPTION}</th>
                            <th scope="col">{words::CHANGED}</th>
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
                <div class="foot"><span>{words::total(page.total)}</span>{onward}</div>
            </div>
        }
        .into_any(),
    };
    let add = around.editor.then(|| {
        let form = view! {
            <form method="post" action={url_of::<api::CreateCalendar>()} class="card sheet limits">
                {Field::new("new", "name", words::NAME).required().draw(refused)}
                {zone("new", "UTC", refused)}
                {kept::others(refused)}
                <div class="row"><button class="btn primary">{words::CREATE}</button></div>
            </form>
        };
        kept::add_one(words::NEW, refused.is_some(), form.into_any())
    });
    view! {
        {kept::tabs("/calendars")}
        {kept::tools(kept::search("/calendars", words::SEARCH, around.search), add)}
        {table}
    }
    .into_any()
}

fn pill(answer: &CalendarAnswer) -> AnyView {
    let class = match answer {
        CalendarAnswer::Open => "pill ok",
        CalendarAnswer::Expired => "pill bad",
        CalendarAnswer::Closed | CalendarAnswer::Exception(_) => "pill mute",
    };
    view! { <span class=class>{words::answer(answer)}</span> }.into_any()
}

fn zone(form: &'static str, value: &str, refused: &Refusal) -> AnyView {
    let options = time_zones().into_iter().map(|name| view! { <option value=name></option> });
    view! {
        {Field::new(form, "time_zone", words::ZONE)
            .of(value)
            .hint(words::ZONE_HINT)
            .required()
            .draw(refused)}
        <datalist id="time-zones">{options.collect_view()}</datalist>
    }
    .into_any()
}

/// What was refused of the forms of a calendar's page.
#[derive(Default)]
pub struct CalendarRefusals {
    pub settings: Refusal,
    pub exception: Refusal,
}

/// One calendar: when it is open, and its exceptions.
pub fn calendar(one: &Calendar, editor: bool, now: Millis, refused: &CalendarRefusals) -> AnyView {
    let rest = match editor {
        true => view! {
            {settings(one, &refused.settings)}
            {exceptions(one, Some(&refused.exception))}
            <section class="card sheet">
                {kept::deletion(
                    url_of::<api::DeleteCalendar>(),
                    one.id.0,
                    words::DELETE,
                    words::DELETE_ABOUT,
                )}
            </section>
        }
        .into_any(),
        false => view! {
            {hours(one)}
            {exceptions(one, None)}
            <p class="dim">{words::VIEWER}</p>
        }
        .into_any(),
    };
    let about = (!one.description.is_empty())
        .then(|| view! { <p class="dim">{one.description.clone()}</p> });
    view! {
        <section class="card sheet">
            {about}
            <dl class="facts-line">
                <div><dt>{words::NOW}</dt><dd>{pill(&one.at(now))}</dd></div>
                <div><dt>{words::ZONE}</dt><dd>{one.time_zone.clone()}</dd></div>
            </dl>
        </section>
        {rest}
    }
    .into_any()
}

/// The working time, to be read.
fn hours(one: &Calendar) -> AnyView {
    let days = Weekday::ALL.map(|day| {
        let spans = one.hours.of(day);
        let told = if spans.is_empty() { words::OFF.to_owned() } else { written(spans) };
        view! { <div><dt>{words::weekday(day)}</dt><dd>{told}</dd></div> }
    });
    view! {
        <section class="card sheet">
            <h2>{words::SETTINGS}</h2>
            <dl class="facts-line">{days.collect_view()}</dl>
        </section>
    }
    .into_any()
}

fn settings(one: &Calendar, refused: &Refusal) -> AnyView {
    let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
    let hours = Weekday::ALL.map(|weekday| {
        Field::new("calendar", weekday.as_str(), words::weekday(weekday))
            .of(written(one.hours.of(weekday)))
            .draw(refused)
    });
    let valid = |name, label, at| {
        Field::new("calendar", name, label)
            .kind("date")
            .of(day(at))
            .hint(words::VALID_HINT)
            .draw(refused)
    };
    // A form that was refused keeps what its text was based on.
    let base = refused.typed("base").unwrap_or(one.updated_at.to_string());
    view! {
        <section class="card sheet">
            <h2>{words::SETTINGS}</h2>
            <p class="dim">{words::SETTINGS_ABOUT}</p>
            <form method="post" action={url_of::<api::SaveCalendar>()} class="limits">
                <input type="hidden" name="id" value=one.id.to_string() />
                <input type="hidden" name="base" value=base />
                {Field::new("calendar", "name", words::NAME)
                    .of(one.name.clone())
                    .required()
                    .draw(refused)}
                {Field::new("calendar", "description", words::DESCRIPTION)
                    .of(one.description.clone())
                    .draw(refused)}
                {hours.collect_view()}
                {zone("calendar", &one.time_zone, refused)}
                {valid("valid_from", words::VALID_FROM, one.valid_from)}
                {valid("valid_to", words::VALID_TO, one.valid_to)}
                {kept::others(refused)}
                <div class="row"><button class="btn primary">{words::SAVE}</button></div>
            </form>
        </section>
    }
    .into_any()
}

/// The exceptions; with what changes them, where they may be changed.
fn exceptions(one: &Calendar, refused: Option<&Refusal>) -> AnyView {
    let rows = one.exceptions.iter().map(|exception| row(one, exception, refused.is_some()));
    let table = if one.exceptions.is_empty() {
        view! { <p class="dim">{words::NO_EXCEPTIONS}</p> }.into_any()
    } else {
        view! {
            <table>
                <caption class="sr-only">{words::EXCEPTIONS}</caption>
                <thead>
                    <tr>
                        <th scope="col">{words::DATE}</th>
                        <th scope="col">{words::NAME}</th>
                        <th scope="col">{words::YEARLY}</th>
                        <th scope="col">{words::HOURS}</th>
                        <th scope="col"><span class="sr-only">{crate::text::ui::ACTIONS}</span></th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        }
        .into_any()
    };
    let add = refused.map(|refused| {
        let yearly = refused.typed("yearly").is_some_and(|typed| typed == "true");
        view! {
            <form method="post" action={url_of::<api::AddException>()} class="limits">
                <input type="hidden" name="id" value=one.id.to_string() />
                {Field::new("exception", "date", words::DATE).kind("date").required().draw(refused)}
                {Field::new("exception", "name", words::NAME).required().draw(refused)}
                {Field::new("exception", "hours", words::HOURS)
                    .hint(words::HOURS_HINT)
                    .draw(refused)}
                <div class="check">
                    <label>
                        <input type="checkbox" name="yearly" value="true" checked=yearly />
                        {words::YEARLY}
                    </label>
                </div>
                {kept::others(refused)}
                <div class="row">
                    <button class="btn" aria-label=words::ADD_EXCEPTION>{words::ADD}</button>
                </div>
            </form>
        }
    });
    view! {
        <section class="card sheet">
            <h2>{words::EXCEPTIONS}</h2>
            <p class="dim">{words::EXCEPTIONS_ABOUT}</p>
            {table}
            {add}
        </section>
    }
    .into_any()
}

fn row(one: &Calendar, exception: &Exception, editor: bool) -> AnyView {
    let told = match exception.hours.as_slice() {
        [] => words::OFF.to_owned(),
        spans => written(spans),
    };
    let remove = editor.then(|| {
        view! {
            <form method="post" action={url_of::<api::RemoveException>()}>
                <input type="hidden" name="id" value=one.id.to_string() />
                <input type="hidden" name="date" value=exception.date.to_string() />
                <input type="hidden" name="yearly" value=exception.yearly.to_string() />
                <button class="btn" aria-label=words::remove(&exception.name)>
                    {words::REMOVE}
                </button>
            </form>
        }
    });
    view! {
        <tr>
            <td class="first nowrap">{exception.date.to_string()}</td>
            <td class="break">{exception.name.clone()}</td>
            <td class="nowrap">{if exception.yearly { words::EVERY_YEAR } else { words::ONCE }}</td>
            <td>{told}</td>
            <td class="acts last">{remove}</td>
        </tr>
    }
    .into_any()
}
