//! A pattern of RE2 for the library, which reads some of it otherwise: that is written out.

/// The same pattern for the library. A `{` that begins no count stands for itself; `\d`, `\s`, `\w` and
/// `\b` know ASCII alone; `\Q…\E` is as it is written; `\<` and `\>` are no words' bounds, and in a class
/// `[`, `&&` and `~~` mean nothing.
pub(super) fn out(pattern: &str) -> String {
    let mut written = String::with_capacity(pattern.len() + 32);
    let (mut rest, mut class) = (pattern, false);
    while let Some(next) = rest.chars().next() {
        let taken = match (next, class) {
            ('\\', _) => escape(rest, class, &mut written),
            ('[', false) => {
                class = true;
                as_it_is(rest, beginning_of_class(rest), &mut written)
            }
            (']', true) => {
                class = false;
                as_it_is(rest, 1, &mut written)
            }
            ('[', true) => match named_class(rest) {
                Some(length) => as_it_is(rest, length, &mut written),
                None => itself(rest, &mut written),
            },
            ('&' | '~', true) => itself(rest, &mut written),
            ('{', false) if !begins_count(rest) => itself(rest, &mut written),
            _ => as_it_is(rest, next.len_utf8(), &mut written),
        };
        rest = &rest[taken..];
    }
    written
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
            (r"[\w.-]+\b\S", r"[[0-9A-Za-z_].-]+(?-u:\b)[^\t\n\f\r ]"),
            (r"\p{Greek}{2}\x{41}{a}\pN{1}", r"\p{Greek}{2}\x{41}\{a}\pN{1}"),
            (r"[]{[]{[]", r"[]{\[]\{[]"),
            (r"[^]a&&b~~[:alpha:]{]x", r"[^]a\&\&b\~\~[:alpha:]{]x"),
            (r"\<é\>\\d\", r"<é>\\d\"),
            (r"\Qa.b{\E+\Q(", r"a\.b\{+\("),
        ] {
            assert_eq!(out(pattern), written, "{pattern}");
        }
    }
}
