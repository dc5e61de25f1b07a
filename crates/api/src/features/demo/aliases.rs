//! `/users` and `/todos`: other names of `/api/students` and `/api/tasks`, with the same answers.

use actix_web::{
    Error, HttpMessage as _,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header::HeaderValue},
    middleware::Next,
};
use tracing::Instrument as _;

use crate::web::{base_path::BasePath, paths, uri};

/// A request to another name.
struct Alias {
    /// What it does: `list`, `create`, `read`, `update`, `delete`, `complete` or `reopen`.
    operation: &'static str,
    student: Option<String>,
    todo: Option<String>,
}

/// Gives a request the canonical path of another name, and returns the link to it, for the answer.
pub(crate) fn rename(request: &mut ServiceRequest) -> Option<HeaderValue> {
    let (canonical, alias) = canonical(request.path(), request.method())?;
    uri::set_path(request, &canonical);
    request.extensions_mut().insert(alias);
    let base = BasePath::of(request.request());
    HeaderValue::try_from(format!("<{base}{canonical}>; rel=\"canonical\"")).ok()
}

/// The middleware of the canonical routes: a span with the other names.
pub(crate) async fn span<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let alias = request.extensions_mut().remove::<Alias>();
    let Some(Alias { operation, student, todo }) = alias else { return next.call(request).await };
    let span = tracing::info_span!(
        "demo_operation",
        operation.type = operation,
        student.id = student,
        todo.id = todo,
    );
    next.call(request).instrument(span).await
}

/// The canonical path of another name; `None` for every other path.
fn canonical(path: &str, method: &Method) -> Option<(String, Alias)> {
    let parts: Vec<_> = path.strip_prefix('/')?.split('/').collect();
    let of_list = operation(method, "list");
    let of_one = operation(method, "read");
    let completion = if method == Method::DELETE { "reopen" } else { "complete" };
    let alias = |operation, student: Option<&str>, todo: Option<&str>| Alias {
        operation,
        student: student.map(str::to_owned),
        todo: todo.map(str::to_owned),
    };
    Some(match *parts {
        ["users"] => (paths::API_STUDENTS.to_owned(), alias(of_list, None, None)),
        ["users", id] => (paths::of(paths::API_STUDENT, id), alias(of_one, Some(id), None)),
        ["users", id, "todos"] => {
            (paths::of(paths::API_STUDENT_TASKS, id), alias(of_list, Some(id), None))
        }
        ["todos"] => (paths::API_TASKS.to_owned(), alias(of_list, None, None)),
        ["todos", id] => (paths::of(paths::API_TASK, id), alias(of_one, None, Some(id))),
        ["todos", id, "complete"] => {
            (paths::of(paths::API_COMPLETE, id), alias(completion, None, Some(id)))
        }
        _ => return None,
    })
}

/// What a method does; `otherwise` where it changes nothing.
fn operation(method: &Method, otherwise: &'static str) -> &'static str {
    match method.as_str() {
        "POST" => "create",
        "PUT" | "PATCH" => "update",
        "DELETE" => "delete",
        _ => otherwise,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_names_have_canonical_paths() {
        for (method, path, expected, operation) in [
            ("GET", "/users", "/api/students", "list"),
            ("POST", "/users", "/api/students", "create"),
            ("PUT", "/users/1", "/api/students/1", "update"),
            ("DELETE", "/users/1", "/api/students/1", "delete"),
            ("POST", "/users/1/todos", "/api/students/1/tasks", "create"),
            ("GET", "/todos", "/api/tasks", "list"),
            ("GET", "/todos/1", "/api/tasks/1", "read"),
            ("PUT", "/todos/1/complete", "/api/tasks/1/complete", "complete"),
            ("DELETE", "/todos/1/complete", "/api/tasks/1/complete", "reopen"),
        ] {
            let method = method.parse().unwrap();
            let (found, alias) = canonical(path, &method).unwrap();
            assert_eq!((&*found, alias.operation), (expected, operation), "{method} {path}");
        }
        for path in
            ["/", "/user", "/usersx", "/users/1/x", "/users/1/todos/2", "/api/students", "x"]
        {
            assert!(canonical(path, &Method::GET).is_none(), "{path}");
        }
    }
}
