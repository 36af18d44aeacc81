//! The task that tells the database which seats are taken and left, one after the other: what is
//! left and taken again is not to be left last.

use crate::{destination::Errand, dispatcher::Notice, lease::Lease};
use model::destination::DestinationKey;
use std::{sync::Arc, time::Duration};
use storage::{Storage, StorageError, nodes::Incarnation};
use tokio::{sync::mpsc, time::sleep};

/// How long to wait before the next try where the database is away.
const AGAIN: Duration = Duration::from_secs(1);

/// What is to be done about a seat.
#[derive(Debug)]
pub struct Order {
    pub under: Incarnation,
    pub destination: DestinationKey,
    pub errand: Errand,
}

/// Starts the task; it runs until nobody can order anything any more.
pub fn start(
    storage: Arc<dyn Storage>,
    lease: Arc<Lease>,
    dispatcher: mpsc::UnboundedSender<Notice>,
) -> mpsc::UnboundedSender<Order> {
    let (order, orders) = mpsc::unbounded_channel();
    let usher = Usher { storage, lease, dispatcher, is_away: false };
    tokio::spawn(usher.run(orders));
    order
}

struct Usher {
    storage: Arc<dyn Storage>,
    lease: Arc<Lease>,
    dispatcher: mpsc::UnboundedSender<Notice>,
    /// Whether the database did not answer when it was told something last.
    is_away: bool,
}

impl Usher {
    async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        while let Some(order) = orders.recv().await {
            let (lease, under) = (self.lease.clone(), order.under);
            tokio::select! {
                biased;
                // Its seats are free, and nobody waits for an answer.
                () = lease.ended(under) => {}
                () = self.follow(order) => {}
            }
        }
    }

    async fn follow(&mut self, Order { under, destination, errand }: Order) {
        let Errand::Take { of } = errand else {
            return self.leave(under, &destination).await;
        };
        let granted = match self.storage.take_seat(under, &destination, of).await {
            Ok(granted) => granted,
            // That is found out by the beat as well.
            Err(StorageError::Fenced) => return,
            Err(error) => {
                self.note(&error);
                // It may have been taken all the same.
                self.leave(under, &destination).await;
                false
            }
        };
        self.is_away = false;
        let notice = Notice::Seat { under, destination: destination.clone(), granted };
        if self.dispatcher.send(notice).is_err() && granted {
            self.leave(under, &destination).await;
        }
    }

    /// Leaves the seat, however long the database is away: nobody else could have it.
    async fn leave(&mut self, under: Incarnation, destination: &DestinationKey) {
        while let Err(error) = self.storage.leave_seat(under, destination).await {
            self.note(&error);
            sleep(AGAIN).await;
        }
        self.is_away = false;
    }

    fn note(&mut self, error: &StorageError) {
        if !std::mem::replace(&mut self.is_away, true) {
            tracing::warn!(%error, "seats at destinations can be neither taken nor left yet");
        }
    }
}
