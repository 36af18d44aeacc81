//! Flows from files, with a report of what becomes of each step.

use admin::Admin;
use app::{
    imports::{Imported, Source, import},
    text::imports::{NO_ACTION, verdict},
};
use model::{
    flow::{
        FlowMode,
        import::{Report, StepReport},
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
        let name = file.display().to_string();
        let source = Source { file: &name, content: &content, name: "", mode: args.mode };
        let Imported { flow, report, refused: why, made, .. } =
            import(admin, &Actor::operator(), source).await?;
        match flow {
            Some((flow, mode)) => println!("{name}: \"{flow}\", {mode}"),
            None => println!("{name}:"),
        }
        print!("{}", report.as_ref().map(written).unwrap_or_default());
        if let Some(why) = why {
            println!("  not saved: {why}");
            refused += 1;
        }
        if let Some(flow) = made {
            println!("  saved as flow {flow}");
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
        let StepReport { path, line, action, verdict: here, notes } = step;
        let action = if action.is_empty() { NO_ACTION } else { action };
        text.push_str(&format!("  line {line}, {path} {action}: {}\n", verdict(*here)));
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
