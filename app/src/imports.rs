//! Flows from files, from here or elsewhere: what becomes of each of their steps, and the flows that
//! are made of them. The panel, the API and the command line import in the same way.

use crate::{flow_file, text::imports as words};
use admin::{Admin, AdminError};
use model::{
    flow::{
        FlowMode,
        import::{Report, report},
    },
    ids::FlowId,
    user::Actor,
};
use std::path::Path;

/// A file to import.
pub struct Source<'a> {
    /// Its name, perhaps with a path. A bare array of steps is called so.
    pub file: &'a str,
    pub content: &'a str,
    /// The flow's name, where that is not the file's matter.
    pub name: &'a str,
    /// In the place of what the file says.
    pub mode: Option<FlowMode>,
}

/// What became of a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Imported {
    pub file: String,
    /// The flow's name and mode; nothing where the file is none.
    pub flow: Option<(String, FlowMode)>,
    pub report: Option<Report>,
    /// Why no flow can be made of it.
    pub refused: Option<String>,
    /// The flow that was made.
    pub made: Option<FlowId>,
}

/// Reports on a file and makes its flow, if there is somewhere to make it.
///
/// # Errors
/// Where the flow could not be made for another reason than what the file says.
pub async fn import(
    admin: Option<&Admin>,
    actor: &Actor,
    source: Source<'_>,
) -> Result<Imported, AdminError> {
    let Source { file, content, name, mode } = source;
    let mut imported = Imported { file: file.to_owned(), ..Imported::default() };
    // A bare array has no name of its own.
    let stem = Path::new(file).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let is_bare = content.trim_start_matches('\u{feff}').trim_start().starts_with('[');
    let named = match stem {
        Some(stem) if name.trim().is_empty() && is_bare => stem,
        _ => name.to_owned(),
    };
    let flow_file::Read { draft, above } = match flow_file::read(content, &named, mode) {
        Ok(read) => read,
        Err(problem) => {
            imported.refused = Some(problem);
            return Ok(imported);
        }
    };
    let report = report(&draft.source).below(above);
    let sound = report.is_sound();
    imported.flow = Some((draft.name.clone(), draft.mode));
    imported.report = Some(report);
    match admin {
        _ if !sound => imported.refused = Some(words::MEND.into()),
        None => {}
        Some(admin) => match admin.import_flow(actor, draft).await {
            Ok(flow) => imported.made = Some(flow.id),
            Err(AdminError::Invalid(problems)) => {
                let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
                imported.refused = Some(problems.join("; "));
            }
            Err(other) => return Err(other),
        },
    }
    Ok(imported)
}
