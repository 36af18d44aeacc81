//! On PostgreSQL: a commit whose answer was lost with its connection, and which was made.

use crate::{
    server,
    support::{Schema, *},
};
use model::{
    catalog::EventKind,
    delivery::DeliveryState,
    latency::{Latencies, bucket},
    overview::Span,
    trace::AttemptOutcome,
};
use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};
use storage::journal::{Batch, Completion};

/// Stands between a store and its server, and may lose the answer to a commit.
struct Between {
    /// The address of the database by way of it.
    url: String,
    /// Whether the next commit's answer is lost.
    loses: Arc<AtomicBool>,
}

impl Between {
    fn new(url: &str) -> Self {
        let (before, rest) = url.split_once('@').unwrap();
        let (server, database) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("{before}@{}/{database}", listener.local_addr().unwrap());
        let loses = Arc::new(AtomicBool::new(false));
        let (server, of_thread) = (server.to_owned(), loses.clone());
        // Ends with the process: nothing of it holds up a test.
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server) = (client.unwrap(), TcpStream::connect(&server).unwrap());
                let lost = Arc::new(AtomicBool::new(false));
                let (back, answers) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let (loses, is_lost) = (of_thread.clone(), lost.clone());
                thread::spawn(move || {
                    pass_on(client, server, |said| {
                        let is_commit = said.windows(7).any(|word| word == b"COMMIT\0");
                        if is_commit && loses.swap(false, Ordering::SeqCst) {
                            lost.store(true, Ordering::SeqCst);
                        }
                        true
                    });
                });
                thread::spawn(move || {
                    // An answer to it says that the commit has been made.
                    pass_on(answers, back, |_| !is_lost.load(Ordering::SeqCst));
                });
            }
        });
        Self { url, loses }
    }
}

/// Passes on what one end says until either has gone, or until something is not to be passed on.
fn pass_on(mut from: TcpStream, mut to: TcpStream, mut may: impl FnMut(&[u8]) -> bool) {
    let mut said = vec![0; 1 << 16];
    while let Ok(size @ 1..) = from.read(&mut said) {
        if !may(&said[..size]) || to.write_all(&said[..size]).is_err() {
            break;
        }
    }
    from.shutdown(Shutdown::Both).ok();
    to.shutdown(Shutdown::Both).ok();
}

#[tokio::test]
async fn what_was_counted_by_a_commit_whose_answer_was_lost_is_not_counted_twice() {
    let made = server::Made::new(Schema::UpToDate).await;
    let between = Between::new(&made.url());
    let store = storage::open(&between.url).await.unwrap();
    let one = wired(&*store, "Sales", EventKind::Joined).await;
    let taken = one.accept(&*store, NOW, DeliveryState::Pending).await;
    let done = Completion {
        attempt: Some(attempt(1, AttemptOutcome::Completed, None)),
        reached_after_ms: Some(5),
        ..one.completion(&taken, DeliveryState::Delivered, NOW.plus(9))
    };
    let batch = Batch { completions: vec![done], ..Batch::default() };
    let mut right = Latencies::default();
    right.add(bucket(5), 1);
    let counted = async || {
        let spells = store.spells(Span::Hour, NOW).await.unwrap();
        let spell = spells.into_iter().last().unwrap();
        (spell.figures.delivered, spell.latencies)
    };

    between.loses.store(true, Ordering::SeqCst);
    store.commit(&batch).await.unwrap_err();
    assert!(!between.loses.load(Ordering::SeqCst));
    assert_eq!(counted().await, (1, right.clone()), "it was made all the same");
    store.commit(&batch).await.unwrap();
    assert_eq!(counted().await, (1, right.clone()));

    // Others take over before it is committed once more: it is not, and what it wrote stands.
    let taken = one.accept(&*store, NOW, DeliveryState::Pending).await;
    let mut done = batch.completions;
    done[0].seq = taken.seq;
    done[0].delivery_id = taken.id;
    let batch = Batch { completions: done, ..Batch::default() };
    right.add(bucket(5), 1);
    between.loses.store(true, Ordering::SeqCst);
    store.commit(&batch).await.unwrap_err();
    assert_eq!(counted().await, (2, right.clone()));
    one.accept(&*store, NOW, DeliveryState::Pending).await;
    assert_eq!(counted().await, (2, right));
}
