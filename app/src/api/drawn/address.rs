//! What stands at which address.

use super::{Sheet, chart, kept, now, pages, replays, vault};
use crate::{error::AppError, pages::deliveries::LogView};
use admin::Admin;
use leptos_router::location::{RequestUrl, Url};
use model::user::Actor;

/// Draws what stands at this path and query.
pub async fn drawn(admin: &Admin, actor: &Actor, page: &str) -> Result<Sheet, AppError> {
    let url = RequestUrl::new(page).parse().map_err(|_| AppError::no("page", page))?;
    let query = url.search_params();
    let said = |name: &str| query.get(name).unwrap_or_default();
    let path: Vec<_> = url.path().trim_matches('/').split('/').map(Url::unescape).collect();
    let path: Vec<_> = path.iter().map(String::as_str).collect();
    match path[..] {
        ["overview"] => now::overview(admin, actor, &said("span")).await,
        ["nodes"] => now::nodes(admin, actor).await,
        ["destinations"] => {
            now::destinations(admin, actor, said("search"), &said("state"), &said("set")).await
        }
        ["destinations", "settings"] => now::destination(admin, actor, &said("key")).await,
        ["calls", number] => pages::call(admin, actor, number).await,
        ["deliveries", "chart"] => chart::chart(admin, actor, &LogView::read(query)).await,
        ["deliveries", "compare"] => pages::compare(admin, actor, &said("a"), &said("b")).await,
        ["deliveries", id, "replay"] => replays::from(admin, actor, id).await,
        ["replays"] => replays::list(admin, actor, query).await,
        ["replays", "new"] => replays::ask(admin, actor, &LogView::read(query)).await,
        ["replays", id] => replays::job(admin, actor, id).await,
        ["help", "failures"] => pages::failures(""),
        ["help", "failures", name] => pages::failures(name),
        ["help", "actions"] => pages::actions("", &said("search")),
        ["help", "actions", name] => pages::actions(name, &said("search")),
        ["flows", "import"] => pages::imports(actor, &said("report")),
        ["flows", id, "failure-flow"] => pages::failure_flow(admin, actor, id).await,
        ["lists"] => kept::lists(admin, actor, &said("search"), &said("after")).await,
        ["lists", id] => kept::list(admin, actor, id, &said("search"), &said("after")).await,
        ["calendars"] => kept::calendars(admin, actor, &said("search"), &said("after")).await,
        ["calendars", id] => kept::calendar(admin, actor, id).await,
        ["cache"] => kept::cache(admin, actor, &said("search"), &said("after")).await,
        ["settings", of] => {
            vault::settings(admin, actor, of, &said("search"), &said("name"), &said("made")).await
        }
        // Not a page: what flows have to say to whoever looks, for its foot.
        ["notes"] => {
            let body = crate::drawn::notes(admin.take_notes(actor).await?);
            Ok(Sheet { body, ..Sheet::default() })
        }
        _ => Err(AppError::no("page", page)),
    }
}
