//! Pages that the server draws whole.

use crate::error::AppError;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::{delivery::DeliveryFilter, page::Paging, replay::ReplayFilter};
use serde::{Deserialize, Serialize};

/// Which page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// A call by its number.
    Call(String),
    /// Two deliveries by their ids.
    Compare { a: String, b: String },
    /// The question at which step a replay of a delivery, by its id, is to begin.
    ReplayFrom(String),
    /// The help about failures: a class, or empty for the list.
    Failures(String),
    /// The help on actions: one by its name, or empty for the list, with what it is searched for.
    Actions { name: String, search: String },
    /// How the installation fares, over this span.
    Overview(String),
    /// The destinations that these filters leave.
    Destinations { search: String, state: String, set: String },
    /// A destination by its key.
    Destination(String),
    /// The processes that serve the installation.
    Nodes,
    /// Not a page: what flows have to say to whoever looks, for its foot.
    Notes,
    /// Which flow runs when a delivery of this one, by its number, dies.
    FailureFlow(String),
    /// Importing flows, and the report on what was sent, by its key; empty where there is none.
    Imports(String),
    /// Variables of the installation, secrets or mail profiles, as `of` says: their list, or one by its
    /// name; `made` is what waits to be shown once.
    Settings { of: String, search: String, name: String, made: String },
    /// The list of replays.
    Replays(ReplayFilter, Paging),
    /// The question before a replay: of what, and how many minutes back from now.
    NewReplay(Box<DeliveryFilter>, Option<i64>),
    /// A replay by its number.
    Replay(String),
    /// What flows keep and ask: all of it, or one by its number.
    Kept { of: Kept, id: String, search: String, after: String },
}

/// What flows keep and ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    Lists,
    Calendars,
    Cache,
}

/// A page, drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    pub title: String,
    /// The page above, if there is one: its name and its path.
    pub above: Option<(String, String)>,
    /// What stands beside the title, as HTML like the body.
    pub beside: String,
    /// HTML, made by the server from views, which escape what they show.
    pub body: String,
    /// The path to share, where the page has something to share.
    pub share: Option<String>,
    /// Whether it is to be drawn again and again, since it changes by itself.
    #[serde(default)]
    pub live: bool,
}

/// Draws a page.
#[server(prefix = "/api/panel", endpoint = "drawn", input = Json)]
pub async fn draw(which: Which) -> Result<Sheet, AppError> {
    let (admin, actor) = (super::admin()?, super::actor().await?);
    match which {
        Which::Call(number) => ssr::call(&admin, &actor, &number).await,
        Which::Compare { a, b } => ssr::compare(&admin, &actor, &a, &b).await,
        Which::ReplayFrom(id) => replays::from(&admin, &actor, &id).await,
        Which::Failures(name) => ssr::failures(&name),
        Which::Actions { name, search } => ssr::actions(&name, &search),
        Which::Overview(span) => now::overview(&admin, &actor, &span).await,
        Which::Destinations { search, state, set } => {
            now::destinations(&admin, &actor, search, &state, &set).await
        }
        Which::Nodes => now::nodes(&admin, &actor).await,
        Which::Notes => {
            let body = crate::drawn::notes(admin.take_notes(&actor).await?);
            Ok(Sheet { body, ..Sheet::default() })
        }
        Which::Destination(key) => now::destination(&admin, &actor, &key).await,
        Which::FailureFlow(id) => ssr::failure_flow(&admin, &actor, &id).await,
        Which::Imports(key) => ssr::imports(&actor, &key),
        Which::Settings { of, search, name, made } => {
            vault::settings(&admin, &actor, &of, &search, &name, &made).await
        }
        Which::Replays(filter, paging) => replays::list(&admin, &actor, &filter, paging).await,
        Which::NewReplay(filter, minutes) => replays::ask(&admin, &actor, *filter, minutes).await,
        Which::Replay(id) => replays::job(&admin, &actor, &id).await,
        Which::Kept { of, id, search, after } => {
            kept::kept(&admin, &actor, of, &id, &search, &after).await
        }
    }
}

