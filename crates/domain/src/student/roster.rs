//! Questions to the list of students, and their answers.

use std::str::FromStr;

use chrono::{DateTime, Utc};

use crate::{
    MissingTask, SearchWords, Source, Status, StudentRecord, Version, student::status::UnknownName,
};

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// The newest registration first.
    #[default]
    NewestFirst,
    /// The oldest registration first.
    OldestFirst,
    /// By folded last name, then first name.
    Name,
    /// The reverse of that.
    NameReversed,
}

impl Sort {
    /// Every order.
    pub const ALL: [Self; 4] =
        [Self::NewestFirst, Self::OldestFirst, Self::Name, Self::NameReversed];

    /// The value of the parameter `sort`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NewestFirst => "-registered",
            Self::OldestFirst => "registered",
            Self::Name => "name",
            Self::NameReversed => "-name",
        }
    }

    /// Whether it is by name.
    #[must_use]
    pub const fn is_by_name(self) -> bool {
        matches!(self, Self::Name | Self::NameReversed)
    }

    /// Whether the keys descend.
    #[must_use]
    pub const fn is_descending(self) -> bool {
        matches!(self, Self::NewestFirst | Self::NameReversed)
    }
}

impl FromStr for Sort {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|sort| sort.as_str() == name).ok_or(UnknownName)
    }
}

/// Which students a list holds. Empty conditions hold for every student.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RosterFilter {
    /// What their names, addresses and registration numbers begin with.
    pub words: SearchWords,
    /// One of these statuses.
    pub statuses: Vec<Status>,
    /// One of these sources.
    pub sources: Vec<Source>,
    /// Lacks an item of the checklist.
    pub missing: Option<MissingTask>,
    /// Registered at or after this time.
    pub registered_from: Option<DateTime<Utc>>,
    /// Registered before this time.
    pub registered_to: Option<DateTime<Utc>>,
    /// In this row or one before it: those who were there at a moment.
    pub as_of: Option<RowId>,
}

/// A row's place in the order of registration: opaque, and without personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId(pub i64);

/// A student's place in a list as a page showed it: in the order of names a student has another place
/// after a change of its name, and this version tells which place was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The student's row.
    pub row: RowId,
    /// The version that was shown.
    pub version: Version,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageStart {
    /// At the beginning of the list.
    First,
    /// Behind this place.
    After(Place),
    /// The page that ends before this place.
    Before(Place),
}

/// A question for one page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterQuery {
    /// Which students.
    pub filter: RosterFilter,
    /// In which order.
    pub sort: Sort,
    /// Where the page begins.
    pub start: PageStart,
    /// Students on a page, 1 to 200.
    pub limit: usize,
}

/// A page of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RosterPage {
    /// The students in order, each with its row.
    pub students: Vec<(RowId, StudentRecord)>,
    /// Whether there are students before them.
    pub has_previous: bool,
    /// Whether there are students behind them.
    pub has_next: bool,
    /// Whether more students begin with the rarest word than are searched.
    pub is_cut: bool,
    /// How many students the list lacks because the search index does not have them yet, counted up to
    /// a limit.
    pub behind: usize,
}

/// A number that is counted up to a limit only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CappedCount {
    /// The number, or the limit.
    pub count: usize,
    /// Whether there are more.
    pub is_capped: bool,
}
