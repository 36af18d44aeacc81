//! One distribution attempt, a call, a chat or a task, from joining the queue to leaving it.

use super::{
    dice::Dice,
    people::{Agent, Member, some_agent, some_member},
};
use model::{
    JsonMap,
    catalog::{EventKind, HANGUP_CAUSES, QueueType},
};
use serde_json::{Value, json};

/// Something that happens in an attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// Milliseconds of the call's own time since it joined.
    pub at: u64,
    pub event: EventKind,
    /// Only fields that this event carries.
    pub data: JsonMap,
}

/// All that happens in one attempt, in order, the first moment at 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub moments: Vec<Moment>,
    /// Sent with each of its events.
    pub variables: JsonMap,
}

/// How many agents may let it ring before the queue gives up.
const OFFERS_MAX: u32 = 4;

impl Call {
    /// A plausible attempt in a queue of this type.
    pub fn new(kind: QueueType, attempt: u64, dice: &mut Dice) -> Self {
        let mut play = Play::new(kind, attempt, dice);
        match kind {
            QueueType::Inbound | QueueType::ChatInbound => play.comes_in(),
            QueueType::Task => play.is_done(),
            QueueType::Preview | QueueType::Offline => play.agent_dials(),
            QueueType::Progressive | QueueType::Predictive => play.system_dials(),
            QueueType::OutboundIvr => play.machine_speaks(),
        }
        Self { variables: play.variables(), moments: play.moments }
    }
}

/// A call while it is played.
struct Play<'d> {
    dice: &'d mut Dice,
    kind: QueueType,
    attempt: u64,
    seq: u64,
    member: Member,
    agent: Option<Agent>,
    use_processing: bool,
    /// Milliseconds since joining.
    now: u64,
    /// When the subscriber's leg was answered.
    answered: Option<u64>,
    bridged: Option<u64>,
    hung_up: Option<u64>,
    cause: Option<&'static str>,
    amd: Option<&'static str>,
    result: &'static str,
    moments: Vec<Moment>,
}

/// Seconds, as milliseconds with a fraction of a second.
fn seconds(dice: &mut Dice, typical: u64) -> u64 {
    dice.around(typical * 1_000).max(300)
}

impl<'d> Play<'d> {
    fn new(kind: QueueType, attempt: u64, dice: &'d mut Dice) -> Self {
        let member = some_member(dice);
        let seq = match kind {
            QueueType::Inbound | QueueType::ChatInbound => 1,
            _ => dice.between(1, 3),
        };
        let use_processing = kind.has_agents() && dice.percent(70);
        Self {
            dice,
            kind,
            attempt,
            seq,
            member,
            agent: None,
            use_processing,
            now: 0,
            answered: None,
            bridged: None,
            hung_up: None,
            cause: None,
            amd: None,
            result: "success",
            moments: Vec::new(),
        }
    }

    /// Somebody calls or writes, waits, and is answered or gives up.
    fn comes_in(&mut self) {
        let chat = self.kind == QueueType::ChatInbound;
        // The telephone is answered by the queue itself.
        self.answered = Some(0);
        self.happens(EventKind::Joined);
        let wait = seconds(self.dice, if chat { 12 } else { 25 });
        if self.dice.percent(10) {
            self.now += wait;
            return self.gives_up();
        }
        self.now += wait;
        if self.offers(8) {
            self.talks(if chat { 260 } else { 150 });
        }
    }

    /// A task is offered, taken and worked off.
    fn is_done(&mut self) {
        self.happens(EventKind::Joined);
        self.now += seconds(self.dice, 10);
        if self.offers(0) {
            if self.dice.percent(6) {
                self.result = "cancel";
            }
            self.talks(200);
        }
    }

    /// The agent sees who it is, takes it, and the subscriber is dialled then.
    fn agent_dials(&mut self) {
        self.happens(EventKind::Joined);
        self.now += seconds(self.dice, 6);
        if !self.offers(0) {
            return;
        }
        self.happens(EventKind::Answered);
        self.now += seconds(self.dice, 2);
        self.happens(EventKind::Active);
        self.now += seconds(self.dice, 14);
        if self.dice.percent(70) {
            self.answered = Some(self.now);
            self.talks(120);
        } else {
            self.is_not_reached();
        }
    }

    /// The subscriber is dialled first, and whoever answers is given an agent.
    fn system_dials(&mut self) {
        self.happens(EventKind::Joined);
        self.now += seconds(self.dice, 14);
        if self.dice.percent(28) {
            return self.is_not_reached();
        }
        self.answered = Some(self.now);
        self.now += seconds(self.dice, 2);
        self.amd = Some(if self.dice.percent(85) { "HUMAN" } else { "MACHINE" });
        if self.amd == Some("MACHINE") {
            self.result = "cancel";
            return self.leaves("NORMAL_CLEARING");
        }
        if self.kind == QueueType::Predictive && self.dice.percent(7) {
            self.now += seconds(self.dice, 5);
            return self.gives_up();
        }
        if self.offers(4) {
            self.talks(110);
        }
    }

