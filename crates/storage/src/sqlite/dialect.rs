//! How SQLite says what the two databases say differently. The other backend has the same names.

use crate::Result;
use model::time::Millis;
use sqlx::SqliteConnection;

/// The function that gives the place of the second text in the first, counted from 1.
pub const PLACE: &str = "instr";
/// Begins a transaction whose reads belong together.
pub const SNAPSHOT: &str = "BEGIN";
/// That the login is `$1`, in any case of ASCII: the column is declared so.
pub const IS_LOGIN: &str = "login = $1";
/// Notes the deliveries in `$1` under the next number, and gives that.
pub const NOTE_CHANGE: &str = "INSERT INTO changes (deliveries) VALUES ($1) RETURNING number";
/// Ends a query of lists of numbers, here `l`, that are to stay until the transaction ends: as all
/// does here.
pub const LISTS_STAY: &str = "";
/// The same of users, here `u`.
pub const USERS_STAY: &str = "";
/// The ids in `$1`, a JSON array.
pub const IDS: &str = "(SELECT value FROM json_each($1))";
/// The row numbers of the events with the sender's id that follows.
pub const SENT_AS: &str = "SELECT s.seq FROM events s WHERE s.sender_id =";
/// The highest row number that has been given to a delivery.
pub const NEWEST: &str = "(SELECT COALESCE(MAX(seq), 0) FROM deliveries)";
/// The highest row number that has been given to an event.
pub const NEWEST_EVENT: &str = "(SELECT COALESCE(MAX(seq), 0) FROM events)";
/// What time it is by the database's own clock: it has none.
pub const CLOCK: &str = "NULL";
/// Ends a query of rows that nobody else is to use until the transaction ends, as nobody does here.
pub const STAY_SO: &str = "";
/// The same of events, here `e`, that are to stay until then.
pub const EVENTS_STAY: &str = "";
/// What lies beside a delivery by its row number.
pub const BESIDE: [&str; 2] = ["runs", "called_off"];
/// How many rows of the log one look meets, in turns: few where most of them match, and no more than
/// take about 50 ms.
pub const TURNS: [usize; 3] = [250, 2_000, 10_000];
/// How many, where the rows lie beside each other.
pub const TURNS_IN_A_ROW: [usize; 3] = [250, 2_000, 40_000];

/// What is unfinished, beside the delivery `d`; and that it is.
pub const UNFINISHED: &str = "deliveries d";
pub const IS_UNFINISHED: &str = "d.finished_at IS NULL";
/// The same where nothing is asked of the delivery but what [`NARROW`] has.
pub const UNFINISHED_ALONE: &str = UNFINISHED;
/// The same by state, read to be counted; the index over what is not delivered alone answers.
pub const UNENDED: &str = "deliveries
     WHERE state <> 'delivered'
       AND state IN ('pending', 'running', 'waiting', 'retrying', 'parked')";
/// Where to ask what is not plainly delivered for its row number, its state, its failure's class,
/// whose it is and when it is due, so that an index serves.
pub const NARROW: &str = "d";
/// Begins and ends what is asked of it of the delivery `d`.
pub const NARROWLY: (&str, &str) = ("", "");
/// Stand around an update that calls deliveries off, and answer which and whose they were.
pub const CALLED_OFF: (&str, &str) = ("", " RETURNING seq, shard, flow_id, hook_id");
/// Stand around an update after which deliveries are unfinished, and answer which and after how many
/// attempts.
pub const REOPENED: (&str, &str) = ("", " RETURNING seq, attempts");

/// Put together what was counted in parts, of minutes that are over: nothing is.
pub const PUT_TOGETHER: &[&str] = &[];

/// Stand around a query of few rows that is made first, whatever is asked beside it.
pub const AMONG: (&str, &str) = ("IN (", ")");
/// Stand around a JSON array of numbers that is bound, and make a query of it.
pub const NUMBERS: (&str, &str) = ("SELECT value FROM json_each(", ")");
/// Stand around a JSON array of lanes that is bound, each with its call, its flow, its queue and a row
/// number, and make a query of it.
pub const LANES: (&str, &str) = (
    "SELECT json_extract(value, '$[0]') AS call_attempt, json_extract(value, '$[1]') AS flow_id,
            json_extract(value, '$[2]') AS queue_id, json_extract(value, '$[3]') AS seq
     FROM json_each(",
    ")",
);

/// Has what follows in this transaction go by indexes, as all does here.
pub async fn go_by_index(_: &mut SqliteConnection) -> Result<()> {
    Ok(())
}

/// The row number with which those of that time's day begin: here they say nothing of their time.
pub fn numbered_before(_: Millis) -> i64 {
    i64::MAX
}

/// Forgets what the senders' ids of these events stand for: here they stand in the events.
pub async fn forget_senders(_: &mut SqliteConnection, _: &[i64]) -> Result<()> {
    Ok(())
}

/// How the number of a delivery `o` compares to another one in the call of `of`, so that the index of
/// calls serves.
pub fn in_its_call(sign: &str, _of: &str, seq: &str) -> String {
    format!("o.seq {sign} {seq}")
}

/// Where to read the rows of a table that is copied.
pub fn rows_of(table: &str) -> &str {
    table
}

/// A member of the JSON object in a column, as text.
pub fn json_text(column: &str, path: &[&str]) -> String {
    format!("CAST(json_extract({column}, '$.{}') AS TEXT)", path.join("."))
}

/// A member of the JSON object in a column, if it is a number.
pub fn json_number(column: &str, member: &str) -> String {
    format!(
        "CASE WHEN json_type({column}, '$.{member}') IN ('integer', 'real')
              THEN json_extract({column}, '$.{member}') END"
    )
}

/// Whether a member of the JSON object in a column is true.
pub fn json_true(column: &str, member: &str) -> String {
    format!("(COALESCE(json_type({column}, '$.{member}'), '') = 'true')")
}

/// A query of the `name` of each tag in these extras. What is no list of objects has none.
pub fn tags(extras: &str) -> String {
    format!(
        "SELECT json_extract({extras}, t.fullkey || '.name') AS name FROM json_each({extras}, '$.tags') t"
    )
}
