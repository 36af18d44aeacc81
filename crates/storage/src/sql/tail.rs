//! The log as it happens. Each commit of the engine leaves one row that names the deliveries it made
//! or changed; a reader goes on behind the last that it has seen.

use super::{
    Conn, Db, Store,
    dialect::{NOTE_CHANGE, SNAPSHOT},
    log::{ROW, among, delivery_row, narrow},
    text::{self, Needle},
};
use crate::{
    Result,
    tail::{Tail, TailPlace, TailStore},
};
use async_trait::async_trait;
use model::delivery::{DeliveryFilter, DeliveryRow, Overlay};
use sqlx::{QueryBuilder, Row};
use std::collections::BTreeSet;

/// How many commits are remembered.
const KEPT: i64 = 50_000;
/// The oldest are forgotten so many at a time.
const FORGOTTEN: i64 = 500;
/// The most commits, fewer than are remembered, and the most deliveries, that a reader may lie behind.
const BEHIND_MAX: i64 = 8_192;
const DELIVERIES_MAX: usize = 200_000;
/// How many deliveries are looked at in one statement, and how many statements an answer takes.
const CHUNK: usize = 500;
const CHUNKS: usize = 8;
/// About how many deliveries an answer has.
const ROWS: usize = 200;
/// About how many deliveries are searched for a text before an answer is given.
const SEARCHED: usize = 500;

const NEWEST_CHANGE: &str = "SELECT COALESCE(MAX(number), 0) FROM changes";

/// Notes which deliveries a commit made or changed.
pub(super) async fn write(tx: &mut Conn, deliveries: impl Iterator<Item = i64>) -> Result<()> {
    let deliveries: BTreeSet<_> = deliveries.collect();
    if deliveries.is_empty() {
        return Ok(());
    }
    let number: i64 =
        sqlx::query_scalar(NOTE_CHANGE).bind(packed(&deliveries)).fetch_one(&mut *tx).await?;
    let mut sql = QueryBuilder::<Db>::default();
    if forget(&mut sql, number) {
        sql.build().execute(tx).await?;
    }
    Ok(())
}

/// Says in `sql` that what is too old is forgotten, now and then, as the change of this number is
/// noted; whether it is.
pub(super) fn forget(sql: &mut QueryBuilder<Db>, number: i64) -> bool {
    let now = number % FORGOTTEN == 0;
    if now {
        // No further back than needed: where somebody reads for long, what was deleted is still
        // there, and would be passed by each time.
        sql.push("DELETE FROM changes WHERE number > ");
        sql.push_bind(number - KEPT - 10 * FORGOTTEN).push(" AND number <= ");
        sql.push_bind(number - KEPT);
    }
    now
}

#[async_trait]
impl TailStore for Store {
    async fn tail_end(&self) -> Result<TailPlace> {
        let newest = sqlx::query_scalar(NEWEST_CHANGE).fetch_one(&self.readers).await?;
        Ok(TailPlace::behind(newest))
    }

