//! The rules that a history and the stored rows must satisfy.
//!
//! A request without an answer may have been stored or not, and may be until the end: it is a reason
//! for a row, and for a refusal, from its start on. Everything else is certain.

use std::{collections::HashMap, fmt::Write as _, time::Duration};

use super::{
    operation::{Answer, Operation, Request},
    table::Row,
};

/// Every rule that is broken, with the operations concerned.
pub(super) fn violations(history: &[Operation], table: &[Row]) -> Vec<String> {
    let checker = Checker::new(history, table);
    let mut violations = checker.of_table();
    for operation in history {
        let broken = match &operation.answer {
            Answer::Created(_) => checker.of_created(operation),
            Answer::Refused(409, code) if code == "already_registered" => {
                checker.of_already_registered(operation)
            }
            Answer::Refused(422, code) if code == "idempotency_key_reused" => {
                checker.of_key_reused(operation)
            }
            Answer::Refused(409, code) if code == "request_in_progress" => None,
            Answer::Refused(503 | 504, _) | Answer::Unknown(_) => None,
            Answer::Refused(..) => Some("an answer that no fault explains"),
        };
        violations.extend(broken.map(|rule| checker.report(rule, &operation.request, operation)));
    }
    violations
}

struct Checker<'a> {
    history: &'a [Operation],
    table: &'a [Row],
    by_id: HashMap<&'a str, &'a Row>,
    by_address: HashMap<String, &'a Row>,
    by_key: HashMap<&'a str, &'a Row>,
    /// By address, every operation: the operations concerned by a violation are few of many.
    sent: HashMap<String, Vec<&'a Operation>>,
}

impl<'a> Checker<'a> {
    fn new(history: &'a [Operation], table: &'a [Row]) -> Self {
        let mut sent: HashMap<_, Vec<_>> = HashMap::new();
        for operation in history {
            sent.entry(address(&operation.request.applicant.email)).or_default().push(operation);
        }
        Self {
            history,
            table,
            by_id: table.iter().map(|row| (&*row.student.id, row)).collect(),
            by_address: table
                .iter()
                .map(|row| (address(&row.student.applicant.email), row))
                .collect(),
            by_key: table.iter().filter_map(|row| Some((row.key.as_deref()?, row))).collect(),
            sent,
        }
    }

    /// The operations that can have stored a row.
    fn origins(&self, row: &Row) -> impl Iterator<Item = &'a Operation> {
        let sent = self.sent.get(&address(&row.student.applicant.email));
        let same = |operation: &&&Operation| {
            let Request { key, applicant } = &operation.request;
            (key, applicant) == (&row.key, &row.student.applicant)
        };
        sent.into_iter().flatten().filter(same).copied().collect::<Vec<_>>().into_iter()
    }

    /// Whether a row can have been stored before this time, by another operation than `operation`.
    fn can_precede(&self, row: &Row, operation: &Operation, time: Duration) -> bool {
        let is_other = |origin: &&Operation| !std::ptr::eq(*origin, operation);
        self.origins(row).filter(is_other).any(|origin| origin.start < time)
    }

    fn of_table(&self) -> Vec<String> {
        let mut violations = Vec::new();
        let keyed = self.table.iter().filter(|row| row.key.is_some()).count();
        let counts = [self.by_id.len(), self.by_address.len(), keyed, self.by_key.len()];
        if counts != [self.table.len(), self.table.len(), self.by_key.len(), keyed] {
            violations.push("an identifier, an address or a key is stored twice".to_owned());
        }
        let phantom = |row: &&Row| self.origins(row).next().is_none();
        for row in self.table.iter().filter(phantom) {
            let mut text = format!("stored, but never sent: {}, key {:?}\n", row.student, row.key);
            let sent = self.sent.get(&address(&row.student.applicant.email));
            list(&mut text, sent.into_iter().flatten().copied());
            violations.push(text);
        }
        violations
    }

    /// A 201 shows a stored student, with the values and the key of the request; without a key, it
    /// belongs to one request only.
    fn of_created(&self, operation: &Operation) -> Option<&'static str> {
        let Answer::Created(student) = &operation.answer else { return None };
        let Request { key, applicant } = &operation.request;
        let Some(row) = self.by_id.get(&*student.id) else {
            return Some("acknowledged, but not stored");
        };
        if student.applicant != *applicant {
            return Some("acknowledged with the values of another request");
        }
        if row.student != *student {
            return Some("acknowledged with other values than those stored");
        }
        if row.key != *key {
            return Some("acknowledged, but stored with another key or none");
        }
        let id_of = |answer: &'a Answer| match answer {
            Answer::Created(student) => Some(&student.id),
            Answer::Refused(..) | Answer::Unknown(_) => None,
        };
        let sent = self.sent[&address(&applicant.email)].iter();
        let answers = sent.filter(|other| id_of(&other.answer) == Some(&student.id));
        (key.is_none() && answers.count() > 1).then_some("replayed without a key")
    }

    /// A 409 needs a registration of the address that is not the request's own.
    fn of_already_registered(&self, operation: &Operation) -> Option<&'static str> {
        let Request { key, applicant } = &operation.request;
        let Some(row) = self.by_address.get(&address(&applicant.email)) else {
            return Some("refused for an address that is not registered");
        };
        if key.is_some() && row.key == *key {
            return Some("refused for the registration that has the request's own key");
        }
        let precedes = self.can_precede(row, operation, operation.end);
        (!precedes).then_some("refused for a registration that is the request's own, or later")
    }

    /// A 422 needs another registration with the same key.
    fn of_key_reused(&self, operation: &Operation) -> Option<&'static str> {
        let Request { key, applicant } = &operation.request;
        let Some(row) = key.as_deref().and_then(|key| self.by_key.get(key)) else {
            return Some("refused for a key that is not stored");
        };
        if row.student.applicant == *applicant {
            return Some("refused as a misuse, but an honest repetition");
        }
        let precedes = self.can_precede(row, operation, operation.end);
        (!precedes).then_some("refused for a key before its registration was sent")
    }

    fn report(&self, rule: &str, Request { key, applicant }: &Request, at: &Operation) -> String {
        let mut text = format!("{rule}:\n  {at}\nstored:\n");
        let address = address(&applicant.email);
        let stored = |row: &&Row| {
            let same_key = key.is_some() && row.key == *key;
            same_key || self::address(&row.student.applicant.email) == address
        };
        for Row { student, key } in self.table.iter().filter(stored) {
            let key = key.as_deref().unwrap_or("-");
            let _ = writeln!(text, "  key {key}, {student}");
        }
        text.push_str("operations with the address or the key:\n");
        list(
            &mut text,
            self.history.iter().filter(|other| {
                let same_key = key.is_some() && other.request.key == *key;
                same_key || self::address(&other.request.applicant.email) == address
            }),
        );
        text
    }
}

/// Addresses are compared without case.
fn address(email: &str) -> String {
    email.to_lowercase()
}

fn list<'a>(text: &mut String, operations: impl Iterator<Item = &'a Operation>) {
    let mut operations: Vec<_> = operations.collect();
    operations.sort_by_key(|operation| operation.start);
    for operation in operations {
        let _ = writeln!(text, "  {operation}");
    }
}
