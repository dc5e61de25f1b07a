//! The parameters of the list of students, for the page and for the API, and its cursors.

use std::str::FromStr;

use actix_web::http::StatusCode;
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use registration_application::desk::operations::Moment;
use registration_domain::{
    PageStart, Place, RosterFilter, RosterPage, RosterQuery, RowId, SearchWords, Sort,
    StudentRecord, Version,
};
use sha2::{Digest as _, Sha256};

use super::{form::Form, hex, problem::Problem};

/// Students on a page.
pub(crate) const DEFAULT_LIMIT: usize = 50;
/// Most students on a page.
const MAX_LIMIT: usize = 200;
/// The version of cursors, and their length in bytes.
const CURSOR_VERSION: u8 = 2;
const CURSOR_BYTES: usize = 22;

/// The parameters as they were written, without the cursor: of links, and the hash that binds cursors.
#[derive(Clone, Debug, Default)]
pub(crate) struct RosterParameters {
    pairs: Vec<(&'static str, String)>,
}

/// The years that both backends know.
const YEARS: std::ops::Range<i32> = 1..9999;

/// The parameters that filter. Unknown ones are refused: a mistyped filter would show too much.
pub(crate) const FILTERS: [&str; 6] =
    ["q", "status", "source", "task", "registered_from", "registered_to"];

/// Reads the query of a list.
pub(crate) fn parse(query: &str) -> Result<(RosterParameters, RosterQuery), Problem> {
    of_fields(Form::parse(query.as_bytes())?.fields())
}

/// Reads the fields of the query of a list.
pub(crate) fn of_fields<'a>(
    fields: impl IntoIterator<Item = &'a (String, String)>,
) -> Result<(RosterParameters, RosterQuery), Problem> {
    let mut parameters = RosterParameters::default();
    let (mut limit, mut cursor) = (DEFAULT_LIMIT, None);
    for (name, value) in fields {
        match name.as_str() {
            "lang" | "count" | "done" => {}
            "limit" => {
                let number = value.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
                limit = number.ok_or_else(|| invalid_filter("limit"))?;
            }
            "cursor" => cursor = Some(value.as_str()).filter(|text| !text.is_empty()),
            "sort" => parameters.push("sort", value),
            name => parameters.push(filter_name(name)?, value),
        }
    }
    let filter = parameters.filter()?;
    let sort: Vec<Sort> = parameters.values("sort")?;
    let sort = sort.first().copied().unwrap_or_default();
    let start = match cursor {
        Some(cursor) => parameters.start(cursor)?,
        None => PageStart::First,
    };
    Ok((parameters, RosterQuery { filter, sort, start, limit }))
}

/// A moment of the list as text: the newest row, and the microseconds since 1970.
pub(crate) fn moment_text(Moment { row: RowId(row), at }: Moment) -> String {
    format!("{row}.{}", at.timestamp_micros())
}

/// The moment of a text.
pub(crate) fn moment(text: &str) -> Option<Moment> {
    let (row, at) = text.split_once('.')?;
    let at = DateTime::from_timestamp_micros(at.parse().ok()?)?;
    Some(Moment { row: RowId(row.parse().ok()?), at })
}

/// The cursor in a query.
pub(crate) fn cursor_of(query: &str) -> Option<&str> {
    let cursor = query.split('&').find_map(|pair| pair.strip_prefix("cursor="));
    cursor.filter(|cursor| !cursor.is_empty())
}

/// The filter with these parameters.
pub(crate) fn filter(pairs: &[(String, String)]) -> Result<RosterFilter, Problem> {
    let mut parameters = RosterParameters::default();
    for (name, value) in pairs {
        parameters.push(filter_name(name)?, value);
    }
    parameters.filter()
}

fn filter_name(name: &str) -> Result<&'static str, Problem> {
    let known = FILTERS.into_iter().find(|known| *known == name);
    known.ok_or_else(|| invalid_filter("unknown"))
}

impl RosterParameters {
    fn push(&mut self, name: &'static str, value: &str) {
        if !value.is_empty() {
            self.pairs.push((name, value.to_owned()));
        }
    }

