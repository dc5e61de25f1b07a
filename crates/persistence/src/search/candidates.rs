//! The rarest word of a search: its students are looked at, and the other words are tested on them.

use std::time::Duration;

use diesel::{ExpressionMethods as _, QueryDsl as _, QueryResult, RunQueryDsl as _};
use registration_domain::SearchWords;

use crate::{connection::session::DatabaseConnection, decode, schema::student_words, sql::Sql};

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
        lifetime: Duration::from_secs(2),
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
    /// The row ids of the students who have every word, in order; `None` where another word than the
    /// rarest has more students than are read.
    pub(crate) students: Option<Vec<i64>>,
}

impl<'a> Candidates<'a> {
    /// Reads the students of each word, up to the limit; `None` for a search without words.
    pub(crate) fn choose(
        connection: &mut DatabaseConnection,
        search: &'a SearchWords,
        limits: SearchLimits,
    ) -> QueryResult<Option<Self>> {
        let limit = limits.candidates;
        let read =
            |word: &'a String| Ok((word.as_str(), students_of(connection, word, limit + 1)?));
        let mut words = search.words().iter().map(read).collect::<QueryResult<Vec<_>>>()?;
        words.sort_by_key(|(_, ids)| ids.len());
        let Some(((rarest, ids), others)) = words.split_first_mut() else { return Ok(None) };
        let is_cut = ids.len() > limit;
        ids.truncate(limit);
        let mut students = Some(sorted(ids));
        for (_, ids) in &mut *others {
            let is_read = ids.len() <= limit;
            let ids = sorted(ids);
            students = students.filter(|_| is_read).map(|mut students| {
                students.retain(|id| ids.binary_search(id).is_ok());
                students
            });
        }
        let others = others.iter().map(|(word, _)| *word).collect();
        Ok(Some(Self { rarest, limit, others, is_cut, students }))
    }

    /// Adds a table expression of these students, with the one column `student_id`.
    pub(crate) fn push_table(&self, sql: &mut Sql) {
        sql.push("(SELECT DISTINCT student_id FROM (SELECT student_id FROM student_words WHERE ");
        sql.push("word >= ").text(self.rarest).push(" AND word < ").text(behind(self.rarest));
        sql.push(" ORDER BY word, student_id LIMIT ").integer(self.limit);
        sql.push(") AS pairs)");
    }
}

/// The row ids of students with a word that begins with this one: in the order of the words, once for
/// each.
fn students_of(
    connection: &mut DatabaseConnection,
    word: &str,
    limit: usize,
) -> QueryResult<Vec<i64>> {
    student_words::table
        .filter(student_words::word.ge(word))
        .filter(student_words::word.lt(behind(word)))
        .order((student_words::word, student_words::student_id))
        .limit(decode::limit(limit))
        .select(student_words::student_id)
        .load(connection)
}

fn sorted(ids: &mut Vec<i64>) -> Vec<i64> {
    ids.sort_unstable();
    ids.dedup();
    std::mem::take(ids)
}

/// Behind every word that begins with this one, in code points on every backend.
fn behind(prefix: &str) -> String {
    format!("{prefix}\u{10FFFF}")
}
