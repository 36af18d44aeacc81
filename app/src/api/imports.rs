//! Files of flows that a browser sends, and the reports on them, which wait for the page that shows
//! them.

use super::{
    Visitor,
    form::{self, FLASH_KEY, Flash, Toast},
    waiting::Waiting,
};
use crate::{
    error::AppError,
    imports::{Imported, Source, import},
    start::Who,
    text::imports as words,
};
use admin::Admin;
use axum::{
    Extension,
    extract::{Multipart, State, multipart::MultipartError},
    response::Redirect,
};
use model::{
    flow::FlowMode,
    user::{Actor, Permission},
};
use std::{sync::Arc, time::Duration};
use tower_sessions::Session;

/// The page with the form.
const PAGE: &str = "/flows/import";
/// How many files are taken at once.
const FILES_MAX: usize = 100;
/// How long a report waits to be looked at, again too.
const WAITS: Duration = Duration::from_secs(900);
/// How many wait at a time.
const WAITING_MAX: usize = 20;

/// The longest pasted text that is handed back to be mended, in bytes: a flow is shorter.
const AGAIN_MAX: usize = 2 << 20;

/// What became of what was sent.
pub struct ImportReport {
    pub files: Vec<Imported>,
    /// What was pasted, where no flow was made of it.
    pub again: Option<Pasted>,
}

/// A text that was pasted, and what was said of it.
#[derive(Debug, Clone, Default)]
pub struct Pasted {
    pub content: String,
    pub name: String,
    pub mode: String,
}

/// Reports of the last minutes. In memory only: what was saved is saved.
pub type ImportReports = Waiting<Arc<ImportReport>>;

/// None yet.
pub fn import_reports() -> Arc<ImportReports> {
    Arc::new(Waiting::new(WAITS, WAITING_MAX))
}

/// What the form says.
#[derive(Default)]
struct Sent {
    /// Files by their names.
    files: Vec<(String, Vec<u8>)>,
    pasted: Pasted,
    check: bool,
}

/// Takes the form and leads to the page with the report: `POST /flows/import`.
pub async fn post_imports(
    State((admin, reports)): State<(Admin, Arc<ImportReports>)>,
    Extension(visitor): Extension<Visitor>,
    session: Session,
    sent: Multipart,
) -> Redirect {
    let done = async {
        let actor = visitor.0?.ok_or(AppError::SignedOut)?;
        actor.require(Permission::Edit)?;
        let who = Who::of(&actor).ok_or(AppError::SignedOut)?;
        let sent = read(sent).await.map_err(|_| AppError::field("file", words::UNREAD))?;
        let imported = import_all(&admin, &actor, &sent).await;
        let made = imported
            .as_ref()
            .is_ok_and(|files| files.iter().any(|one| one.file.is_empty() && one.made.is_some()));
        let again = Some(sent.pasted)
            .filter(|one| !made && (1..=AGAIN_MAX).contains(&one.content.trim().len()));
        let (files, error) = match imported {
            Ok(files) => (files, None),
            Err(error) if again.is_none() => return Err(error),
            Err(error) => (Vec::new(), Some(error)),
        };
        let key = reports.put(who.id, Arc::new(ImportReport { files, again }));
        Ok::<_, AppError>((format!("{PAGE}?report={key}"), error))
    };
    let (to, error) = match done.await {
        Ok((to, error)) => (to, error),
        Err(error) => (PAGE.to_owned(), Some(error)),
    };
    if let Some(error) = error {
        let toast = Some(Toast { text: error.to_string(), bad: true });
        if let Err(error) = session.insert(FLASH_KEY, Flash { toast, form: None }).await {
            tracing::warn!(%error, "what a form is told cannot be kept");
        }
    }
    Redirect::to(&to)
}

async fn read(mut sent: Multipart) -> Result<Sent, MultipartError> {
    let mut read = Sent::default();
    while let Some(field) = sent.next_field().await? {
        let file = field.file_name().unwrap_or_default().to_owned();
        match field.name().unwrap_or_default() {
            // A field for files that was left empty is sent as one without a name.
            "file" if file.is_empty() => {}
            "file" => read.files.push((file, field.bytes().await?.to_vec())),
            "content" => read.pasted.content = field.text().await?,
            "name" => read.pasted.name = field.text().await?,
            "mode" => read.pasted.mode = field.text().await?,
            "check" => read.check = true,
            _ => {}
        }
    }
    Ok(read)
}

async fn import_all(admin: &Admin, actor: &Actor, sent: &Sent) -> Result<Vec<Imported>, AppError> {
    let pasted = &sent.pasted;
    let mode: Option<FlowMode> = match pasted.mode.as_str() {
        "" => None,
        mode => Some(form::word("mode", mode)?),
    };
    if sent.files.len() > FILES_MAX {
        return Err(AppError::field("file", words::TOO_MUCH));
    }
    let admin = Some(admin).filter(|_| !sent.check);
    let mut all = Vec::new();
    for (file, bytes) in &sent.files {
        all.push(match std::str::from_utf8(bytes) {
            Ok(content) => import(admin, actor, Source { file, content, name: "", mode }).await?,
            Err(_) => {
                let refused = Some(words::NO_TEXT.to_owned());
                Imported { file: file.clone(), refused, ..Imported::default() }
            }
        });
    }
    if !pasted.content.trim().is_empty() {
        let source = Source { file: "", content: &pasted.content, name: &pasted.name, mode };
        all.push(import(admin, actor, source).await?);
    }
    if all.is_empty() {
        return Err(AppError::field("file", words::NOTHING));
    }
    Ok(all)
}
