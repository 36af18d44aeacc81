//! What the process gives up before it runs a script.

use crate::wire::Setup;
use rustix::{
    process::{Resource, Rlimit, getrlimit, nice, setrlimit},
    thread::set_no_new_privs,
};
use std::{fs, io};

/// How much address space a script's memory may take: what the interpreter holds, the allocator's
/// waste, and a value on its way out.
const ADDRESS_SPACE: u64 = 3;

/// Lowers priority and limits for good. The interpreter has no functions for files or network; that
/// neither can be opened is a second wall.
pub fn confine(setup: &Setup) -> io::Result<()> {
    nice(setup.niceness)?;
    #[cfg(target_os = "linux")]
    set_no_new_privs(true)?;
    let memory = u64::try_from(setup.memory).unwrap_or(u64::MAX);
    limit(Resource::As, address_space()?.saturating_add(memory.saturating_mul(ADDRESS_SPACE)))?;
    // One, which is in use: `poll` takes no more files than may be open.
    limit(Resource::Nofile, 1)?;
    limit(Resource::Nproc, 0)?;
    limit(Resource::Fsize, 0)?;
    limit(Resource::Core, 0)
}

fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let most = getrlimit(resource).maximum.map_or(most, |hard| hard.min(most));
    Ok(setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?)
}

/// What the process takes already, in bytes.
fn address_space() -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/statm")?;
    let pages = status.split_whitespace().next().and_then(|pages| pages.parse::<u64>().ok());
    let pages = pages.ok_or(io::ErrorKind::InvalidData)?;
    Ok(pages * u64::try_from(rustix::param::page_size()).unwrap_or(4096))
}