    /// The subscriber is dialled and a recording speaks.
    fn machine_speaks(&mut self) {
        self.happens(EventKind::Joined);
        self.now += seconds(self.dice, 2);
        self.happens(EventKind::Offering);
        self.now += seconds(self.dice, 14);
        if self.dice.percent(35) {
            return self.is_not_reached();
        }
        self.answered = Some(self.now);
        self.talks(35);
    }

    /// Offers it to agents until one takes it; `hang_up` in a hundred give up while it rings.
    /// When nobody takes it, or the subscriber gives up, the call is over and the answer false.
    fn offers(&mut self, hang_up: u64) -> bool {
        for _ in 0..OFFERS_MAX {
            self.agent = Some(some_agent(self.dice, self.agent));
            self.happens(EventKind::Offering);
            self.now += seconds(self.dice, 5);
            if self.dice.percent(hang_up) {
                self.gives_up();
                return false;
            }
            if self.dice.percent(82) {
                return true;
            }
            self.now += seconds(self.dice, 12);
            self.happens(EventKind::Missed);
            self.now += seconds(self.dice, 4);
        }
        self.agent = None;
        self.result = "cancel";
        self.leaves("ALLOTTED_TIMEOUT");
        false
    }

    /// Is connected, talks, and leaves, after post-processing where there is some.
    fn talks(&mut self, typical: u64) {
        self.bridged = Some(self.now);
        self.happens(EventKind::Bridged);
        self.now += seconds(self.dice, typical);
        self.hung_up = Some(self.now);
        self.cause = Some("NORMAL_CLEARING");
        if self.use_processing {
            self.now += self.dice.between(100, 400);
            self.happens(EventKind::Processing);
            self.now += seconds(self.dice, 20);
        }
        self.leaves("NORMAL_CLEARING");
    }

    /// The subscriber hangs up before an agent was there.
    fn gives_up(&mut self) {
        self.result = "abandoned";
        self.leaves(if self.answered.is_some() { "NORMAL_CLEARING" } else { "ORIGINATOR_CANCEL" });
    }

    /// The dialled subscriber does not answer.
    fn is_not_reached(&mut self) {
        self.result = "cancel";
        let cause = self.dice.word(&[
            "NO_ANSWER",
            "NO_ANSWER",
            "USER_BUSY",
            "USER_BUSY",
            "CALL_REJECTED",
            "SUBSCRIBER_ABSENT",
            "UNALLOCATED_NUMBER",
            "NORMAL_TEMPORARY_FAILURE",
        ]);
        self.leaves(cause);
    }

    fn leaves(&mut self, cause: &'static str) {
        self.hung_up.get_or_insert(self.now);
        self.cause.get_or_insert(cause);
        self.happens(EventKind::Leaving);
    }

    /// Notes the event with what is known by now.
    fn happens(&mut self, event: EventKind) {
        let mut data = JsonMap::new();
        for name in event.info().fields {
            if let Some(value) = self.field(name) {
                data.insert((*name).to_owned(), value);
            }
        }
        self.moments.push(Moment { at: self.now, event, data });
    }

    /// The value of a field at this moment; nothing while it has none.
    fn field(&self, name: &str) -> Option<Value> {
        let call = self.kind.channel() == "call";
        let agent = self.agent;
        Some(match name {
            "channel" => self.kind.channel().into(),
            "attempt_id" => self.attempt.into(),
            "destination" if self.kind == QueueType::ChatInbound => {
                self.member.address.as_str().into()
            }
            "destination" => self.member.number.as_str().into(),
            "use_processing" => self.use_processing.into(),
            "agent_channel_id" => format!("{:x}-a{}", self.attempt, agent?.id).into(),
            "member_channel_id" if self.kind == QueueType::Task => return None,
            // An agent who dials is there before the subscriber.
            "member_channel_id" if self.member_is_dialled_later() => return None,
            "member_channel_id" => format!("{:x}-m", self.attempt).into(),
            "agent_name" => agent?.name.into(),
            "agent_id" => agent?.id.into(),
            "user_id" => agent?.user_id.into(),
            "agent_extension" => agent?.extension.into(),
            "member_name" => self.member.name.as_str().into(),
            "member_id" => self.member.id.into(),
            "cc_attempt_seq" => self.seq.into(),
            "cc_result" => self.result.into(),
            "call_bill_sec" if call => self.seconds_since(self.answered).into(),
            "call_duration" if call => self.seconds_since(Some(0)).into(),
            "call_voice_sec" if call => self.seconds_since(self.bridged).into(),
            "call_cause" if call => self.cause?.into(),
            "call_sip_code" if call => sip_status(self.cause?)?.into(),
            "amd_result" => self.amd?.into(),
            _ => return None,
        })
    }

