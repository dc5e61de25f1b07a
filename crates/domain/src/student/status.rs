//! The statuses of an application, and which may follow which.

use std::{fmt, str::FromStr};

/// The status of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// Received; not decided yet.
    Pending,
    /// There is no place now.
    Waitlisted,
    /// Has a place.
    Confirmed,
    /// Has a place, and everything that it needs is there.
    Enrolled,
    /// Not accepted.
    Rejected,
    /// Taken back by the applicant.
    Withdrawn,
}

impl Status {
    /// Every status, in the order in which they are listed.
    pub const ALL: [Self; 6] = [
        Self::Pending,
        Self::Waitlisted,
        Self::Confirmed,
        Self::Enrolled,
        Self::Rejected,
        Self::Withdrawn,
    ];

    /// The name used in JSON, in forms and in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Waitlisted => "waitlisted",
            Self::Confirmed => "confirmed",
            Self::Enrolled => "enrolled",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The statuses to which this one may change.
    #[must_use]
    pub const fn allowed(self) -> &'static [Self] {
        match self {
            Self::Pending => &[Self::Waitlisted, Self::Confirmed, Self::Rejected, Self::Withdrawn],
            Self::Waitlisted => &[Self::Pending, Self::Confirmed, Self::Rejected, Self::Withdrawn],
            Self::Confirmed => {
                &[Self::Pending, Self::Waitlisted, Self::Enrolled, Self::Rejected, Self::Withdrawn]
            }
            Self::Enrolled => &[Self::Confirmed, Self::Withdrawn],
            Self::Rejected | Self::Withdrawn => &[Self::Pending],
        }
    }

    /// Whether a change to `to` is allowed.
    #[must_use]
    pub fn may_become(self, to: Self) -> bool {
        self.allowed().contains(&to)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Status {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|status| status.as_str() == name).ok_or(UnknownName)
    }
}

/// The text names none of the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown name")]
pub struct UnknownName;

/// Why an application was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReasonCode {
    /// Papers or answers are missing.
    Incomplete,
    /// The applicant does not meet the conditions.
    NotEligible,
    /// The applicant has another application.
    Duplicate,
    /// Every place is taken.
    NoPlace,
    /// As the note says.
    Other,
}

impl ReasonCode {
    /// Every code, in the order in which they are offered.
    pub const ALL: [Self; 5] =
        [Self::Incomplete, Self::NotEligible, Self::Duplicate, Self::NoPlace, Self::Other];

    /// The name used in JSON, in forms and in the journal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::NotEligible => "not_eligible",
            Self::Duplicate => "duplicate",
            Self::NoPlace => "no_place",
            Self::Other => "other",
        }
    }
}

impl FromStr for ReasonCode {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|code| code.as_str() == name).ok_or(UnknownName)
    }
}

/// A decision on an application: the status that it gets, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    to: Status,
    reason: Option<ReasonCode>,
    note: Option<Note>,
    overrides_tasks: bool,
}

/// What a decision lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecisionError {
    /// A rejection needs a reason.
    #[error("a rejection needs a reason")]
    ReasonRequired,
    /// Only a rejection has a reason.
    #[error("only a rejection has a reason")]
    ReasonNotAllowed,
    /// The reason `other` needs a note.
    #[error("the reason `other` needs a note")]
    NoteRequired,
}

impl Decision {
    /// A decision for `to`.
    ///
    /// # Errors
    ///
    /// The reason or the note is missing, or the reason belongs to no rejection.
    pub fn new(
        to: Status,
        reason: Option<ReasonCode>,
        note: Option<Note>,
    ) -> Result<Self, DecisionError> {
        match (to, reason) {
            (Status::Rejected, None) => Err(DecisionError::ReasonRequired),
            (Status::Rejected, Some(ReasonCode::Other)) if note.is_none() => {
                Err(DecisionError::NoteRequired)
            }
            (Status::Rejected, _) | (_, None) => Ok(Self::stored(to, reason, note)),
            (_, Some(_)) => Err(DecisionError::ReasonNotAllowed),
        }
    }

