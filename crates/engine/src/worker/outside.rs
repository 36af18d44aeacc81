//! The outside world of an attempt: its requests, and what is kept of its run. It notes whom the
//! attempt calls.

use super::{
    Left, Place, Worker, beyond, children::Children, logged::Logged, pending::Pending,
    place::Called,
};
use crate::{
    clock,
    destination::Heard,
    dispatcher::Notice,
    index::Index,
    lease::Lease,
    messages::Messengers,
    net::{self, Address, Client},
    programs::Programs,
    scheduler::{Job, Target},
    vault::Vault,
    writer::Write,
};
use flow::{Checkpoint, Inherited, Keeper, Request, Requests, Response, Tokens};
use model::{
    effect::Effect,
    ids::FlowId,
    secret::SIGNING_KEY,
    trace::{Failure, FailureClass, Fault},
    variable::KeptVariable,
};
use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};
use storage::{
    Storage,
    journal::{KeptRun, KeptSteps, Start},
    nodes::Incarnation,
};
use tokio::sync::{Notify, mpsc, oneshot};

/// The outside world, by way of the guarded client; it notes whom the attempt calls.
pub(super) struct Outside<'a> {
    client: &'a Client,
    pub(super) storage: &'a dyn Storage,
    pub(super) scripts: &'a script::Pool,
    pub(super) programs: &'a Programs,
    pub(super) index: &'a Index,
    pub(super) vault: &'a Vault,
    pub(super) messengers: &'a Messengers,
    tokens: &'a Tokens,
    pub(super) lease: &'a Lease,
    writer: &'a mpsc::Sender<Write>,
    keeper: &'a mpsc::Sender<Write>,
    pub(super) tell: &'a mpsc::UnboundedSender<Notice>,
    pub(super) job: &'a Job,
    /// How many parents the delivery has above one another.
    pub(super) depth: u32,
    children: Mutex<Children>,
    /// What is kept of the run.
    run: Mutex<KeptRun>,
    /// What of it is for the log.
    logged: Mutex<Logged>,
    /// Whether this attempt has kept it.
    kept: AtomicBool,
    /// The versions of the flows that the run has called.
    versions: Mutex<BTreeMap<FlowId, u32>>,
    pub(super) under: Incarnation,
    pub(super) started: Instant,
    pub(super) called: Mutex<Called>,
    /// The URL that was read last: of one request it is asked twice, by who sends it last.
    address: Mutex<Option<(String, Address)>>,
    pending: Mutex<Pending>,
    /// The variables of the installation that the run has set and that are written already.
    has_set: Mutex<BTreeMap<String, KeptVariable>>,
    /// Told when there is no room for the first request, and nothing has been done yet.
    pub(super) elsewhere: Notify,
}

impl<'a> Outside<'a> {
    pub(super) fn new(
        worker: &'a Worker,
        index: &'a Index,
        job: &'a Job,
        run: KeptRun,
        place: &Place,
        under: Incarnation,
        started: Instant,
    ) -> Self {
        let called = Called { place: place.clone(), ..Called::default() };
        Self {
            client: &worker.client,
            storage: &*worker.storage,
            scripts: &worker.scripts,
            programs: &worker.programs,
            index,
            vault: &worker.vault,
            messengers: &worker.messengers,
            tokens: &worker.tokens,
            lease: &worker.lease,
            writer: &worker.writer,
            keeper: &worker.keeper,
            tell: &worker.tell,
            job,
            depth: 0,
            children: Mutex::default(),
            versions: Mutex::new(run.called.clone()),
            run: Mutex::new(run),
            logged: Mutex::default(),
            kept: AtomicBool::new(false),
            under,
            started,
            called: Mutex::new(called),
            address: Mutex::default(),
            pending: Mutex::default(),
            has_set: Mutex::default(),
            elsewhere: Notify::new(),
        }
    }

    /// The same for a child.
    pub(super) fn begun(self, start: Option<&Start>) -> Self {
        Self { depth: start.map_or(0, |start| start.depth), ..self }
    }

