//! Failed changes of imports as problems.

use actix_web::http::StatusCode;
use registration_application::desk::imports::ChangeError;
use registration_domain::{Import, ImportState, SettingsError};
use serde_json::json;

use super::problem::Problem;

/// The problem of an import that was not changed.
pub(crate) fn of_change(error: ChangeError) -> Problem {
    match error {
        ChangeError::NotFound => Problem::not_found(),
        ChangeError::WrongState(state) => wrong_state(state),
        ChangeError::Settings(error) => {
            let column = match error {
                SettingsError::Twice(column) => column.as_str(),
                SettingsError::NoKey | SettingsError::TooLong => "email",
            };
            let code = match error {
                SettingsError::Twice(_) => "repeated",
                SettingsError::NoKey => "required",
                SettingsError::TooLong => "too_long",
            };
            let errors = json!([{"pointer": "/columns", "field": column, "code": code}]);
            mapping().with_member("errors", errors)
        }
        ChangeError::LeftOut(count) => {
            let problem = Problem::new(StatusCode::CONFLICT, "rows_left_out", |m| m.rows_left_out);
            problem.with_member("left_out", count)
        }
        ChangeError::TooMany(count) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Problem::new(status, "too_many_for_one", |m| m.too_many_for_one)
                .with_member("rows", count)
                .with_member("most", Import::MAX_ATOMIC)
        }
    }
}

fn mapping() -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "mapping", |m| m.mapping)
}

fn wrong_state(state: ImportState) -> Problem {
    Problem::new(StatusCode::CONFLICT, "wrong_import_state", |m| m.wrong_import_state)
        .with_member("state", state.as_str())
}
