//! The rarest word of a search: its students are looked at, and the other words are tested on them.

use std::time::Duration;

use diesel::QueryResult;
use registration_domain::SearchWords;

use crate::{connection::session::DatabaseConnection, sql::Sql};

/// How much a search reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SearchLimits {
    /// Most students that are looked at of the rarest word.
    pub(crate) candidates: usize,
    /// Most students that are read because they are not indexed yet.
    pub(crate) unindexed: usize,
    /// Most students who are counted beyond those.
    pub(crate) behind: usize,
    /// How long the students who are not indexed are kept, where there are more of them.
    pub(crate) lifetime: Duration,
}

impl SearchLimits {
    /// What a search at the desk reads.
    pub(crate) const DESK: Self = Self {
        candidates: 10_000,
        unindexed: 2_000,
        behind: 10_000,
        lifetime: Duration::from_millis(500),
    };
}

/// The students of the rarest word, and the other words.
pub(crate) struct Candidates<'a> {
    rarest: &'a str,
    limit: usize,
    /// The words to be tested.
    pub(crate) others: Vec<&'a str>,
    /// Whether the rarest word has more students than are looked at.
    pub(crate) is_cut: bool,
}

impl<'a> Candidates<'a> {
    /// Counts the words, each up to the limit; `None` for a search without words.
    pub(crate) fn choose(
        connection: &mut DatabaseConnection,
        search: &'a SearchWords,
        limits: SearchLimits,
    ) -> QueryResult<Option<Self>> {
        let limit = limits.candidates;
        let mut rarest: Option<(usize, &str)> = None;
        for word in search.words() {
            let count = count(connection, word, limit + 1)?;
            if rarest.is_none_or(|(least, _)| count < least) {
                rarest = Some((count, word));
            }
        }
        let Some((count, rarest)) = rarest else { return Ok(None) };
        let others = search.words().iter().map(String::as_str).filter(|word| *word != rarest);
        Ok(Some(Self { rarest, limit, others: others.collect(), is_cut: count > limit }))
    }

    /// Adds a table expression of these students, with the one column `student_id`.
    pub(crate) fn push_table(&self, sql: &mut Sql) {
        sql.push("(SELECT DISTINCT student_id FROM (SELECT student_id FROM student_words WHERE ");
        push_prefix(sql, self.rarest);
        sql.push(" ORDER BY word, student_id LIMIT ").integer(self.limit);
        sql.push(") AS pairs)");
    }
}

fn count(connection: &mut DatabaseConnection, word: &str, limit: usize) -> QueryResult<usize> {
    let mut sql =
        Sql::new("SELECT COUNT(*) AS number FROM (SELECT 1 AS one FROM student_words WHERE ");
    push_prefix(&mut sql, word);
    sql.push(" LIMIT ").integer(limit).push(") AS capped");
    sql.count(connection)
}

/// The words that begin with this one: a range of the index, in code points on every backend.
fn push_prefix(sql: &mut Sql, prefix: &str) {
    sql.push("word >= ").text(prefix).push(" AND word < ").text(format!("{prefix}\u{10FFFF}"));
}
