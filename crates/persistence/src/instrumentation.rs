//! Diesel's events become spans and timings of the statements that a session runs.
//!
//! A statement's text is taken with its placeholders, before Diesel gets to the bind values. Its
//! events about connections, which carry the URL with its password, are never looked at.

use std::{
    fmt::{self, Write as _},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use diesel::{
    connection::{DebugQuery, Instrumentation, InstrumentationEvent},
    result::{DatabaseErrorKind, Error},
};
use tracing::{Span, field::Empty};

use crate::{database_url::Target, error};

/// The statements of one session.
#[derive(Clone)]
pub(crate) struct Statements {
    target: Arc<Target>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    watched: bool,
    /// For how many the next statement is run.
    batch: Option<usize>,
    /// The span of the statement that was.
    shared: Option<Span>,
    running: Option<Statement>,
    failed: Option<Failed>,
}

/// A statement under way.
struct Statement {
    summary: String,
    span: Span,
    shared: bool,
    began: Instant,
}

/// The span of a statement that failed, not closed yet: the error's number may still be asked for.
pub(crate) struct Failed {
    span: Span,
    code: Option<i64>,
}

impl Statements {
    pub(crate) fn of(target: Target) -> Self {
        Self { target: Arc::new(target), state: Arc::default() }
    }

    /// What the connection is to tell about its statements.
    pub(crate) fn listener(&self) -> impl Instrumentation + use<> {
        Listener { target: Arc::clone(&self.target), state: Arc::clone(&self.state) }
    }

    /// Minds the statements from now on.
    pub(crate) fn watch(&self) {
        let mut state = locked(&self.state);
        *state = State { watched: true, batch: state.batch, ..State::default() };
    }

    /// The next statement is run for so many at once.
    pub(crate) fn share_next(&self, members: usize) {
        locked(&self.state).batch = Some(members);
    }

    /// The span of the statement that was run for many. It ends when it is given up.
    pub(crate) fn shared(&self) -> Option<Span> {
        locked(&self.state).shared.take()
    }

    /// Minds them no longer, and returns the one that failed.
    pub(crate) fn unwatch(&self) -> Option<Failed> {
        let mut state = locked(&self.state);
        (state.watched, state.batch) = (false, None);
        state.failed.take()
    }
}

impl Failed {
    /// Records the error's number: the one that the error itself tells, or else what `server` says.
    pub(crate) fn record_code(&self, server: impl FnOnce() -> Option<i64>) {
        if let Some(code) = self.code.or_else(server) {
            let code = code.to_string();
            self.span.record("db.response.status_code", &code);
            self.span.record("error.type", &code);
        }
    }
}

struct Listener {
    target: Arc<Target>,
    state: Arc<Mutex<State>>,
}

impl Instrumentation for Listener {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        let mut state = locked(&self.state);
        if !state.watched {
            return;
        }
        match event {
            InstrumentationEvent::StartQuery { query, .. } => {
                let batch = state.batch.take();
                state.running = Some(Statement::begin(query, &self.target, batch));
            }
            InstrumentationEvent::FinishQuery { error, .. } => {
                if let Some(statement) = state.running.take() {
                    if statement.shared {
                        state.shared = Some(statement.span.clone());
                    }
                    // What undoes a transaction follows the statement that failed.
                    state.failed = statement.end(error, &self.target).or(state.failed.take());
                }
            }
            _ => {}
        }
    }
}

impl Statement {
    fn begin(query: &dyn DebugQuery, target: &Target, batch: Option<usize>) -> Self {
        let text = text_with_placeholders(query);
        let (operation, table) = operation_and_table(&text);
        let summary = match table {
            Some(table) => format!("{operation} {table}"),
            None => operation.to_owned(),
        };
        let span = tracing::info_span!(
            "query",
            otel.name = summary,
            otel.kind = "client",
            otel.status_code = Empty,
            db.system.name = target.system,
            db.namespace = target.namespace,
            db.collection.name = table,
            db.operation.batch.size = batch.map(|size| size as i64).filter(|size| *size > 1),
            db.operation.name = operation,
            db.query.summary = summary,
            db.query.text = text,
            db.response.status_code = Empty,
            db.user = target.user,
            server.address = target.address,
            server.port = target.port.map(i64::from), // unsigned numbers are exported as text
            error.type = Empty,
        );
        Self { summary, span, shared: batch.is_some(), began: Instant::now() }
    }

