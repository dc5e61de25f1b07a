//! `POST /register`: one registration, as JSON or as a form.

use std::pin::pin;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::HeaderName,
    web::{Data, Payload},
};
use registration_application::{
    redaction::redacted_shape,
    register::{
        RegistrationContext, RegistrationRequest, RegistrationResult, is_confirmed_token,
        is_form_token,
    },
};
use registration_domain::{Origin, RawField, Source};
use tracing::{Span, field::Empty};

use super::{
    Registration,
    error::{Failed, RegistrationError},
    key,
    metrics::{self, Outcome},
    request, response,
};
use crate::{
    clock,
    web::{
        body::{self, BodyFormat},
        header_fields::only,
        locale::RequestLocale,
        panics,
        problem::Problem,
        rate_limit,
        reference::SupportReference,
        request_context,
    },
};

/// W3C Fetch Metadata.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

#[tracing::instrument(
    name = "register_student_handler",
    skip_all,
    fields(request.body = Empty, registration.outcome = Empty)
)]
pub(crate) async fn post(
    request: HttpRequest,
    payload: Payload,
    feature: Data<Registration>,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let format = body::format(&request);
    let is_form = matches!(format, Ok(BodyFormat::Form));
    // Pinned here, since the future is large and would be copied with each move.
    let handled = pin!(handle(&request, payload, &feature, locale, format));
    let result = match panics::catch(handled).await {
        Ok(RegistrationResult { student, replayed }) => {
            metrics::record(if replayed { Outcome::Replayed } else { Outcome::Created }, None);
            student
        }
        Err(Failed { outcome, problem }) => {
            metrics::record(outcome, Some(&problem));
            if let Some(errors) = &problem.field_errors {
                feature.failures.add(errors, clock::now());
            }
            return Err(problem);
        }
    };
    SupportReference::of_student(result.id()).attach_to(&request);
    let respond = if is_form { response::see_confirmation } else { response::created };
    Ok(respond(&result, locale))
}

async fn handle(
    request: &HttpRequest,
    payload: Payload,
    feature: &Data<Registration>,
    locale: RequestLocale,
    format: Result<BodyFormat, Problem>,
) -> Result<RegistrationResult, Failed> {
    let quota = feature.limits.check_client(feature.client_address(request));
    let within_limit = rate_limit::check(request, quota, |m| m.rate_limited.detail);
    let timeout = feature.body_timeout;
    if let Ok(BodyFormat::Form) = format {
        // Read in any case: the form is shown again with its values.
        let body = body::read(request, payload, timeout).await;
        let (form, result) = match body.and_then(|body| request::from_form(&body)) {
            Ok(form) => {
                let result = match within_limit {
                    Ok(()) => register(feature, request, &form, Source::Form).await,
                    Err(limited) => Err(limited.into()),
                };
                (form, result)
            }
            Err(problem) => (RegistrationRequest::default(), Err(problem.into())),
        };
        return result.map_err(|error| Failed::on_form(error, form, feature, locale));
    }
    within_limit?;
    format?;
    let body = body::read(request, payload, timeout).await?;
    let body = request::from_json(&body)?;
    Ok(register(feature, request, &body, source(request, &body)).await?)
}

/// Where JSON comes from: the form's script sends the form's token, or, once a person has confirmed,
/// only what browsers say of a page's own requests.
fn source(request: &HttpRequest, body: &RegistrationRequest) -> Source {
    let has_token = match &body.idempotency_key {
        RawField::Text(key) => is_form_token(key) || is_confirmed_token(key),
        RawField::Missing | RawField::NotText => false,
    };
    let is_of_page = only(request.headers(), &SEC_FETCH_SITE) == Some("same-origin");
    if has_token || is_of_page { Source::Form } else { Source::Api }
}

/// Calls the use case.
async fn register(
    feature: &Registration,
    request: &HttpRequest,
    body: &RegistrationRequest,
    source: Source,
) -> Result<RegistrationResult, RegistrationError> {
    // The span of the request has no such field; it is the current one in a trace that is not sampled.
    if Span::current().has_field("request.body") {
        Span::current().record("request.body", redacted_shape(&body.applicant));
    }
    let (key, key_source) = key::of(request, body)?;
    let (now, random) = (clock::now(), clock::random().map_err(Problem::unexpected)?);
    let client = feature.client_address(request);
    let origin = Origin { source, trace_id: request_context::trace_id() };
    let context = RegistrationContext { key, key_source, client, now, random, origin };
    let attempt = feature.register.register(body, context).await;
    if let Some(quota) = &attempt.quota {
        rate_limit::note(request, quota);
    }
    let result = attempt.result.map_err(RegistrationError::from);
    if let Some(age) = attempt.form_age {
        let outcome = match &result {
            Ok(RegistrationResult { replayed: true, .. }) => Outcome::Replayed,
            Ok(_) => Outcome::Created,
            Err(error) => error.outcome(),
        };
        let will_retry = result.as_ref().is_err_and(RegistrationError::is_temporary);
        metrics::record_form_submit(age, outcome, will_retry);
    }
    result
}