    /// What the run had when it was kept last, where that can be read.
    pub(super) fn kept_inherited(&self) -> Option<Inherited> {
        let run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = self.vault.opened_run(self.job.id, run.checkpoint.as_deref()?).ok()?;
        Some(kept.into_inherited())
    }

    /// What the run has begun beside itself since it was kept last.
    pub(super) fn children(&self) -> MutexGuard<'_, Children> {
        self.children.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the run has changed since it was kept last.
    pub(super) fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The name of the delivery's flow, or its number where it has gone.
    pub(super) fn flow_name(&self) -> String {
        let named = self.index.flow_name(self.job.flow_id);
        named.map_or_else(|| self.job.flow_id.to_string(), str::to_owned)
    }

    /// A variable of the installation as this run has set it.
    pub(super) fn own_variable(&self, name: &str) -> Option<KeptVariable> {
        let pending = self.pending().variable(name).cloned();
        pending.or_else(|| {
            self.has_set.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
        })
    }

    /// Whether something has been kept of the run.
    pub(super) fn is_kept(&self) -> bool {
        self.kept.load(Ordering::Relaxed)
    }

    /// The version of a flow that this run calls: the one that it called first.
    pub(super) fn version(&self, flow: FlowId) -> Option<u32> {
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let known = versions.get(&flow).copied().or_else(|| self.index.flow_version(flow));
        known.inspect(|version| {
            versions.insert(flow, *version);
        })
    }

    /// What is to be kept of a run that rests here, or else where it was kept last; nothing where
    /// that is what is kept of it already.
    pub(super) fn rest(&self, checkpoint: Option<Checkpoint>) -> Option<KeptRun> {
        let run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        let called = self.versions.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(checkpoint) = checkpoint else {
            return (called != run.called).then(|| KeptRun { called, ..run.clone() });
        };
        let kept = Some(self.vault.kept_run(self.job.id, &checkpoint));
        let mut moved = KeptRun { checkpoint: kept, called, ..*run };
        self.logged().add(&checkpoint, &mut moved, self.job.attempts + 1);
        Some(moved)
    }

    /// Notes where the run goes on. If the attempt that has kept it there was interrupted, this one
    /// puts that into the log.
    pub(super) fn goes_on(&self, rest: &Checkpoint) {
        let run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        if run.logged_by.is_some_and(|attempt| attempt > self.job.attempts) {
            self.logged().note(rest, &run);
        }
    }

    /// Where the attempt has kept its run.
    pub(super) fn kept_steps(&self) -> KeptSteps {
        std::mem::take(&mut *self.logged()).into()
    }

    fn logged(&self) -> MutexGuard<'_, Logged> {
        self.logged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn address(&self, url: &str) -> Result<Address, Failure> {
        let mut last = self.address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, address)) = last.take_if(|(read, _)| read == url) {
            return Ok(address);
        }
        let address = Address::read(url)?;
        *last = Some((url.to_owned(), address.clone()));
        Ok(address)
    }

    pub(super) fn left(&self, job: &Job) -> Left {
        let called =
            std::mem::take(&mut *self.called.lock().unwrap_or_else(PoisonError::into_inner));
        let first = called.first.map_or(Target::Nobody, Target::Destination);
        let wants = called.wants.map(Target::Destination);
        Left { under: self.under, seq: job.seq, called: Some(first), wants, heard: called.heard }
    }
}

