//! A request to register: its body, and what it brings besides.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use registration_domain::{ApplicantForm, IdempotencyKey, Origin, RawField};

/// A request to register, as decoded from JSON or from a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistrationRequest {
    /// The applicant's answers.
    pub applicant: ApplicantForm,
    /// The idempotency key in the body: the form's token, or a client's own key.
    pub idempotency_key: RawField,
    /// The honeypot: hidden from people, filled in by bots.
    pub honeypot: RawField,
}

/// What a request brings besides its body.
#[derive(Clone, Debug)]
pub struct RegistrationContext {
    /// The parsed key of the attempt, if there is one.
    pub key: Option<IdempotencyKey>,
    /// Where the key was found.
    pub key_source: KeySource,
    /// The client's address, where it is known.
    pub client: Option<IpAddr>,
    /// The time of the request.
    pub now: DateTime<Utc>,
    /// Ten random bytes for the student's id.
    pub random: [u8; 10],
    /// The form or the API, and the trace.
    pub origin: Origin,
}

/// Where a request carries its idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// In a header: made by a program or by the page's script.
    Header,
    /// In the body, or nowhere.
    Body,
}
