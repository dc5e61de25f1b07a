//! The list of students: pages by key, and capped counts.
//!
//! A page is found by its keys first: row ids, with the folded names in the order of names. Its
//! students are then read by their row ids.

mod keys;
mod period;
mod repository;
mod statuses;
#[cfg(all(test, feature = "mysql", feature = "sqlite"))]
mod tests;

use diesel::QueryResult;
use registration_domain::{
    CappedCount, IndexedWords, PageStart, Place, RosterFilter, RosterPage, RosterQuery, RowId,
    Sort, StudentRecord,
};

use self::keys::{Direction, Key, KeyQuery};
use crate::{
    connection::session::DatabaseConnection,
    search::{Candidates, Newest, Unindexed},
    students::{attachments, record},
};

/// Keys of a whole list that are read at once.
const READ_AT_ONCE: usize = 10_000;

/// A page; `None` where it is sorted by name and the student at its start has been erased.
pub(super) fn page(
    connection: &mut DatabaseConnection,
    query: &RosterQuery,
    newest: &Newest,
) -> QueryResult<Option<RosterPage>> {
    let RosterQuery { filter, sort, start, limit } = query;
    let (place, is_backward) = match start {
        PageStart::First => (None, false),
        PageStart::After(place) => (Some(*place), false),
        PageStart::Before(place) => (Some(*place), true),
    };
    let start_key = match place {
        None => None,
        Some(Place { row: RowId(id), .. }) if !sort.is_by_name() => Some(Key::of_row(id)),
        Some(place) => match name_key(connection, place)? {
            Some(key) => Some(key),
            None => return Ok(None),
        },
    };
    let direction = Direction::of(*sort, is_backward);
    let start_key = start_key.as_ref();
    let Found { keys: mut found, has_more, is_cut, behind } =
        find(connection, filter, (sort.is_by_name(), direction), start_key, *limit, newest)?;
    if is_backward {
        found.reverse();
    }
    let (has_previous, has_next) = match start {
        PageStart::First => (false, has_more),
        PageStart::After(_) => (true, has_more),
        PageStart::Before(_) => (has_more, true),
    };
    Ok(Some(RosterPage {
        students: students(connection, &found)?,
        has_previous,
        has_next,
        is_cut,
        behind,
    }))
}

/// The rows of the whole list; `None` where a search does not find everyone.
pub(super) fn rows(
    connection: &mut DatabaseConnection,
    filter: &RosterFilter,
    sort: Sort,
    newest: &Newest,
) -> QueryResult<Option<Vec<RowId>>> {
    let order = (sort.is_by_name(), Direction::of(sort, false));
    // A table of few is made anew by each statement.
    let has_few = filter.missing.is_some() || !filter.words.words().is_empty();
    let limit = if has_few { usize::MAX - 1 } else { READ_AT_ONCE };
    let (mut rows, mut start) = (Vec::new(), None);
    loop {
        let found = find(connection, filter, order, start.as_ref(), limit, newest)?;
        if found.is_cut || found.behind > 0 {
            return Ok(None);
        }
        rows.extend(found.keys.iter().map(|key| RowId(key.id())));
        if !found.has_more {
            return Ok(Some(rows));
        }
        start = found.keys.into_iter().next_back();
    }
}

/// The keys behind a place.
struct Found {
    keys: Vec<Key>,
    has_more: bool,
    is_cut: bool,
    behind: usize,
}

/// At most `limit` keys behind `start`, in an order: whether by name, and the direction.
fn find(
    connection: &mut DatabaseConnection,
    filter: &RosterFilter,
    (by_name, direction): (bool, Direction),
    start: Option<&Key>,
    limit: usize,
    newest: &Newest,
) -> QueryResult<Found> {
    let candidates = Candidates::choose(connection, &filter.words, newest.limits)?;
    let query = KeyQuery { filter, candidates: candidates.as_ref(), by_name };
    let mut keys = query.load(connection, direction, start, limit + 1)?;
    let mut behind = 0;
    if by_name || candidates.is_some() {
        let reading = newest.read(connection)?;
        let key = |student: &Unindexed| Key::new(student.id(), by_name.then(|| student.sort_key()));
        let unindexed = reading.matching(filter).map(key);
        let mut unindexed: Vec<_> =
            unindexed.filter(|key| direction.is_behind(key, start)).collect();
        direction.sort(&mut unindexed);
        keys.extend(reading.confirm(connection, unindexed, Key::id, limit + 1)?);
        direction.sort(&mut keys);
        behind = reading.behind;
    }
    let has_more = keys.len() > limit;
    keys.truncate(limit);
    let is_cut = candidates.is_some_and(|candidates| candidates.is_cut);
    Ok(Found { keys, has_more, is_cut, behind })
}

/// The number of students, up to `limit`.
pub(super) fn count(
    connection: &mut DatabaseConnection,
    filter: &RosterFilter,
    limit: usize,
    newest: &Newest,
) -> QueryResult<CappedCount> {
    let candidates = Candidates::choose(connection, &filter.words, newest.limits)?;
    let candidates = candidates.as_ref();
    let keys = KeyQuery { filter, candidates, by_name: false };
    let mut count = keys.count(connection, limit + 1)?;
    if candidates.is_some() {
        let reading = newest.read(connection)?;
        let unindexed = reading.matching(filter).map(Unindexed::id).collect();
        count += reading.confirm(connection, unindexed, |id| *id, limit + 1)?.len();
    }
    let is_cut = candidates.is_some_and(|candidates| candidates.is_cut);
    Ok(statuses::capped(count, limit, is_cut))
}

/// The key of this place in the order of names: that of the values which the version had.
fn name_key(connection: &mut DatabaseConnection, place: Place) -> QueryResult<Option<Key>> {
    let RowId(id) = place.row;
    let Some(row) = record::find_all(connection, &[id])?.pop() else { return Ok(None) };
    let record = row.record()?;
    let changed = match record.version == place.version {
        true => None,
        false => attachments::texts_since(connection, id, place.version)?,
    };
    let texts = changed.unwrap_or(record.texts);
    Ok(Some(Key::new(id, Some(&IndexedWords::of(record.id, &texts).sort_key))))
}

/// The students with these keys, in their order.
fn students(
    connection: &mut DatabaseConnection,
    keys: &[Key],
) -> QueryResult<Vec<(RowId, StudentRecord)>> {
    let ids: Vec<_> = keys.iter().map(Key::id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows: std::collections::HashMap<_, _> =
        record::find_all(connection, &ids)?.into_iter().map(|row| (row.id, row)).collect();
    let in_order = ids.into_iter().filter_map(|id| Some((RowId(id), rows.remove(&id)?)));
    in_order.map(|(id, row)| Ok((id, row.record()?))).collect()
}
