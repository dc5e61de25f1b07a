//! Whom the service has acknowledged, for those who send them again and for `--acknowledged`.

use std::sync::Arc;

use hyper::StatusCode;

use crate::{
    client::{Answer, Failure},
    mix::Kind,
};

/// A request as it is sent: its kind, and whose registration it is.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) kind: Kind,
    pub(crate) person: u64,
    /// The `Location` that the first answer to this key had.
    pub(crate) location: Option<Arc<str>>,
}

impl Order {
    /// Whether an answer is the one that a service in good health gives.
    pub(crate) fn expects(&self, answer: &Answer) -> bool {
        let same = match (&self.location, &answer.location) {
            (Some(first), Some(again)) => first == again,
            _ => true,
        };
        answer.status == self.kind.expected() && same
    }
}

/// The people acknowledged, and the last registration that had a key.
#[derive(Debug, Default)]
pub(crate) struct Acknowledged {
    people: Vec<u64>,
    /// How often a duplicate was wanted.
    duplicates: usize,
    keyed: Option<Keyed>,
}

/// A registration with a key, whose answer has come or was lost.
#[derive(Debug)]
struct Keyed {
    person: u64,
    acknowledged: bool,
    location: Option<Arc<str>>,
}

impl Acknowledged {
    /// In the order of their answers.
    pub(crate) fn people(&self) -> &[u64] {
        &self.people
    }

    /// What is sent where the mix wants `kind` and the run is at this number. Where there is nobody
    /// yet to be sent again, it is somebody new.
    pub(crate) fn order(&mut self, kind: Kind, number: u64) -> Order {
        let new = |kind| Order { kind, person: number, location: None };
        match (kind, &self.keyed) {
            (Kind::Duplicate, _) if self.people.is_empty() => new(Kind::New),
            (Kind::Duplicate, _) => {
                // One after the other: the service limits how often an address may be asked about.
                let person = self.people[self.duplicates % self.people.len()];
                self.duplicates += 1;
                Order { kind, person, location: None }
            }
            (Kind::Repeat, None) => new(Kind::Keyed),
            (Kind::Repeat, Some(keyed)) => {
                Order { kind, person: keyed.person, location: keyed.location.clone() }
            }
            (Kind::New | Kind::Invalid | Kind::Form | Kind::Keyed, _) => new(kind),
        }
    }

    /// Takes note of what became of an order.
    pub(crate) fn note(&mut self, order: &Order, outcome: &Result<Answer, Failure>) {
        let answer = outcome.as_ref().ok();
        let created =
            |answer: &&Answer| matches!(answer.status, StatusCode::CREATED | StatusCode::SEE_OTHER);
        let created = answer.filter(created);
        if created.is_some() && order.kind.registers() {
            self.people.push(order.person);
        }
        let location = || created.and_then(|answer| answer.location.clone());
        match (order.kind, &mut self.keyed) {
            (Kind::Keyed, keyed) => {
                let (person, acknowledged) = (order.person, created.is_some());
                *keyed = Some(Keyed { person, acknowledged, location: location() });
            }
            // The first answer was lost; this one acknowledges.
            (Kind::Repeat, Some(keyed))
                if keyed.person == order.person && !keyed.acknowledged && created.is_some() =>
            {
                keyed.acknowledged = true;
                keyed.location = location();
                self.people.push(order.person);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, location: Option<&str>) -> Result<Answer, Failure> {
        let status = StatusCode::from_u16(status).unwrap();
        Ok(Answer { status, location: location.map(Arc::from) })
    }

    /// Sends `kind` as the request with this number; returns who was sent, and as what.
    fn send(
        acknowledged: &mut Acknowledged,
        kind: Kind,
        number: u64,
        outcome: &Result<Answer, Failure>,
    ) -> (Kind, u64) {
        let order = acknowledged.order(kind, number);
        acknowledged.note(&order, outcome);
        (order.kind, order.person)
    }

    #[test]
    fn duplicates_go_through_those_who_were_acknowledged() {
        let mut known = Acknowledged::default();
        assert_eq!(send(&mut known, Kind::Duplicate, 0, &answer(503, None)), (Kind::New, 0));
        send(&mut known, Kind::New, 1, &answer(201, None));
        send(&mut known, Kind::New, 2, &Err(Failure::Connection));
        send(&mut known, Kind::Form, 3, &answer(303, None));
        send(&mut known, Kind::Invalid, 4, &answer(422, None));
        assert_eq!(known.people(), [1, 3]);
        let conflict = answer(409, None);
        let mut duplicate = |number| send(&mut known, Kind::Duplicate, number, &conflict);
        assert_eq!([5, 6, 7].map(&mut duplicate).map(|(_, person)| person), [1, 3, 1]);
    }

    #[test]
    fn a_repetition_has_the_key_and_the_answer_of_the_last() {
        let mut known = Acknowledged::default();
        let first = answer(201, Some("/students/1"));
        assert_eq!(send(&mut known, Kind::Repeat, 0, &first), (Kind::Keyed, 0));
        assert_eq!(send(&mut known, Kind::Repeat, 1, &first), (Kind::Repeat, 0));
        let order = known.order(Kind::Repeat, 2);
        assert!(order.expects(first.as_ref().unwrap()));
        assert!(order.expects(&answer(201, None).unwrap()));
        assert!(!order.expects(&answer(201, Some("/students/2")).unwrap()));
        assert!(!order.expects(&answer(409, None).unwrap()));
        assert_eq!(known.people(), [0]);
    }

    #[test]
    fn a_repetition_acknowledges_whose_answer_was_lost() {
        let mut known = Acknowledged::default();
        send(&mut known, Kind::Keyed, 0, &Err(Failure::Connection));
        assert!(known.people().is_empty());
        let created = answer(201, Some("/students/1"));
        for number in [1, 2] {
            assert_eq!(send(&mut known, Kind::Repeat, number, &created), (Kind::Repeat, 0));
            assert_eq!(known.people(), [0]);
        }
        assert!(known.order(Kind::Repeat, 3).location.is_some());
    }
}
