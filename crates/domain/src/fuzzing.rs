//! Fuzz targets: each takes any bytes, and panics where an invariant is broken.

use unicode_normalization::is_nfc;

use crate::{Applicant, ApplicantForm, EmailAddress, Field, PersonName, RawField};

/// A form with this text in every field.
pub fn applicant(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let form = ApplicantForm::from_fn(|_| RawField::from(text));
    match Applicant::parse(&form) {
        Ok(applicant) => {
            let again =
                ApplicantForm::from_fn(|field| RawField::from(*applicant.texts().get(field)));
            assert_eq!(Applicant::parse(&again).as_ref(), Ok(&applicant));
            assert_eq!(applicant.first_name, applicant.last_name);
        }
        Err(errors) => {
            let errors: Vec<_> = errors.iter().collect();
            assert!(!errors.is_empty() && errors.is_sorted_by_key(|error| error.field));
            for field in Field::ALL {
                let mut codes = errors.iter().filter(|e| e.field == field).map(|e| e.code);
                assert!(codes.next().is_none_or(|code| field.codes().contains(&code)));
                assert_eq!(codes.next(), None, "one error a field");
            }
        }
    }
    if let Ok(name) = PersonName::parse(text) {
        check_name(&name);
    }
    if let Ok(email) = EmailAddress::parse(text) {
        check_email(&email);
    }
}

fn check_name(name: &PersonName) {
    let text = name.as_str();
    assert_eq!(PersonName::parse(text).as_ref(), Ok(name));
    assert!(is_nfc(text));
    let code_points = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
    assert!((1..=PersonName::MAX_CODE_POINTS).contains(&code_points));
    assert!(text.chars().any(char::is_alphabetic));
    assert!(!text.chars().any(is_forbidden_in_names));
    assert!(!text.contains("  ") && text.trim() == text);
    assert!(text.chars().all(|c| c == ' ' || !c.is_whitespace()));
}

fn is_forbidden_in_names(character: char) -> bool {
    character.is_control()
        || u32::from(character) & 0xFFFE == 0xFFFE // noncharacters
        || matches!(character, '\u{FDD0}'..='\u{FDEF}'
            | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'.. // private use
            | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' // bidirectional controls
            | '\u{AD}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\u{FFFD}')
}

fn check_email(email: &EmailAddress) {
    let text = email.as_str();
    assert_eq!(EmailAddress::parse(text).as_ref(), Ok(email));
    assert!(text.len() <= EmailAddress::MAX_BYTES && text.bytes().all(|b| b.is_ascii_graphic()));
    let (local, domain) = text.split_once('@').unwrap_or_default();
    assert!(!local.is_empty() && domain.contains('.') && !domain.contains('@'));
    assert!(domain.split('.').all(|label| (1..=63).contains(&label.len())));
    let key = email.key();
    assert_eq!(EmailAddress::parse(&key).map(|email| email.key()), Ok(key));
}

#[cfg(test)]
#[path = "../../../fuzz/replay.rs"]
mod replay;

#[cfg(test)]
mod tests {
    use super::replay::replay;

    #[test]
    fn corpora_are_replayed() {
        replay("applicant", super::applicant);
    }
}
