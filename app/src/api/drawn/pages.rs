//! Pages of one thing: a call, a comparison, the help, what belongs to flows.

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
        body: drawn::call(&found, CALL_MAX).to_html(),
        share: Some(format!("/calls/{number}")),
        ..Sheet::default()
    })
}

pub fn failures(name: &str) -> Result<Sheet, AppError> {
    if name.is_empty() {
        return Ok(Sheet {
            title: help::TITLE.into(),
            above: above_deliveries(),
            body: drawn::failures().to_html(),
            ..Sheet::default()
        });
    }
    let (title, view) =
        drawn::failure(name).ok_or_else(|| AppError::no("cause of failure", name))?;
    Ok(Sheet {
        title: title.into(),
        above: Some((help::TITLE.into(), "/help/failures".into())),
        body: view.to_html(),
        ..Sheet::default()
    })
}

pub fn actions(name: &str, search: &str) -> Result<Sheet, AppError> {
    let sheet = |title: &str, above: (&str, &str), body: AnyView| Sheet {
        title: title.into(),
        above: Some((above.0.into(), above.1.into())),
        body: body.to_html(),
        ..Sheet::default()
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
        body: drawn::imports(files, again, edits).to_html(),
        ..Sheet::default()
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
        body: drawn::failure_flow(&flow, now, &others, edits).to_html(),
        ..Sheet::default()
    })
}

pub async fn compare(admin: &Admin, actor: &Actor, a: &str, b: &str) -> Result<Sheet, AppError> {
    let sheet = |view: AnyView, share| Sheet {
        title: compare::TITLE.into(),
        above: above_deliveries(),
        body: view.to_html(),
        share,
        ..Sheet::default()
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
        for given in [id.to_owned(), format!("https://h.example/deliveries/{id}?state=dead#x")] {
            assert_eq!(id_of(&given).map(|id| id.to_string()).as_deref(), Some(id));
        }
        assert!(id_of("https://h.example/deliveries").is_none());
    }
}
