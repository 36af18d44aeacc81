//! What of a run goes into the log beside its trace: the steps at which it was kept, so that a replay
//! can begin there. It waits in memory and is written with the attempt, which costs no write of its own.

use flow::Checkpoint;
use model::replay::AtStep;
use storage::journal::{KeptRun, KeptStep, KeptSteps};

/// How many bytes of its run the log has of a delivery. What came later is not in it.
pub const LOGGED_MAX: u32 = 64 << 10;

/// The steps at which an attempt has kept its run.
#[derive(Debug, Default)]
pub struct Logged(KeptSteps);

impl Logged {
    /// Adds a run as this attempt keeps it, where there is room.
    pub fn add(&mut self, stands: &Checkpoint, run: &mut KeptRun, attempt: u32) {
        let bytes = run.checkpoint.as_ref().map_or(0, String::len);
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX).saturating_add(run.logged_bytes);
        if bytes > LOGGED_MAX {
            run.logged_by = None;
            self.0.left_out += 1;
        } else if self.note(stands, run) {
            (run.logged_bytes, run.logged_by) = (bytes, Some(attempt));
        } else {
            run.logged_by = None;
        }
    }

    /// Adds a run that is kept so; whether it stands at a step.
    pub fn note(&mut self, stands: &Checkpoint, run: &KeptRun) -> bool {
        let Some(((step, visit), checkpoint)) = stands.stands_at().zip(run.checkpoint.clone())
        else {
            return false;
        };
        self.0.steps.push(KeptStep {
            at: AtStep { step, visit },
            behind: stands.has_waited(),
            checkpoint,
            called: run.called.clone(),
        });
        true
    }
}

impl From<Logged> for KeptSteps {
    fn from(logged: Logged) -> Self {
        logged.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_has_no_room_is_left_out_and_counted() {
        let stands = |at: &str, text: usize| {
            let variables = json!({"a": "x".repeat(text)});
            let frame = json!({"at": at, "step": "s2"});
            let all = json!({"frames": [frame], "visits": {"s2": 1}, "variables": variables});
            Checkpoint::parse(&all.to_string()).unwrap()
        };
        let mut logged = Logged::default();
        let mut run = KeptRun::default();
        let mut keep = |stands: &Checkpoint, logged: &mut Logged| {
            run.checkpoint = Some(stands.to_text());
            logged.add(stands, &mut run, 3);
            (run.logged_bytes, run.logged_by)
        };
        let half = stands("before", 40 << 10);
        let bytes = u32::try_from(half.to_text().len()).unwrap();
        assert_eq!(keep(&half, &mut logged), (bytes, Some(3)));
        assert_eq!(keep(&half, &mut logged), (bytes, None), "no room for it");
        let small = stands("after", 10);
        assert_eq!(keep(&small, &mut logged).1, Some(3));
        assert_eq!(keep(&stands("end_of_pass", 10), &mut logged).1, None, "at no step");
        let KeptSteps { steps, left_out } = logged.into();
        let at: Vec<_> = steps.iter().map(|one| (one.at.visit, one.behind)).collect();
        assert_eq!((at, left_out), (vec![(2, false), (1, true)], 1));
    }
}
