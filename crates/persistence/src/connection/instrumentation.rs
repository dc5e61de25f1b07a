//! Spans and timings of the statements that a session runs, made from Diesel's events.
//!
//! A statement's text is recorded with placeholders, never with bind values. Events about
//! connections, which carry the URL with its password, are ignored.

use std::{
    collections::HashMap,
    fmt::{self, Write as _},
    sync::Arc,
    time::Instant,
};

use diesel::{
    connection::{DebugQuery, Instrumentation, InstrumentationEvent},
    result::{DatabaseErrorKind, Error},
};
use parking_lot::Mutex;
use tracing::{Span, field::Empty};

use crate::{connection::watchdog::SessionWatch, database_url::Target, error};

/// Records the statements of one session. Clones record into the same state.
#[derive(Clone)]
pub(crate) struct StatementRecorder {
    target: Arc<Target>,
    /// `None` while nothing is recorded.
    recording: Arc<Mutex<Option<Recording>>>,
    /// The texts of statements that insert several rows: the same for every number of them.
    batch_texts: Arc<Mutex<HashMap<&'static str, Arc<StatementText>>>>,
}

/// What is known of the statements that are being recorded.
#[derive(Default)]
struct Recording {
    /// Of the next statement.
    batch: Option<Batch>,
    running: Option<Statement>,
    failed: Option<FailedStatement>,
}

/// One statement for a batch of registrations.
struct Batch {
    size: usize,
    /// The table into which it inserts a row for each.
    table: Option<&'static str>,
    /// The statement's span, once it has been run.
    span: Option<Span>,
}

/// A statement as sent to the database, with placeholders.
struct StatementText {
    text: String,
    /// The first word.
    operation: String,
    table: Option<String>,
    /// Operation and table.
    summary: Arc<str>,
}

/// A statement in flight.
struct Statement {
    summary: Arc<str>,
    span: Span,
    began: Instant,
}

/// The open span of a statement that failed; the error's number can still be recorded.
pub(crate) struct FailedStatement {
    span: Span,
    code: Option<i64>,
}

impl StatementRecorder {
    pub(crate) fn new(target: Target) -> Self {
        let (target, recording) = (Arc::new(target), Arc::default());
        Self { target, recording, batch_texts: Arc::default() }
    }

    /// What the connection reports its statements to.
    pub(crate) fn instrumentation(&self, watch: Arc<SessionWatch>) -> impl Instrumentation + use<> {
        Recorder { recorder: self.clone(), watch }
    }

    /// Runs `query`; each statement of this session becomes a span and a timing. Returns the
    /// statement that failed, too.
    pub(crate) fn record<T>(&self, query: impl FnOnce() -> T) -> (T, Option<FailedStatement>) {
        *self.recording.lock() = Some(Recording::default());
        let answer = query();
        let recording = self.recording.lock().take();
        (answer, recording.and_then(|recording| recording.failed))
    }

    /// Runs `query`, one statement for `size` registrations, within [`StatementRecorder::record`];
    /// `table` is that into which it inserts a row for each. Returns the statement's span, too, which
    /// ends when it is dropped.
    pub(crate) fn traced_batch<T>(
        &self,
        size: usize,
        table: Option<&'static str>,
        query: impl FnOnce() -> T,
    ) -> (T, Option<Span>) {
        let set = |batch| match &mut *self.recording.lock() {
            Some(recording) => std::mem::replace(&mut recording.batch, batch),
            None => None,
        };
        set(Some(Batch { size, table, span: None }));
        let answer = query();
        (answer, set(None).and_then(|batch| batch.span))
    }
}

impl StatementRecorder {
    /// The text of a statement. That of a batch is not made again: it is as long as the batch.
    fn text(&self, query: &dyn DebugQuery, batch: Option<&Batch>) -> Arc<StatementText> {
        let several = batch.filter(|batch| batch.size > 1).and_then(|batch| batch.table);
        let Some(table) = several else { return Arc::new(StatementText::of(query)) };
        let mut known = self.batch_texts.lock();
        Arc::clone(known.entry(table).or_insert_with(|| Arc::new(StatementText::of(query))))
    }
}

