//! Limits that the panel and the server must agree on.

/// The longest id that a sender may give an event, in characters.
pub const SENDER_ID_MAX: usize = 128;
/// The most events of one post.
pub const BATCH_MAX: usize = 1_000;
/// The largest body of one event, in bytes.
pub const EVENT_BYTES_MAX: usize = 1 << 20;
/// The largest body of many events, in bytes.
pub const BATCH_BYTES_MAX: usize = 8 << 20;
/// How deeply the JSON of an event may nest.
pub const DEPTH_MAX: usize = 32;
/// The most bytes of a body that the log keeps.
pub const RECORDED_BODY_MAX: usize = 64 << 10;
/// The longest wait of a `softSleep`, in milliseconds.
pub const SLEEP_MAX_MS: u64 = 24 * 3_600_000;
