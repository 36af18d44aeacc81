//! The newest stretch of the log, kept as the log goes on.

use model::{
    delivery::{DeliveryFilter, DeliveryRow},
    page::Slice,
};

/// How many rows it grows to; the log is asked for no more at once either.
pub(super) const KEPT: usize = 200;

/// Rows from the newest down to a cursor, none between them missing.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Stretch {
    pub rows: Vec<DeliveryRow>,
    /// The cursor of the next older stretch, if there is one.
    pub older: Option<i64>,
}

impl From<Slice<DeliveryRow>> for Stretch {
    fn from(slice: Slice<DeliveryRow>) -> Self {
        Self { rows: slice.items, older: slice.older }
    }
}

impl Stretch {
    /// Takes in what deliveries have become: what does not fit the filter (any more) is not among the
    /// rows, everything else once and in its place; but for what lies in older stretches.
    pub fn take(&mut self, told: &[DeliveryRow], filter: &DeliveryFilter) {
        for row in told {
            let at = self.rows.partition_point(|known| known.seq > row.seq);
            let known = self.rows.get_mut(at).filter(|known| known.seq == row.seq);
            match (known, fits(row, filter)) {
                (Some(known), true) => known.clone_from(row),
                (Some(_), false) => drop(self.rows.remove(at)),
                (None, true) if self.older.is_none_or(|older| row.seq >= older) => {
                    self.rows.insert(at, row.clone());
                }
                (None, _) => {}
            }
        }
        if self.rows.len() > KEPT {
            self.rows.truncate(KEPT);
            self.older = self.rows.last().map(|row| row.seq);
        }
    }
}

/// Whether the row is what the filter wants of what changes about a delivery; the rest of the filter
/// is looked at by whoever tells of it.
fn fits(row: &DeliveryRow, filter: &DeliveryFilter) -> bool {
    let failures = &filter.failures;
    (filter.states.is_empty() || filter.states.contains(&row.state))
        && (failures.is_empty()
            || row.failure.as_ref().is_some_and(|failure| failures.contains(&failure.class)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{
        catalog::EventKind,
        delivery::DeliveryState::{self, Dead, Delivered, Pending, Retrying},
        ids::{DeliveryId, EventId, FlowId, HookId, QueueId},
        time::Millis,
    };

    fn row(seq: i64, state: DeliveryState) -> DeliveryRow {
        DeliveryRow {
            seq,
            id: format!("00000000-0000-0000-0000-{seq:012}").parse::<DeliveryId>().unwrap(),
            event_id: "00000000-0000-0000-0000-000000000001".parse::<EventId>().unwrap(),
            event: EventKind::Joined,
            queue_id: QueueId(1),
            queue_name: String::new(),
            hook_id: HookId(1),
            flow_id: FlowId(1),
            flow_version: 1,
            flow_name: String::new(),
            call_attempt: None,
            state,
            attempts: 0,
            duration_us: None,
            failure: None,
            warning: None,
            created_at: Millis(0),
            finished_at: None,
            next_at: None,
            hold_until: None,
            out_of_order: false,
            replay_of: None,
            parent: None,
            test: false,
        }
    }

    fn stretch(seqs: &[i64], older: Option<i64>) -> Stretch {
        Stretch { rows: seqs.iter().map(|seq| row(*seq, Pending)).collect(), older }
    }

    fn shown(stretch: &Stretch) -> Vec<(i64, DeliveryState)> {
        stretch.rows.iter().map(|row| (row.seq, row.state)).collect()
    }

    #[test]
    fn what_is_told_stands_once_and_in_its_place() {
        let mut stretch = stretch(&[9, 7], Some(7));
        let told = [row(7, Delivered), row(8, Pending), row(11, Pending), row(8, Delivered)];
        stretch.take(&told, &DeliveryFilter::default());
        stretch.take(&told[3..], &DeliveryFilter::default());
        assert_eq!(shown(&stretch), [(11, Pending), (9, Pending), (8, Delivered), (7, Delivered)]);
        assert_eq!(stretch.older, Some(7));
    }

    #[test]
    fn what_lies_in_an_older_stretch_stays_there() {
        let mut above = stretch(&[9, 7], Some(7));
        above.take(&[row(6, Delivered)], &DeliveryFilter::default());
        assert_eq!(above, stretch(&[9, 7], Some(7)));
        let mut whole = stretch(&[9, 7], None);
        whole.take(&[row(6, Pending)], &DeliveryFilter::default());
        assert_eq!(whole, stretch(&[9, 7, 6], None));
    }

    #[test]
    fn what_fits_no_more_goes_and_what_fits_now_comes() {
        let filter = DeliveryFilter { states: vec![Pending, Dead], ..DeliveryFilter::default() };
        let mut stretch = stretch(&[9, 7, 4], Some(4));
        let told = [row(5, Dead), row(7, Retrying), row(8, Delivered), row(9, Dead)];
        stretch.take(&told, &filter);
        assert_eq!(shown(&stretch), [(9, Dead), (5, Dead), (4, Pending)]);
    }

    #[test]
    fn it_grows_to_a_length_and_says_what_is_older() {
        let mut stretch = Stretch::default();
        for seq in 1..=300 {
            stretch.take(&[row(seq, Pending)], &DeliveryFilter::default());
        }
        let ends = (stretch.rows.first().unwrap().seq, stretch.rows.last().unwrap().seq);
        assert_eq!((stretch.rows.len(), ends, stretch.older), (KEPT, (300, 101), Some(101)));
    }
}
