//! Room for posts on their way to the disk, so that a flood neither fills the memory nor makes one
//! commit endless.

use crate::error::{Busy, EngineError, Result};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many KiB of events may be on their way to the disk at once; more wait.
const ROOM_KIB: u32 = 64 << 10;
/// How many KiB may wait for that; more are refused.
const WAITING_KIB: u32 = 256 << 10;

/// Room for a post from before it is read until it is on disk.
pub struct Room(pub(crate) OwnedSemaphorePermit);

/// The room that there is, a permit for each KiB. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Rooms {
    free: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Default for Rooms {
    fn default() -> Self {
        let of = |kib| Arc::new(Semaphore::new(kib as usize));
        Self { free: of(ROOM_KIB), waiting: of(WAITING_KIB) }
    }
}

impl Rooms {
    /// Waits for room for so many bytes. A post of more than there is has all of it.
    ///
    /// # Errors
    /// When as much waits as may.
    pub async fn take(&self, bytes: usize) -> Result<Room> {
        let kib = u32::try_from(1 + bytes / 1024).unwrap_or(u32::MAX).min(ROOM_KIB);
        if let Ok(room) = self.free.clone().try_acquire_many_owned(kib) {
            return Ok(Room(room));
        }
        let _place =
            self.waiting.try_acquire_many(kib).map_err(|_| EngineError::Busy(Busy::Full))?;
        let room = self.free.clone().acquire_many_owned(kib).await;
        room.map(Room).map_err(|_| crate::stopped())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1 << 20;

    #[tokio::test]
    async fn what_finds_no_room_waits_and_what_finds_no_place_to_wait_is_refused() {
        let rooms = Rooms::default();
        let first = rooms.take(100 * MIB).await.unwrap();
        let wait = |bytes| {
            let rooms = rooms.clone();
            tokio::spawn(async move { rooms.take(bytes).await.map(drop) })
        };
        let waiting: Vec<_> = (0..4).map(|_| wait(64 * MIB - 1)).collect();
        while rooms.waiting.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let refused = rooms.take(1).await.err();
        assert!(matches!(refused, Some(EngineError::Busy(Busy::Full))), "{refused:?}");
        drop(first);
        for one in waiting {
            one.await.unwrap().unwrap();
        }
        rooms.take(1).await.unwrap();
    }
}