#[cfg(feature = "ssr")]
mod kept;
#[cfg(feature = "ssr")]
mod now;
#[cfg(feature = "ssr")]
mod replays;
#[cfg(feature = "ssr")]
mod vault;

#[cfg(feature = "ssr")]
mod ssr {
    use super::Sheet;
    use crate::{
        api::imports::ImportReports,
        drawn,
        error::AppError,
        start::Who,
        text::{actions, call, compare, deliveries, flows, help, imports, shell},
    };
    use admin::{Admin, CALL_MAX};
    use leptos::prelude::*;
    use model::{
        delivery::{DeliveryDetail, DeliveryFilter, DeliveryQuery},
        flow::FlowFilter,
        ids::{DeliveryId, FlowId},
        page::{Cursor, Paging},
        user::{Actor, Permission},
    };

    use std::sync::Arc;

    /// The words for a delivery's neighbours in the place of an id.
    const PREVIOUS: &str = "previous";
    const ORIGIN: &str = "origin";

    fn above_deliveries() -> Option<(String, String)> {
        Some((deliveries::TITLE.into(), "/deliveries".into()))
    }

    pub async fn call(admin: &Admin, actor: &Actor, number: &str) -> Result<Sheet, AppError> {
        let number: i64 = number.trim().parse().map_err(|_| AppError::no("call", number))?;
        let found = admin.call(actor, number).await?;
        Ok(Sheet {
            title: call::title(number),
            above: above_deliveries(),
            beside: String::new(),
            body: drawn::call(&found, CALL_MAX).to_html(),
            share: Some(format!("/calls/{number}")),
            live: false,
        })
    }

    pub fn failures(name: &str) -> Result<Sheet, AppError> {
        if name.is_empty() {
            return Ok(Sheet {
                title: help::TITLE.into(),
                above: above_deliveries(),
                beside: String::new(),
                body: drawn::failures().to_html(),
                share: None,
                live: false,
            });
        }
        let (title, view) =
            drawn::failure(name).ok_or_else(|| AppError::no("cause of failure", name))?;
        Ok(Sheet {
            title: title.into(),
            above: Some((help::TITLE.into(), "/help/failures".into())),
            beside: String::new(),
            body: view.to_html(),
            share: None,
            live: false,
        })
    }

    pub fn actions(name: &str, search: &str) -> Result<Sheet, AppError> {
        let sheet = |title: &str, above: (&str, &str), body: AnyView| Sheet {
            title: title.into(),
            above: Some((above.0.into(), above.1.into())),
            beside: String::new(),
            body: body.to_html(),
            share: None,
            live: false,
        };
        if name.is_empty() {
            return Ok(sheet(actions::TITLE, (shell::FLOWS, "/flows"), drawn::actions(search)));
        }
        let (title, view) = drawn::action(name).ok_or_else(|| AppError::no("action", name))?;
        Ok(sheet(title, (actions::TITLE, actions::PATH), view))
    }

    pub fn imports(actor: &Actor, key: &str) -> Result<Sheet, AppError> {
        let kept: Arc<ImportReports> = use_context().ok_or(AppError::Unavailable)?;
        let who = Who::of(actor).ok_or(AppError::SignedOut)?;
        let report = (!key.is_empty()).then(|| kept.see(key, who.id));
        let (files, again) = match &report {
            None => (None, None),
            Some(None) => (Some(None), None),
            Some(Some(found)) => (Some(Some(found.files.as_slice())), found.again.as_ref()),
        };
        let edits = actor.require(Permission::Edit).is_ok();
        Ok(Sheet {
            title: imports::TITLE.into(),
            above: Some((shell::FLOWS.into(), "/flows".into())),
            beside: String::new(),
            body: drawn::imports(files, again, edits).to_html(),
            share: None,
            live: false,
        })
    }

