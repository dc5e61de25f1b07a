//! Seals: the order of the journal, and a chain of hashes over it.

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::entry::JournalEntry;

/// A row of the journal as a seal covers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedRow {
    /// The number that the database gave it.
    pub id: i64,
    /// The entry.
    pub entry: JournalEntry,
}

impl SealedRow {
    /// Adds the row to a hash: every value with its length, so that no two rows hash the same bytes.
    fn hash_into(&self, hash: &mut Sha256) {
        let Self { id, entry } = self;
        let mut put = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        put(&id.to_be_bytes());
        put(&entry.at.timestamp_micros().to_be_bytes());
        put(entry.actor.kind().as_bytes());
        put(entry.actor.id().map_or(&[][..], |id| id));
        put(entry.action.as_str().as_bytes());
        put(entry.subject.as_ref().map_or(&[][..], |subject| subject));
        let members: Vec<u8> = entry.members.iter().flat_map(|id| *id.as_bytes()).collect();
        put(&members);
        for (name, value) in &entry.detail {
            put(name.as_bytes());
            put(value.as_bytes());
        }
        for record in entry.hashes.iter().flat_map(|(before, after)| [before, after]) {
            put(record.as_ref().map_or(&[][..], |hash| &hash.0));
        }
        put(entry.trace_id.as_ref().map_or(&[][..], |id| id.as_bytes()));
        put(entry.operation.as_ref().map_or(&[][..], |id| id.as_bytes()));
    }
}

/// A seal over rows of the journal, chained to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seal {
    /// 1 for the first, without gaps.
    pub sequence: i64,
    /// The hash of the seal before; zero for the first.
    pub previous: [u8; 32],
    /// The hash over the rows.
    pub rows_hash: [u8; 32],
    /// The number of rows.
    pub rows: u32,
    /// When they were sealed, in whole microseconds.
    pub at: DateTime<Utc>,
    /// SHA-256 over everything above.
    pub hash: [u8; 32],
}

impl Seal {
    /// Most rows of a seal.
    pub const MAX_ROWS: u32 = 5_000;

    /// Seals these rows, which are sorted by their id, behind the seal `before`.
    #[must_use]
    pub fn over(rows: &[SealedRow], before: Option<&Self>, at: DateTime<Utc>) -> Self {
        let sequence = before.map_or(1, |seal| seal.sequence + 1);
        let previous = before.map_or([0; 32], |seal| seal.hash);
        // The time of a seal never goes back, whatever the clock does.
        let at = chrono::SubsecRound::trunc_subsecs(at, 6);
        let at = before.map_or(at, |seal| seal.at.max(at));
        let mut hash = Sha256::new();
        rows.iter().for_each(|row| row.hash_into(&mut hash));
        let rows_hash = hash.finalize().into();
        let rows = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let seal = Self { sequence, previous, rows_hash, rows, at, hash: [0; 32] };
        Self { hash: seal.chained(), ..seal }
    }

    /// Whether the seal is the one over these rows behind `before`.
    #[must_use]
    pub fn holds(&self, rows: &[SealedRow], before: Option<&Self>) -> bool {
        *self == Self::over(rows, before, self.at)
    }

    fn chained(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"seal.v1");
        hash.update(self.sequence.to_be_bytes());
        hash.update(self.previous);
        hash.update(self.rows.to_be_bytes());
        hash.update(self.rows_hash);
        hash.update(self.at.timestamp_micros().to_be_bytes());
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Action, Actor, StudentId};

    fn rows(at: DateTime<Utc>) -> Vec<SealedRow> {
        let id = StudentId::new(at, [1; 10]);
        let registered = JournalEntry {
            members: vec![id],
            ..JournalEntry::new(at, Actor::Applicant, Action::Registered, None)
        };
        let changed =
            JournalEntry::new(at, Actor::System, Action::StatusChanged, Some(*id.as_bytes()))
                .with("from", "pending")
                .with("to", "confirmed");
        vec![SealedRow { id: 7, entry: registered }, SealedRow { id: 9, entry: changed }]
    }

    #[test]
    fn a_seal_holds_for_its_rows_and_its_place_alone() {
        let at: DateTime<Utc> = "2026-09-01T09:00:00Z".parse().unwrap();
        let rows = rows(at);
        let first = Seal::over(&rows[..1], None, at);
        let second = Seal::over(&rows[1..], Some(&first), at);
        assert!(first.holds(&rows[..1], None) && second.holds(&rows[1..], Some(&first)));
        assert_eq!((first.sequence, second.sequence, second.rows), (1, 2, 1));
        assert!(!second.holds(&rows[..1], Some(&first)), "other rows");
        assert!(!second.holds(&rows[1..], None), "another place");
        let edits: [fn(&mut SealedRow); 6] = [
            |row| row.id += 1,
            |row| row.entry.at += chrono::TimeDelta::microseconds(1),
            |row| row.entry.actor = Actor::Applicant,
            |row| row.entry.subject = None,
            |row| drop(row.entry.detail.insert("to".into(), "rejected".into())),
            |row| drop(row.entry.detail.remove("from")),
        ];
        for edit in edits {
            let mut edited = rows[1].clone();
            edit(&mut edited);
            assert!(!second.holds(&[edited], Some(&first)));
        }
        let later = Seal { at: at + chrono::TimeDelta::seconds(1), ..second };
        assert!(!later.holds(&rows[1..], Some(&first)), "another time");
    }

    #[test]
    fn the_time_of_seals_never_goes_back() {
        let at: DateTime<Utc> = "2026-09-01T09:00:00Z".parse().unwrap();
        let first = Seal::over(&[], None, at);
        let second = Seal::over(&[], Some(&first), at - chrono::TimeDelta::hours(1));
        assert_eq!(second.at, at);
    }
}