    /// A decision that was stored before: its note may have been dropped since.
    #[must_use]
    pub fn stored(to: Status, reason: Option<ReasonCode>, note: Option<Note>) -> Self {
        Self { to, reason, note, overrides_tasks: false }
    }

    /// The decision, whatever items of the checklist are open.
    #[must_use]
    pub fn overriding_tasks(self, overrides_tasks: bool) -> Self {
        Self { overrides_tasks, ..self }
    }

    /// Whether it holds with open items of the checklist.
    #[must_use]
    pub fn overrides_tasks(&self) -> bool {
        self.overrides_tasks
    }

    /// The status that the application gets.
    #[must_use]
    pub fn to(&self) -> Status {
        self.to
    }

    /// Why it is not accepted.
    #[must_use]
    pub fn reason(&self) -> Option<ReasonCode> {
        self.reason
    }

    /// What the office wrote about it.
    #[must_use]
    pub fn note(&self) -> Option<&Note> {
        self.note.as_ref()
    }
}

/// A note of the office about a student: personal data, 1 to 2,000 characters.
#[derive(Clone, PartialEq, Eq)]
pub struct Note(String);

impl Note {
    /// Longest note, in characters.
    pub const MAX_CHARS: usize = 2000;

    /// Trims the text; `Ok(None)` where nothing is left.
    ///
    /// # Errors
    ///
    /// The note is too long.
    pub fn parse(text: &str) -> Result<Option<Self>, NoteTooLong> {
        let text = text.trim();
        match text.chars().count() {
            0 => Ok(None),
            count if count > Self::MAX_CHARS => Err(NoteTooLong),
            _ => Ok(Some(Self(text.to_owned()))),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Note({} characters)", self.0.chars().count())
    }
}

/// A note has more than [`Note::MAX_CHARS`] characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the note is too long")]
pub struct NoteTooLong;

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the office: a row for each status, a column for each following one.
    #[test]
    fn the_thirty_six_pairs_are_as_the_table_says() {
        let table = [
            ("pending", ".xx.xx"),
            ("waitlisted", "x.x.xx"),
            ("confirmed", "xx.xxx"),
            ("enrolled", "..x..x"),
            ("rejected", "x....."),
            ("withdrawn", "x....."),
        ];
        for (from, row) in table {
            let from: Status = from.parse().unwrap();
            for (to, cell) in Status::ALL.into_iter().zip(row.chars()) {
                assert_eq!(from.may_become(to), cell == 'x', "{from} → {to}");
            }
        }
    }

    #[test]
    fn names_are_read_back() {
        for status in Status::ALL {
            assert_eq!(status.to_string().parse(), Ok(status));
        }
        for code in ReasonCode::ALL {
            assert_eq!(code.as_str().parse(), Ok(code));
        }
        assert_eq!("Pending".parse::<Status>(), Err(UnknownName));
    }

    #[test]
    fn only_a_rejection_has_a_reason_and_other_needs_a_note() {
        let note = || Note::parse(" seen by phone ").unwrap();
        let new = |to, reason, note| Decision::new(to, reason, note).map(|_| ());
        use ReasonCode::{Duplicate, Other};
        use Status::{Confirmed, Rejected};
        assert_eq!(new(Confirmed, None, note()), Ok(()));
        assert_eq!(new(Confirmed, Some(Duplicate), None), Err(DecisionError::ReasonNotAllowed));
        assert_eq!(new(Rejected, None, note()), Err(DecisionError::ReasonRequired));
        assert_eq!(new(Rejected, Some(Duplicate), None), Ok(()));
        assert_eq!(new(Rejected, Some(Other), None), Err(DecisionError::NoteRequired));
        assert_eq!(new(Rejected, Some(Other), note()), Ok(()));
    }

    #[test]
    fn notes_are_trimmed_and_bounded_and_their_debug_output_holds_no_text() {
        assert_eq!(Note::parse(" \n "), Ok(None));
        let longest = "ë".repeat(Note::MAX_CHARS);
        let note = Note::parse(&format!(" {longest} ")).unwrap().unwrap();
        assert_eq!(note.as_str(), longest);
        assert_eq!(format!("{note:?}"), "Note(2000 characters)");
        assert_eq!(Note::parse(&format!("{longest}x")), Err(NoteTooLong));
    }
}
