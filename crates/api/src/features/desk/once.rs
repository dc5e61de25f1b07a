//! A form that is sent twice is done once.

use registration_application::desk::{access::Caller, once::Repeatable};
use registration_domain::{ApiRequest, Fingerprint, IdempotencyKey, KeyHash};
use sha2::{Digest as _, Sha256};

use crate::web::{form::Form, hex};

/// The form as a request whose answer leads to a page in any case.
pub(super) fn repeatable<T>(form: &Form, caller: &Caller) -> Option<Repeatable<T>> {
    let request = request(form, caller)?;
    Some(Repeatable { request, body: Box::new(|_| Vec::new()) })
}

/// The form by its fields, of which the hidden one `key` differs from page to page; `None` without it.
pub(super) fn request(form: &Form, caller: &Caller) -> Option<ApiRequest> {
    if form.get("key").is_empty() {
        return None;
    }
    let mut hash = Sha256::new();
    for (name, value) in form.fields() {
        hash.update(format!("{}:{name}={}:{value};", name.len(), value.len()));
    }
    let hash: [u8; 32] = hash.finalize().into();
    let key = IdempotencyKey::parse(&hex::encode(&hash)).ok()?;
    Some(ApiRequest {
        owner: *caller.staff.id.as_bytes(),
        key: KeyHash::of(&key),
        fingerprint: Fingerprint::from_bytes(hash),
    })
}
