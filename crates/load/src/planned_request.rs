//! Which applicant a request is for, and which applicants the service has acknowledged.

use std::collections::BTreeSet;

use hyper::{StatusCode, header::HeaderValue};

use crate::{client::Answer, mix::RequestKind};

/// A request before it is sent.
#[derive(Debug)]
pub(crate) struct PlannedRequest {
    pub(crate) kind: RequestKind,
    /// The number of the request that registers the applicant first.
    pub(crate) applicant: u64,
    /// Of a repeated request: the `Location` of the first answer.
    location: Option<HeaderValue>,
}

impl PlannedRequest {
    /// Of an applicant whose first request this is.
    pub(crate) fn new(kind: RequestKind, applicant: u64) -> Self {
        Self { kind, applicant, location: None }
    }

    /// Whether a healthy service gives this answer.
    pub(crate) fn expects(&self, answer: &Answer) -> bool {
        let Answer { status, location } = answer;
        let differs = self.location.is_some() && location.is_some() && self.location != *location;
        *status == self.kind.expected() && !differs
    }
}

/// The acknowledged applicants, and what may be sent again.
#[derive(Debug, Default)]
pub(crate) struct Acknowledged {
    pub(crate) applicants: BTreeSet<u64>,
    last: Option<u64>,
    /// The applicant of the last keyed request, and the `Location` of its answer.
    keyed: Option<(u64, Option<HeaderValue>)>,
}

impl Acknowledged {
    /// While there is no applicant to duplicate or to repeat, the request registers a new one.
    pub(crate) fn plan(&self, kind: RequestKind, number: u64) -> PlannedRequest {
        match (kind, self.last, &self.keyed) {
            (RequestKind::Duplicate, None, _) => PlannedRequest::new(RequestKind::New, number),
            (RequestKind::Duplicate, Some(last), _) => PlannedRequest::new(kind, last),
            (RequestKind::Repeat, _, None) => PlannedRequest::new(RequestKind::Keyed, number),
            (RequestKind::Repeat, _, Some((applicant, location))) => {
                PlannedRequest { kind, applicant: *applicant, location: location.clone() }
            }
            _ => PlannedRequest::new(kind, number),
        }
    }

    /// Records the answer of a request, if there is one.
    pub(crate) fn record(&mut self, request: &PlannedRequest, answer: Option<&Answer>) {
        let registered = [StatusCode::CREATED, StatusCode::SEE_OTHER];
        let answer = answer.filter(|answer| registered.contains(&answer.status));
        let (kind, applicant) = (request.kind, request.applicant);
        if answer.is_some() {
            self.applicants.insert(applicant);
            self.last = Some(applicant);
        }
        // A request whose answer was lost is repeated too: that is what its key is for.
        let is_last = self.keyed.as_ref().is_some_and(|(last, _)| *last == applicant);
        if kind == RequestKind::Keyed || (kind == RequestKind::Repeat && is_last) {
            let location = answer.and_then(|answer| answer.location.clone());
            self.keyed = Some((applicant, request.location.clone().or(location)));
        }
    }
}
