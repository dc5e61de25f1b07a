//! A student as the office sees it.

use chrono::{DateTime, Utc};

use crate::{Applicant, Field, Origin, PerField, Status, Student, StudentId, Version};

/// A student with everything that the office works with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StudentRecord {
    /// The public id.
    pub id: StudentId,
    /// The current values, as stored.
    pub texts: PerField<String>,
    /// The status of the application.
    pub status: Status,
    /// One more with each change.
    pub version: Version,
    /// Where it was registered.
    pub origin: Origin,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed; `None` for version 1.
    pub updated_at: Option<DateTime<Utc>>,
}

impl StudentRecord {
    /// A student as just registered.
    #[must_use]
    pub fn new(student: &Student, origin: Origin) -> Self {
        Self {
            id: student.id(),
            texts: student.applicant().texts().map(str::to_owned),
            status: Status::Pending,
            version: Version::FIRST,
            origin,
            created_at: student.created_at(),
            updated_at: None,
        }
    }

    /// The record after an edit at `now`, with the fields that it changes; `None` where it changes none.
    #[must_use]
    pub fn edited(&self, values: &Applicant, now: DateTime<Utc>) -> Option<(Self, Vec<Field>)> {
        let texts = values.texts().map(str::to_owned);
        let fields: Vec<_> = self.differing(&texts).collect();
        (!fields.is_empty()).then_some((self.with_texts(texts, now), fields))
    }

    /// The fields in which these values differ from the current ones.
    pub fn differing(&self, texts: &PerField<String>) -> impl Iterator<Item = Field> {
        Field::ALL.into_iter().filter(|field| self.texts.get(*field) != texts.get(*field))
    }

    /// The record with these values, which were valid once, from `now` on.
    #[must_use]
    pub fn with_texts(&self, texts: PerField<String>, now: DateTime<Utc>) -> Self {
        Self { texts, ..self.changed(now) }
    }

    /// The record with another status, from `now` on. Does not ask whether the change is allowed.
    #[must_use]
    pub fn with_status(&self, status: Status, now: DateTime<Utc>) -> Self {
        Self { status, ..self.changed(now) }
    }

    fn changed(&self, now: DateTime<Utc>) -> Self {
        // A clock that steps back does not put a change before the registration.
        let updated_at = Some(now.max(self.updated_at.unwrap_or(self.created_at)));
        Self { version: self.version.next(), updated_at, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ApplicantForm, RawField};

    fn applicant(first_name: &str) -> Applicant {
        Applicant::parse(&ApplicantForm {
            first_name: RawField::from(first_name),
            last_name: RawField::from("Brontë"),
            email: RawField::from("zoe@example.org"),
        })
        .unwrap()
    }

    #[test]
    fn a_change_is_a_new_version_and_never_before_the_registration() {
        let at: DateTime<Utc> = "2026-09-01T09:00:00Z".parse().unwrap();
        let student = Student::new(StudentId::new(at, [1; 10]), applicant("Zoë"), at);
        let record = StudentRecord::new(&student, Origin::default());
        assert_eq!(record.edited(&applicant("Zoë"), at), None);
        let earlier = at - chrono::TimeDelta::hours(1);
        let (edited, fields) = record.edited(&applicant("Zoe"), earlier).unwrap();
        assert_eq!((edited.version.get(), edited.updated_at), (2, Some(at)));
        assert_eq!((fields, &*edited.texts.first_name), (vec![Field::FirstName], "Zoe"));
        let confirmed = edited.with_status(Status::Confirmed, at);
        assert_eq!((confirmed.version.get(), confirmed.status), (3, Status::Confirmed));
    }
}
