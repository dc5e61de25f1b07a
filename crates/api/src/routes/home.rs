//! `GET /`: the form for people, a description for programs, a line of text for everybody else.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{CONTENT_LANGUAGE, ContentType, VARY},
    },
    web::Data,
};
use askama::Template as _;
use serde_json::json;

use crate::{
    app::App,
    negotiation::{self, Representation, Speech, preferred},
    observed,
    pages::FormPage,
    problem::{ApiError, Failure},
    version::VERSION,
};

#[tracing::instrument(name = "home_handler", skip_all)]
pub(crate) async fn home(
    request: HttpRequest,
    app: Data<App>,
    speech: Speech,
) -> Result<HttpResponse, Failure> {
    let mut response = HttpResponse::Ok();
    response.insert_header((VARY, negotiation::VARY));
    Ok(match preferred(&request) {
        Representation::Html => {
            let page = FormPage::empty(&app, speech)?.render().map_err(ApiError::unexpected)?;
            if request.method() == Method::GET {
                observed::form_viewed();
            }
            response.insert_header((CONTENT_LANGUAGE, speech.language.tag()));
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