    pub async fn failure_flow(admin: &Admin, actor: &Actor, id: &str) -> Result<Sheet, AppError> {
        let id: FlowId = id.parse().map_err(|_| AppError::no("flow", id))?;
        let flow = admin.flow(actor, id, None).await?;
        let now = admin.failure_flow(actor, id).await?;
        let filter = FlowFilter { for_hooks: true, ..FlowFilter::default() };
        let mut others = Vec::new();
        for page in 1.. {
            let found = admin.flows(actor, &filter, Paging { page, size: 200 }).await?;
            let last = found.items.is_empty();
            let found = found.items.into_iter().filter(|one| one.id != id);
            others.extend(found.map(|one| (one.id, one.name)));
            if last {
                break;
            }
        }
        // One whose type was changed after it was chosen is still the one that is set.
        if let Some(now) = now.filter(|now| others.iter().all(|(id, _)| id != now)) {
            let name = admin.flow(actor, now, None).await?.name;
            others.insert(0, (now, flows::failure_flow_unfit(&name)));
        }
        let edits = actor.require(Permission::Edit).is_ok();
        Ok(Sheet {
            title: flows::FAILURE_FLOW.into(),
            above: Some((flow.name.clone(), format!("/flows/{id}"))),
            beside: String::new(),
            body: drawn::failure_flow(&flow, now, &others, edits).to_html(),
            share: None,
            live: false,
        })
    }

    pub async fn compare(
        admin: &Admin,
        actor: &Actor,
        a: &str,
        b: &str,
    ) -> Result<Sheet, AppError> {
        let sheet = |view: AnyView, share| Sheet {
            title: compare::TITLE.into(),
            above: above_deliveries(),
            beside: String::new(),
            body: view.to_html(),
            share,
            live: false,
        };
        let known = match b.trim() {
            "" => None,
            given => match id_of(given) {
                Some(id) => Some(admin.delivery(actor, id).await?),
                None => {
                    let problem = Some(compare::no_id(given));
                    return Ok(sheet(drawn::choose(a, b, None, problem), None));
                }
            },
        };
        let row = known.as_ref().map(|known| &known.row);
        let ask = |problem| Ok(sheet(drawn::choose(a, b, row, problem), None));
        let (Some(known), false) = (&known, a.trim().is_empty()) else { return ask(None) };
        let other = match a.trim() {
            PREVIOUS => match previous(admin, actor, known).await? {
                Some(id) => id,
                None => return ask(Some(compare::NO_PREVIOUS.to_owned())),
            },
            ORIGIN => match known.row.replay_of {
                Some(id) => id,
                None => return ask(Some(compare::NO_ORIGIN.to_owned())),
            },
            given => match id_of(given) {
                Some(id) => id,
                None => return ask(Some(compare::no_id(given))),
            },
        };
        let other = admin.delivery(actor, other).await?;
        let share = format!("/deliveries/compare?a={}&b={}", other.row.id, known.row.id);
        Ok(sheet(drawn::compare(&other, known), Some(share)))
    }

    /// An id, or the one at the end of a delivery's address.
    fn id_of(given: &str) -> Option<DeliveryId> {
        let path = given.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        path.rsplit('/').next().and_then(|id| id.parse().ok())
    }

    /// The delivery of the same hook before this one.
    async fn previous(
        admin: &Admin,
        actor: &Actor,
        of: &DeliveryDetail,
    ) -> Result<Option<DeliveryId>, AppError> {
        let filter = DeliveryFilter { hooks: vec![of.row.hook_id], ..DeliveryFilter::default() };
        let query = DeliveryQuery { filter, cursor: Cursor::Before(of.row.seq), size: 1 };
        Ok(admin.deliveries(actor, &query).await?.items.first().map(|row| row.id))
    }

    #[cfg(test)]
    mod tests {
        use super::id_of;

        #[test]
        fn an_id_is_taken_from_an_address() {
            let id = "0193a7c2-5b1e-7d21-9f0a-6c2e11b4a901";
            for given in [id.to_owned(), format!("https://h.example/deliveries/{id}?state=dead#x")]
            {
                assert_eq!(id_of(&given).map(|id| id.to_string()).as_deref(), Some(id));
            }
            assert!(id_of("https://h.example/deliveries").is_none());
        }
    }
}
