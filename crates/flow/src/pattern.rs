//! Patterns in RE2 syntax, of `gomatch` and of an answer's text.

mod written;

use crate::limits::{
    PATTERN_BYTES_MAX, PATTERN_EFFORT_MAX, PATTERN_GROUPS_MAX, PATTERN_LENGTH_MAX,
};
use model::trace::{Failure, FailureClass};
use regex::{Captures, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};

/// What reading one byte of a pattern costs, as bytes of a text: it may be a class of all letters.
const READING: usize = 16 << 10;

/// Looks for the patterns of one step. Nothing stops that once it has begun, so what it may cost at
/// most is reckoned first, by the lengths of the text and of the pattern: the same for each run.
pub(crate) struct Patterns {
    /// The effort that the step may still make.
    left: usize,
}

impl Patterns {
    pub(crate) fn new() -> Self {
        Self { left: PATTERN_EFFORT_MAX }
    }

    /// The first match of a pattern in a text, with its groups.
    ///
    /// # Errors
    /// When it is no pattern, too large, or may take too long in this text.
    pub(crate) fn find<'t>(
        &mut self,
        pattern: &str,
        text: &'t str,
    ) -> Result<Option<Captures<'t>>, Failure> {
        if pattern.len() > PATTERN_LENGTH_MAX {
            return Err(unreadable(format!("it has more than {PATTERN_LENGTH_MAX} bytes")));
        }
        let written = written::out(pattern);
        let parsed = regex_syntax::parse(&written).map_err(|error| {
            // A fault is shown in the pattern as it was given, where that has it as well.
            unreadable(regex_syntax::parse(pattern).err().unwrap_or(error).to_string())
        })?;
        // The search keeps the bounds of all of them for each of its places.
        if parsed.properties().explicit_captures_len() > PATTERN_GROUPS_MAX {
            return Err(unreadable(format!("it has more than {PATTERN_GROUPS_MAX} groups")));
        }
        let effort = text.len().saturating_mul(places(&parsed));
        let effort = effort.saturating_add(pattern.len() * READING);
        self.left = self.left.checked_sub(effort).ok_or_else(|| {
            let (places, bytes) = (places(&parsed), text.len());
            let detail = format!(
                "a pattern of {places} places is too long for a text of {bytes} bytes, in which \
                 looking for it may take too much time"
            );
            Failure::new(FailureClass::Flow, detail)
        })?;
        let pattern = RegexBuilder::new(&written).size_limit(PATTERN_BYTES_MAX).build();
        let pattern = pattern.map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => {
                unreadable(format!("it takes more than {PATTERN_BYTES_MAX} bytes"))
            }
            other => unreadable(other.to_string()),
        })?;
        Ok(pattern.captures(text))
    }
}

fn unreadable(what: String) -> Failure {
    Failure::new(FailureClass::Flow, format!("the pattern cannot be read: {what}"))
}

/// At how many places of a pattern the search may be at once. At each byte of a text it looks at all of
/// them, in the worst case. A repetition is written out, and a group's bounds are places of their own.
fn places(pattern: &Hir) -> usize {
    let sum = |parts: &[Hir]| parts.iter().map(places).fold(0, usize::saturating_add);
    match pattern.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Repetition(one) => {
            let times = one.max.unwrap_or(one.min).max(1);
            places(&one.sub).saturating_mul(times as usize).saturating_add(1)
        }
        HirKind::Capture(group) => places(&group.sub).saturating_add(2),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => sum(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(pattern: &str, text: &str) -> String {
        match Patterns::new().find(pattern, text) {
            Ok(found) => found.map_or_else(String::new, |found| found[0].to_owned()),
            Err(failure) => failure.detail,
        }
    }

    #[test]
    fn what_may_take_too_long_in_its_text_is_not_looked_for() {
        let text = "a".repeat(1 << 20);
        assert_eq!(said("^(a)(?:a{20,})?", &text).len(), text.len());
        assert_eq!(said("a{300}b", &text[..1_000]), "");
        for pattern in
            ["[a-m]*[a-c][a-m]{5000}[n-z]", "a{300}b", "(?:ab?){150}c", "(?:(a)|b){70,}c"]
        {
            let said = said(pattern, &text);
            assert!(said.contains("too long for a text of 1048576 bytes"), "{pattern}: {said}");
        }
    }

    #[test]
    fn the_patterns_of_one_step_are_reckoned_together() {
        let text = "a".repeat(1 << 20);
        let mut patterns = Patterns::new();
        assert!((0..3).all(|_| patterns.find("^a{80}", &text).is_ok()));
        assert!(patterns.find("^a{80}", &text).is_err());
        let mut patterns = Patterns::new();
        let many = (0..).take_while(|_| patterns.find("a", "").is_ok()).count();
        assert_eq!(many, PATTERN_EFFORT_MAX / READING);
    }

    #[test]
    fn a_pattern_is_read_as_by_re2() {
        for (pattern, text, found) in [
            ("a{", "xa{", "a{"),
            (r"\${\w+}", "to ${name}", "${name}"),
            (r"{\d{2}}", "{12}", "{12}"),
            ("a{,2}", "aa{,2}", "a{,2}"),
            (r"\d+", "٣٤ 12", "12"),
            (r"\w+", "é-ab", "ab"),
            (r"\s", "\u{a0}\u{b}", ""),
            (r"\bé", "é", ""),
            (r"[^\D5]", "x57", "7"),
            (r"[[(]", "a[", "["),
            (r"\Q(a)\E+", "(a))", "(a))"),
        ] {
            assert_eq!(said(pattern, text), found, "{pattern}");
        }
        assert!(said(r"\d(", "a").contains(r"\d("), "the pattern is shown as it was given");
    }

    #[test]
    fn what_is_none_or_too_large_is_told() {
        assert!(said("(", "a").contains("cannot be read"));
        assert!(said(&"a".repeat(PATTERN_LENGTH_MAX + 1), "a").contains("more than 4000 bytes"));
        assert!(said(&"()".repeat(101), "a").contains("more than 100 groups"));
        assert!(said("(((a{100}){100}){100})", "a").contains("takes more than 1048576 bytes"));
    }
}
