//! What comes while nothing can be written.

use super::Write;
use tokio::sync::mpsc;

/// How much that is not new may wait beside the inbox.
const LEFT_MAX: usize = 4_096;

/// Refuses what is new of the inbox, since nobody is to wait for an answer for as long as it may take;
/// the rest is left to be written, in its order.
pub(super) fn refuse_new(inbox: &mut mpsc::Receiver<Write>, left: &mut Vec<Write>, why: &str) {
    while left.len() < LEFT_MAX
        && let Ok(write) = inbox.try_recv()
    {
        match write {
            Write::Accept { answer, .. } => _ = answer.send(Err(why.to_owned())),
            Write::Replay { answer, .. } => _ = answer.send(Err(why.to_owned())),
            Write::Step { answer, .. } => _ = answer.send(Err(why.to_owned())),
            Write::Ended(_) | Write::Keep { .. } | Write::Change(..) | Write::Flush(_) => {
                left.push(write)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tokio::sync::{Semaphore, oneshot};

    #[tokio::test]
    async fn a_post_is_refused_and_what_was_done_stays_to_be_written() {
        let (write, mut inbox) = mpsc::channel(4);
        let (answer, answered) = oneshot::channel();
        let room = Arc::new(Semaphore::new(1)).acquire_owned().await.unwrap();
        let post = Write::Accept { events: Vec::new(), orders: Vec::new(), room, answer };
        write.send(post).await.ok().unwrap();
        write.send(Write::Flush(oneshot::channel().0)).await.ok().unwrap();
        let mut left = Vec::new();
        refuse_new(&mut inbox, &mut left, "the database failed");
        assert!(matches!(&left[..], [Write::Flush(_)]));
        assert_eq!(answered.await.unwrap().unwrap_err(), "the database failed");
    }
}