impl StatementText {
    fn of(query: &dyn DebugQuery) -> Self {
        let text = text_with_placeholders(query);
        let (operation, table) = operation_and_table(&text);
        let summary = match table {
            Some(table) => format!("{operation} {table}"),
            None => operation.to_owned(),
        };
        let (operation, table) = (operation.to_owned(), table.map(str::to_owned));
        Self { operation, table, summary: summary.into(), text }
    }
}

impl FailedStatement {
    /// Records the error's number: the one that the error itself holds, or else what `server` says.
    pub(crate) fn record_code(&self, server: impl FnOnce() -> Option<i64>) {
        if let Some(code) = self.code.or_else(server) {
            let code = code.to_string();
            self.span.record("db.response.status_code", &code);
            self.span.record("error.type", &code);
        }
    }
}

/// A connection's end of a [`StatementRecorder`], and of its watchdog.
struct Recorder {
    recorder: StatementRecorder,
    watch: Arc<SessionWatch>,
}

impl Instrumentation for Recorder {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { .. } = event {
            self.watch.statement_begins();
        }
        let StatementRecorder { target, recording, .. } = &self.recorder;
        let mut recording = recording.lock();
        let Some(Recording { batch, running, failed }) = &mut *recording else { return };
        match event {
            InstrumentationEvent::StartQuery { query, .. } => {
                let text = self.recorder.text(query, batch.as_ref());
                let statement = Statement::begin(&text, target, batch.as_ref());
                if let Some(batch) = batch {
                    batch.span = Some(statement.span.clone());
                }
                *running = Some(statement);
            }
            InstrumentationEvent::FinishQuery { error, .. } => {
                if let Some(statement) = running.take() {
                    // The rollback that follows a failed statement does not replace it.
                    *failed = statement.end(error, target).or(failed.take());
                }
            }
            _ => {}
        }
    }
}

impl Statement {
    fn begin(text: &StatementText, target: &Target, batch: Option<&Batch>) -> Self {
        let StatementText { text, operation, table, summary } = text;
        let size = batch.map(|batch| batch.size as i64).filter(|size| *size > 1);
        let span = tracing::info_span!(
            "query",
            otel.name = &**summary,
            otel.kind = "client",
            otel.status_code = Empty,
            db.system.name = target.system,
            db.namespace = target.namespace,
            db.collection.name = table.as_deref(),
            db.operation.batch.size = size,
            db.operation.name = operation,
            db.query.summary = &**summary,
            db.query.text = text,
            db.response.status_code = Empty,
            db.user = target.user,
            server.address = target.address,
            server.port = target.port.map(i64::from), // unsigned numbers are exported as text
            error.type = Empty,
        );
        Self { summary: Arc::clone(summary), span, began: Instant::now() }
    }

    fn end(self, error: Option<&Error>, target: &Target) -> Option<FailedStatement> {
        metrics::histogram!("db_query_duration_seconds", "operation" => self.summary)
            .record(self.began.elapsed());
        // A query without a result has not failed.
        let error = error.filter(|error| !matches!(error, Error::NotFound))?;
        self.span.record("otel.status_code", "ERROR");
        self.span.record("error.type", error_type(error));
        let code = if target.system == "mysql" { error::known_code(error) } else { None };
        Some(FailedStatement { span: self.span, code })
    }
}

/// `error.type` of an error without a number.
fn error_type(error: &Error) -> &'static str {
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

/// The statement as sent to the database. Formatting stops before the bind values, which Diesel
/// writes behind it.
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

/// The text without the repetitions of a batch: `VALUES (?, ?), …` and `IN (?, …)`.
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

/// A statement's first word, and the first table behind `INTO`, `FROM` or `UPDATE`, that of a subquery
/// included.
fn operation_and_table(text: &str) -> (&str, Option<&str>) {
    let words = text.split_whitespace();
    let operation = words.clone().next().unwrap_or_default();
    let table = words
        .clone()
        .zip(words.skip(1))
        .find(|(word, next)| {
            ["INTO", "FROM", "UPDATE"].contains(word) && !next.starts_with("(SELECT")
        })
        .map(|(_, table)| table.trim_matches(['(', ')', '`', '"']));
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
        let subquery =
            "SELECT COUNT(*) FROM (SELECT DISTINCT a FROM (SELECT a FROM words) AS b) AS c";
        assert_eq!(operation_and_table(subquery), ("SELECT", Some("words")));
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
