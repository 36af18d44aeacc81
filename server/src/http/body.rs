//! Reading what is posted as a whole.

use axum::body::Body;
use futures::StreamExt;

/// Who sends too much is listened to so many times as far as it is read: who is cut off in the middle
/// of a sentence does not hear the answer.
const LISTENED: usize = 8;

/// The whole body; nothing where it has more than `max` bytes.
///
/// # Errors
/// When it is cut off.
pub async fn read(body: Body, max: usize) -> Result<Option<Vec<u8>>, axum::Error> {
    let mut chunks = body.into_data_stream();
    let (mut kept, mut size) = (Vec::new(), 0);
    while let Some(chunk) = chunks.next().await.transpose()? {
        size += chunk.len();
        if size <= max {
            kept.extend_from_slice(&chunk);
        } else if size > max * LISTENED {
            break;
        } else {
            kept = Vec::new();
        }
    }
    Ok((size <= max).then_some(kept))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    /// What is read of ten thousand chunks of four bytes with this limit, and how many were taken.
    async fn taken(max: usize) -> (Option<Vec<u8>>, usize) {
        let taken = Arc::new(AtomicUsize::new(0));
        let counted = taken.clone();
        let chunks = futures::stream::iter(0..10_000).map(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok::<_, std::io::Error>("four")
        });
        let read = read(Body::from_stream(chunks), max).await.expect("nothing cut it off");
        (read, taken.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn too_much_is_listened_to_for_a_while_and_not_kept() {
        assert_eq!(taken(40_000).await, (Some(b"four".repeat(10_000)), 10_000));
        assert_eq!(taken(39_999).await, (None, 10_000), "to its end");
        assert_eq!(taken(400).await, (None, 801), "and no further than eight times as far");
    }
}
