//! What the dispatcher is told.

use super::{calling_off, hurry, reading};
use crate::{
    destination::{Gate, Heard},
    scheduler::{Job, Lane},
    worker::Left,
};
use model::{destination::DestinationKey, ids::DeliveryId, time::Millis};
use std::ops::Range;
use storage::{
    journal::{Lot, OpenDelivery, Unfinished},
    nodes::{Incarnation, Shards, Sharing},
};
use tokio::sync::oneshot;

/// What the dispatcher is told.
#[derive(Debug)]
pub enum Notice {
    /// New deliveries, committed under these row numbers; those of them that are to run.
    Add { numbers: Range<i64>, jobs: Vec<Job> },
    /// Row numbers up to this one have been given, by whichever node.
    Newest(i64),
    /// An attempt is about to send a request after its first.
    Further(Box<Further>),
    /// An attempt has ended, and its outcome is on its way to the disk.
    Left(Left),
    /// An attempt has not begun to call anybody: what it is about to call is somebody else than
    /// there was room at.
    Elsewhere { job: Box<Job>, left: Left },
    /// An attempt's outcome has been committed.
    Ended(Box<Ended>),
    /// What was asked of the database.
    Read(reading::Answer),
    /// A waiting delivery is to run now; whether it does is answered.
    Hurry { open: Box<OpenDelivery>, answer: hurry::Answer },
    /// A dead delivery has been resumed.
    Back(Box<OpenDelivery>),
    /// What is unfinished there is called off; what runs has its last attempt. Where a person here
    /// wants it and no other node asks, it is of all nodes, and how many they were is answered.
    Cancel { of: Unfinished, answer: Option<calling_off::Answer> },
    /// So much has been called off, by row number and whose it was.
    Cancelled { under: Incarnation, went: Vec<(i64, Lot)> },
    /// All that was to be called off is, or could not be; how many they were.
    CancelEnded { number: u64, ended: storage::Result<u64> },
    /// How the shards lie.
    Shared { under: Incarnation, sharing: Sharing },
    /// Shards that were handed on have been freed, or could not be.
    Freed { under: Incarnation, shards: Shards },
    /// Deliveries fall due otherwise than was read.
    Due,
    /// Those with these row numbers fall due now.
    DueNow(Vec<i64>),
    /// Whether a seat was to be had at this destination.
    Seat { under: Incarnation, destination: DestinationKey, granted: bool },
    /// Others have taken over what was held under this incarnation.
    Lost(Incarnation),
}

/// An attempt asks whether a request may go out.
#[derive(Debug)]
pub struct Further {
    pub under: Incarnation,
    /// The row number of its delivery.
    pub seq: i64,
    /// To whom.
    pub to: DestinationKey,
    /// What its requests have come to since it asked last.
    pub heard: Vec<(DestinationKey, Heard)>,
    /// Nothing where there is no room; the attempt gives its place up then.
    pub answer: oneshot::Sender<Option<Gate>>,
}

/// An attempt whose outcome has been committed.
#[derive(Debug)]
pub struct Ended {
    pub under: Incarnation,
    pub id: DeliveryId,
    pub seq: i64,
    pub lane: Lane,
    pub lot: Lot,
    /// When that was gathered to be written.
    pub at: Millis,
    /// The job again, if it is to run again.
    pub again: Option<Job>,
    /// Whether its receiver is gone for good.
    pub gone: bool,
}
