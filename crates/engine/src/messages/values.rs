//! Values between JSON and databases.

use model::flow::expression::number_text;
use serde_json::Value;
use sqlx::{
    MySql, Postgres, Row,
    mysql::{MySqlArguments, MySqlRow},
    postgres::{PgArguments, PgRow, PgTypeKind},
    query::Query,
    types::{
        Decimal, Uuid,
        time::{Date, OffsetDateTime, PrimitiveDateTime, Time},
    },
};

type PgQuery<'q> = Query<'q, Postgres, PgArguments>;
type MyQuery<'q> = Query<'q, MySql, MySqlArguments>;

/// Gives a statement its next value, as what it wants there: variables are mostly text, and
/// PostgreSQL takes no text for a number.
pub(super) fn bind_postgres<'q>(
    query: PgQuery<'q>,
    value: &Value,
    wanted: &str,
) -> Result<PgQuery<'q>, String> {
    let text = match value {
        Value::Null => return Ok(bind_null(query, wanted)),
        Value::String(text) => text.clone(),
        Value::Number(number) => number_text(number),
        other => other.to_string(),
    };
    let trimmed = text.trim();
    let no = || format!("\"{text}\" is no {wanted}");
    Ok(match wanted {
        "BOOL" => query.bind(trimmed.parse::<bool>().map_err(|_| no())?),
        "INT2" => query.bind(trimmed.parse::<i16>().map_err(|_| no())?),
        "INT4" => query.bind(trimmed.parse::<i32>().map_err(|_| no())?),
        "INT8" => query.bind(trimmed.parse::<i64>().map_err(|_| no())?),
        "FLOAT4" => query.bind(trimmed.parse::<f32>().map_err(|_| no())?),
        "FLOAT8" => query.bind(trimmed.parse::<f64>().map_err(|_| no())?),
        "NUMERIC" => query.bind(trimmed.parse::<Decimal>().map_err(|_| no())?),
        "UUID" => query.bind(trimmed.parse::<Uuid>().map_err(|_| no())?),
        "JSON" | "JSONB" => query.bind(value.clone()),
        "TIMESTAMPTZ" => query.bind(instant(trimmed).ok_or_else(no)?),
        "TEXT" | "VARCHAR" | "BPCHAR" | "NAME" | "CHAR" | "UNKNOWN" => query.bind(text),
        other => return Err(format!("the statement wants a {other}; write ($n::text)::{other}")),
    })
}

fn bind_null<'q>(query: PgQuery<'q>, wanted: &str) -> PgQuery<'q> {
    match wanted {
        "BOOL" => query.bind(None::<bool>),
        "INT2" => query.bind(None::<i16>),
        "INT4" => query.bind(None::<i32>),
        "INT8" => query.bind(None::<i64>),
        "FLOAT4" => query.bind(None::<f32>),
        "FLOAT8" => query.bind(None::<f64>),
        "NUMERIC" => query.bind(None::<Decimal>),
        "UUID" => query.bind(None::<Uuid>),
        "JSON" | "JSONB" => query.bind(None::<Value>),
        "TIMESTAMPTZ" => query.bind(None::<OffsetDateTime>),
        _ => query.bind(None::<String>),
    }
}

/// Gives a statement its next value; MySQL makes of text what it needs.
pub(super) fn bind_mysql<'q>(query: MyQuery<'q>, value: &Value) -> MyQuery<'q> {
    match value {
        Value::Null => query.bind(None::<String>),
        Value::Bool(value) => query.bind(*value),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => query.bind(whole),
            (None, Some(number)) => query.bind(number),
            (None, None) => query.bind(number.to_string()),
        },
        Value::String(text) => query.bind(text.clone()),
        other => query.bind(other.to_string()),
    }
}

