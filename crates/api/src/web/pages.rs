//! What every page shares, and the error page.

use std::borrow::Cow;

use actix_web::{
    HttpResponse,
    http::header::{CONTENT_LANGUAGE, ContentType, LOCATION},
};
use askama::Template;

use super::{assets, locale::RequestLocale, paths, problem::Problem, reference::SupportReference};
use crate::i18n::{Language, Messages};

/// 200 with this page.
pub(crate) fn html(locale: RequestLocale, page: &impl Template) -> Result<HttpResponse, Problem> {
    let page = page.render().map_err(Problem::unexpected)?;
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_LANGUAGE, locale.language.tag()));
    Ok(response.content_type(ContentType::html()).body(page))
}

/// 303 to this link.
pub(crate) fn see_other(link: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, link)).finish()
}

/// The layout around every page: header, language links, footer.
pub(crate) struct Layout {
    /// The folder of style, scripts and icon.
    pub(crate) assets: String,
    pub(crate) messages: &'static Messages,
    pub(crate) language: Language,
    /// The link to the form.
    pub(crate) home: String,
    pub(crate) other_languages: Vec<LanguageLink>,
}

/// A link to the page in another language.
pub(crate) struct LanguageLink {
    pub(crate) tag: &'static str,
    pub(crate) name: &'static str,
    pub(crate) href: String,
}

impl Layout {
    /// The layout of a page; `path` is where the page is in the other languages.
    pub(crate) fn new(locale: RequestLocale, path: &str) -> Self {
        let others = Language::ALL.into_iter().filter(|language| *language != locale.language);
        let link = |language: Language| LanguageLink {
            tag: language.tag(),
            name: language.name(),
            href: locale.href_in(path, language),
        };
        Self {
            assets: locale.path(&paths::assets(assets::version())),
            messages: locale.messages(),
            language: locale.language,
            home: locale.href(paths::HOME),
            other_languages: others.map(link).collect(),
        }
    }
}

/// An error, for a browser that requested a page.
#[derive(Template)]
#[template(path = "public/error.html")]
pub(crate) struct ErrorPage {
    layout: Layout,
    title: &'static str,
    detail: Cow<'static, str>,
    status: u16,
    reference: Option<SupportReference>,
}

impl ErrorPage {
    pub(crate) fn new(
        problem: &Problem,
        layout: Layout,
        reference: Option<SupportReference>,
    ) -> Self {
        let (title, detail) = (problem.title(layout.messages), problem.detail(layout.messages));
        Self { title, detail, status: problem.status.as_u16(), layout, reference }
    }
}
