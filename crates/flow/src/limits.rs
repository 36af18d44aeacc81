//! The bounds of a run, so that no flow takes a worker, its memory or the log for itself.

/// Jumps of one scope's run, failovers counted; past it the flow goes on after the `goto`.
pub const JUMPS_MAX: u32 = 1_000;
/// Steps and passes of loops in one run, however often it was put to rest.
pub const STEPS_RUN_MAX: u64 = 100_000;
/// Functions that call one another.
pub const CALL_DEPTH_MAX: usize = 64;
/// Steps that the trace of one attempt keeps.
pub const STEPS_RECORDED_MAX: usize = 1_000;
/// Bytes that the trace of one attempt keeps, roughly.
pub const TRACE_BYTES_MAX: usize = 2 << 20;
/// Bytes of one text in a step's record, requests and answers aside.
pub const RECORDED_TEXT_MAX: usize = 16 << 10;
/// Warnings that a step's record keeps.
pub const WARNINGS_MAX: usize = 20;
/// Bytes of all variables together, roughly as JSON.
pub const VARIABLES_BYTES_MAX: usize = 1 << 20;
/// Lists and objects inside one another in a variable. A record or a checkpoint has it some levels
/// deeper, and is read with 127 at most.
pub const NESTED_MAX: usize = 64;
/// Bytes of text that one step may put together.
pub const STEP_TEXT_MAX: usize = 8 << 20;
/// Bytes of JSON text that one step may read to find values in it.
pub const STEP_JSON_MAX: usize = 64 << 20;
/// Items of lists in JSON that the paths of one step may look at, each as often as they do.
pub const PATH_VISITS_MAX: usize = 10_000_000;
/// Microseconds after which a flow that only computes lets others have the thread.
pub const YIELD_AFTER_US: u64 = 5_000;
/// Items of the list of one `forEach`.
pub const FOR_EACH_ITEMS_MAX: usize = 10_000;
/// Flows that call one another by `schema`.
pub const FLOW_DEPTH_MAX: usize = 16;
/// Elements, attributes and texts of an answer in XML.
pub const XML_NODES_MAX: u32 = 500_000;
/// Elements that one step of a path into XML may find.
pub const XML_FOUND_MAX: usize = 10_000;
/// Elements, attributes and texts of an answer in XML that the paths of one step may look at, each as
/// often as they do.
pub const XML_VISITS_MAX: usize = 10_000_000;
/// Bytes of a pattern of `gomatch` or of an answer's text.
pub const PATTERN_LENGTH_MAX: usize = 4_000;
/// Groups of such a pattern.
pub const PATTERN_GROUPS_MAX: usize = 100;
/// Bytes of such a pattern when it is compiled.
pub const PATTERN_BYTES_MAX: usize = 1 << 20;
/// Bytes of the texts in which one step looks for patterns, each as often as its pattern has places:
/// 256 places in 1 MiB, which takes at most some seconds.
pub const PATTERN_EFFORT_MAX: usize = 1 << 28;
/// Milliseconds that a wait holds its worker at most; a run that waits longer is put to rest.
pub const HELD_WAIT_MAX_MS: u64 = 2_000;
/// Bytes of the variables of a run that is put to rest, roughly as JSON.
pub const CHECKPOINT_BYTES_MAX: usize = 256 << 10;