    fn end(self, error: Option<&Error>, target: &Target) -> Option<Failed> {
        metrics::histogram!("db_query_duration_seconds", "operation" => self.summary)
            .record(self.began.elapsed());
        // Nothing found is an answer.
        let error = error.filter(|error| !matches!(error, Error::NotFound))?;
        self.span.record("otel.status_code", "ERROR");
        self.span.record("error.type", kind(error));
        let code = if target.system == "mysql" { error::known_code(error) } else { None };
        Some(Failed { span: self.span, code })
    }
}

/// What kind of error it is, where the database gives it no number.
fn kind(error: &Error) -> &'static str {
    let Error::DatabaseError(kind, _) = error else { return "query_error" };
    match kind {
        DatabaseErrorKind::UniqueViolation => "unique_violation",
        DatabaseErrorKind::ForeignKeyViolation => "foreign_key_violation",
        DatabaseErrorKind::NotNullViolation => "not_null_violation",
        DatabaseErrorKind::CheckViolation => "check_violation",
        DatabaseErrorKind::ReadOnlyTransaction => "read_only",
        DatabaseErrorKind::SerializationFailure => "conflict",
        DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
            "connection_lost"
        }
        _ => "database_error",
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The statement as the database gets it. Diesel writes the bind values behind it, for which this
/// does not wait.
fn text_with_placeholders(query: &dyn DebugQuery) -> String {
    struct UntilBinds(String);
    impl fmt::Write for UntilBinds {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            match text.split_once(" -- binds") {
                Some((before, _)) => {
                    self.0.push_str(before);
                    Err(fmt::Error)
                }
                None => self.0.write_str(text),
            }
        }
    }
    let mut text = UntilBinds(String::new());
    let _ = write!(text, "{query}");
    shortened(text.0)
}

/// The text without what a batch repeats: `VALUES (?, ?), …` and `IN (?, …)`.
fn shortened(text: String) -> String {
    if let Some((before, rows)) = text.split_once("VALUES (")
        && let Some((first, _)) = rows.split_once("), (")
    {
        return format!("{before}VALUES ({first}), …");
    }
    if let Some((before, list)) = text.split_once(" IN (?, ")
        && let Some((_, after)) = list.split_once(')')
    {
        return format!("{before} IN (?, …){after}");
    }
    text
}

/// A statement's first word, and the table behind `INTO`, `FROM` or `UPDATE`, as Diesel writes it.
fn operation_and_table(text: &str) -> (&str, Option<&str>) {
    let mut words = text.split_whitespace();
    let operation = words.clone().next().unwrap_or_default();
    let table = words
        .find(|word| ["INTO", "FROM", "UPDATE"].contains(word))
        .and_then(|_| words.next())
        .map(|table| table.trim_matches(['(', '`', '"']));
    (operation, table)
}

#[cfg(all(test, feature = "mysql", feature = "sqlite"))]
mod tests {
    use diesel::{ExpressionMethods as _, QueryDsl as _};

    use super::*;
    use crate::schema::students;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "what must not be recorded has to be made first")]
    fn the_text_ends_before_the_bind_values() {
        let insert = diesel::insert_into(students::table)
            .values((students::first_name.eq("Zoe"), students::email.eq("x -- binds: y")));
        let query = diesel::debug_query::<diesel::mysql::Mysql, _>(&insert);
        assert!(query.to_string().contains("Zoe"));
        let text = text_with_placeholders(&query);
        assert_eq!(text, "INSERT INTO `students` (`first_name`, `email`) VALUES (?, ?)");
        assert_eq!(operation_and_table(&text), ("INSERT", Some("students")));

        let select = students::table.select(students::id).filter(students::email.eq("x"));
        let query = diesel::debug_query::<diesel::sqlite::Sqlite, _>(&select);
        let text = text_with_placeholders(&query);
        assert!(!text.contains('x'), "{text}");
        assert_eq!(operation_and_table(&text), ("SELECT", Some("students")));
        let join = "SELECT `a`.`id` FROM (`keys` INNER JOIN `a` ON (`a`.`id` = `keys`.`id`))";
        assert_eq!(operation_and_table(join), ("SELECT", Some("keys")));
        assert_eq!(operation_and_table("COMMIT"), ("COMMIT", None));
    }

    #[test]
    fn the_text_of_a_batch_is_as_short_as_that_of_one() {
        for (text, recorded) in [
            ("INSERT INTO a (x, y) VALUES (?, ?), (?, ?)", "INSERT INTO a (x, y) VALUES (?, ?), …"),
            ("SELECT x FROM a WHERE (y IN (?, ?, ?))", "SELECT x FROM a WHERE (y IN (?, …))"),
            ("SELECT x FROM a WHERE (y IN (?))", "SELECT x FROM a WHERE (y IN (?))"),
        ] {
            assert_eq!(shortened(text.to_owned()), recorded);
        }
    }
}
