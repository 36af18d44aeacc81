//! Reading what is posted as a whole.

use axum::body::Body;
use futures::StreamExt;

/// The whole body; nothing where it has more than `max` bytes.
///
/// # Errors
/// When it is cut off.
pub async fn read(body: Body, max: usize) -> Result<Option<Vec<u8>>, axum::Error> {
    let mut chunks = body.into_data_stream();
    let mut kept = Vec::new();
    while let Some(chunk) = chunks.next().await.transpose()? {
        if kept.len() + chunk.len() > max {
            return Ok(None);
        }
        kept.extend_from_slice(&chunk);
    }
    Ok(Some(kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read of four chunks of four bytes with this limit.
    async fn taken(max: usize) -> Option<Vec<u8>> {
        let chunks = futures::stream::iter(0..4).map(|_| Ok::<_, std::io::Error>("four"));
        read(Body::from_stream(chunks), max).await.expect("nothing cut it off")
    }

    #[tokio::test]
    async fn what_is_too_much_is_not_kept() {
        assert_eq!(taken(16).await, Some(b"four".repeat(4)));
        assert_eq!(taken(15).await, None);
    }
}
