//! `offhook copy`: everything from one database to another.

use clap::Args as Arguments;
use indicatif::{ProgressBar, ProgressStyle};
use std::error::Error;
use storage::{
    Use,
    address::without_password,
    copy::{Step, copy},
};

/// What to copy, and to where.
#[derive(Arguments)]
pub struct Args {
    /// The database to copy: sqlite:PATH or postgres://…
    #[arg(long, value_name = "URL")]
    from: String,
    /// The empty database to copy it to, or one that an earlier copy of the same was ended in
    #[arg(long, value_name = "URL")]
    to: String,
}

/// Copies everything, shows how far it is, and compares both at the end.
pub async fn run(args: Args) -> Result<(), Box<dyn Error>> {
    let (from, to) = (storage::open(&args.from).await?, storage::open(&args.to).await?);
    // Nobody serves either of them meanwhile.
    let _claims = (from.claim(Use::Alone).await?, to.claim(Use::Alone).await?);
    from.migrate().await?;
    to.migrate().await?;
    let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template(
        "{msg:28} {wide_bar} {human_pos}/{human_len} {eta}",
    )?);
    let mut shown = None;
    let mut tell = |step: Step| {
        if shown.replace((step.table, step.comparing)) != Some((step.table, step.comparing)) {
            let act = if step.comparing { "comparing" } else { "copying" };
            bar.set_message(format!("{act} {}", step.table));
            bar.reset_eta();
        }
        bar.set_length(step.of);
        bar.set_position(step.done);
    };
    copy(&*from, &*to, &without_password(&args.from), &mut tell).await?;
    bar.finish_and_clear();
    println!("copied and compared: {}", without_password(&args.to));
    Ok(())
}
