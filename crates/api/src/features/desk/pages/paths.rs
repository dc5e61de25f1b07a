//! The paths of the office's pages, and links to them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use registration_domain::{OperationId, StaffId, StudentId, TaskId, TemplateId, TokenId};

use crate::web::{locale::RequestLocale, paths as public_paths};

pub(crate) use crate::web::paths::{
    API_CSV, API_XLSX, DESK as TODAY, DESK_EXPORT as EXPORT, DESK_IMPORTS as IMPORTS,
    DESK_NEW_OPERATION as NEW_OPERATION, DESK_NEW_STUDENT as NEW_STUDENT,
    DESK_OPERATIONS as OPERATIONS, DESK_PASSWORD as PASSWORD, DESK_PRINT as PRINT,
    DESK_PROFILE as PROFILE, DESK_REVIEW as REVIEW, DESK_SESSIONS as SESSIONS, DESK_STAFF as STAFF,
    DESK_STUDENTS as STUDENTS, DESK_TASKS as TASKS, DESK_TEMPLATES as TEMPLATES,
    DESK_TOKENS as TOKENS, SIGN_IN, WELCOME,
};

const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A student's page.
pub(crate) fn student(id: StudentId) -> String {
    format!("{STUDENTS}/{id}")
}

/// A student's page, opened from the list at this address.
pub(crate) fn student_from(id: StudentId, list: &str) -> String {
    match list {
        STUDENTS => student(id),
        list => format!("{}{}", student(id), query([("back", list)])),
    }
}

/// A page or form below a student's page: `status`, `tasks`, `edit`, `erase`.
pub(crate) fn of_student(id: StudentId, part: &str) -> String {
    format!("{STUDENTS}/{id}/{part}")
}

/// The page of an operation.
pub(crate) fn operation(id: OperationId) -> String {
    format!("{OPERATIONS}/{id}")
}

/// The form that undoes an operation.
pub(crate) fn undo(id: OperationId) -> String {
    format!("{OPERATIONS}/{id}/undo")
}

/// The page of an import, and the form that changes how its file is read.
pub(crate) fn import(id: OperationId) -> String {
    format!("{IMPORTS}/{id}")
}

/// The form that stores the rows of an import.
pub(crate) fn import_run(id: OperationId) -> String {
    format!("{IMPORTS}/{id}/run")
}

/// The form that gives an import up.
pub(crate) fn import_cancel(id: OperationId) -> String {
    format!("{IMPORTS}/{id}/cancel")
}

/// The rows of an import that did not go in, as a file.
pub(crate) fn import_errors(id: OperationId) -> String {
    public_paths::of(public_paths::API_IMPORT_ERRORS, id)
}

/// The form of an item of the checklist.
pub(crate) fn task(id: TaskId) -> String {
    format!("{TASKS}/{id}")
}

/// The form of a template of the checklist.
pub(crate) fn template(id: TemplateId) -> String {
    format!("{TEMPLATES}/{id}")
}

/// The form of a person of the office.
pub(crate) fn staff_member(id: StaffId) -> String {
    format!("{STAFF}/{id}")
}

/// The form that revokes a token.
pub(crate) fn revoke_token(id: TokenId) -> String {
    format!("{TOKENS}/{id}/revoke")
}

/// A link to a path that may have a query; keeps an explicit language.
pub(crate) fn href(locale: RequestLocale, path_and_query: &str) -> String {
    with_query(path_and_query, |path| locale.href(path))
}

/// The path of an address of a page, and its query, which may be empty.
pub(crate) fn parts(path_and_query: &str) -> (&str, &str) {
    path_and_query.split_once('?').unwrap_or((path_and_query, ""))
}

/// Adds the query behind what `link` makes of the path.
pub(super) fn with_query(path_and_query: &str, link: impl Fn(&str) -> String) -> String {
    match path_and_query.split_once('?') {
        None => link(path_and_query),
        Some((path, query)) => {
            let link = link(path);
            let separator = if link.contains('?') { '&' } else { '?' };
            format!("{link}{separator}{query}")
        }
    }
}

/// A query of these parameters, with its `?`; empty where there are none.
pub(crate) fn query<'a>(parameters: impl IntoIterator<Item = (&'static str, &'a str)>) -> String {
    let mut query = String::new();
    for (name, value) in parameters {
        let separator = if query.is_empty() { '?' } else { '&' };
        query.push(separator);
        query.push_str(name);
        query.push('=');
        query.extend(utf8_percent_encode(value, QUERY));
    }
    query
}

/// Whether `next`, as sent by a form, is a page of the office. Prevents open redirects.
pub(crate) fn is_desk_page(next: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_graphic() && c != '\\' && c != '#';
    next.starts_with("/desk/") && !next.contains("//") && next.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_encoded_and_next_stays_in_the_office() {
        let query = query([("q", "Zoë & co"), ("status", "pending")]);
        assert_eq!(query, "?q=Zo%C3%AB%20%26%20co&status=pending");
        assert!(is_desk_page("/desk/students?q=Zo%C3%AB"));
        for other in ["//evil.example", "https://evil.example", "/desk/\\evil", "/desk//x", "/"] {
            assert!(!is_desk_page(other), "{other}");
        }
    }
}
