//! The cache: values that flows keep for later runs, by key.

use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// The most characters of a key.
pub const KEY_MAX: usize = 256;
/// The longest time for which a value is kept, in seconds, ten years.
pub const TTL_MAX_S: u64 = 10 * 365 * 86_400;
/// The most bytes of a value.
pub const VALUE_BYTES_MAX: usize = 64 << 10;

/// What the keys begin with under which the cookies of answers are kept. These are secret: a flow uses
/// them, and nobody is shown them.
pub const COOKIE_KEYS: &str = "cookie:";

/// A value that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CacheEntry {
    /// At most 256 characters.
    #[cfg_attr(feature = "openapi", schema(examples("callbacks:2026-11-28"), max_length = 256))]
    pub key: String,
    /// At most 64 KiB. Of cookies, whose keys begin with `cookie:`, it is not told.
    #[cfg_attr(feature = "openapi", schema(examples("17"), max_length = 65536))]
    pub value: String,
    /// When it is forgotten, in ms since 1970; nothing for never.
    pub expires_at: Option<Millis>,
}

/// Why this cannot be kept under this key, if it cannot.
pub fn unfit(key: &str, value: &str) -> Option<String> {
    if key.is_empty() {
        return Some("a key of the cache is not empty".into());
    }
    let letters = key.chars().count();
    if letters > KEY_MAX {
        return Some(format!(
            "a key of the cache has at most {KEY_MAX} characters, and this one has {letters}"
        ));
    }
    if value.len() > VALUE_BYTES_MAX {
        return Some(format!(
            "a value of the cache has at most {} KiB, and this one has {}",
            VALUE_BYTES_MAX >> 10,
            value.len().div_ceil(1 << 10)
        ));
    }
    has_nul(key).or_else(|| has_nul(value))
}

/// Says so if the text holds the character NUL, which not every database keeps.
pub fn has_nul(text: &str) -> Option<String> {
    text.contains('\0').then(|| "a text that is kept does not hold the character U+0000".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_or_cannot_be_kept_is_said() {
        let said = |key: &str, value: &str| unfit(key, value).unwrap_or_default();
        assert_eq!(said("a:1", ""), "");
        assert_eq!(said(&"є".repeat(KEY_MAX), &"v".repeat(VALUE_BYTES_MAX)), "");
        assert!(said("", "v").contains("not empty"));
        assert!(said(&"k".repeat(KEY_MAX + 1), "").contains("256 characters"));
        assert!(said("k", &"v".repeat(VALUE_BYTES_MAX + 1)).contains("has 65"));
        assert!(said("k", "a\0b").contains("U+0000"));
    }
}
