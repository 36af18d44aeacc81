//! How PostgreSQL says what the two databases say differently. The other backend has the same
//! names.

use super::{
    Connection,
    partitions::{DAY_BITS, DAY_MS},
};
use crate::Result;
use model::time::Millis;

/// The function that gives the place of the second text in the first, counted from 1.
pub const PLACE: &str = "strpos";
/// Begins a transaction whose reads belong together.
pub const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// That the login is `$1`, in any case of ASCII, which is all that lower() knows of "C".
pub const IS_LOGIN: &str = "lower(login) = lower($1 COLLATE \"C\")";
/// Notes the deliveries in `$1` under the next number, and gives that.
pub const NOTE_CHANGE: &str = "INSERT INTO changes (number, deliveries)
     SELECT change + 1, $1 FROM take_numbers(0, 0, 1) RETURNING number";
/// Ends a query of lists of numbers, here `l`, that are to stay until the transaction ends.
pub const LISTS_STAY: &str = " FOR KEY SHARE OF l";
/// The same of users, here `u`.
pub const USERS_STAY: &str = " FOR KEY SHARE OF u";
/// The ids in `$1`, a JSON array.
pub const IDS: &str =
    "(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS json)))";
/// The row numbers of the events with the sender's id that follows.
pub const SENT_AS: &str =
    "SELECT e.seq FROM senders s JOIN events e ON e.id = s.event_id WHERE s.sender_id =";
/// The highest row number that has been given to a delivery.
pub const NEWEST: &str = "(SELECT COALESCE(MAX(seq), 0) FROM deliveries)";
/// The highest row number that has been given to an event.
pub const NEWEST_EVENT: &str = "(SELECT COALESCE(MAX(seq), 0) FROM events)";
/// What time it is by the database's own clock.
pub const CLOCK: &str = "CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS BIGINT)";
/// Ends a query of rows that nobody else is to use until the transaction ends.
pub const STAY_SO: &str = " FOR UPDATE";
/// The same of events, here `e`, that are to stay until then.
pub const EVENTS_STAY: &str = " FOR KEY SHARE OF e";
/// What lies beside a delivery by its row number.
pub const BESIDE: [&str; 3] = ["runs", "called_off", "undelivered"];
/// How many rows of the log one look meets, in turns: few where most of them match, and no more than
/// take about 50 ms.
pub const TURNS: [usize; 3] = [250, 1_000, 2_500];
/// How many, where the rows lie beside each other.
pub const TURNS_IN_A_ROW: [usize; 3] = [250, 2_000, 20_000];
/// What is unfinished, beside the delivery `d`; and that it is.
pub const UNFINISHED: &str = "undelivered u JOIN deliveries d ON d.seq = u.seq";
pub const IS_UNFINISHED: &str = "u.open";
/// The same where nothing is asked of the delivery but what [`NARROW`] has.
pub const UNFINISHED_ALONE: &str = "undelivered u";
/// The same by state, read to be counted.
pub const UNENDED: &str = "undelivered WHERE open";
/// Where to ask what is not plainly delivered for its row number, its state, its failure's class,
/// whose it is and when it is due, so that an index serves.
pub const NARROW: &str = "u";
/// Begins and ends what is asked of it of the delivery `d`.
pub const NARROWLY: (&str, &str) =
    (" AND d.seq IN (SELECT u.seq FROM undelivered u WHERE TRUE", ")");
/// Stand around an update that calls deliveries off, and answer which and whose they were.
pub const CALLED_OFF: (&str, &str) = (
    "WITH d AS (",
    " RETURNING seq)
     UPDATE undelivered u SET open = FALSE, state = 'cancelled', next_at = NULL FROM d
     WHERE u.seq = d.seq RETURNING u.seq, u.shard, u.flow_id, u.hook_id",
);
/// Stand around an update after which deliveries are unfinished, and answer which and after how many
/// attempts.
pub const REOPENED: (&str, &str) = (
    "WITH d AS (",
    " RETURNING seq, state, next_at, attempts)
     UPDATE undelivered u SET open = TRUE, state = d.state, next_at = d.next_at FROM d
     WHERE u.seq = d.seq RETURNING u.seq, d.attempts",
);

