//! Interpreters made ahead: making one takes longer than most scripts, so it is done while no script
//! waits. What comes quickly one after the other, as the scripts of one run, finds them made.

use super::interpreter::{Interpreter, Used};
use crate::wire::Setup;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};
use std::{fs::File, io};

/// How many are kept: about 230 KiB each.
const KEPT: usize = 4;
/// How long no script has come when the next is made, in ns: those of one run are closer.
const CALM_NS: i64 = 500_000;

pub struct Stock {
    setup: Setup,
    ready: Vec<Interpreter>,
    /// To be freed when no script waits.
    used: Vec<Used>,
    /// Whether the last script asked for `Date`: the next ones of its flow are likely to.
    with_dates: bool,
}

impl Stock {
    pub fn new(setup: Setup) -> Self {
        Self { setup, ready: Vec::new(), used: Vec::new(), with_dates: false }
    }

    /// One that has run nothing; it is made now where there is none.
    pub fn take(&mut self) -> io::Result<Interpreter> {
        match self.ready.pop() {
            Some(interpreter) => Ok(interpreter),
            None => self.make(),
        }
    }

    /// Makes what is missing until something can be read from `requests`.
    pub fn fill_until_asked(&mut self, requests: &File) -> io::Result<()> {
        while self.ready.len() < KEPT && !readable_soon(requests)? {
            let interpreter = self.make()?;
            self.ready.push(interpreter);
        }
        Ok(())
    }

    pub fn put_away(&mut self, used: Used) {
        self.with_dates = used.asked_for_dates();
        self.used.push(used);
    }

    fn make(&mut self) -> io::Result<Interpreter> {
        self.used.clear();
        Interpreter::new(&self.setup, self.with_dates).map_err(io::Error::other)
    }
}

/// Whether there is something to be read, or its end, before all is calm.
fn readable_soon(file: &File) -> io::Result<bool> {
    let mut file = [PollFd::new(file, PollFlags::IN)];
    match poll(&mut file, Some(&Timespec { tv_sec: 0, tv_nsec: CALM_NS })) {
        Ok(ready) => Ok(ready > 0),
        Err(Errno::INTR) => Ok(true),
        Err(error) => Err(error.into()),
    }
}