    fn filter(&self) -> Result<RosterFilter, Problem> {
        Ok(RosterFilter {
            words: SearchWords::parse(self.get("q")).map_err(|_| invalid_filter("q"))?,
            statuses: self.values("status")?,
            sources: self.values("source")?,
            missing: self.values("task")?.first().copied(),
            registered_from: self.time("registered_from", false)?,
            registered_to: self.time("registered_to", true)?,
            as_of: None,
        })
    }

    /// The value of a parameter; empty where it is missing.
    pub(crate) fn get(&self, name: &str) -> &str {
        let found = self.pairs.iter().find(|(found, _)| *found == name);
        found.map_or("", |(_, value)| value)
    }

    /// The parameters in order.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.pairs.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The parameters in order, to be carried on.
    pub(crate) fn into_pairs(self) -> Vec<(&'static str, String)> {
        self.pairs
    }

    /// The cursors of the pages before and behind this one.
    pub(crate) fn cursors(&self, page: &RosterPage) -> (Option<String>, Option<String>) {
        let first = page.students.first().filter(|_| page.has_previous);
        let last = page.students.last().filter(|_| page.has_next);
        let place =
            |(row, record): &(RowId, StudentRecord)| Place { row: *row, version: record.version };
        let before = first.map(|student| self.cursor(PageStart::Before(place(student))));
        let after = last.map(|student| self.cursor(PageStart::After(place(student))));
        (before, after)
    }

    /// The cursor of the page behind this student.
    pub(crate) fn behind(&self, (row, record): &(RowId, StudentRecord)) -> String {
        self.cursor(PageStart::After(Place { row: *row, version: record.version }))
    }

    fn values<T: FromStr>(&self, name: &'static str) -> Result<Vec<T>, Problem> {
        let values = self.pairs.iter().filter(|(found, _)| *found == name);
        values.map(|(_, text)| text.parse().map_err(|_| invalid_filter(name))).collect()
    }

    /// A time, or a day in UTC: its beginning, or its end where the range `is_end`.
    fn time(&self, name: &'static str, is_end: bool) -> Result<Option<DateTime<Utc>>, Problem> {
        let text = self.get(name);
        if text.is_empty() {
            return Ok(None);
        }
        let day = text.parse::<NaiveDate>().ok().and_then(|day| {
            let day = if is_end { day.succ_opt()? } else { day };
            Some(day.and_hms_opt(0, 0, 0)?.and_utc())
        });
        let time = day.or_else(|| text.parse().ok());
        let time = time.filter(|time| YEARS.contains(&time.year()));
        time.map(Some).ok_or_else(|| invalid_filter(name))
    }

    /// A cursor: version, direction, row, the row's version, and the hash of the parameters that it belongs to.
    fn cursor(&self, start: PageStart) -> String {
        let first = Place { row: RowId(0), version: Version::FIRST };
        let (direction, Place { row: RowId(row), version }) = match start {
            PageStart::First => (0, first),
            PageStart::After(place) => (1, place),
            PageStart::Before(place) => (2, place),
        };
        let mut bytes = vec![CURSOR_VERSION, direction];
        bytes.extend(row.to_be_bytes());
        bytes.extend(version.get().to_be_bytes());
        bytes.extend(self.hash());
        hex::encode(&bytes)
    }

    fn start(&self, cursor: &str) -> Result<PageStart, Problem> {
        let bytes: [u8; CURSOR_BYTES] = hex::decode(cursor).ok_or_else(invalid_cursor)?;
        let (head, rest) = bytes.split_at(2);
        let (row, rest) = rest.split_at(8);
        let (version, hash) = rest.split_at(4);
        let row = RowId(i64::from_be_bytes(row.try_into().map_err(|_| invalid_cursor())?));
        let version = u32::from_be_bytes(version.try_into().map_err(|_| invalid_cursor())?);
        let version = Version::new(version).ok_or_else(invalid_cursor)?;
        let start = match head {
            [CURSOR_VERSION, 1] => PageStart::After(Place { row, version }),
            [CURSOR_VERSION, 2] => PageStart::Before(Place { row, version }),
            _ => return Err(invalid_cursor()),
        };
        if hash == self.hash() { Ok(start) } else { Err(invalid_cursor()) }
    }

