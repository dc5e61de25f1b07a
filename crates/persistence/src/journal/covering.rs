//! Writes the entries of registrations, behind the insert.
//!
//! A registration is covered by exactly one entry. Below the consumer's `position` every row is
//! covered, or will never exist; of the rows above it the keeper holds in memory which are covered.
//! `position` moves only past rows that are older than any transaction: one that commits late lies
//! above it, and is found when the rows above it are read again.
//!
//! The consumer's revision is compared when entries are written. An instance that finds another one's
//! revision first reads what the other has covered.

mod rows;

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::QueryResult;
use registration_domain::{Action, Actor, JournalEntry, RepositoryError, StudentId};

use self::rows::{Digest, NewRow};
use super::{
    consumers::{self, Consumer, REGISTRATIONS},
    entries, queries,
    sealing::COMMIT_LATENESS,
};
use crate::{connection::session::DatabaseConnection, decode::time, desk::Desk};

/// Most registrations that a call covers.
const MAX_ROWS: usize = 5_000;
/// Up to this number of rows above `position`, each call compares all of them again.
const SMALL_WINDOW: usize = 5_000;
/// How often more of them are compared again, and how often `position` moves alone.
const INTERVAL: TimeDelta = TimeDelta::seconds(10);
/// Most rows that are held; beyond it no new ones are read until `position` moves.
const MAX_WINDOW: usize = 1_000_000;
/// Entries of a statement.
const CHUNK: usize = 500;
/// Attempts against other instances.
const ATTEMPTS: u32 = 3;

/// Entries in order: the number and the greatest row of each.
type Entries = VecDeque<(i64, i64)>;

/// What is known of the rows above `position`.
#[derive(Default)]
pub(super) struct Covering {
    /// As read or written last.
    consumer: Consumer,
    /// The rows above `position` that are covered, or need no entry, with their times.
    rows: BTreeMap<i64, NaiveDateTime>,
    /// The entries that hold rows above `position`.
    entries: Entries,
    /// Rows up to here have been read.
    highest: i64,
    /// When all rows above `position` were compared last.
    read_at: Option<DateTime<Utc>>,
}

/// What a call has read.
struct Found {
    /// In order.
    rows: Vec<NewRow>,
    /// Whether every row above `position` was read: then it may move.
    is_complete: bool,
}

impl Covering {
    /// Covers registrations, and returns their number, and whether there are more.
    pub(super) fn cover(
        &mut self,
        desk: &Desk,
        now: DateTime<Utc>,
    ) -> Result<(usize, bool), RepositoryError> {
        for _ in 0..ATTEMPTS {
            let found = desk.poll(|connection| self.read(connection, now))?;
            let registrations = self.add(&found);
            let has_more = found.rows.len() >= MAX_ROWS;
            let position = if found.is_complete { self.next_position(now) } else { None };
            let is_due = now - self.consumer.at.and_utc() >= INTERVAL;
            if registrations.is_empty() && !(position.is_some() && is_due) {
                return Ok((0, has_more));
            }
            let position = position.unwrap_or(self.consumer.position);
            let write = || desk.change(|c| self.write(c, &registrations, position, now));
            match tracing::info_span!("cover_registrations").in_scope(write)? {
                Some((consumer, entries)) => {
                    (self.consumer, self.entries) = (consumer, entries);
                    self.rows = self.rows.split_off(&(position + 1));
                    return Ok((registrations.len(), has_more));
                }
                // Another instance was first: begin with what it has covered.
                None => *self = Self::default(),
            }
        }
        Ok((0, false))
    }

    /// Reads the rows that are not known yet.
    fn read(
        &mut self,
        connection: &mut DatabaseConnection,
        now: DateTime<Utc>,
    ) -> QueryResult<Found> {
        let consumer = consumers::find(connection, REGISTRATIONS)?;
        if consumer.revision != self.consumer.revision {
            self.catch_up(connection, consumer)?;
        }
        let mut rows = Vec::new();
        let is_due = self.rows.len() < SMALL_WINDOW
            || self.read_at.is_none_or(|at| (now - at).abs() >= INTERVAL);
        if is_due {
            // Of those that `position` may move past, each is looked for; of the others only where
            // their digest differs.
            let Consumer { position, .. } = self.consumer;
            let known = Digest::of(position, self.rows.keys());
            let is_same = Digest::stored(connection, position, self.highest)? == Some(known);
            let passed = self.next_position(now).unwrap_or(position);
            let up_to = if is_same { passed } else { self.highest };
            let is_known = |id: &i64| self.rows.contains_key(id);
            rows = rows::late(connection, position, up_to, is_known, MAX_ROWS)?;
            self.read_at = Some(now);
        }
        let is_complete = is_due && rows.len() < MAX_ROWS;
        if self.rows.len() < MAX_WINDOW {
            rows.extend(rows::after(connection, self.highest, MAX_ROWS - rows.len())?);
        }
        Ok(Found { rows, is_complete })
    }

