//! Where PostgreSQL is, for what is measured on it.

use crate::Result;

/// The variable that names a database of PostgreSQL, which the program may fill.
pub const VARIABLE: &str = "OFFHOOK_BENCH_POSTGRES";

/// The URL, or why nothing is measured.
pub fn url() -> Result<String> {
    std::env::var(VARIABLE).map_err(|_| format!("{VARIABLE} names no database").into())
}
