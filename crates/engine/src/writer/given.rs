//! Which row numbers this process's commits were given.

use std::ops::Range;

/// The last one, if there was any.
#[derive(Debug, Default)]
pub(super) struct Given(i64);

impl Given {
    /// Takes a commit's; whether they lie behind those before. Where they do not, a server has taken
    /// over without the last commits.
    pub fn is_news(&mut self, numbers: &Range<i64>) -> bool {
        let is_news = numbers.is_empty() || numbers.start > self.0;
        if !numbers.is_empty() {
            self.0 = numbers.end - 1;
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_were_given_before_show_that_commits_were_lost() {
        let mut given = Given::default();
        assert!(given.is_news(&(5..8)) && given.is_news(&(0..0)) && given.is_news(&(8..9)));
        assert!(!given.is_news(&(7..10)));
        assert!(given.is_news(&(10..11)));
    }
}
