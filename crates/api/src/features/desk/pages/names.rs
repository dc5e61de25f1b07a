//! What colleagues and programs are called.

use std::collections::HashMap;

use registration_domain::{Actor, ApiToken, StaffId, StaffMember};

use crate::i18n::desk::DeskMessages;

/// The names of actors, by their ids.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<[u8; 16], String>);

impl Names {
    /// The names of these people and of their tokens.
    pub(crate) fn new(staff: &[StaffMember], tokens: &[ApiToken]) -> Self {
        let people = staff.iter().map(|m| (*m.id.as_bytes(), m.display_name().to_owned()));
        let programs = tokens.iter().map(|token| (*token.id.as_bytes(), token.name.clone()));
        Self(people.chain(programs).collect())
    }

    /// The name of an actor.
    pub(crate) fn of(&self, actor: Actor, text: &DeskMessages) -> String {
        let history = &text.history;
        let unknown = match actor {
            Actor::Applicant => history.applicant,
            Actor::System => history.system,
            Actor::Token(_) => history.program,
            Actor::Staff(_) => history.former_colleague,
        };
        let known = actor.id().and_then(|id| self.0.get(id)).cloned();
        known.unwrap_or_else(|| unknown.to_owned())
    }

    /// The name of a person or of a token.
    pub(super) fn of_id(&self, id: &[u8; 16], text: &DeskMessages) -> String {
        self.0.get(id).cloned().unwrap_or_else(|| text.history.program.to_owned())
    }

    /// The name of a person of the office.
    pub(crate) fn of_staff(&self, id: StaffId, text: &DeskMessages) -> String {
        self.of(Actor::Staff(id), text)
    }
}

/// A list as part of a sentence: "a, b and c".
pub(super) fn list<'a>(items: impl IntoIterator<Item = &'a str>, text: &DeskMessages) -> String {
    let items: Vec<_> = items.into_iter().collect();
    match items.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{}{}{last}", rest.join(", "), text.frame.and),
    }
}

/// Who can give a right: the sentence with the names of the administrators.
pub(super) fn who_can_give(admins: &[String], text: &DeskMessages) -> String {
    let student = &text.student;
    let sentence = match admins.len() {
        0 => student.ask_someone,
        1 => student.ask_one,
        _ => student.ask_many,
    };
    sentence.replace("{admins}", &list(admins.iter().map(String::as_str), text))
}

/// A number with its thousands separated.
pub(super) fn number(number: usize, text: &DeskMessages) -> String {
    let digits = number.to_string();
    let mut separated = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            separated.push(text.frame.thousands);
        }
        separated.push(digit);
    }
    separated
}
