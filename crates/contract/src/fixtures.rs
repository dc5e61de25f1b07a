//! Valid applicants, students and registrations for tests.
#![expect(clippy::expect_used, reason = "for tests, which fail by panicking")]

use chrono::{DateTime, Utc};
use registration_domain::{
    Applicant, ApplicantForm, Field, IdempotencyKey, NewRegistration, Origin, PerField, RawField,
    Student, StudentId,
};

/// When these students register.
///
/// # Panics
///
/// Never.
#[must_use]
pub fn now() -> DateTime<Utc> {
    "2026-09-01T09:00:00.123456Z".parse().expect("a time")
}

/// A valid form with this address.
#[must_use]
pub fn form(email: &str) -> ApplicantForm {
    let registration_applicants::Applicant { first_name, last_name, email } =
        registration_applicants::Applicant::new(email);
    PerField { first_name, last_name, email }.map(RawField::Text)
}

/// A value that is valid in this field, and not the one in [`form`].
#[must_use]
pub fn other_value(field: Field) -> &'static str {
    match field {
        Field::FirstName => "Zoe",
        Field::LastName => "Bronte",
        Field::Email => "another@example.org",
    }
}

/// Valid forms that a store may damage: names of every script, and the longest values.
#[must_use]
pub fn demanding_forms() -> Vec<ApplicantForm> {
    let longest = "🌸".repeat(99) + "a";
    let domain = format!("{0}.{0}.{0}.org", "d".repeat(60));
    let longest_email = format!("{}@{domain}", "l".repeat(254 - 1 - domain.len()));
    let names =
        ["O’Neil", "李", "Nguyễn Văn", "محمد", "ก็", "Ann 🌸", "Robert'); DROP TABLE students;--"];
    let named = |(number, name)| (format!("n{number}@example.org"), name);
    let mut forms: Vec<_> = (1..).zip(names).map(named).collect();
    forms.push((longest_email, &longest));
    let demanding = |(email, name): (String, &str)| {
        let [first_name, last_name] = [(); 2].map(|()| RawField::from(name));
        PerField { first_name, last_name, ..form(&email) }
    };
    forms.into_iter().map(demanding).collect()
}

/// A student who registers at this time, with an id of its own for each number.
///
/// # Panics
///
/// Where the form is invalid.
#[must_use]
pub fn student_at(now: DateTime<Utc>, number: u8, form: &ApplicantForm) -> Student {
    let applicant = Applicant::parse(form).expect("a valid form");
    Student::new(StudentId::new(now, [number; 10]), applicant, now)
}

/// A student with this address.
#[must_use]
pub fn student(number: u8, email: &str) -> Student {
    student_at(now(), number, &form(email))
}

/// A registration without a key.
#[must_use]
pub fn keyless(student: &Student) -> NewRegistration {
    NewRegistration { student: student.clone(), key: None, origin: Origin::default() }
}

/// A registration with a key.
#[must_use]
pub fn keyed(student: &Student, key: &str) -> NewRegistration {
    NewRegistration { key: Some(self::key(key)), ..keyless(student) }
}

/// An idempotency key.
///
/// # Panics
///
/// Where the key is invalid.
#[must_use]
pub fn key(key: &str) -> IdempotencyKey {
    IdempotencyKey::parse(key).expect("a valid key")
}
