//! The time axis of a call: where on it a moment lies. Long times in which nothing happened are
//! drawn shorter, so that what ran for milliseconds is still seen.

use model::{call::CallStretch, time::Millis};

/// The width of the axis; a picture is stretched to its cell.
pub const WIDTH: f64 = 1_000.0;
/// Idle times longer than this are shortened, in milliseconds.
const IDLE_MS: i64 = 10_000;
/// How much of the width all shortened times may take together.
const IDLE_SHARE: f64 = 0.3;
/// The most that one of them takes.
const IDLE_EACH: f64 = 60.0;

/// A piece of the axis, in itself evenly divided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece {
    pub from: Millis,
    pub to: Millis,
    pub x: f64,
    pub width: f64,
    /// Whether it is drawn shorter than it was.
    pub idle: bool,
}

/// The axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    pub pieces: Vec<Piece>,
}

impl Axis {
    /// The axis of what happened in this stretch.
    pub fn of(stretch: &CallStretch) -> Self {
        let mut busy = vec![(stretch.from, stretch.from), (stretch.to, stretch.to)];
        for event in &stretch.events {
            busy.push((event.accepted_at, event.accepted_at));
            for delivery in &event.deliveries {
                busy.extend(delivery.runs.iter().map(|run| (run.started_at, run.ended_at())));
            }
        }
        Self::new(busy)
    }

    /// The axis over these spans, in which something happened.
    fn new(mut busy: Vec<(Millis, Millis)>) -> Self {
        busy.sort();
        let Some(&(first, _)) = busy.first() else { return Self { pieces: Vec::new() } };
        // Parted where nothing happened for long.
        let (mut spans, mut from, mut to) = (Vec::new(), first, first);
        for (start, end) in busy {
            if start.0 - to.0 > IDLE_MS {
                spans.push((from, to, false));
                spans.push((to, start, true));
                from = start;
            }
            to = to.max(end);
        }
        spans.push((from, to, false));
        let idle = spans.iter().filter(|span| span.2).count() as f64;
        let each = if idle > 0.0 { IDLE_EACH.min(WIDTH * IDLE_SHARE / idle) } else { 0.0 };
        // A moment alone has some width as well.
        let lasts = |from: Millis, to: Millis| (to.0 - from.0).max(1) as f64;
        let all: f64 = spans.iter().filter(|span| !span.2).map(|span| lasts(span.0, span.1)).sum();
        let scale = (WIDTH - each * idle) / all.max(1.0);
        let mut x = 0.0;
        let pieces = spans.into_iter().map(|(from, to, idle)| {
            let width = if idle { each } else { lasts(from, to) * scale };
            let piece = Piece { from, to, x, width, idle };
            x += width;
            piece
        });
        Self { pieces: pieces.collect() }
    }

    /// Where a moment lies, between 0 and [`WIDTH`].
    pub fn x(&self, at: Millis) -> f64 {
        let piece = self.pieces.iter().find(|piece| at <= piece.to).or(self.pieces.last());
        let Some(piece) = piece else { return 0.0 };
        let length = (piece.to.0 - piece.from.0).max(1) as f64;
        let within = (at.0 - piece.from.0) as f64 / length;
        piece.x + piece.width * within.clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(spans: &[(i64, i64)]) -> Axis {
        Axis::new(spans.iter().map(|(from, to)| (Millis(*from), Millis(*to))).collect())
    }

    #[test]
    fn without_idle_times_the_axis_is_even() {
        let axis = axis(&[(0, 1_000), (2_000, 4_000)]);
        assert_eq!(axis.x(Millis(0)), 0.0);
        assert_eq!(axis.x(Millis(1_000)), 250.0);
        assert_eq!(axis.x(Millis(4_000)), WIDTH);
        assert_eq!((axis.x(Millis(-5)), axis.x(Millis(9_000))), (0.0, WIDTH));
    }

    #[test]
    fn a_long_idle_time_is_drawn_short_and_the_order_stays() {
        let axis = axis(&[(0, 100), (3_600_000, 3_600_100)]);
        let gaps: Vec<_> = axis.pieces.iter().filter(|piece| piece.idle).collect();
        assert_eq!((gaps.len(), gaps[0].width), (1, IDLE_EACH));
        assert!((axis.x(Millis(100)) - 470.0).abs() < 0.001);
        let all = [0, 50, 100, 1_000_000, 3_600_000, 3_600_050, 3_600_100];
        assert!(all.windows(2).all(|two| axis.x(Millis(two[0])) < axis.x(Millis(two[1]))));
    }

    #[test]
    fn a_single_moment_and_many_idle_times_have_their_place() {
        assert_eq!(axis(&[(5, 5)]).x(Millis(5)), 0.0);
        let many: Vec<_> = (0..50).map(|hour| (hour * 3_600_000, hour * 3_600_000)).collect();
        let axis = axis(&many);
        let last = axis.pieces.last().unwrap();
        assert!((last.x + last.width - WIDTH).abs() < 0.001);
    }
}
