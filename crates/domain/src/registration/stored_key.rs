//! The rule that tells a repetition of a registration from a misuse of its key.

use chrono::{DateTime, Utc};

use crate::{Fingerprint, IdempotencyKey, Student, StudentId};

/// An idempotency key as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredKey {
    /// When the key's student registered.
    pub created_at: DateTime<Utc>,
    /// The time by the store's clock, or [`DateTime::MAX_UTC`] where it has none.
    pub store_time: DateTime<Utc>,
    /// The key's student; `None` where the row of the student has been deleted.
    pub student_id: Option<StudentId>,
    /// The fingerprint of the request that was stored; of a key stored before fingerprints were, that
    /// of its student's current row.
    pub fingerprint: Fingerprint,
}

/// What a stored key means for a new request with the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyDecision {
    /// The request is a repetition: this student, as first registered.
    Replay(Student),
    /// The request differs from the one that was stored.
    Reused,
    /// The key has expired, or its student has been deleted: it may be used again.
    Expired,
}

impl StoredKey {
    /// Decides by age and fingerprint alone, not by the student's current row, which may have been
    /// edited since. A key has expired by the store's clock as well: a step of this machine's clock
    /// expires none.
    #[must_use]
    pub fn decide(&self, request: &Student) -> KeyDecision {
        let now = request.created_at().min(self.store_time);
        let expired = self.created_at <= now - IdempotencyKey::LIFETIME;
        match self.student_id {
            Some(id) if !expired => {
                if self.fingerprint == request.applicant().fingerprint() {
                    let applicant = request.applicant().clone();
                    KeyDecision::Replay(Student::new(id, applicant, self.created_at))
                } else {
                    KeyDecision::Reused
                }
            }
            _ => KeyDecision::Expired,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{Applicant, ApplicantForm, Field, RawField};

    fn student(form: &ApplicantForm, at: DateTime<Utc>, random: u8) -> Student {
        Student::new(StudentId::new(at, [random; 10]), Applicant::parse(form).unwrap(), at)
    }

    fn form() -> ApplicantForm {
        let mut form = ApplicantForm::from_fn(|_| RawField::from("Zoë"));
        form.email = RawField::from("zoe@example.org");
        form
    }

    /// A student, and the key that it was stored with.
    fn stored() -> (Student, StoredKey) {
        let at: DateTime<Utc> = "2026-09-01T09:00:00Z".parse().unwrap();
        let first = student(&form(), at, 1);
        let (student_id, fingerprint) = (Some(first.id()), first.applicant().fingerprint());
        let store_time = DateTime::<Utc>::MAX_UTC;
        (first, StoredKey { created_at: at, store_time, student_id, fingerprint })
    }

    #[test]
    fn a_key_replays_its_own_request_until_it_expires() {
        let (first, stored) = stored();
        let at = stored.created_at;
        let later = at + IdempotencyKey::LIFETIME;
        let repeated = student(&form(), later - TimeDelta::seconds(1), 2);
        assert_eq!(stored.decide(&repeated), KeyDecision::Replay(first));
        assert_eq!(stored.decide(&student(&form(), later, 2)), KeyDecision::Expired);
        let stepped = StoredKey { store_time: later - TimeDelta::seconds(1), ..stored };
        let by_store = stepped.decide(&student(&form(), later + TimeDelta::weeks(9), 2));
        assert!(matches!(by_store, KeyDecision::Replay(_)));
        let deleted = StoredKey { student_id: None, ..stored };
        assert_eq!(deleted.decide(&repeated), KeyDecision::Expired);
    }

    #[test]
    fn a_request_that_differs_in_any_field_is_a_misuse() {
        let (_, stored) = stored();
        let at = stored.created_at;
        for field in Field::ALL {
            let mut other = form();
            let text = other.get(field).text().unwrap().replace('z', "x").replace('Z', "X");
            *other.get_mut(field) = RawField::Text(text);
            assert_eq!(stored.decide(&student(&other, at, 2)), KeyDecision::Reused, "{field}");
        }
    }
}
