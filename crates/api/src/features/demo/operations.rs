//! Nested spans, and errors.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use registration_application::desk::demo;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::Demo;
use crate::{
    clock,
    web::{form::Form, hex, problem::Problem, request_context, roster_query::invalid_filter},
};

#[tracing::instrument(name = "hello_handler", skip_all)]
pub(crate) async fn hello() -> HttpResponse {
    HttpResponse::Ok().json(json!({"message": "Hello"}))
}

#[tracing::instrument(name = "db_operation_handler", skip_all, fields(operation.type = "db_operation"))]
pub(crate) async fn in_database(feature: Data<Demo>) -> Result<HttpResponse, Problem> {
    demo::make_and_remove(&feature.office, request_context::new()?).await?;
    Ok(HttpResponse::Ok().json(json!({"message": "A record was made and removed"})))
}

#[tracing::instrument(name = "complex_operation_handler", skip_all, fields(operation.type = "complex_operation"))]
pub(crate) async fn complex(feature: Data<Demo>) -> Result<HttpResponse, Problem> {
    let items = demo::count_items(&feature.office).await?;
    demo::make_and_remove(&feature.office, request_context::new()?).await?;
    let digest = tracing::info_span!("summarise").in_scope(|| Sha256::digest(items.to_be_bytes()));
    Ok(HttpResponse::Ok().json(json!({"items": items, "digest": hex::encode(&digest)})))
}

/// Fails with the `probability` of the query, from 0 to 1, a half unless given.
#[tracing::instrument(name = "error_simulation_handler", skip_all, fields(error.probability))]
pub(crate) async fn error(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let form = Form::parse(request.query_string().as_bytes())?;
    let mut probability = 0.5;
    for (name, value) in form.fields() {
        let number = value.parse().ok().filter(|number| (0.0..=1.0).contains(number));
        probability = match name.as_str() {
            "probability" => number.ok_or_else(|| invalid_filter("probability"))?,
            "lang" => probability,
            _ => return Err(invalid_filter("unknown")),
        };
    }
    tracing::Span::current().record("error.probability", probability);
    let [random, ..] = clock::random::<4>().map_err(Problem::unexpected)?;
    if f64::from(random) < probability * 256.0 {
        return Err(Problem::unexpected("an error was simulated"));
    }
    Ok(HttpResponse::Ok().json(json!({"message": "No error", "probability": probability})))
}
