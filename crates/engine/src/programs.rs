//! Flow versions made ready to run. A version never changes, so what is kept goes stale only where the
//! database has lost some ([`Programs::forget`]).

use flow::Program;
use model::{
    flow::check::Severity,
    ids::FlowId,
    trace::{Failure, FailureClass},
};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};
use storage::Storage;

/// How many versions are kept before all are dropped and read anew.
const KEPT: usize = 2_000;

type Loaded = Result<Arc<Program>, Failure>;

/// The programs of the flows that have run.
pub struct Programs {
    storage: Arc<dyn Storage>,
    loaded: RwLock<HashMap<(FlowId, u32), Loaded>>,
}

impl Programs {
    /// None yet.
    pub fn new(storage: Arc<dyn Storage>) -> Self {
        Self { storage, loaded: RwLock::default() }
    }

    /// Forgets all of them: the database has lost some, and may give their numbers again.
    pub fn forget(&self) {
        self.loaded.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The program of a version; a failure of class `flow` if there is none or it cannot run.
    pub async fn get(&self, flow: FlowId, version: u32) -> storage::Result<Loaded> {
        let key = (flow, version);
        if let Some(known) = self.loaded.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(known.clone());
        }
        let stored = self.storage.flow_version(flow, version).await?;
        let loaded = match stored {
            // It may come yet, where a database has lost some.
            None => {
                return Ok(Err(fault(format!("version {version} of flow {flow} does not exist"))));
            }
            Some(stored) => match Program::load(&stored.source, stored.mode) {
                Ok(program) => Ok(Arc::new(program)),
                Err(problems) => {
                    let first = problems.iter().find(|one| one.severity == Severity::Error);
                    Err(fault(first.map_or_else(
                        || "the flow cannot be read".to_owned(),
                        |one| format!("line {}: {}", one.line, one.message),
                    )))
                }
            },
        };
        let mut all = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT {
            all.clear();
        }
        all.insert(key, loaded.clone());
        Ok(loaded)
    }
}

fn fault(detail: String) -> Failure {
    Failure::new(FailureClass::Flow, detail)
}
