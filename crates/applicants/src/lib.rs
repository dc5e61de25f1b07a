//! Valid applicants, for tests, tools and examples: the one place that lists a registration's fields
//! for all of them.
//!
//! A new required field is a field of [`Applicant`] with a valid value in [`Applicant::new`]; the
//! compiler names the rest. The API's `load` test sends every applicant of [`NAMES`] to the service.
//!
//! ```
//! use registration_applicants::Applicant;
//!
//! let applicant = Applicant { last_name: "Eyre".to_owned(), ..Applicant::new("zoe@example.org") };
//! assert_eq!(applicant.json()["last_name"], "Eyre");
//! assert_eq!(applicant.form(), "first_name=Zo%C3%AB&last_name=Eyre&email=zoe%40example.org");
//! ```
#![expect(clippy::expect_used, reason = "text fields always serialize")]

use serde::Serialize;
use serde_json::Value;

/// First and last names in several scripts, each valid as it is: NFC, no outer white space.
pub const NAMES: [(&str, &str); 20] = [
    ("Zoë", "Brontë"),
    ("Siobhán", "O’Neil"),
    ("Jean-Luc", "de Saint-Exupéry"),
    ("Łukasz", "Wójcik"),
    ("Þóra", "Ægisdóttir"),
    ("İbrahim", "Şıkoğlu"),
    ("María José", "García Núñez"),
    ("Anneliese", "Groß"),
    ("Kaʻiulani", "Kawānanakoa"),
    ("Ngũgĩ", "wa Thiong'o"),
    ("Thị Minh", "Nguyễn"),
    ("Анна", "Каренина"),
    ("Ελένη", "Παπαδοπούλου"),
    ("محمد", "العربي"),
    ("יוסף", "כהן"),
    ("प्रिया", "शर्मा"),
    ("สมชาย", "ใจดี"),
    ("明", "李"),
    ("さくら", "田中"),
    ("민준", "김"),
];

/// What an applicant sends, field by field, in the form's order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Applicant {
    /// First names.
    pub first_name: String,
    /// Family names.
    pub last_name: String,
    /// The e-mail address, unique to the applicant.
    pub email: String,
}

impl Applicant {
    /// Zoë Brontë, with this address.
    #[must_use]
    pub fn new(email: impl Into<String>) -> Self {
        let (first_name, last_name) = NAMES[0];
        Self {
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            email: email.into(),
        }
    }

    /// One of a series: the names take turns, and the address is unique to `number` and `series`.
    ///
    /// `series` is part of the address: letters, digits and hyphens.
    #[must_use]
    pub fn numbered(number: u64, series: &str) -> Self {
        let (first_name, last_name) = NAMES[(number % NAMES.len() as u64) as usize];
        Self {
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            ..Self::new(format!("n{number}.{series}@example.org"))
        }
    }

    /// The fields with their names, for a form that has more of them.
    #[must_use]
    pub fn fields(&self) -> [(&'static str, &str); 3] {
        let Self { first_name, last_name, email } = self;
        [("first_name", first_name), ("last_name", last_name), ("email", email)]
    }

    /// The body of a JSON registration.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::to_value(self).expect("text fields")
    }

    /// The same as text, with the fields in order.
    #[must_use]
    pub fn json_text(&self) -> String {
        serde_json::to_string(self).expect("text fields")
    }

    /// The body of a form, URL-encoded.
    #[must_use]
    pub fn form(&self) -> String {
        serde_urlencoded::to_string(self).expect("text fields")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_body_has_the_same_fields() {
        let applicant = Applicant::numbered(41, "run");
        assert_eq!(applicant.email, "n41.run@example.org");
        assert_eq!((applicant.first_name.as_str(), applicant.last_name.as_str()), NAMES[1]);
        let json = applicant.json();
        assert_eq!(json.as_object().map(serde_json::Map::len), Some(applicant.fields().len()));
        assert!(applicant.fields().iter().all(|(name, value)| json[name] == *value));
        assert_eq!(serde_json::from_str(&applicant.json_text()).ok(), Some(json));
        assert_eq!(serde_urlencoded::to_string(applicant.fields()).as_ref(), Ok(&applicant.form()));
    }
}
