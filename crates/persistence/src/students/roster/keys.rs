//! The keys of a page: where it begins and which rows follow, in either direction.

use diesel::{
    QueryResult, QueryableByName,
    sql_types::{BigInt, Text},
};
use registration_domain::{MissingTask, RosterFilter, RowId, Sort, Status, TaskState};

use super::period;
use crate::{
    checklist, connection::session::DatabaseConnection, search::Candidates, sql::Sql,
    students::codes,
};

/// A place in an order: by the folded name, which is empty in the order of registration, then by row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, QueryableByName)]
pub(super) struct Key {
    #[diesel(sql_type = Text)]
    sort_key: String,
    #[diesel(sql_type = BigInt)]
    id: i64,
}

impl Key {
    pub(super) fn new(id: i64, sort_key: Option<&str>) -> Self {
        Self { sort_key: sort_key.unwrap_or_default().to_owned(), id }
    }

    pub(super) fn of_row(id: i64) -> Self {
        Self::new(id, None)
    }

    pub(super) fn id(&self) -> i64 {
        self.id
    }
}

/// The direction in which keys are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Ascending,
    Descending,
}

impl Direction {
    /// In which a list is read, or what is before a place in it.
    pub(super) fn of(sort: Sort, is_backward: bool) -> Self {
        if sort.is_descending() == is_backward { Self::Ascending } else { Self::Descending }
    }

    /// Whether `key` comes behind `start`.
    pub(super) fn is_behind(self, key: &Key, start: Option<&Key>) -> bool {
        start.is_none_or(|start| match self {
            Self::Ascending => key > start,
            Self::Descending => key < start,
        })
    }

    pub(super) fn sort(self, keys: &mut [Key]) {
        keys.sort_unstable();
        if self == Self::Descending {
            keys.reverse();
        }
    }

    /// The comparison with the start, and the order.
    const fn sql(self) -> (&'static str, &'static str) {
        match self {
            Self::Ascending => (" > ", " ASC"),
            Self::Descending => (" < ", " DESC"),
        }
    }
}

/// A question for keys.
#[derive(Clone, Copy)]
pub(super) struct KeyQuery<'a> {
    pub(super) filter: &'a RosterFilter,
    /// The students of a search.
    pub(super) candidates: Option<&'a Candidates<'a>>,
    pub(super) by_name: bool,
}

