//! Addresses of databases, as they may be shown.

/// `scheme://user:***@host`, so that no password reaches a log or a screen.
pub fn without_password(url: &str) -> String {
    let (address, query) = url.split_once('?').map_or((url, None), |(a, q)| (a, Some(q)));
    // Either may be part of a password that is not escaped: nobody can tell where it ends.
    if query.is_some_and(|query| query.contains('@')) {
        let (scheme, _) = address.split_once("://").unwrap_or_default();
        return format!("{scheme}://***");
    }
    let mut shown = match (address.split_once("://"), address.rsplit_once('@')) {
        (Some((scheme, rest)), Some((_, host))) => {
            let user = rest.split([':', '@']).next().unwrap_or_default();
            format!("{scheme}://{user}:***@{host}")
        }
        _ => address.to_owned(),
    };
    // A password may stand among the parameters as well.
    let parameters = query.into_iter().flat_map(|query| query.split('&'));
    for (place, one) in parameters.enumerate() {
        shown.push(if place == 0 { '?' } else { '&' });
        match one.split_once('=') {
            Some(("password", _)) => shown.push_str("password=***"),
            _ => shown.push_str(one),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown_wherever_it_stands() {
        for (url, shown) in [
            ("sqlite:data/offhook.db", "sqlite:data/offhook.db"),
            ("postgres://db/offhook", "postgres://db/offhook"),
            ("postgres://o:s3cret@db:5432/o", "postgres://o:***@db:5432/o"),
            ("postgres://o:p@ss:w@db/o?sslmode=require", "postgres://o:***@db/o?sslmode=require"),
            ("postgres://o:p?ss@db/o", "postgres://***"),
            ("postgres://o:p@db/o?password=s@cret", "postgres://***"),
            (
                "postgres:///o?host=/tmp&password=s&user=o",
                "postgres:///o?host=/tmp&password=***&user=o",
            ),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}
