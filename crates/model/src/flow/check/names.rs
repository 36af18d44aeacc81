//! What a misspelt name may mean.

/// `; did you mean …?` if one of the names is near, or nothing.
pub(super) fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> String {
    let lower = name.to_lowercase();
    let length = lower.chars().count();
    // A long name is near nothing that a person could have meant, and costs time to compare.
    if length > 64 {
        return String::new();
    }
    let best = names
        .map(|candidate| (distance(&lower, &candidate.to_lowercase()), candidate))
        .min_by(|left, right| left.0.cmp(&right.0).then(left.1.cmp(right.1)));
    match best {
        Some((distance, candidate)) if distance <= (length / 3).clamp(1, 2) => {
            format!("; did you mean \"{candidate}\"?")
        }
        _ => String::new(),
    }
}

/// How many characters are to be changed, added or removed.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().take(80).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::language;

    #[test]
    fn a_near_miss_is_named() {
        let actions = || language::actions().map(|action| action.name);
        assert_eq!(nearest("httprequest", actions()), "; did you mean \"httpRequest\"?");
        assert_eq!(nearest("swich", actions()), "; did you mean \"switch\"?");
        assert_eq!(nearest("unset", actions()), "; did you mean \"unSet\"?");
        assert_eq!(nearest("elephant", actions()), "");
        assert_eq!(nearest("x", actions()), "");
    }
}