    /// Reads the entries that other instances, or earlier processes, have written.
    fn catch_up(
        &mut self,
        connection: &mut DatabaseConnection,
        consumer: Consumer,
    ) -> QueryResult<()> {
        let mut first = consumer.seq.max(self.consumer.journal_id + 1);
        loop {
            let written = queries::registered_from(connection, first, CHUNK)?;
            let Some((last, _)) = written.last() else { break };
            first = last + 1;
            for (entry, ids) in written {
                let rows = rows::of(connection, &entries::members(ids.as_deref())?)?;
                let rows = rows.into_iter().filter(|(id, _)| *id > consumer.position);
                let before = self.rows.len();
                let mut highest = 0;
                for (id, created_at) in rows {
                    highest = highest.max(id);
                    self.rows.insert(id, created_at);
                }
                if self.rows.len() > before {
                    self.entries.push_back((entry, highest));
                }
            }
        }
        self.rows = self.rows.split_off(&(consumer.position + 1));
        let greatest = self.rows.last_key_value().map_or(0, |(id, _)| *id);
        self.highest = self.highest.max(consumer.position).max(greatest);
        self.entries.retain(|(_, highest)| *highest > consumer.position);
        self.consumer = consumer;
        self.read_at = None;
        Ok(())
    }

    /// Adds rows to those that are known, and returns the registrations that need an entry. Where the
    /// entries are not written, this is forgotten.
    fn add(&mut self, found: &Found) -> Vec<(i64, StudentId)> {
        for row in &found.rows {
            self.rows.insert(row.id, row.created_at);
            self.highest = self.highest.max(row.id);
        }
        let registrations = found.rows.iter().filter(|row| row.needs_entry);
        registrations.map(|row| (row.id, row.public_id)).collect()
    }

    /// Where `position` may move to.
    fn next_position(&self, now: DateTime<Utc>) -> Option<i64> {
        let cutoff = time(now - COMMIT_LATENESS);
        let old = self.rows.iter().take_while(|(_, created_at)| **created_at <= cutoff);
        old.last().map(|(id, _)| *id)
    }

    /// Writes the entries and moves the consumer; `None` where another instance has moved it.
    fn write(
        &self,
        connection: &mut DatabaseConnection,
        registrations: &[(i64, StudentId)],
        position: i64,
        now: DateTime<Utc>,
    ) -> QueryResult<Option<(Consumer, Entries)>> {
        let mut entries = self.entries.clone();
        let chunks: Vec<_> = registrations.chunks(JournalEntry::MAX_MEMBERS).collect();
        if !chunks.is_empty() {
            let entry = |chunk: &&[(i64, StudentId)]| JournalEntry {
                members: chunk.iter().map(|(_, id)| *id).collect(),
                ..JournalEntry::new(now, Actor::Applicant, Action::Registered, None)
            };
            let written: Vec<_> = chunks.iter().map(entry).collect();
            queries::append(connection, &written)?;
            let numbers = queries::newest_registered(connection, chunks.len())?;
            let highest = chunks.iter().map(|chunk| chunk.iter().map(|(id, _)| *id).max());
            entries.extend(numbers.into_iter().zip(highest.map(Option::unwrap_or_default)));
        }
        let journal_id =
            entries.back().map_or(0, |(number, _)| *number).max(self.consumer.journal_id);
        entries.retain(|(_, highest)| *highest > position);
        let after = Consumer {
            position,
            seq: entries.front().map_or(journal_id + 1, |(number, _)| *number),
            journal_id,
            at: time(now),
            revision: self.consumer.revision + 1,
        };
        let moved = consumers::replace(connection, REGISTRATIONS, &self.consumer, &after)?;
        Ok(moved.then_some((after, entries)))
    }
}
