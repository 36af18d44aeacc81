//! JSON text as HTML with its parts marked, for the editor and for code blocks.
//!
//! Faulty text is marked as far as it goes; nothing is lost or added.

/// The text as HTML: names, strings, placeholders, numbers and words each in a `span` with a
/// class of its own (`tok-name`, `tok-text`, `tok-place`, `tok-number`, `tok-word`).
pub fn json_html(source: &str) -> String {
    let mut html = String::with_capacity(source.len() * 2);
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let (length, class) = match first {
            '"' => {
                let length = string_length(rest);
                let named = rest[length..].trim_start().starts_with(':');
                (length, if named { "tok-name" } else { "tok-text" })
            }
            '-' | '0'..='9' => {
                (run(rest, |c| c.is_ascii_alphanumeric() || "+-.".contains(c)), "tok-number")
            }
            'a'..='z' | 'A'..='Z' => (run(rest, |c| c.is_ascii_alphanumeric()), "tok-word"),
            _ => (first.len_utf8(), ""),
        };
        let (token, after) = rest.split_at(length);
        match class {
            "" => escape(token, &mut html),
            "tok-text" => {
                open(class, &mut html);
                placeholders(token, &mut html);
                html.push_str("</span>");
            }
            _ => {
                open(class, &mut html);
                escape(token, &mut html);
                html.push_str("</span>");
            }
        }
        rest = after;
    }
    html
}

/// The length in bytes of the string at the start, both quotes included; up to the line's end
/// where it is not closed.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        match c {
            '\n' => return index,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return index + 1,
            _ => {}
        }
    }
    text.len()
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// Marks `${…}` inside a string.
fn placeholders(token: &str, html: &mut String) {
    let mut rest = token;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else { break };
        escape(&rest[..start], html);
        open("tok-place", html);
        escape(&rest[start..=start + length], html);
        html.push_str("</span>");
        rest = &rest[start + length + 1..];
    }
    escape(rest, html);
}

fn open(class: &str, html: &mut String) {
    html.push_str("<span class=\"");
    html.push_str(class);
    html.push_str("\">");
}

fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            _ => html.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(html: &str) -> String {
        let mut text = String::new();
        let mut inside = false;
        for c in html.chars() {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                c if !inside => text.push(c),
                _ => {}
            }
        }
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
    }

    #[test]
    fn names_texts_and_placeholders_are_told_apart() {
        assert_eq!(
            json_html(r#"{"a": "x ${b} y", "n": -1.5e3, "t": true}"#),
            "{<span class=\"tok-name\">&quot;a&quot;</span>: <span class=\"tok-text\">&quot;x \
             <span class=\"tok-place\">${b}</span> y&quot;</span>, \
             <span class=\"tok-name\">&quot;n&quot;</span>: <span class=\"tok-number\">-1.5e3</span>, \
             <span class=\"tok-name\">&quot;t&quot;</span>: <span class=\"tok-word\">true</span>}"
        );
    }

    #[test]
    fn nothing_is_lost_whatever_the_text() {
        for text in
            ["", "\"", "\"\\", "\"${", "{<b>&\"ж\n\"é\\\"\": ${x}}", "[1,,\u{1F600}tru", "-"]
        {
            assert_eq!(text_of(&json_html(text)), text);
        }
    }
}
