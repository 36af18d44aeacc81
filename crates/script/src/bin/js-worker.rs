//! The worker process alone, for this crate's tests and for benches.

use std::process::ExitCode;

fn main() -> ExitCode {
    script::work()
}
