//! Templates: the items that every student gets with a place.

use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};

use super::TaskTitle;
use crate::{
    Status, Version,
    student::{UnknownName, public_id},
};

public_id! {
    /// The public id of a template.
    TemplateId
}

/// An item that every student gets with a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskTemplate {
    /// The public id.
    pub id: TemplateId,
    /// What it asks for.
    pub title: TaskTitle,
    /// Its place in the checklist, ascending.
    pub position: u16,
    /// Whether students still get it.
    pub is_active: bool,
    /// When it was made, or `is_active` changed last.
    pub changed_at: DateTime<Utc>,
    /// One more with each change.
    pub version: Version,
}

impl TaskTemplate {
    /// Most templates, those that are not active included.
    pub const MAX: usize = 50;

    /// The last place in the checklist.
    pub const MAX_POSITION: u16 = i16::MAX as u16;

    /// When every transaction has ended that may not have seen a change of templates: no request takes as
    /// long. Students who got a place meanwhile are looked at again then.
    pub const SETTLED_AFTER: TimeDelta = TimeDelta::seconds(60);

    /// Whether students are to be looked at, after they were last at `checked_at`: those with a place get
    /// the item of an active template, the others lose it where it carries nothing. When it is new or its
    /// `is_active` has changed, when that has settled, and once a day.
    #[must_use]
    pub fn is_due(&self, checked_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
        let settled = self.changed_at + Self::SETTLED_AFTER;
        checked_at.is_none_or(|checked_at| {
            checked_at < self.changed_at
                || (checked_at < settled && settled <= now)
                || now - checked_at > TimeDelta::days(1)
        })
    }
}

/// Which students a list holds, by their items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingTask {
    /// Who lack any item.
    Any,
    /// Who lack this one.
    Of(TemplateId),
}

impl FromStr for MissingTask {
    type Err = UnknownName;

    /// Reads `any`, or a template's id.
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        match text {
            "any" => Ok(Self::Any),
            id => id.parse().map(Self::Of).map_err(|_| UnknownName),
        }
    }
}

/// Whether a student has the items of the templates: with a place, as long as it lasts.
#[must_use]
pub const fn has_checklist(status: Status) -> bool {
    matches!(status, Status::Confirmed | Status::Enrolled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        "2026-09-01T09:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::seconds(seconds)
    }

    #[test]
    fn a_template_is_given_at_once_when_it_has_settled_and_once_a_day() {
        let template = TaskTemplate {
            id: TemplateId::new(at(0), [3; 10]),
            title: TaskTitle::parse("Birth certificate").unwrap(),
            position: 1,
            is_active: true,
            changed_at: at(0),
            version: Version::FIRST,
        };
        assert!(template.is_due(None, at(0)));
        assert!(!template.is_due(Some(at(0)), at(59)), "not settled yet");
        assert!(template.is_due(Some(at(59)), at(60)));
        assert!(!template.is_due(Some(at(60)), at(61)));
        assert!(template.is_due(Some(at(60)), at(61 + 86_400)));
        let again = TaskTemplate { changed_at: at(500), ..template };
        assert!(again.is_due(Some(at(60)), at(500)), "it is active again, or not any more");
    }
}
