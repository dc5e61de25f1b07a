//! HTTP without features: bodies, problems, negotiation, pages and middleware.

pub(crate) mod assets;
pub(crate) mod base_path;
pub(crate) mod body;
pub(crate) mod client_address;
pub(crate) mod desk_metrics;
pub(crate) mod door;
pub(crate) mod export;
pub(crate) mod form;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
pub(crate) mod header_fields;
pub(crate) mod hex;
pub(crate) mod idempotency_key;
pub(crate) mod import_problems;
pub(crate) mod locale;
pub(crate) mod middleware;
pub(crate) mod negotiation;
pub(crate) mod operation_problems;
pub(crate) mod pages;
pub(crate) mod panics;
pub(crate) mod path_id;
pub(crate) mod paths;
pub(crate) mod problem;
pub(crate) mod public_url;
pub(crate) mod rate_limit;
pub(crate) mod reference;
pub(crate) mod request_context;
pub(crate) mod roster_query;
pub(crate) mod task_problems;
pub(crate) mod time;
pub(crate) mod trace_links;
pub(crate) mod upload;
pub(crate) mod uri;
