//! The pages of variables of the installation, secrets and mail profiles.

use super::{
    Sheet,
    now::{refusal, start},
};
use crate::{
    api::{tokens::MadeToken, url_of, vault as forms, waiting::Waiting},
    drawn::{self, Asked, Shelf},
    error::AppError,
    start::Who,
    text::vault as words,
};
use admin::Admin;
use leptos::prelude::*;
use model::user::{Actor, Permission};
use std::sync::Arc;

/// The list of one kind, or one of them by its name; `made` is the key of a signing key that waits
/// to be shown.
pub async fn settings(
    admin: &Admin,
    actor: &Actor,
    of: &str,
    search: &str,
    name: &str,
    made: &str,
) -> Result<Sheet, AppError> {
    let waiting: Option<Arc<Waiting<MadeToken>>> = use_context();
    let shelf = Shelf::ALL.into_iter().find(|shelf| shelf.path().rsplit('/').next() == Some(of));
    let shelf = shelf.ok_or_else(|| AppError::no("page", of))?;
    let start = start()?;
    let form = match shelf {
        Shelf::Variables => url_of::<forms::SaveVariable>(),
        Shelf::Secrets => url_of::<forms::SaveSecret>(),
        Shelf::MailProfiles => url_of::<forms::SaveMailProfile>(),
    };
    let refused = refusal(&start, form);
    let (changes, now) = (actor.has(Permission::Configure), start.now);
    let (body, above) = if name.is_empty() {
        let asked = Asked { search, changes, refused: &refused, now };
        let body = match shelf {
            Shelf::Variables => drawn::variables(admin.variables(actor, search).await?, &asked),
            Shelf::Secrets => {
                let all = admin.secrets(actor, search).await?;
                let shown = waiting
                    .zip(Who::of(actor))
                    .and_then(|(waiting, who)| waiting.take(made, who.id).map(|made| made.secret));
                drawn::secrets(all, shown, &asked)
            }
            Shelf::MailProfiles => {
                drawn::mail_profiles(admin.mail_profiles(actor, search).await?, &asked)
            }
        };
        (body, None)
    } else {
        let body = match shelf {
            Shelf::Variables => {
                let one = admin.variable(actor, name).await?;
                let used_by = admin.flows_with_variable(actor, name).await?;
                drawn::variable(&one, &used_by, changes, &refused, now)
            }
            Shelf::Secrets => {
                let one = admin.secret(actor, name).await?;
                let used_by = admin.flows_with_secret(actor, name).await?;
                drawn::secret(&one, &used_by, changes, &refused, now)
            }
            Shelf::MailProfiles => {
                let one = admin.mail_profile(actor, name).await?;
                drawn::mail_profile(&one, changes, &refused, now)
            }
        };
        (body, Some((words::title(shelf).to_owned(), shelf.path().to_owned())))
    };
    Ok(Sheet {
        title: if name.is_empty() { words::title(shelf).into() } else { name.into() },
        above,
        body: body.to_html(),
        ..Sheet::default()
    })
}
