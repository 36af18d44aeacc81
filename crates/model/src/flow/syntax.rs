//! The syntax tree of a flow.

/// One step of a flow.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The stable `_id`.
    pub id: Option<String>,
}
