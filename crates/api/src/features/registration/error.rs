//! Why a request did not register a student: as a problem, and for metrics and the form.

use actix_web::{http::StatusCode, web::Data};
use askama::Template as _;
use registration_application::register::{BotSignal, RegisterError, RegistrationRequest};
use registration_domain::RepositoryError;

use super::{
    Registration,
    metrics::Outcome,
    page::{FormPage, FormToken},
};
use crate::web::{
    idempotency_key::MalformedKey, locale::RequestLocale, problem::Problem, rate_limit,
};

/// A failure of `POST /register`.
#[derive(Debug)]
pub(super) enum RegistrationError {
    /// The use case refused or failed.
    Register(RegisterError),
    /// The idempotency key is malformed.
    Key(MalformedKey),
    /// The request never reached the use case.
    Request(Problem),
}

impl RegistrationError {
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Self::Register(RegisterError::AlreadyRegistered | RegisterError::RequestInProgress) => {
                Outcome::Duplicate
            }
            Self::Register(
                RegisterError::Repository(RepositoryError::Unavailable { .. })
                | RegisterError::TimedOut(_),
            ) => Outcome::Unavailable,
            Self::Register(RegisterError::Repository(RepositoryError::Unexpected(_))) => {
                Outcome::Error
            }
            Self::Request(problem) if problem.status == StatusCode::SERVICE_UNAVAILABLE => {
                Outcome::Unavailable
            }
            Self::Request(problem) if problem.status.is_server_error() => Outcome::Error,
            Self::Register(_) | Self::Key(_) | Self::Request(_) => Outcome::Invalid,
        }
    }

    pub(super) fn form_token(&self) -> FormToken {
        match self {
            Self::Register(RegisterError::ConfirmationRequired(_)) => FormToken::Confirmed,
            Self::Register(RegisterError::KeyReused) | Self::Key(_) => FormToken::Renew,
            Self::Register(_) | Self::Request(_) => FormToken::Keep,
        }
    }

    /// Whether the client repeats the request by itself.
    pub(super) fn is_temporary(&self) -> bool {
        match self {
            Self::Register(error) => matches!(
                error,
                RegisterError::Repository(RepositoryError::Unavailable { .. })
                    | RegisterError::TimedOut(_)
                    | RegisterError::RateLimited(_)
                    | RegisterError::TooManyDuplicates(_)
                    | RegisterError::RequestInProgress
            ),
            Self::Request(problem) => problem.retry_after.is_some(),
            Self::Key(_) => false,
        }
    }
}

/// A failure as it is counted and as the client sees it.
pub(super) struct Failed {
    pub(super) outcome: Outcome,
    pub(super) problem: Problem,
}

impl Failed {
    /// A failure to be shown on the form again, with the values.
    pub(super) fn on_form(
        error: RegistrationError,
        request: RegistrationRequest,
        feature: &Data<Registration>,
        locale: RequestLocale,
    ) -> Self {
        let (token, feature) = (error.form_token(), feature.clone());
        let is_reused = matches!(error, RegistrationError::Register(RegisterError::KeyReused));
        let Self { outcome, problem } = error.into();
        // To a person, a reused key means that the form was used before.
        let problem = problem.on_page(move |problem, reference| {
            let settings = &feature.form;
            let page =
                FormPage::again(settings, locale, &request, problem, token, reference).ok()?;
            let page =
                if is_reused { page.with_notice(locale.messages().form.used_again) } else { page };
            page.render().ok()
        });
        Self { outcome, problem }
    }
}

impl<E: Into<RegistrationError>> From<E> for Failed {
    fn from(error: E) -> Self {
        let error = error.into();
        Self { outcome: error.outcome(), problem: error.into() }
    }
}

impl From<RegisterError> for RegistrationError {
    fn from(error: RegisterError) -> Self {
        Self::Register(error)
    }
}

impl From<MalformedKey> for RegistrationError {
    fn from(error: MalformedKey) -> Self {
        Self::Key(error)
    }
}

impl From<Problem> for RegistrationError {
    fn from(problem: Problem) -> Self {
        Self::Request(problem)
    }
}

impl From<RegistrationError> for Problem {
    fn from(error: RegistrationError) -> Self {
        match error {
            RegistrationError::Request(problem) => problem,
            RegistrationError::Key(error) => error.into(),
            RegistrationError::Register(error) => of_register(error),
        }
    }
}

fn of_register(error: RegisterError) -> Problem {
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    match error {
        RegisterError::Invalid(errors) => Problem::invalid_fields().with_field_errors(errors),
        RegisterError::ConfirmationRequired(signal) => {
            let reason = match signal {
                BotSignal::TooFast => "too_fast",
                BotSignal::HoneypotFilled => "trap_filled",
                BotSignal::Expired => "expired_key",
                BotSignal::InvalidSignature => "forged_key",
                BotSignal::IssuedInFuture => "future_key",
            };
            Problem::new(unprocessable, "please_confirm", |m| m.please_confirm).with_reason(reason)
        }
        RegisterError::AlreadyRegistered => Problem::already_registered(),
        RegisterError::TooManyDuplicates(quota) => {
            rate_limit::rate_limited(quota, |m| m.rate_limited.detail)
        }
        RegisterError::RateLimited(quota) => rate_limit::rate_limited(quota, |m| m.email_limited),
        RegisterError::KeyReused => Problem::idempotency_key_reused(),
        RegisterError::RequestInProgress => {
            Problem::new(StatusCode::CONFLICT, "request_in_progress", |m| m.in_progress)
                .with_retry_after(1)
        }
        RegisterError::TimedOut(error) => error.into(),
        RegisterError::Repository(error) => error.into(),
    }
}
