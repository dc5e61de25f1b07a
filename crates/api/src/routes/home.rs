//! `GET /`: the form for people, a description for programs, a line of text for everybody else.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{ContentType, VARY},
    web::Data,
};
use askama::Template as _;
use registration_domain::RawRegistration;
use serde_json::json;

use crate::{
    app::App,
    negotiation::{Representation, preferred},
    pages::FormPage,
    problem::{ApiError, Failure},
    version::VERSION,
};

#[tracing::instrument(name = "home_handler", skip_all)]
pub(crate) async fn home(request: HttpRequest, app: Data<App>) -> Result<HttpResponse, Failure> {
    let mut response = HttpResponse::Ok();
    response.insert_header((VARY, "Accept"));
    Ok(match preferred(&request) {
        Representation::Html => {
            let page = FormPage::new(&RawRegistration::default(), None, None).render();
            let page = page.map_err(ApiError::unexpected)?;
            response.content_type(ContentType::html()).body(page)
        }
        Representation::Json => {
            let service = &app.service_name;
            response.json(json!({"service": service, "version": VERSION, "status": "running"}))
        }
        Representation::Other => response
            .content_type(ContentType::plaintext())
            .body("Student Registration API is running 🚀"),
    })
}
