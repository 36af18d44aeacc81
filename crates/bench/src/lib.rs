//! What benchmarks (`bench`) and injected failures (`chaos`) share. Both take the server as it is:
//! the real program, its API, its database.

pub mod chaos;
pub mod figures;
pub mod installation;
pub mod machine;
pub mod nowhere;
pub mod postgres;
pub mod receiver;
pub mod sender;

/// Whatever goes wrong ends the benchmark.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
pub type Result<T> = std::result::Result<T, Error>;
