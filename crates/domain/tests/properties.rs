//! Properties that hold for every input.

use proptest::prelude::*;
use registration_domain::{EmailAddress, ErrorCode, PersonName};

/// Text that hits the rules' edges often: letters, white space, marks, forbidden characters.
fn name_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zA-Zàéñœ明李ا]",
        2 => r"[ \t\r\n\u{a0}\u{2003}\u{2028}\u{85}]",
        1 => r"[\u{301}\u{308}\u{302}\u{303}]",
        1 => r"[\u{0}\u{7f}\u{202e}\u{2066}\u{fffd}\u{e000}\u{200d}]",
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..140).prop_map(|pieces| pieces.concat())
}

fn email_like() -> impl Strategy<Value = String> {
    let label = "[a-zA-Z0-9ü-]{1,20}";
    let local = r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~é -]{1,20}";
    (local, prop::collection::vec(label, 1..5), "[ .]?")
        .prop_map(|(local, labels, tail)| format!("{local}@{}{tail}", labels.join(".")))
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = PersonName::parse(&text);
        let _ = EmailAddress::parse(&text);
    }

    #[test]
    fn a_name_that_was_accepted_holds_every_rule(text in name_like()) {
        if let Ok(name) = PersonName::parse(&text) {
            let name = name.as_str();
            prop_assert!((1..=100).contains(&name.chars().count()));
            prop_assert!(!name.chars().any(char::is_control));
            prop_assert!(name.chars().any(char::is_alphabetic));
            prop_assert_eq!(name.split_whitespace().collect::<Vec<_>>().join(" "), name);
        }
    }

    #[test]
    fn a_name_parses_to_itself(text in name_like()) {
        if let Ok(name) = PersonName::parse(&text) {
            prop_assert_eq!(PersonName::parse(name.as_str()), Ok(name));
        }
    }

    #[test]
    fn white_space_around_a_name_changes_nothing(text in name_like(), space in r"[ \t\r\n\u{a0}\u{2003}]{0,3}") {
        // A leading combining mark would join the white space before it, so start with a letter.
        let text = format!("a{text}");
        prop_assert_eq!(PersonName::parse(&format!("{space}{text}{space}")), PersonName::parse(&text));
    }

    #[test]
    fn an_address_that_was_accepted_is_ascii_and_parses_to_itself(text in email_like()) {
        if let Ok(email) = EmailAddress::parse(&text) {
            prop_assert!(email.as_str().is_ascii());
            prop_assert!(email.as_str().len() <= EmailAddress::MAX_BYTES);
            prop_assert_eq!(EmailAddress::parse(email.as_str()), Ok(email));
        }
    }

    #[test]
    fn the_key_is_the_same_in_every_case(local in "[a-z]{1,10}", domain in "[a-z]{1,10}") {
        let lower = format!("{local}@{domain}.org");
        let upper = EmailAddress::parse(&lower.to_uppercase()).unwrap();
        prop_assert_eq!(upper.key(), lower);
    }

    #[test]
    fn an_address_with_a_space_inside_is_refused(local in "[a-z]{1,9}", rest in "[a-z]{1,9}") {
        let address = format!("{local} {rest}@example.org");
        prop_assert_eq!(EmailAddress::parse(&address), Err(ErrorCode::InvalidEmail));
    }
}
