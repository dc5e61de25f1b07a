//! The support reference on pages and in problem bodies, by which an operator finds the trace: twelve
//! hexadecimal digits, in groups of four.

use std::fmt;

use actix_web::{HttpMessage as _, HttpRequest};
use registration_domain::StudentId;
use serde::{Serialize, Serializer};

/// A support reference. The request's span and its last log line carry it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SupportReference(String);

impl SupportReference {
    const DIGITS: usize = 12;

    /// Of a registration: the end of its id, which is random.
    pub(crate) fn of_student(id: StudentId) -> Self {
        let id = id.to_string();
        Self::grouped(&id[id.len() - Self::DIGITS..])
    }

    /// Of a request that registered no student: the beginning of its trace id.
    pub(crate) fn of_trace(trace_id: &str) -> Self {
        Self::grouped(trace_id.get(..Self::DIGITS).unwrap_or_default())
    }

    fn grouped(digits: &str) -> Self {
        let groups: Vec<_> = digits.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
        Self(groups.join("-"))
    }

    /// Records the reference on the request's span and log line.
    pub(crate) fn attach_to(self, request: &HttpRequest) -> Self {
        request.extensions_mut().insert(self.clone());
        self
    }
}

impl fmt::Display for SupportReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for SupportReference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_a_part_of_an_id() {
        let id = "0190163d-8694-739b-aea5-966c26f8ad91".parse().unwrap();
        assert_eq!(SupportReference::of_student(id).to_string(), "966c-26f8-ad91");
        let trace = SupportReference::of_trace("4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(trace.to_string(), "4bf9-2f35-77b3");
    }
}
