//! Times: in UTC as served, in the reader's zone once `times.js` has run.

use std::fmt;

use askama::{Template, filters::HtmlSafe};
use chrono::{DateTime, Datelike as _, NaiveDate, SecondsFormat, Utc};

use crate::i18n::Messages;

/// A `time` element.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    datetime: String,
    text: String,
    /// How the script shows it: a data attribute, none in full.
    form: &'static str,
}

impl Moment {
    /// A time in full.
    pub(super) fn new(at: DateTime<Utc>, messages: &Messages) -> Self {
        Self::with_month(at, month(at, messages), "")
    }

    /// A time for a table: the month has three letters.
    pub(super) fn short(at: DateTime<Utc>, messages: &Messages) -> Self {
        let month = month(at, messages);
        let end = month.char_indices().nth(3).map_or(month.len(), |(index, _)| index);
        Self::with_month(at, &month[..end], " data-short")
    }

    /// An hour of a day.
    pub(super) fn hour(at: DateTime<Utc>) -> Self {
        let text = at.format("%H:%M UTC").to_string();
        Self { text, ..Self::with_month(at, "", " data-hour") }
    }

    fn with_month(at: DateTime<Utc>, month: &str, form: &'static str) -> Self {
        Self {
            datetime: at.to_rfc3339_opts(SecondsFormat::Secs, true),
            text: format!("{} {month} {}", at.day(), at.format("%Y, %H:%M UTC")),
            form,
        }
    }
}

/// A day: "15 September 2026".
pub(super) fn day(day: NaiveDate, messages: &Messages) -> String {
    let month = messages.confirmation.months.get(day.month0() as usize).copied();
    format!("{} {} {}", day.day(), month.unwrap_or_default(), day.year())
}

fn month(at: DateTime<Utc>, messages: &Messages) -> &'static str {
    let months: &[&'static str; 12] = &messages.confirmation.months;
    months.get(at.month0() as usize).copied().unwrap_or_default()
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { datetime, text, form } = self;
        write!(f, "<time datetime=\"{datetime}\"{form}>{text}</time>")
    }
}

/// Holds digits, and names of months of the messages.
impl HtmlSafe for Moment {}

/// A sentence with a time at its placeholder `{at}`.
#[derive(Clone, Debug, Template)]
#[template(
    source = "{{ before }}{% if let Some(at) = at %}{{ at }}{% endif %}{{ after }}",
    ext = "html"
)]
pub(super) struct Sentence {
    before: String,
    at: Option<Moment>,
    after: String,
}

impl Sentence {
    /// A sentence with a time.
    pub(super) fn with_time(text: &str, at: Moment) -> Self {
        let (before, after) = text.split_once("{at}").unwrap_or((text, ""));
        Self { before: before.to_owned(), at: Some(at), after: after.to_owned() }
    }
}

impl From<String> for Sentence {
    fn from(text: String) -> Self {
        Self { before: text, at: None, after: String::new() }
    }
}

impl From<&str> for Sentence {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// Its template escapes the text.
impl HtmlSafe for Sentence {}
