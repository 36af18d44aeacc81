//! Any flow that is accepted ends within its limits.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &str| {
    fuzz::run_source(source, model::JsonMap::new(), Vec::new());
});
