//! What the errors of steps do: another try, another way, or the end of the attempt.

use super::{Machine, at};
use crate::{World, actions::Next, program::CompiledStep, redact};
use model::{
    flow::{FlowMode, syntax::Reaction},
    trace::{Failure, FailureClass},
};
use serde_json::{Value, json};
use std::time::Duration;

impl<W: World> Machine<'_, W> {
    /// How long to wait before the step is tried again; nothing if it is not.
    pub(super) fn wait_before_another(
        &self,
        step: &CompiledStep,
        tries: u32,
        error: &Failure,
    ) -> Option<Duration> {
        let retry = step.retry.as_ref()?;
        if tries >= retry.attempts || is_final(error) || !retry.fits(error) {
            return None;
        }
        let chance = (self.run.world.random() >> 11) as f64 / (1u64 << 52) as f64 - 1.0;
        let asked = error.retry_after_ms.unwrap_or(0).min(retry.max_delay_ms);
        Some(Duration::from_millis(retry.wait_ms(tries, chance).max(asked)))
    }

    /// Gives an error its step, and says where the flow goes on and whether the attempt ends.
    pub(super) fn react(
        &mut self,
        step: &CompiledStep,
        error: Failure,
    ) -> Result<(Next, Option<Failure>, bool), Failure> {
        let mut error = at(step, error);
        redact::failure(&mut error, &self.variables.secrets());
        if is_final(&error) {
            return Ok((Next::On, Some(error), true));
        }
        let Some(rule) = step.on_error.iter().find(|rule| rule.rule.fits(&error)) else {
            let fatal = self.run.mode == FlowMode::Strict;
            if !fatal && self.first_error.is_none() {
                self.first_error = Some(error.clone());
            }
            return Ok((Next::On, Some(error), fatal));
        };
        let next = match (&rule.rule.reaction, rule.address) {
            (Reaction::Fail, _) => return Ok((Next::On, Some(error), true)),
            (Reaction::Continue, _) => Next::On,
            (Reaction::Goto(_), Some(address)) => Next::Jump(address),
            // The tag is on a step that is disabled with all around it.
            (Reaction::Goto(_), None) => Next::End,
        };
        let known: Value = json!({
            "class": error.class.as_str(),
            "message": error.detail,
            "step": step.path,
        });
        self.variables.set("error", known)?;
        Ok((next, Some(error), false))
    }
}

/// Whether nothing can be done about an error: there is no time left to do it.
fn is_final(error: &Failure) -> bool {
    error.class == FailureClass::TimedOut
}