    async fn tail(
        &self,
        filter: &DeliveryFilter,
        since: TailPlace,
        overlay: &Overlay,
    ) -> Result<Tail> {
        // One read transaction, so that rows are as of the newest commit that is looked at.
        let mut tx = self.readers.begin_with(SNAPSHOT).await?;
        let newest: i64 = sqlx::query_scalar(NEWEST_CHANGE).fetch_one(&mut *tx).await?;
        let lost = Tail::Lost(TailPlace::behind(newest));
        // What lies no further back is not forgotten. There may be gaps: not every number has a commit.
        if since.to > newest || newest - since.from > BEHIND_MAX {
            return Ok(lost);
        }
        // What was begun is ended before something new is begun.
        let (place, to) = match since.from < since.to {
            true => (since, since.to),
            false => (TailPlace::behind(since.to), newest),
        };
        let (mut wanted, mut later) = (BTreeSet::new(), BTreeSet::new());
        let commits = sqlx::query("SELECT number, deliveries FROM changes WHERE number > $1")
            .bind(place.from)
            .fetch_all(&mut *tx)
            .await?;
        for commit in &commits {
            let within = commit.try_get::<i64, _>("number")? <= to;
            let into = if within { &mut wanted } else { &mut later };
            unpack(commit.try_get("deliveries")?, into);
            if wanted.len() + later.len() > DELIVERIES_MAX {
                return Ok(lost);
            }
        }
        // What has changed again since is told then, as it stands then.
        let wanted: Vec<_> =
            wanted.range(place.seq + 1..).filter(|seq| !later.contains(seq)).copied().collect();
        let needle = Needle::of(filter);
        let (mut rows, mut looked, mut searched) = (Vec::new(), 0, 0);
        for chunk in wanted.chunks(CHUNK).take(CHUNKS) {
            let mut found = read(&mut tx, chunk, filter, overlay).await?;
            if let Some(needle) = &needle {
                searched += found.len();
                keep_holding(&mut tx, &mut found, needle).await?;
            }
            rows.extend(found.into_iter().map(|row| {
                let behind = TailPlace { from: place.from, to, seq: row.seq };
                (row, behind)
            }));
            looked += chunk.len();
            if rows.len() >= ROWS || searched >= SEARCHED {
                break;
            }
        }
        let ended = looked == wanted.len();
        let next = match wanted.get(looked.wrapping_sub(1)) {
            Some(seq) if !ended => TailPlace { from: place.from, to, seq: *seq },
            _ if ended => TailPlace::behind(to),
            _ => place,
        };
        Ok(Tail::Rows { rows, next, more: !ended || to < newest })
    }
}

/// Those of these deliveries that the filter leaves, whatever text they hold, in their order.
async fn read(
    tx: &mut Conn,
    seqs: &[i64],
    filter: &DeliveryFilter,
    overlay: &Overlay,
) -> Result<Vec<DeliveryRow>> {
    let mut sql = QueryBuilder::<Db>::new(ROW);
    among(&mut sql, "d.seq", seqs.iter().copied());
    narrow(&mut sql, filter, overlay);
    sql.push(" ORDER BY d.seq");
    let found = sql.build().fetch_all(&mut *tx).await?;
    found.iter().map(|row| delivery_row(row, overlay)).collect()
}

/// Keeps those of these deliveries that hold the text, as of the same commit as their rows.
async fn keep_holding(tx: &mut Conn, rows: &mut Vec<DeliveryRow>, needle: &Needle) -> Result<()> {
    let seqs: Vec<_> = rows.iter().map(|row| row.seq).collect();
    let held = text::holding(tx, &seqs, needle).await?;
    rows.retain(|row| held.contains(&row.seq));
    Ok(())
}

/// Ascending numbers, each as its distance from the last, seven bits a byte, the lowest first.
pub(super) fn packed(numbers: &BTreeSet<i64>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(numbers.len() + 8);
    let mut last = 0;
    for number in numbers {
        let mut distance = number.abs_diff(last);
        while distance >= 0x80 {
            bytes.push((distance & 0x7f) as u8 | 0x80);
            distance >>= 7;
        }
        bytes.push(distance as u8);
        last = *number;
    }
    bytes
}

fn unpack(bytes: &[u8], into: &mut BTreeSet<i64>) {
    let (mut last, mut distance, mut shift) = (0_i64, 0_i64, 0_u32);
    for byte in bytes {
        distance |= i64::from(byte & 0x7f).wrapping_shl(shift);
        shift += 7;
        if byte & 0x80 == 0 {
            last = last.wrapping_add(distance);
            into.insert(last);
            (distance, shift) = (0, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unpacked_as_they_were_packed() {
        for numbers in [vec![], vec![1], vec![7, 8, 9, 200, 70_000, 70_001, i64::MAX]] {
            let numbers: BTreeSet<i64> = numbers.into_iter().collect();
            let mut read = BTreeSet::new();
            unpack(&packed(&numbers), &mut read);
            assert_eq!(read, numbers);
        }
        assert_eq!(packed(&(1_000_000..1_000_256).collect()).len(), 258);
    }
}
