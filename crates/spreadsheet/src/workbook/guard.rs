//! What keeps a damaged workbook from ending the process.

use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::XlsxError;
use registration_domain::{Unreadable, UnreadableReason};

/// Calls into calamine. It computes positions without checks: a reference such as `AAAAAAAA1` makes it panic
/// where overflows are checked, which says the same of the file as an error.
pub(super) fn calamine<T>(call: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, Unreadable> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(_)) | Err(_) => Err(UnreadableReason::Damaged.into()),
    }
}