/// Put together what was counted in parts, of minutes that are over: up to `$1`.
pub const PUT_TOGETHER: &[&str] = &[
    "WITH parts AS (
         DELETE FROM counters WHERE part > 0 AND minute <= $1 RETURNING *
     )
     INSERT INTO counters (minute, queue_id, hook_id, events, delivered, failed, skipped)
     SELECT minute, queue_id, hook_id, SUM(events), SUM(delivered), SUM(failed), SUM(skipped)
     FROM parts GROUP BY minute, queue_id, hook_id
     ON CONFLICT (minute, queue_id, hook_id, part) DO UPDATE SET
         events = counters.events + excluded.events,
         delivered = counters.delivered + excluded.delivered,
         failed = counters.failed + excluded.failed,
         skipped = counters.skipped + excluded.skipped",
    "WITH parts AS (
         DELETE FROM latencies WHERE part > 0 AND minute <= $1 RETURNING *
     )
     INSERT INTO latencies (minute, bucket, count)
     SELECT minute, bucket, SUM(count) FROM parts GROUP BY minute, bucket
     ON CONFLICT (minute, bucket, part) DO UPDATE SET
         count = latencies.count + excluded.count",
];

/// Stand around a query of few rows that is made first, whatever is asked beside it.
pub const AMONG: (&str, &str) = ("= ANY (ARRAY(", "))");
/// Stand around a JSON array of numbers that is bound, and make a query of it.
pub const NUMBERS: (&str, &str) =
    ("SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST(", " AS json))");
/// Stand around a JSON array of lanes that is bound, each with its call, its flow, its queue and a row
/// number, and make a query of it.
pub const LANES: (&str, &str) = (
    "SELECT CAST(value ->> 0 AS BIGINT) AS call_attempt, CAST(value ->> 1 AS BIGINT) AS flow_id,
            CAST(value ->> 2 AS BIGINT) AS queue_id, CAST(value ->> 3 AS BIGINT) AS seq
     FROM json_array_elements(CAST(",
    " AS json))",
);

/// Has what follows in this transaction go by indexes, however little seems to be there.
pub async fn go_by_index(tx: &mut Connection) -> Result<()> {
    sqlx::raw_sql(
        "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off;
         SET LOCAL enable_mergejoin = off",
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The row number with which those of the day before that time begin: of that day something may have ended
/// late, and by the next day all of it can go as a whole.
pub fn numbered_before(time: Millis) -> i64 {
    (time.0 / DAY_MS - 1) << DAY_BITS
}

/// Forgets what the senders' ids of these events stand for.
pub async fn forget_senders(tx: &mut Connection, events: &[i64]) -> Result<()> {
    sqlx::query(
        "DELETE FROM senders s USING events e
         WHERE e.seq = ANY ($1) AND s.sender_id = e.sender_id AND s.queue_id = e.queue_id
           AND s.event_id = e.id",
    )
    .bind(events)
    .execute(tx)
    .await?;
    Ok(())
}

/// How the number of a delivery `o` compares to another one in the call of `of`, so that the index of
/// calls serves, and none that begins with the number.
pub fn in_its_call(sign: &str, of: &str, seq: &str) -> String {
    format!("(o.call_attempt, o.seq) {sign} ({of}.call_attempt, {seq})")
}

/// Where to read the rows of a table that is copied: what is counted in parts as a whole.
pub fn rows_of(table: &str) -> &str {
    match table {
        "counters" => {
            "(SELECT minute, queue_id, hook_id, CAST(SUM(events) AS BIGINT) AS events,
                     CAST(SUM(delivered) AS BIGINT) AS delivered,
                     CAST(SUM(failed) AS BIGINT) AS failed, CAST(SUM(skipped) AS BIGINT) AS skipped
              FROM counters GROUP BY minute, queue_id, hook_id) AS counters"
        }
        "latencies" => {
            "(SELECT minute, bucket, CAST(SUM(count) AS BIGINT) AS count
              FROM latencies GROUP BY minute, bucket) AS latencies"
        }
        other => other,
    }
}

/// A member of the JSON object in a column, as text.
pub fn json_text(column: &str, path: &[&str]) -> String {
    format!("(CAST({column} AS json) #>> '{{{}}}') COLLATE \"C\"", path.join(","))
}

/// A member of the JSON object in a column, if it is a number.
pub fn json_number(column: &str, member: &str) -> String {
    let value = format!("CAST({column} AS json) -> '{member}'");
    format!(
        "CASE WHEN json_typeof({value}) = 'number' THEN CAST(CAST({value} AS TEXT) AS NUMERIC) END"
    )
}

/// Whether a member of the JSON object in a column is true.
pub fn json_true(column: &str, member: &str) -> String {
    format!("(COALESCE(CAST(CAST({column} AS json) -> '{member}' AS TEXT), '') = 'true')")
}

/// A query of the `name` of each tag in these extras. What is no list of objects has none.
pub fn tags(extras: &str) -> String {
    let list = format!("CAST({extras} AS json) -> 'tags'");
    format!(
        "SELECT t.value ->> 'name' AS name FROM json_array_elements(
             CASE WHEN json_typeof({list}) = 'array' THEN {list} ELSE '[]' END) t
         WHERE json_typeof(t.value) = 'object'"
    )
}
