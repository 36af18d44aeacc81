//! A pattern of RE2 for the library, which reads some of it otherwise: that is written out.

/// The same pattern for the library. A `{` that begins no count stands for itself; `\d`, `\s`, `\w` and
/// `\b` know ASCII alone; `\Q…\E` is as it is written; `\<` and `\>` are no words' bounds, and in a class
/// `[`, `&&`, `~~` and `--` mean nothing.
pub(super) fn out(pattern: &str) -> String {
    let mut written = String::with_capacity(pattern.len() + 32);
    let (mut rest, mut class) = (pattern, None);
    while let Some(next) = rest.chars().next() {
        let taken = match (next, class) {
            (_, Some(at)) => in_class(rest, at, &mut class, &mut written),
            ('\\', None) => escape(rest, false, &mut written),
            ('[', None) => {
                let begin = beginning_of_class(rest);
                let has_first = rest[..begin].ends_with(']');
                class = Some(if has_first { At::Sign } else { At::Between });
                as_it_is(rest, begin, &mut written)
            }
            ('{', None) if !begins_count(rest) => itself(rest, &mut written),
            _ => as_it_is(rest, next.len_utf8(), &mut written),
        };
        rest = &rest[taken..];
    }
    written
}

/// Where one stands in a class: behind a sign, with which a range may begin, behind the `-` of a range,
/// or elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Between,
    Sign,
    Range,
}

/// The next of a class; how much of the pattern that is.
fn in_class(rest: &str, at: At, class: &mut Option<At>, written: &mut String) -> usize {
    let behind_sign = if at == At::Range { At::Between } else { At::Sign };
    let begins_range = || rest.len() > 1 && !rest[1..].starts_with(']');
    let (taken, now) = match rest.as_bytes()[0] {
        b']' => {
            *class = None;
            return as_it_is(rest, 1, written);
        }
        b'-' if at == At::Sign && begins_range() => (as_it_is(rest, 1, written), At::Range),
        b'\\' if is_set(rest) => {
            // It ends no range: the library says so of what is given, and not of what that is for it.
            let taken = match at {
                At::Range => as_it_is(rest, 2, written),
                At::Between | At::Sign => escape(rest, true, written),
            };
            (taken, At::Between)
        }
        b'\\' => (escape(rest, true, written), behind_sign),
        b'[' => match named_class(rest) {
            Some(length) => (as_it_is(rest, length, written), At::Between),
            None => (itself(rest, written), behind_sign),
        },
        b'&' | b'~' | b'-' => (itself(rest, written), behind_sign),
        _ => {
            let length = rest.chars().next().map_or(1, char::len_utf8);
            (as_it_is(rest, length, written), behind_sign)
        }
    };
    *class = Some(now);
    taken
}

/// Whether what stands behind a backslash is for several signs.
fn is_set(rest: &str) -> bool {
    rest[1..].starts_with(['d', 'D', 's', 'S', 'w', 'W', 'p', 'P'])
}

fn as_it_is(rest: &str, length: usize, written: &mut String) -> usize {
    written.push_str(&rest[..length]);
    length
}

/// A sign of one byte that stands for itself.
fn itself(rest: &str, written: &mut String) -> usize {
    written.push('\\');
    as_it_is(rest, 1, written)
}

/// What stands behind a backslash; how much of the pattern that is.
fn escape(rest: &str, class: bool, written: &mut String) -> usize {
    let Some(next) = rest[1..].chars().next() else { return as_it_is(rest, 1, written) };
    let length = 1 + next.len_utf8();
    let instead = match (next, class) {
        ('d', _) => "[0-9]",
        ('D', _) => "[^0-9]",
        ('s', _) => r"[\t\n\f\r ]",
        ('S', _) => r"[^\t\n\f\r ]",
        ('w', _) => "[0-9A-Za-z_]",
        ('W', _) => "[^0-9A-Za-z_]",
        ('b', false) => r"(?-u:\b)",
        ('B', false) => r"(?-u:\B)",
        ('<', _) => "<",
        ('>', _) => ">",
        ('Q', false) => return quotation(rest, written),
        // What stands in its braces is no count.
        ('p' | 'P' | 'x', _) if rest[length..].starts_with('{') => {
            let end = rest.find('}').map_or(rest.len(), |at| at + 1);
            return as_it_is(rest, end, written);
        }
        // It goes by one letter then.
        ('p' | 'P', _) => {
            let letter = rest[length..].chars().next().map_or(0, char::len_utf8);
            return as_it_is(rest, length + letter, written);
        }
        _ => return as_it_is(rest, length, written),
    };
    written.push_str(instead);
    length
}

/// `\Q…\E`; without `\E` it goes on to the end.
fn quotation(rest: &str, written: &mut String) -> usize {
    let (begin, end) = (r"\Q".len(), rest.find(r"\E"));
    written.push_str(&regex_syntax::escape(&rest[begin..end.unwrap_or(rest.len())]));
    end.map_or(rest.len(), |end| end + r"\E".len())
}

/// How long the beginning of a class is. A `]` that comes first stands for itself.
fn beginning_of_class(rest: &str) -> usize {
    let begins = ["[^]", "[]", "[^"].into_iter().find(|begin| rest.starts_with(begin));
    begins.map_or(1, str::len)
}

/// How long a class is that is named, like `[:alpha:]`, if it is one.
fn named_class(rest: &str) -> Option<usize> {
    let end = rest.strip_prefix("[:")?.find(":]")?;
    Some("[:".len() + end + ":]".len())
}

/// Whether a text begins with a count: `{2}`, `{2,}` or `{2,3}`.
fn begins_count(text: &str) -> bool {
    let count = text.strip_prefix('{').and_then(|count| count.split_once('}'));
    let is_number = |text: &str| {
        let is_padded = text.len() > 1 && text.starts_with('0');
        !text.is_empty() && !is_padded && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    count.is_some_and(|(count, _)| match count.split_once(',') {
        None => is_number(count),
        Some((least, most)) => is_number(least) && (most.is_empty() || is_number(most)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_library_reads_otherwise_is_written_out() {
        for (pattern, written) in [
            (r"a{2}b{2,}c{2,3}?", r"a{2}b{2,}c{2,3}?"),
            (r"{a} b{,2} c{02} d{", r"\{a} b\{,2} c\{02} d\{"),
            (r"\{\d{3}", r"\{[0-9]{3}"),
            (r"[\w.-]+\b\S", r"[[0-9A-Za-z_].\-]+(?-u:\b)[^\t\n\f\r ]"),
            (r"\p{Greek}{2}\x{41}{a}\pN{1}", r"\p{Greek}{2}\x{41}\{a}\pN{1}"),
            (r"[]{[]{[]", r"[]{\[]\{[]"),
            (r"[^]a&&b~~[:alpha:]{]x", r"[^]a\&\&b\~\~[:alpha:]{]x"),
            (r"\<é\>\\d\", r"<é>\\d\"),
            (r"\Qa.b{\E+\Q(", r"a\.b\{+\("),
            (r"[+--]x[*--/][--/]", r"[+-\-]x[*-\-/][\--/]"),
            (r"[\w--][a-z-9][]-a]", r"[[0-9A-Za-z_]\-\-][a-z\-9][]-a]"),
            (r"[-a][a-][.-\d]", r"[\-a][a\-][.-\d]"),
            (r"[\pL-' ]\pN-[\p{L}-.]", r"[\pL\-' ]\pN-[\p{L}\-.]"),
        ] {
            assert_eq!(out(pattern), written, "{pattern}");
        }
    }
}
