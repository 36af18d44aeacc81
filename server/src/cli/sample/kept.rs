//! What the sample's flows ask: lists of numbers, a calendar, variables of the installation.

use super::{ALL, SampleError, refused};
use crate::cli::simulate::people::{Member, untexted, vips};
use admin::{Admin, AdminError};
use model::{
    calendar::CalendarDraft,
    number_list::{EntryDraft, ListDraft},
    user::Actor,
    variable::VariableDraft,
};

/// The numbers that are served first.
const VIP: &str = "VIP";
/// The numbers that are sent no texts.
const NO_TEXTS: &str = "No texts";

/// Name and value of each variable of the installation.
const VARIABLES: &[(&str, &str)] = &[("company", "Sample & Co."), ("alert_wait_ms", "5000")];

/// The calendar, as the API would take it: Monday to Friday, with a day on which nobody works and one
/// on which all go home early.
const OFFICE_HOURS: &str = r#"{
    "name": "Office hours",
    "description": "When somebody answers the support line.",
    "time_zone": "Europe/Kyiv",
    "hours": {
        "monday": [{"from": "09:00", "to": "18:00"}],
        "tuesday": [{"from": "09:00", "to": "18:00"}],
        "wednesday": [{"from": "09:00", "to": "18:00"}],
        "thursday": [{"from": "09:00", "to": "18:00"}],
        "friday": [{"from": "09:00", "to": "13:00"}, {"from": "14:00", "to": "17:00"}]
    },
    "exceptions": [
        {"name": "New Year", "date": "2027-01-01", "yearly": true},
        {
            "name": "New Year's Eve",
            "date": "2026-12-31",
            "yearly": true,
            "hours": [{"from": "09:00", "to": "13:00"}]
        }
    ]
}"#;

/// Makes what is missing of all this.
pub async fn put_all(admin: &Admin) -> Result<(), SampleError> {
    let vips = vips().flat_map(|one| {
        let by_chat = entry(&one, one.address.clone());
        [entry(&one, one.number.clone()), by_chat]
    });
    put_list(admin, VIP, "Served first.", vips.collect()).await.map_err(refused(VIP))?;
    let untexted = untexted().map(|one| entry(&one, one.number.clone())).collect();
    let about = "Have asked not to be texted.";
    put_list(admin, NO_TEXTS, about, untexted).await.map_err(refused(NO_TEXTS))?;
    let office: CalendarDraft = serde_json::from_str(OFFICE_HOURS)
        .map_err(|source| SampleError::Content { what: "calendar", source })?;
    put_calendar(admin, office).await.map_err(refused("calendar"))?;
    for (name, value) in VARIABLES {
        put_variable(admin, name, value).await.map_err(refused(name))?;
    }
    Ok(())
}

fn entry(member: &Member, number: String) -> EntryDraft {
    EntryDraft { number, description: member.name.clone(), expires_at: None }
}

async fn put_list(
    admin: &Admin,
    name: &str,
    description: &str,
    entries: Vec<EntryDraft>,
) -> admin::Result<()> {
    let actor = Actor::operator();
    let found = admin.number_lists(&actor, name, ALL).await?;
    let id = match found.items.iter().find(|list| list.name == name) {
        Some(there) if there.numbers > 0 => return Ok(()),
        Some(there) => there.id,
        None => {
            let draft = ListDraft { name: name.into(), description: description.into() };
            admin.create_number_list(&actor, draft).await?.id
        }
    };
    admin.add_to_list(&actor, id, entries).await?;
    Ok(())
}

async fn put_calendar(admin: &Admin, draft: CalendarDraft) -> admin::Result<()> {
    let actor = Actor::operator();
    let found = admin.calendars(&actor, &draft.name, ALL).await?;
    if !found.items.iter().any(|calendar| calendar.name == draft.name) {
        admin.create_calendar(&actor, draft).await?;
    }
    Ok(())
}

async fn put_variable(admin: &Admin, name: &str, value: &str) -> admin::Result<()> {
    let actor = Actor::operator();
    match admin.variable(&actor, name).await {
        Err(AdminError::NotFound { .. }) => {
            let draft = VariableDraft { value: value.into(), encrypted: false };
            admin.put_variable(&actor, name, draft).await.map(drop)
        }
        there => there.map(drop),
    }
}
