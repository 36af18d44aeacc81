//! Flows from files, with a report of what becomes of each step.

use admin::Admin;
use app::flow_file;
use model::{
    flow::{
        FlowMode,
        import::{Report, StepReport, Verdict, report},
    },
    user::Actor,
};
use std::{error::Error, fs, path::PathBuf};

/// Which files, and how.
#[derive(clap::Args)]
pub struct Args {
    /// Exported flows, or arrays of steps
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Only report
    #[arg(long)]
    check: bool,
    /// strict or lenient, in the place of what a file says
    #[arg(long)]
    mode: Option<FlowMode>,
}

impl Args {
    /// Whether nothing is to be saved, and so no database is needed.
    pub fn only_reports(&self) -> bool {
        self.check
    }
}

/// Reports on each file and saves what can be saved, if there is somewhere to save it.
///
/// # Errors
/// When a file cannot be read, or a flow must be mended first. All others are saved.
pub async fn run(args: Args, admin: Option<&Admin>) -> Result<(), Box<dyn Error>> {
    let mut refused = 0;
    for file in &args.files {
        let content =
            fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        // A bare array has no name of its own.
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let named = if content.trim_start().starts_with('[') {
            stem.unwrap_or_default()
        } else {
            String::new()
        };
        let draft = match flow_file::read(&content, &named, args.mode) {
            Ok(draft) => draft,
            Err(problem) => {
                println!("{}: {problem}", file.display());
                refused += 1;
                continue;
            }
        };
        println!("{}: \"{}\", {}", file.display(), draft.name, draft.mode);
        let report = report(&draft.source);
        print!("{}", written(&report));
        if !report.is_sound() {
            println!("  not saved: mend what is refused");
            refused += 1;
        } else if let Some(admin) = admin {
            let flow = admin.create_flow(&Actor::operator(), draft).await?;
            println!("  saved as flow {}", flow.id);
        }
    }
    match refused {
        0 => Ok(()),
        1 => Err("one file was not saved".into()),
        many => Err(format!("{many} files were not saved").into()),
    }
}

/// A line for each step, its notes below.
fn written(report: &Report) -> String {
    let mut text = String::new();
    for step in &report.steps {
        let StepReport { path, line, action, verdict, notes } = step;
        let verdict = match verdict {
            Verdict::Runs => "runs",
            Verdict::Differs => "runs, and differs on purpose",
            Verdict::NeedsCore => "does not run here: it needs the contact centre's core",
            Verdict::Refused => "refused",
        };
        let action = if action.is_empty() { "(no action)" } else { action };
        text.push_str(&format!("  line {line}, {path} {action}: {verdict}\n"));
        for note in notes {
            text.push_str(&format!("    {note}\n"));
        }
    }
    if report.steps.is_empty() {
        for problem in &report.problems {
            text.push_str(&format!("  {problem}\n"));
        }
    }
    text
}
