//! How a hook's deliveries are run: the section of its dialog.

use model::policy::{Preset, Priority};

pub const RETRIES: &str = "Tries again";
pub const RETRIES_HINT: &str = "What time may mend is tried so often; other answers three times at most, faults of the flow never.";
pub const WAITS: &str = "Waits, if custom";
pub const WAITS_HINT: &str =
    "Between commas, such as 5s, 30s, 2m, 10m, 1h. Each varies by a fifth.";
pub const WAITS_NEEDED: &str = "Name the waits, such as 5s, 30s, 2m";
pub const MAX_AGE: &str = "Not tried again when older than";
pub const MAX_AGE_HINT: &str = "Such as 12h or 3d; empty: when the waits are used up.";
pub const ATTEMPT_LIMIT: &str = "An attempt may take";
pub const ATTEMPT_LIMIT_HINT: &str = "Such as 10s or 2m; empty: as long as the server allows.";
pub const PRIORITY: &str = "Priority";
pub const PRIORITY_HINT: &str =
    "When there is more than can run: high goes first, low goes last, none is stopped.";

/// A schedule of retries, in words.
pub fn preset(preset: Preset) -> &'static str {
    match preset {
        Preset::Default => "As usual: 5 s to 24 h, 8 attempts",
        Preset::Quick => "Quick: 2 s to 3 min, 7 attempts",
        Preset::Patient => "Patient: 1 min to 2 days, 8 attempts",
        Preset::Once => "Once: never again",
        Preset::Custom => "Custom",
    }
}

/// A priority, in a word.
pub fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::High => "High",
        Priority::Normal => "Normal",
        Priority::Low => "Low",
    }
}
