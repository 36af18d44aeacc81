//! The worker process: reads a script, runs it, answers, until its input ends.

mod confine;
mod interpreter;
mod stock;
mod watchdog;
mod zone;

use crate::wire::{self, Answer, Outcome, Request, Setup};
use rustix::thread::sched_yield;
use std::{
    fs::File,
    io::{self, Write},
    process::ExitCode,
};
use stock::Stock;
use watchdog::Watchdog;
use zone::Zones;

/// Is the worker process until standard input ends. To be called first of all, before threads are
/// started or files opened.
pub fn work() -> ExitCode {
    // Nobody hears what it says: its end is all there is to tell.
    work_until_end().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
}

fn work_until_end() -> io::Result<()> {
    let mut requests = File::from(rustix::stdio::stdin().try_clone_to_owned()?);
    let mut answers = File::from(rustix::stdio::stdout().try_clone_to_owned()?);
    let Some(setup) = wire::read(&mut requests)? else { return Ok(()) };
    let setup: Setup = serde_json::from_slice(&setup)?;
    let zones = Zones::new();
    let watchdog = Watchdog::start()?;
    confine::confine(&setup)?;
    let mut stock = Stock::new(setup);
    loop {
        let interpreter = stock.take()?;
        wire::write_ready(&mut answers)?;
        stock.fill_until_asked(&requests)?;
        let Some(request) = wire::read(&mut requests)? else { return Ok(()) };
        let request: Request = serde_json::from_slice(&request)?;
        let cpu = watchdog.watch(request.cpu_us);
        let (outcome, used) = interpreter.run(&request, &zones, &cpu);
        let spoilt = matches!(outcome, Outcome::Memory);
        let answer = Answer { cpu_us: cpu.used_us(), outcome };
        drop(cpu);
        answers.write_all(&wire::frame(&answer)?)?;
        // Who waits for the answer may have been woken on this core: it is to read it before this
        // process goes on with what nobody waits for.
        sched_yield();
        if spoilt {
            // What the allocator keeps after this is worth more to the machine than a new process.
            return Ok(());
        }
        stock.put_away(used);
    }
}