    fn member_is_dialled_later(&self) -> bool {
        matches!(self.kind, QueueType::Preview | QueueType::Offline)
            && !self.moments.iter().any(|moment| moment.event == EventKind::Active)
    }

    /// Whole seconds from then until now, or until it was hung up.
    fn seconds_since(&self, then: Option<u64>) -> u64 {
        let end = self.hung_up.unwrap_or(self.now);
        then.map_or(0, |then| end.saturating_sub(then) / 1_000)
    }

    fn variables(&self) -> JsonMap {
        let mut all = JsonMap::new();
        all.insert("crm_id".into(), self.member.crm_id.as_str().into());
        all.insert("language".into(), self.member.language.into());
        all.insert("vip".into(), self.member.vip.into());
        if self.kind == QueueType::Task {
            all.insert("task".into(), json!({"kind": "e-mail", "priority": 1 + self.attempt % 3}));
        }
        all
    }
}

/// The SIP status that goes with a cause: 200 for a call that ended as it should.
fn sip_status(cause: &str) -> Option<u16> {
    if cause == "NORMAL_CLEARING" {
        return Some(200);
    }
    HANGUP_CAUSES.iter().find(|known| known.name == cause)?.sip
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(kind: QueueType) -> Vec<Call> {
        let mut dice = Dice::new(42);
        (0..500).map(|n| Call::new(kind, 1_000 + n, &mut dice)).collect()
    }

    /// Whether `next` may follow `last` within an attempt.
    fn may_follow(last: EventKind, next: EventKind) -> bool {
        use EventKind::*;
        match last {
            Joined => matches!(next, Offering | Leaving),
            Offering => matches!(next, Missed | Answered | Bridged | Leaving),
            Missed => matches!(next, Offering | Leaving),
            Answered => matches!(next, Active),
            Active => matches!(next, Bridged | Leaving),
            Bridged => matches!(next, Processing | Leaving),
            Processing => matches!(next, Leaving),
            Leaving => false,
        }
    }

    #[test]
    fn every_type_fires_its_events_in_their_true_order() {
        for kind in QueueType::ALL {
            for call in calls(kind) {
                let events: Vec<_> = call.moments.iter().map(|m| m.event).collect();
                assert_eq!(events.first(), Some(&EventKind::Joined), "{kind}");
                assert_eq!(events.last(), Some(&EventKind::Leaving), "{kind}");
                assert!(events.windows(2).all(|w| may_follow(w[0], w[1])), "{kind}: {events:?}");
                assert!(events.iter().all(|event| event.fired_by(kind)), "{kind}: {events:?}");
                assert!(call.moments.windows(2).all(|w| w[0].at < w[1].at), "{kind}");
                assert_eq!(call.moments[0].at, 0);
            }
        }
    }

    #[test]
    fn every_event_of_a_type_happens_sooner_or_later() {
        for kind in QueueType::ALL {
            let all = calls(kind);
            for event in kind.events() {
                let happens = all.iter().flat_map(|c| &c.moments).any(|m| m.event == event);
                assert!(happens, "{kind} never fires {event}");
            }
        }
    }

    #[test]
    fn fields_are_those_of_the_catalog() {
        for kind in QueueType::ALL {
            for moment in calls(kind).iter().flat_map(|call| &call.moments) {
                for (name, value) in &moment.data {
                    assert!(moment.event.carries(name), "{} carries no {name}", moment.event);
                    assert!(!value.is_null());
                }
                assert_eq!(moment.data["channel"], kind.channel());
                assert_eq!(
                    moment.data.contains_key("cc_result"),
                    moment.event == EventKind::Leaving
                );
            }
        }
    }

    #[test]
    fn some_are_missed_and_offered_again_and_some_give_up() {
        let all = calls(QueueType::Inbound);
        let missed = all.iter().filter(|c| c.moments.iter().any(|m| m.event == EventKind::Missed));
        assert!((50..200).contains(&missed.count()));
        let result = |call: &Call| call.moments.last().map(|m| m.data["cc_result"].clone());
        let left = |word: &str| all.iter().filter(|c| result(c) == Some(word.into())).count();
        assert!((30..150).contains(&left("abandoned")), "{}", left("abandoned"));
        assert!(left("success") > 300, "{}", left("success"));
    }

    #[test]
    fn an_abandoned_call_was_never_bridged() {
        for call in QueueType::ALL.into_iter().flat_map(calls) {
            let bridged = call.moments.iter().any(|m| m.event == EventKind::Bridged);
            let abandoned = call.moments.last().is_some_and(|m| m.data["cc_result"] == "abandoned");
            assert!(!(bridged && abandoned));
        }
    }
}
