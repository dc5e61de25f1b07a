//! Who is let in: clients within their quotas, and forms that look as if a person had filled them in.

pub(crate) mod client;
pub(crate) mod form_check;
pub(crate) mod form_key;
pub(crate) mod limits;
