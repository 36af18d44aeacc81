//! Any text is checked without harm; one that is accepted can be loaded, keeps its ids, and is read
//! back as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::flow::{FlowMode, check, json};

fuzz_target!(|source: &str| {
    let checked = check::check(source);
    if let Ok(read) = json::read(source, 64) {
        let theirs: Result<serde_json::Value, _> = serde_json::from_str(source);
        if let Ok(theirs) = theirs {
            assert_eq!(read.root.to_value(), theirs);
        }
    }
    if checked.steps.is_none() {
        assert!(!checked.problems.is_empty(), "who refuses says why");
        return;
    }
    let given = check::with_ids(source).expect("what was accepted can be given ids");
    assert_eq!(check::with_ids(&given).expect("and is accepted again"), given);
    flow::Program::load(&given, FlowMode::Strict).expect("and can be loaded");
});
