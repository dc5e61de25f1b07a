//! What every handler answers with: a page, or a redirect to one.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_LANGUAGE, ContentType, LOCATION},
    },
};
use askama::Template;
use registration_application::desk::access::Caller;

use super::{
    Desk, message,
    pages::{Banner, DeskLayout, Here},
};
use crate::web::{locale::RequestLocale, paths, problem::Problem};

/// The parameters of an address that belong to one answer alone.
const ONE_TIME: [&str; 2] = ["lang=", "done="];

/// A page with this status.
pub(super) fn page(
    locale: RequestLocale,
    status: StatusCode,
    page: &impl Template,
) -> Result<HttpResponse, Problem> {
    let page = page.render().map_err(Problem::unexpected)?;
    let mut response = HttpResponse::build(status);
    response.insert_header((CONTENT_LANGUAGE, locale.language.tag()));
    Ok(response.content_type(ContentType::html()).body(page))
}

/// The problem, shown on this page.
pub(super) fn problem(problem: Problem, page: &impl Template) -> Problem {
    match page.render() {
        Ok(page) => problem.on_page(move |_, _| Some(page.clone())),
        Err(error) => Problem::unexpected(error),
    }
}

/// 303 to this link.
pub(super) fn see_other(link: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, link)).finish()
}

/// 303 to a page of the office, which says what was done.
pub(super) fn done(locale: RequestLocale, path_and_query: &str, done: &str) -> HttpResponse {
    let separator = if path_and_query.contains('?') { '&' } else { '?' };
    let target = format!("{path_and_query}{separator}done={done}");
    see_other(&super::pages::paths::href(locale, &target))
}

/// The layout of a page for this caller, with the message of what was done before.
pub(super) async fn layout(
    desk: &Desk,
    request: &HttpRequest,
    locale: RequestLocale,
    caller: &Caller,
    here: Here,
) -> Result<DeskLayout, Problem> {
    let banner = message::of_request(desk, request, locale).await?;
    Ok(layout_with(desk, request, locale, caller, here, banner))
}

/// The layout with this message.
pub(super) fn layout_with(
    desk: &Desk,
    request: &HttpRequest,
    locale: RequestLocale,
    caller: &Caller,
    here: Here,
    banner: Option<Banner>,
) -> DeskLayout {
    DeskLayout::new(locale, here, &address(request))
        .for_person(&caller.staff)
        .with_tools(&desk.settings.tools)
        .with_banner(banner)
}

/// The page that shows the answer to a form at this path: a form alone cannot be opened.
fn page_of(path: &str) -> &str {
    let forms = ["/status", "/password", "/sessions"];
    let page = forms.into_iter().find_map(|form| path.strip_suffix(form)).unwrap_or(path);
    let lists = [paths::DESK_STAFF, paths::DESK_TOKENS];
    let is_below = |list: &&str| page.strip_prefix(*list).is_some_and(|rest| rest.starts_with('/'));
    lists.into_iter().find(is_below).unwrap_or(page)
}

/// Path and query of a page, without language and message. A form's address is that of its page.
pub(super) fn address(request: &HttpRequest) -> String {
    let query = request.query_string().split('&');
    let kept = query.filter(|pair| !pair.is_empty());
    let kept = kept.filter(|pair| !ONE_TIME.iter().any(|name| pair.starts_with(name)));
    let kept: Vec<_> = kept.collect();
    let path = page_of(request.path());
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_that_cannot_be_opened_has_a_page() {
        for (path, page) in [
            ("/desk/students", "/desk/students"),
            ("/desk/students/1/status", "/desk/students/1"),
            ("/desk/students/1/edit", "/desk/students/1/edit"),
            ("/desk/profile/password", "/desk/profile"),
            ("/desk/profile/sessions", "/desk/profile"),
            ("/desk/staff/1", "/desk/staff"),
            ("/desk/tokens/1/revoke", "/desk/tokens"),
        ] {
            assert_eq!(page_of(path), page);
        }
    }
}
