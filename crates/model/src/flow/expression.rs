//! The expressions of `if` and `while`.
