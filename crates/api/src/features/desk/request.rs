//! A request of a signed-in caller, and the pages that answer it.

use std::future;

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest, HttpResponse, dev,
    web::{Data, Payload},
};
use askama::Template;
use registration_application::desk::access::Caller;
use registration_domain::Permission;

use super::{
    Desk, message,
    pages::{Banner, DeskLayout, Here},
};
use crate::clock;
use crate::web::{
    door::{MAX_BODY, SignedIn},
    form::Form,
    locale::RequestLocale,
    pages, paths,
    problem::Problem,
};

/// The parameters of an address that belong to one answer alone.
const ONE_TIME: [&str; 2] = ["lang=", "done="];

/// What a handler of an authenticated route reads: the request, its caller and its language.
pub(crate) struct DeskRequest {
    pub(super) http: HttpRequest,
    pub(super) desk: Data<Desk>,
    pub(super) caller: Caller,
    pub(super) locale: RequestLocale,
}

impl FromRequest for DeskRequest {
    type Error = Problem;
    type Future = future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let desk = request.app_data::<Data<Desk>>().cloned();
        let signed_in = request.extensions().get::<SignedIn>().cloned();
        future::ready(match (desk, signed_in) {
            (Some(desk), Some(SignedIn(caller))) => {
                let locale = RequestLocale::of(request);
                Ok(Self { http: request.clone(), desk, caller, locale })
            }
            _ => Err(Problem::unexpected("the route has no door")),
        })
    }
}

impl DeskRequest {
    /// Reads the form in the body.
    pub(super) async fn form(&self, payload: Payload) -> Result<Form, Problem> {
        Form::read(&self.http, payload, self.desk.body_timeout, MAX_BODY).await
    }

    /// The layout of the answer, with the message of what was done before.
    pub(super) async fn layout(&self, here: Here) -> Result<DeskLayout, Problem> {
        Ok(self.layout_with(here, self.banner().await?))
    }

    /// The layout of the answer, with this message.
    pub(super) fn layout_with(&self, here: Here, banner: Option<Banner>) -> DeskLayout {
        DeskLayout::new(self.locale, here, &address(&self.http))
            .for_person(&self.caller.staff)
            .with_tools(&self.desk.settings.tools)
            .with_key(clock::now().timestamp_micros().to_string())
            .with_banner(banner)
    }

    /// The message of what was done before.
    pub(super) async fn banner(&self) -> Result<Option<Banner>, Problem> {
        let here = address(&self.http);
        let here = self.caller.may(Permission::StudentsDecide).then_some(&*here);
        message::of_query(&self.desk, self.http.query_string(), self.locale, here).await
    }

    /// 200 with this page.
    pub(super) fn page(&self, page: &impl Template) -> Result<HttpResponse, Problem> {
        pages::html(self.locale, page)
    }

    /// 303 to a page of the desk, which says what was done.
    pub(super) fn done(&self, path_and_query: &str, done: &str) -> HttpResponse {
        let separator = if path_and_query.contains('?') { '&' } else { '?' };
        let target = format!("{path_and_query}{separator}done={done}");
        pages::see_other(&super::pages::paths::href(self.locale, &target))
    }
}

/// The page that shows the answer to a form at this path: a form alone cannot be opened.
fn page_of(path: &str) -> &str {
    let forms = ["/status", "/password", "/sessions", "/undo", "/run", "/cancel"];
    let of_student = path.strip_suffix("/tasks").filter(|student| *student != paths::DESK);
    let path = of_student.unwrap_or(path);
    let page = forms.into_iter().find_map(|form| path.strip_suffix(form)).unwrap_or(path);
    if [paths::DESK_OPERATIONS, paths::DESK_NEW_OPERATION].contains(&page) {
        return paths::DESK_STUDENTS;
    }
    if page.starts_with(paths::DESK_TEMPLATES) {
        return paths::DESK_TASKS;
    }
    let lists = [paths::DESK_STAFF, paths::DESK_TOKENS, paths::DESK_TASKS];
    let is_below = |list: &&str| page.strip_prefix(*list).is_some_and(|rest| rest.starts_with('/'));
    lists.into_iter().find(is_below).unwrap_or(page)
}

/// Path and query of a page, without language and message. A form's address is that of its page.
fn address(request: &HttpRequest) -> String {
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
            ("/desk/students/1/tasks", "/desk/students/1"),
            ("/desk/tasks", "/desk/tasks"),
            ("/desk/tasks/1", "/desk/tasks"),
            ("/desk/task-templates", "/desk/tasks"),
            ("/desk/task-templates/1", "/desk/tasks"),
            ("/desk/profile/password", "/desk/profile"),
            ("/desk/profile/sessions", "/desk/profile"),
            ("/desk/operations", "/desk/students"),
            ("/desk/operations/new", "/desk/students"),
            ("/desk/operations/1", "/desk/operations/1"),
            ("/desk/operations/1/undo", "/desk/operations/1"),
            ("/desk/imports/1/run", "/desk/imports/1"),
            ("/desk/staff/1", "/desk/staff"),
            ("/desk/tokens/1/revoke", "/desk/tokens"),
        ] {
            assert_eq!(page_of(path), page);
        }
    }
}