impl KeyQuery<'_> {
    /// The next keys behind `start`. Without a search, a statement for each status reads in the order
    /// of an index; one for several would sort all of their rows.
    pub(super) fn load(
        self,
        connection: &mut DatabaseConnection,
        direction: Direction,
        start: Option<&Key>,
        limit: usize,
    ) -> QueryResult<Vec<Key>> {
        if let Some(students) = self.students() {
            let keys = students.iter().map(|id| Key::of_row(*id));
            let keys = keys.filter(|key| direction.is_behind(key, start));
            return Ok(match direction {
                Direction::Ascending => keys.take(limit).collect(),
                Direction::Descending => keys.rev().take(limit).collect(),
            });
        }
        let statuses = self.filter.statuses.as_slice();
        let groups: Vec<_> = match self.has_few() {
            false if statuses.len() > 1 => statuses.chunks(1).collect(),
            _ => vec![statuses],
        };
        let mut keys = Vec::new();
        for statuses in groups {
            let sql = self.sql(connection, statuses, direction, start, limit);
            keys.extend(sql.load::<Key>(connection)?);
        }
        direction.sort(&mut keys);
        keys.dedup();
        Ok(keys)
    }

    /// The number of students, counted up to `limit`.
    pub(super) fn count(
        self,
        connection: &mut DatabaseConnection,
        limit: usize,
    ) -> QueryResult<usize> {
        if let Some(students) = self.students() {
            return Ok(students.len().min(limit));
        }
        let mut sql = Sql::new("SELECT COUNT(*) AS number FROM (SELECT 1 AS one");
        sql.append(self.rows(connection, &self.filter.statuses));
        sql.push(" LIMIT ").integer(limit).push(") AS capped");
        sql.count(connection)
    }

    fn sql(
        self,
        connection: &DatabaseConnection,
        statuses: &[Status],
        direction: Direction,
        start: Option<&Key>,
        limit: usize,
    ) -> Sql {
        let (comparison, order) = direction.sql();
        let id = self.id();
        let sort_key = if self.by_name { "s.sort_key" } else { "''" };
        let mut sql = Sql::new(&format!("SELECT {id} AS id, {sort_key} AS sort_key"));
        sql.append(self.rows(connection, statuses));
        match start {
            Some(start) if self.by_name => {
                // Not compared as a row: servers do not read a range of the index for that.
                sql.push(" AND s.sort_key").push(comparison.trim_end()).push("= ");
                sql.text(&start.sort_key).push(" AND (s.sort_key").push(comparison);
                sql.text(&start.sort_key).push(" OR ").push(id).push(comparison);
                sql.integer(start.id).push(")");
            }
            Some(start) => {
                sql.push(" AND ").push(id).push(comparison).integer(start.id);
            }
            None => {}
        }
        sql.push(" ORDER BY ");
        if self.by_name {
            sql.push("s.sort_key").push(order).push(", ");
        }
        sql.push(id).push(order).push(" LIMIT ").integer(limit);
        sql
    }

    /// The tables, and the conditions on their rows.
    pub(super) fn rows(self, connection: &DatabaseConnection, statuses: &[Status]) -> Sql {
        let mut sql = self.from(connection);
        sql.append(self.conditions(statuses));
        sql
    }

    /// The students of a search that no further condition has to be tested on.
    fn students(&self) -> Option<&[i64]> {
        let RosterFilter { statuses, as_of, missing, .. } = self.filter;
        let is_filtered = !statuses.is_empty() || as_of.is_some() || missing.is_some();
        let tests_more = self.by_name || is_filtered || self.reads_students();
        self.candidates.filter(|_| !tests_more)?.students.as_deref()
    }

    /// Whether the table `c` has the students: those of a search, or those who lack an item.
    fn has_few(self) -> bool {
        self.candidates.is_some() || self.filter.missing.is_some()
    }

    /// The column of the row id.
    fn id(self) -> &'static str {
        match (self.has_few(), self.by_name) {
            (true, _) => "c.student_id",
            (false, true) => "s.student_id",
            (false, false) => "t.id",
        }
    }

    fn reads_search(self) -> bool {
        let of_search = |candidates: &Candidates<'_>| !candidates.others.is_empty();
        let of_few = self.has_few() && !self.filter.statuses.is_empty();
        self.by_name || of_few || self.candidates.is_some_and(of_search)
    }

    fn reads_students(self) -> bool {
        let RosterFilter { sources, registered_from, registered_to, .. } = self.filter;
        let is_first = !self.has_few() && !self.by_name;
        is_first || !sources.is_empty() || registered_from.or(*registered_to).is_some()
    }

    /// The tables, in the order in which they are read.
    fn from(self, connection: &DatabaseConnection) -> Sql {
        // Keeps that order.
        let join = match connection {
            #[cfg(feature = "mysql")]
            DatabaseConnection::Mysql(_) => " STRAIGHT_JOIN ",
            #[cfg(feature = "sqlite")]
            DatabaseConnection::Sqlite(_) => " CROSS JOIN ",
        };
        let mut sql = Sql::new(" FROM ");
        match (self.candidates, self.filter.missing) {
            (Some(candidates), _) => {
                candidates.push_table(&mut sql);
                sql.push(" AS c");
            }
            (None, Some(missing)) => {
                sql.push("(SELECT DISTINCT k.student_id");
                push_missing(&mut sql, missing);
                sql.push(") AS c");
            }
            (None, None) => {}
        }
        match (self.reads_search(), self.has_few()) {
            (true, true) => {
                sql.push(join).push("student_search AS s ON s.student_id = c.student_id");
            }
            (true, false) => {
                sql.push("student_search AS s");
            }
            (false, _) => {}
        }
        match (self.reads_students(), self.id()) {
            (true, "t.id") => {
                sql.push("students AS t");
            }
            (true, id) => {
                // Of few rows, a server may begin with these.
                let join = if self.has_few() { join } else { " JOIN " };
                sql.push(join).push("students AS t ON t.id = ").push(id);
            }
            (false, _) => {}
        }
        sql
    }

    fn conditions(self, statuses: &[Status]) -> Sql {
        let mut sql = Sql::new(" WHERE 1 = 1");
        let table = if self.reads_search() { "s" } else { "t" };
        match statuses {
            [] => {}
            [status] => {
                sql.push(&format!(" AND {table}.status = "));
                sql.integer(codes::status_number(*status));
            }
            statuses => {
                sql.push(&format!(" AND {table}.status"));
                sql.one_of(statuses.iter().copied().map(codes::status_number));
            }
        }
        let sources = &self.filter.sources;
        if !sources.is_empty() {
            sql.push(" AND t.source");
            sql.one_of(sources.iter().copied().map(codes::source_number));
        }
        period::push_conditions(&mut sql, self.filter);
        if let Some(RowId(row)) = self.filter.as_of {
            sql.push(" AND ").push(self.id()).push(" <= ").integer(row);
        }
        if let (Some(_), Some(missing)) = (self.candidates, self.filter.missing) {
            sql.push(" AND EXISTS (SELECT 1");
            push_missing(&mut sql, missing);
            sql.push(" AND k.student_id = c.student_id)");
        }
        for word in self.candidates.iter().flat_map(|candidates| &candidates.others) {
            sql.push(" AND INSTR(s.words, ").text(format!(" {word}")).push(") > 0");
        }
        sql
    }
}

/// The items that are missing. Of applications that have come to nothing none is awaited.
fn push_missing(sql: &mut Sql, missing: MissingTask) {
    sql.push(" FROM tasks AS k JOIN students AS w ON w.id = k.student_id AND w.status NOT");
    sql.one_of([Status::Rejected, Status::Withdrawn].map(codes::status_number));
    sql.push(" WHERE k.state = ").integer(checklist::queries::state_number(TaskState::Open));
    if let MissingTask::Of(template) = missing {
        sql.push(" AND k.template_id = (SELECT id FROM task_templates WHERE public_id = ");
        sql.bytes(*template.as_bytes()).push(")");
    }
}