    fn hash(&self) -> [u8; 8] {
        let mut hash = Sha256::new();
        for (name, value) in &self.pairs {
            hash.update(format!("{name}={}:{value};", value.len()));
        }
        let hash = hash.finalize();
        let mut short = [0; 8];
        short.copy_from_slice(&hash[..8]);
        short
    }
}

/// A time (RFC 3339) that both backends know.
pub(crate) fn time(text: &str) -> Option<DateTime<Utc>> {
    text.parse().ok().filter(|time: &DateTime<Utc>| YEARS.contains(&time.year()))
}

/// A cursor that is none, belongs to another list, or whose row is not there any more.
pub(crate) fn invalid_cursor() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid_cursor", |m| m.invalid_cursor)
}

/// A search does not find everyone: what has to be whole cannot be made of it.
pub(crate) fn incomplete() -> Problem {
    Problem::new(StatusCode::CONFLICT, "list_incomplete", |m| m.list_incomplete)
}

/// A parameter that is unknown or has no such value.
pub(crate) fn invalid_filter(name: &'static str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_filter", |m| m.invalid_filter)
        .with_member("parameter", name)
}

#[cfg(test)]
mod tests {
    use registration_domain::{Source, Status};

    use super::*;

    fn code(query: &str) -> &'static str {
        parse(query).map_or_else(|problem| problem.code, |_| "")
    }

    #[test]
    fn parameters_are_read_and_mistakes_refused() {
        let query = "q=Bront%C3%AB+zo&status=pending&status=confirmed&source=desk&sort=-name&limit=7\
                     &registered_from=2026-09-01&registered_to=2026-09-01&lang=it";
        let (parameters, query) = parse(query).unwrap();
        assert_eq!(query.filter.words.words(), ["bronte", "zo"]);
        assert_eq!(query.filter.statuses, [Status::Pending, Status::Confirmed]);
        assert_eq!(query.filter.sources, [Source::Desk]);
        let day = |text: &str| text.parse::<DateTime<Utc>>().ok();
        assert_eq!(query.filter.registered_from, day("2026-09-01T00:00:00Z"));
        assert_eq!(query.filter.registered_to, day("2026-09-02T00:00:00Z"));
        assert_eq!((query.sort, query.limit), (Sort::NameReversed, 7));
        assert_eq!(parameters.get("q"), "Brontë zo");
        for wrong in [
            "limit=0",
            "limit=201",
            "limit=x",
            "limit=",
            "sort=shoe",
            "status=Pending",
            "source=x",
            "registered_from=yesterday",
            "registered_from=-262143-01-01",
            "registered_to=9999-12-31",
            "stauts=pending",
            "task=1",
            "task=open",
        ] {
            assert_eq!(code(wrong), "invalid_filter", "{wrong}");
        }
        assert_eq!(code(&format!("q={}", "x".repeat(10_000))), "invalid_filter");
        assert_eq!(code("q=%FF"), "malformed");
        assert_eq!(code("q=&status=&source=&registered_from="), "");
    }

    #[test]
    fn a_cursor_belongs_to_its_list() {
        let (parameters, _) = parse("q=zoe&status=pending&limit=20").unwrap();
        let place = Place { row: RowId(77), version: Version::FIRST.next() };
        let cursor = parameters.cursor(PageStart::After(place));
        let start = |query: &str| parse(query).map(|(_, query)| query.start);
        let again = format!("q=zoe&status=pending&limit=50&cursor={cursor}&lang=it");
        assert_eq!(start(&again).unwrap(), PageStart::After(place));
        let cut = &cursor[..43];
        for other in [
            format!("q=ada&status=pending&cursor={cursor}"),
            format!("q=zoe&cursor={cursor}"),
            format!("q=zoe&status=pending&cursor={cut}"),
            format!("q=zoe&status=pending&cursor={}", cursor.replacen("02", "01", 1)),
            format!("q=zoe&status=pending&cursor={}", cursor.replacen("0201", "0203", 1)),
            "q=zoe&status=pending&cursor=x".to_owned(),
            format!("q=zoe&status=pending&cursor={}", "ë".repeat(22)),
        ] {
            assert_eq!(code(&other), "invalid_cursor", "{other}");
        }
    }
}