impl Requests for Outside<'_> {
    fn heads_for(&self, url: &str) {
        if let Ok(address) = self.address(url) {
            self.is_about_to_call(address.destination);
        }
    }

    async fn admits(&self, url: &str) -> bool {
        match self.address(url) {
            Ok(address) => self.may_call(address.destination).await,
            // It is refused when it is to be sent.
            Err(_) => true,
        }
    }

    async fn send(&self, request: Request) -> Result<Response, Failure> {
        let certificate = match &request.tls.certificate {
            None => None,
            Some(name) => Some(self.vault.secret(name).ok_or_else(|| {
                beyond::not_set_up(&format!("the certificate \"{name}\", which is no secret here"))
            })?),
        };
        let address = self.address(&request.url)?;
        let key = address.destination.clone();
        // Where others may have taken over, nothing is sent; the attempt goes on when it is known
        // that they have not, and is broken off where they have.
        self.lease.valid(self.under).await;
        let sent_at = clock::now();
        self.awaits(Some(key.clone()));
        let answer = self.client.send(address, request, certificate).await;
        self.awaits(None);
        self.note_reached(sent_at, &answer);
        if let Some(heard) = heard(&answer, clock::now().0.div_euclid(1_000)) {
            self.hear(key, heard);
        }
        answer
    }

    fn tokens(&self) -> &Tokens {
        self.tokens
    }

    async fn sign(&self, id: &str, timestamp_s: i64, body: &[u8]) -> Result<String, Failure> {
        let Some(key) = self.vault.secret(SIGNING_KEY) else {
            return Err(beyond::not_set_up("a key to sign requests with"));
        };
        net::signature(&key, id, timestamp_s, body).ok_or_else(|| {
            let detail = format!("the secret {SIGNING_KEY} is no key to sign requests with");
            Failure::new(FailureClass::Flow, detail)
        })
    }
}

impl Keeper for Outside<'_> {
    async fn keep(&self, checkpoint: Checkpoint) {
        let Some(run) = self.rest(Some(checkpoint)) else { return };
        let (answer, kept) = oneshot::channel();
        let (effects, children) = (self.pending().take(), self.children().take());
        for effect in &effects {
            if let Effect::SetVariable(set) = effect {
                // The vault may hear of it later than the run's next step.
                let mut has_set = self.has_set.lock().unwrap_or_else(PoisonError::into_inner);
                has_set.insert(set.name.clone(), set.clone());
            }
        }
        let is_alone = effects.is_empty() && children.is_empty();
        let writer = if is_alone { self.keeper } else { self.writer };
        let (seq, under, run_now) = (self.job.seq, self.under, run.clone());
        let write = Write::Keep { seq, run: run_now, effects, children, under, answer };
        if writer.send(write).await.is_err() || kept.await.is_err() {
            // Others hold it by now, or the engine has stopped: this attempt is broken off.
            std::future::pending::<()>().await;
        }
        *self.run.lock().unwrap_or_else(PoisonError::into_inner) = run;
        self.kept.store(true, Ordering::Relaxed);
    }

    fn is_full(&self) -> bool {
        self.pending().is_full()
    }
}

/// What a request says of the destination, if it says anything.
fn heard(answer: &Result<Response, Failure>, now_s: i64) -> Option<Heard> {
    let failure = match answer {
        Ok(response) if response.status == 429 || response.status >= 500 => Failure {
            status: Some(response.status),
            retry_after_ms: flow::retry_after_ms(response, now_s),
            ..Failure::new(FailureClass::Status, format!("it answered {}", response.status))
        },
        Ok(_) => return Some(Heard::Good),
        // It never got so far.
        Err(failure) if failure.fault.as_deref() == Some(&Fault::NoFiles) => return None,
        Err(failure) if failure.class == FailureClass::NotSetUp => return None,
        Err(failure) => failure.clone(),
    };
    Some(Heard::Failed(Box::new(failure)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_fault_of_the_destination_says_nothing_of_it() {
        let failed = |fault: Option<Fault>| {
            let fault = fault.map(Box::new);
            heard(&Err(Failure { fault, ..Failure::new(FailureClass::Connect, "") }), 0)
        };
        assert!(failed(Some(Fault::NoFiles)).is_none());
        assert!(matches!(failed(Some(Fault::Refused)), Some(Heard::Failed(_))));
        assert!(matches!(failed(None), Some(Heard::Failed(_))));
    }
}
