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
    StudentRecord,
};

use self::keys::{Direction, Key, KeyQuery};
use crate::{
    connection::session::DatabaseConnection,
    search::{Candidates, Newest, Unindexed},
    students::{attachments, record},
};

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
    let direction = if sort.is_descending() == is_backward {
        Direction::Ascending
    } else {
        Direction::Descending
    };
    let candidates = Candidates::choose(connection, &filter.words, newest.limits)?;
    let by_name = sort.is_by_name();
    let keys = KeyQuery { filter, candidates: candidates.as_ref(), by_name };
    let mut found = keys.load(connection, direction, start_key.as_ref(), limit + 1)?;
    let mut behind = 0;
    if by_name || candidates.is_some() {
        let reading = newest.read(connection)?;
        let key = |student: &Unindexed| Key::new(student.id(), by_name.then(|| student.sort_key()));
        let unindexed = reading.matching(filter).map(key);
        let is_behind = |key: &Key| direction.is_behind(key, start_key.as_ref());
        let mut unindexed: Vec<_> = unindexed.filter(is_behind).collect();
        direction.sort(&mut unindexed);
        found.extend(reading.confirm(connection, unindexed, Key::id, limit + 1)?);
        direction.sort(&mut found);
        behind = reading.behind;
    }
    let has_more = found.len() > *limit;
    found.truncate(*limit);
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
        is_cut: candidates.is_some_and(|candidates| candidates.is_cut),
        behind,
    }))
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
