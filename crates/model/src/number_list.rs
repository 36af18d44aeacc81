//! Lists of numbers, which flows ask and fill.

use crate::{cache::has_nul, ids::ListId, time::Millis};
use serde::{Deserialize, Serialize};

/// The most characters of a number, of a list's name, and of what is said about either.
pub const NUMBER_MAX: usize = 128;
pub const NAME_MAX: usize = 128;
pub const DESCRIPTION_MAX: usize = 1_000;
/// The most lines that are taken in at once.
pub const IMPORT_MAX: usize = 10_000;

/// A list of numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NumberList {
    pub id: ListId,
    /// What flows may name it by.
    #[cfg_attr(feature = "openapi", schema(examples("VIP"), max_length = 128))]
    pub name: String,
    #[cfg_attr(feature = "openapi", schema(examples("Answered first"), max_length = 1000))]
    pub description: String,
    /// How many numbers are kept of it, those included that have expired a moment ago.
    #[cfg_attr(feature = "openapi", schema(examples(42), minimum = 0))]
    pub numbers: u64,
    pub created_at: Millis,
    pub updated_at: Millis,
}

/// What a person says of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ListDraft {
    /// What flows may name it by; no two lists have the same.
    #[cfg_attr(feature = "openapi", schema(examples("VIP"), min_length = 1, max_length = 128))]
    pub name: String,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(examples("Answered first"), max_length = 1000))]
    pub description: String,
}

/// A number in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListEntry {
    #[cfg_attr(feature = "openapi", schema(examples("+380441234567"), max_length = 128))]
    pub number: String,
    #[cfg_attr(feature = "openapi", schema(examples("Olena, by hand"), max_length = 1000))]
    pub description: String,
    /// From when on it counts no more; nothing for never.
    pub expires_at: Option<Millis>,
    pub added_at: Millis,
}

/// A number to be added to a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EntryDraft {
    #[cfg_attr(
        feature = "openapi",
        schema(examples("+380441234567"), min_length = 1, max_length = 128)
    )]
    pub number: String,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(examples("Olena, by hand"), max_length = 1000))]
    pub description: String,
    /// From when on it counts no more; nothing for never.
    #[serde(default)]
    pub expires_at: Option<Millis>,
}

/// Which numbers of a list are shown: a stretch in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryQuery {
    /// What they begin with.
    pub prefix: String,
    /// Those behind this one.
    pub after: Option<String>,
    /// At most so many.
    pub size: u32,
}

/// A stretch of a list's numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EntryPage {
    pub items: Vec<ListEntry>,
    /// What to ask for as `after` to go on; nothing where it ends.
    #[cfg_attr(feature = "openapi", schema(examples("+380441234567"), max_length = 128))]
    pub next: Option<String>,
}

/// Why this cannot be a number of a list, if it cannot.
pub fn unfit(number: &str, description: &str) -> Option<String> {
    if number.is_empty() {
        return Some("a number is not empty".into());
    }
    let too_long = |what: &str, text: &str, most: usize| {
        let letters = text.chars().count();
        (letters > most).then(|| format!("{what} has at most {most} characters, not {letters}"))
    };
    too_long("a number", number, NUMBER_MAX)
        .or_else(|| too_long("what is said of a number", description, DESCRIPTION_MAX))
        .or_else(|| has_nul(number))
        .or_else(|| has_nul(description))
}

/// Reads numbers as a person pastes them: one a line, with a comma and a description behind it, or
/// none.
///
/// # Errors
/// Names the first line that is none.
pub fn pasted(text: &str) -> Result<Vec<EntryDraft>, String> {
    let mut read = Vec::new();
    for (place, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        if read.len() == IMPORT_MAX {
            return Err(format!("at most {IMPORT_MAX} numbers are taken in at once"));
        }
        let (number, description) = line.split_once(',').unwrap_or((line, ""));
        let (number, description) = (number.trim(), description.trim());
        if let Some(why) = unfit(number, description) {
            return Err(format!("line {}: {why}", place + 1));
        }
        read.push(EntryDraft {
            number: number.to_owned(),
            description: description.to_owned(),
            expires_at: None,
        });
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_numbers_are_read_line_by_line() {
        let read = pasted("+380 44 1\n\n 5 , Olena, by hand \r\n6,\n").unwrap_or_default();
        let read: Vec<_> =
            read.iter().map(|one| (one.number.as_str(), one.description.as_str())).collect();
        assert_eq!(read, [("+380 44 1", ""), ("5", "Olena, by hand"), ("6", "")]);
        assert!(pasted("1\n,nobody").is_err_and(|why| why.starts_with("line 2: a number")));
        let long = format!("1\n\n{}", "9".repeat(NUMBER_MAX + 1));
        assert!(pasted(&long).is_err_and(|why| why.starts_with("line 3") && why.contains("128")));
        let many = "1\n".repeat(IMPORT_MAX + 1);
        assert!(pasted(&many).is_err_and(|why| why.contains("10000")));
    }
}