/// The value in a column of PostgreSQL's, which is not null. What has no like in JSON is text.
pub(super) fn of_postgres(row: &PgRow, place: usize, kind: &str) -> Result<Value, String> {
    let no = |error: sqlx::Error| error.to_string();
    Ok(match kind {
        "BOOL" => row.try_get::<bool, _>(place).map_err(no)?.into(),
        "INT2" => row.try_get::<i16, _>(place).map_err(no)?.into(),
        "INT4" => row.try_get::<i32, _>(place).map_err(no)?.into(),
        "INT8" => row.try_get::<i64, _>(place).map_err(no)?.into(),
        "FLOAT4" => single(row.try_get(place).map_err(no)?),
        "FLOAT8" => row.try_get::<f64, _>(place).map_err(no)?.into(),
        "NUMERIC" => row.try_get::<Decimal, _>(place).map_err(no)?.to_string().into(),
        "UUID" => row.try_get::<Uuid, _>(place).map_err(no)?.to_string().into(),
        "JSON" | "JSONB" => row.try_get::<Value, _>(place).map_err(no)?,
        "TIMESTAMPTZ" => said_instant(row.try_get(place).map_err(no)?),
        "TIMESTAMP" => said_moment(row.try_get(place).map_err(no)?),
        "DATE" => said_date(row.try_get(place).map_err(no)?).into(),
        "TIME" => said_time(row.try_get(place).map_err(no)?).into(),
        "TEXT" | "VARCHAR" | "BPCHAR" | "NAME" | "UNKNOWN" => {
            row.try_get::<String, _>(place).map_err(no)?.into()
        }
        other => {
            use sqlx::Column;
            let column = row.columns().get(place);
            let is_text = column
                .is_some_and(|column| matches!(column.type_info().kind(), PgTypeKind::Enum(_)));
            if !is_text {
                return Err(format!("its type {other} is not read; cast it to text"));
            }
            row.try_get_unchecked::<String, _>(place).map_err(no)?.into()
        }
    })
}

/// The value in a column of MySQL's or MariaDB's, which is not null.
pub(super) fn of_mysql(row: &MySqlRow, place: usize, kind: &str) -> Result<Value, String> {
    let no = |error: sqlx::Error| error.to_string();
    Ok(match kind {
        "BOOLEAN" | "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" => {
            row.try_get::<i64, _>(place).map_err(no)?.into()
        }
        "FLOAT" => single(row.try_get(place).map_err(no)?),
        "DOUBLE" => row.try_get::<f64, _>(place).map_err(no)?.into(),
        "DECIMAL" => row.try_get::<Decimal, _>(place).map_err(no)?.to_string().into(),
        "JSON" => row.try_get::<Value, _>(place).map_err(no)?,
        "TIMESTAMP" => said_instant(row.try_get(place).map_err(no)?),
        "DATETIME" => said_moment(row.try_get(place).map_err(no)?),
        "DATE" => said_date(row.try_get(place).map_err(no)?).into(),
        "TIME" => said_time(row.try_get(place).map_err(no)?).into(),
        "CHAR" | "VARCHAR" | "TINYTEXT" | "TEXT" | "MEDIUMTEXT" | "LONGTEXT" | "ENUM" | "SET" => {
            row.try_get::<String, _>(place).map_err(no)?.into()
        }
        unsigned if unsigned.ends_with("UNSIGNED") => {
            row.try_get::<u64, _>(place).map_err(no)?.into()
        }
        other => return Err(format!("its type {other} is not read; cast it to text")),
    })
}

/// A number of single precision by its own shortest text: 0.1 and not 0.10000000149011612, as which all
/// of its bits would be read.
fn single(number: f32) -> Value {
    number.to_string().parse::<f64>().map_or(Value::Null, Value::from)
}

fn instant(text: &str) -> Option<OffsetDateTime> {
    let at: jiff::Timestamp = text.parse().ok()?;
    OffsetDateTime::from_unix_timestamp_nanos(at.as_nanosecond()).ok()
}

/// Without what a second has no part of.
fn said_instant(at: OffsetDateTime) -> Value {
    let at = jiff::Timestamp::from_nanosecond(at.unix_timestamp_nanos());
    at.map_or(Value::Null, |at| at.to_string().into())
}

fn said_moment(at: PrimitiveDateTime) -> Value {
    format!("{} {}", said_date(at.date()), said_time(at.time())).into()
}

fn said_date(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

fn said_time(time: Time) -> String {
    let whole = format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second());
    match time.microsecond() {
        0 => whole,
        parts => format!("{whole}.{parts:06}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_single_precision_has_no_more_digits_than_it_knows() {
        for (number, json) in [(0.1, "0.1"), (1234.56, "1234.56"), (-3.0, "-3.0"), (1e-7, "1e-7")] {
            assert_eq!(single(number).to_string(), json);
        }
        assert_eq!(single(f32::NAN), Value::Null);
    }
}
