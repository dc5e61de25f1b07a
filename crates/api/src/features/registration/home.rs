//! `GET /`: the form for browsers, a description for programs, a line of text otherwise.

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

use super::{Registration, metrics, page::FormPage};
use crate::{
    version::VERSION,
    web::{
        locale::RequestLocale,
        negotiation::{self, Representation, preferred},
        problem::Problem,
    },
};

#[tracing::instrument(name = "home_handler", skip_all)]
pub(crate) async fn home(
    request: HttpRequest,
    feature: Data<Registration>,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let mut response = HttpResponse::Ok();
    response.insert_header((VARY, negotiation::VARY));
    Ok(match preferred(&request) {
        Representation::Html => {
            let page = FormPage::empty(&feature.form, locale)?;
            let page = page.render().map_err(Problem::unexpected)?;
            if request.method() == Method::GET {
                metrics::record_form_view();
            }
            response.insert_header((CONTENT_LANGUAGE, locale.language.tag()));
            response.content_type(ContentType::html()).body(page)
        }
        Representation::Json => {
            let service = &feature.service_name;
            response.json(json!({"service": service, "version": VERSION, "status": "running"}))
        }
        Representation::Other => response
            .content_type(ContentType::plaintext())
            .body("Student Registration API is running 🚀"),
    })
}
