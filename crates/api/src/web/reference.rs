//! The support reference on pages and in problem bodies, by which an operator finds the trace: twelve
//! digits, in groups of four.

use std::fmt;

use actix_web::{HttpMessage as _, HttpRequest};
use registration_domain::StudentId;
use serde::{Serialize, Serializer};

/// A support reference. The request's span and its last log line carry it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SupportReference(String);

impl SupportReference {
    /// Of a registration: its number.
    pub(crate) fn of_student(id: StudentId) -> Self {
        Self(id.registration_number())
    }

    /// Of a request that registered no student: the beginning of its trace id, in hexadecimal.
    pub(crate) fn of_trace(trace_id: &str) -> Self {
        let digits = trace_id.as_bytes().chunks(4).take(3);
        let groups: Vec<_> = digits.map(String::from_utf8_lossy).collect();
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
    fn a_reference_of_a_trace_is_its_beginning() {
        let trace = SupportReference::of_trace("4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(trace.to_string(), "4bf9-2f35-77b3");
    }
}
