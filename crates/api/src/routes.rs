//! The route table: every path with its methods, statuses, users, tracing, quota and handler. The
//! listeners, the untraced paths, CORS, the zero series of telemetry and the table in `docs/api.md`
//! are derived from it.

use actix_web::{
    HttpRequest, HttpResponse, Route,
    dev::ServiceRequest,
    guard::{self, GuardContext},
    http::{Method, header::ALLOW},
    middleware::{Compress, Condition, from_fn},
    web::{self, ServiceConfig},
};

use registration_domain::Permission::{
    ExportsRead, ImportsWrite, NotesRead, OwnTokens, PrivacyManage, SettingsManage, StaffManage,
    StudentsDecide, StudentsRead, StudentsWrite, TasksRead, TasksWrite,
};

use crate::{
    features::{assets, browser_telemetry, demo, desk, health, registration, staff_api, students},
    web::{
        base_path::BasePath,
        door::{
            self,
            Access::{self, Door, Fresh, May, SignedIn},
        },
        pages, panics, paths,
        problem::Problem,
    },
};

/// One path and method.
pub(crate) struct RouteSpec {
    pub(crate) path: &'static str,
    pub(crate) verb: Verb,
    /// The statuses of this route's own, besides 405, 429 of a limiter in front, and 500.
    pub(crate) statuses: &'static [u16],
    pub(crate) audience: Audience,
    /// Who may use it.
    pub(crate) access: Access,
    /// Whether requests have a root span and log lines.
    pub(crate) is_traced: bool,
    /// The rate limit that applies.
    #[cfg_attr(not(test), expect(dead_code, reason = "for docs/api.md; the handlers count"))]
    pub(crate) quota: Option<&'static str>,
    /// Whether scripts of `ALLOWED_ORIGINS` may use it.
    pub(crate) is_cross_origin: bool,
    is_compressed: bool,
    handler: fn() -> Route,
}

/// The method of a route. OPTIONS comes with every path, HEAD with GET.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// The users of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Applicants and API clients, on the application's listener.
    Public,
    /// The office, on the application's listener.
    Staff,
    /// Demonstrations, on the application's listener where they are enabled.
    Demo,
    /// Probes and scrapers, on both listeners.
    Operators,
}

/// A route with no quota, no CORS, no compression.
const fn route(
    path: &'static str,
    verb: Verb,
    statuses: &'static [u16],
    handler: fn() -> Route,
) -> RouteSpec {
    RouteSpec {
        path,
        verb,
        statuses,
        audience: Audience::Public,
        access: Access::Public,
        is_traced: true,
        quota: None,
        is_cross_origin: false,
        is_compressed: false,
        handler,
    }
}

/// A route for probes.
const fn probe(path: &'static str, statuses: &'static [u16], handler: fn() -> Route) -> RouteSpec {
    let spec = route(path, Verb::Get, statuses, handler);
    RouteSpec { audience: Audience::Operators, is_traced: false, ..spec }
}

/// A route for demonstrations.
const fn demonstration(
    path: &'static str,
    statuses: &'static [u16],
    handler: fn() -> Route,
) -> RouteSpec {
    RouteSpec { audience: Audience::Demo, ..route(path, Verb::Get, statuses, handler) }
}

/// A route of the office. Who may use it comes first.
const fn staff(
    access: Access,
    path: &'static str,
    verb: Verb,
    statuses: &'static [u16],
    handler: fn() -> Route,
) -> RouteSpec {
    let spec = route(path, verb, statuses, handler);
    RouteSpec {
        audience: Audience::Staff,
        access,
        is_compressed: true,
        quota: Some("token"),
        ..spec
    }
}

/// Every path and method; the methods of a path are adjacent.
#[rustfmt::skip]
pub(crate) static ROUTES: &[RouteSpec] = &[
    RouteSpec { is_compressed: true, ..route(paths::HOME, Verb::Get, &[200, 406, 500], || get().to(registration::home)) },
    RouteSpec { quota: Some("client"), is_cross_origin: true,
        ..route(paths::REGISTER, Verb::Post, &[201, 303, 400, 408, 409, 413, 415, 422, 429, 500, 503, 504], || web::post().to(registration::post)) },
    RouteSpec { quota: Some("spans"), is_traced: false,
        ..route(paths::BROWSER_SPANS, Verb::Post, &[200, 400, 403, 404, 408, 413, 415, 429], || web::post().to(browser_telemetry::post)) },
    RouteSpec { quota: Some("reads"),
        ..route(paths::STUDENT, Verb::Get, &[200, 404, 429, 500, 503, 504], || get().to(students::student)) },
    RouteSpec { is_compressed: true, ..route(paths::ASSET, Verb::Get, &[200, 404, 406], || get().to(assets::asset)) },
    probe(paths::HEALTH, &[200], || get().to(health::summary)),
    probe(paths::LIVE, &[200, 503], || get().to(health::live)),
    probe(paths::READY, &[200, 503], || get().to(health::ready)),
    probe(paths::METRICS, &[200], || get().to(health::metrics)),
    RouteSpec { is_traced: true, ..probe(paths::VERSION, &[200], || get().to(health::version)) },

    staff(May(StudentsRead), paths::DESK, Verb::Get, &[200, 303, 403, 429, 503, 504], || get().to(desk::today::page)),
    RouteSpec { quota: Some("sign_ins"), ..staff(Door, paths::SIGN_IN, Verb::Get, &[200], || get().to(desk::sign_in::form)) },
    RouteSpec { quota: Some("sign_ins"), ..staff(Door, paths::SIGN_IN, Verb::Post, &[200, 303, 400, 401, 403, 408, 413, 415, 429, 503, 504], || web::post().to(desk::sign_in::post)) },
    staff(SignedIn, paths::SIGN_OUT, Verb::Post, &[303, 403, 503, 504], || web::post().to(desk::sign_in::sign_out)),
    RouteSpec { quota: Some("sign_ins"), ..staff(Door, paths::WELCOME, Verb::Get, &[200, 410, 429, 503, 504], || get().to(desk::welcome::form)) },
    RouteSpec { quota: Some("sign_ins"), ..staff(Door, paths::WELCOME, Verb::Post, &[303, 400, 403, 408, 410, 413, 415, 422, 429, 503, 504], || web::post().to(desk::welcome::post)) },
    staff(May(StudentsRead), paths::DESK_STUDENTS, Verb::Get, &[200, 303, 400, 403, 422, 429, 503, 504], || get().to(desk::roster::page)),
    staff(May(StudentsWrite), paths::DESK_NEW_STUDENT, Verb::Get, &[200, 303, 403, 429, 503, 504], || get().to(desk::new_student::form)),
    staff(May(StudentsWrite), paths::DESK_NEW_STUDENT, Verb::Post, &[303, 400, 401, 403, 408, 409, 413, 415, 422, 429, 503, 504], || web::post().to(desk::new_student::post)),
    staff(May(StudentsRead), paths::DESK_PRINT, Verb::Get, &[200, 303, 400, 403, 409, 422, 429, 503, 504], || get().to(desk::print::page)),
    staff(May(ExportsRead), paths::DESK_EXPORT, Verb::Get, &[200, 303, 400, 403, 422, 429, 503, 504], || get().to(desk::export::page)),
    staff(May(StudentsRead), paths::DESK_STUDENT, Verb::Get, &[200, 303, 403, 404, 410, 429, 503, 504], || get().to(desk::student::page)),
    staff(May(StudentsDecide), paths::DESK_STATUS, Verb::Post, &[303, 400, 401, 403, 404, 408, 409, 410, 412, 413, 415, 422, 429, 503, 504], || web::post().to(desk::student::decide)),
    staff(May(StudentsDecide), paths::DESK_REVIEW, Verb::Get, &[200, 303, 400, 403, 422, 429, 503, 504], || get().to(desk::review::page)),
    staff(May(StudentsDecide), paths::DESK_NEW_OPERATION, Verb::Post, &[200, 400, 401, 403, 408, 413, 415, 422, 429, 503, 504], || web::post().to(desk::operations::preview)),
    staff(May(StudentsDecide), paths::DESK_OPERATIONS, Verb::Post, &[303, 400, 401, 403, 408, 413, 415, 422, 429, 503, 504], || web::post().to(desk::operations::begin)),
    staff(May(StudentsDecide), paths::DESK_OPERATION, Verb::Get, &[200, 303, 403, 404, 429, 503, 504], || get().to(desk::operations::page_of)),
    staff(May(StudentsDecide), paths::DESK_UNDO, Verb::Post, &[303, 400, 401, 403, 404, 408, 409, 410, 413, 415, 429, 503, 504], || web::post().to(desk::operations::undo)),
    staff(May(TasksWrite), paths::DESK_STUDENT_TASKS, Verb::Post, &[303, 400, 401, 403, 404, 408, 409, 410, 413, 415, 422, 429, 503, 504], || web::post().to(desk::checklist::add)),
    staff(May(TasksRead), paths::DESK_TASKS, Verb::Get, &[200, 303, 403, 429, 503, 504], || get().to(desk::checklist::page)),
    staff(May(TasksWrite), paths::DESK_TASK, Verb::Post, &[303, 400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 429, 503, 504], || web::post().to(desk::checklist::mark)),
    staff(May(SettingsManage), paths::DESK_TEMPLATES, Verb::Post, &[303, 400, 401, 403, 408, 409, 413, 415, 422, 429, 503, 504], || web::post().to(desk::checklist::create_template)),
    staff(May(SettingsManage), paths::DESK_TEMPLATE, Verb::Post, &[303, 400, 401, 403, 404, 408, 412, 413, 415, 422, 429, 503, 504], || web::post().to(desk::checklist::change_template)),
    staff(May(StudentsWrite), paths::DESK_EDIT, Verb::Get, &[200, 303, 403, 404, 410, 429, 503, 504], || get().to(desk::edit::form)),
    staff(May(StudentsWrite), paths::DESK_EDIT, Verb::Post, &[303, 400, 401, 403, 404, 408, 409, 410, 412, 413, 415, 422, 429, 503, 504], || web::post().to(desk::edit::post)),
    staff(Fresh(PrivacyManage), paths::DESK_ERASE, Verb::Get, &[200, 303, 403, 404, 410, 429, 503, 504], || get().to(desk::erase::form)),
    staff(Fresh(PrivacyManage), paths::DESK_ERASE, Verb::Post, &[303, 400, 401, 403, 404, 408, 410, 412, 413, 415, 422, 429, 503, 504], || web::post().to(desk::erase::post)),
    staff(May(ImportsWrite), paths::DESK_IMPORTS, Verb::Get, &[200, 303, 403, 429, 503, 504], || get().to(desk::imports::page)),
    staff(May(ImportsWrite), paths::DESK_IMPORTS, Verb::Post, &[303, 400, 401, 403, 408, 413, 415, 429, 503, 504], || web::post().to(desk::imports::upload)),
    staff(May(ImportsWrite), paths::DESK_IMPORT, Verb::Get, &[200, 303, 403, 404, 429, 503, 504], || get().to(desk::imports::page_of)),
    staff(May(ImportsWrite), paths::DESK_IMPORT, Verb::Post, &[303, 400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 503, 504], || web::post().to(desk::imports::change)),
    staff(May(ImportsWrite), paths::DESK_IMPORT_RUN, Verb::Post, &[303, 401, 403, 404, 409, 422, 429, 503, 504], || web::post().to(desk::imports::run)),
    staff(May(ImportsWrite), paths::DESK_IMPORT_CANCEL, Verb::Post, &[303, 401, 403, 404, 409, 429, 503, 504], || web::post().to(desk::imports::cancel)),
    staff(May(StaffManage), paths::DESK_STAFF, Verb::Get, &[200, 303, 403, 429, 503, 504], || get().to(desk::staff::page)),
    staff(Fresh(StaffManage), paths::DESK_STAFF, Verb::Post, &[200, 400, 401, 403, 408, 409, 413, 415, 422, 429, 503, 504], || web::post().to(desk::staff::invite)),
    staff(Fresh(StaffManage), paths::DESK_STAFF_MEMBER, Verb::Post, &[200, 303, 400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 429, 503, 504], || web::post().to(desk::staff::change)),
    staff(May(OwnTokens), paths::DESK_TOKENS, Verb::Get, &[200, 303, 403, 429, 503, 504], || get().to(desk::tokens::page)),
    staff(Fresh(OwnTokens), paths::DESK_TOKENS, Verb::Post, &[200, 400, 401, 403, 408, 413, 415, 422, 429, 503, 504], || web::post().to(desk::tokens::create)),
    staff(May(OwnTokens), paths::DESK_REVOKE, Verb::Post, &[303, 401, 403, 404, 429, 503, 504], || web::post().to(desk::tokens::revoke)),
    staff(SignedIn, paths::DESK_PROFILE, Verb::Get, &[200, 303, 403, 429, 503, 504], || get().to(desk::profile::page)),
    staff(SignedIn, paths::DESK_PROFILE, Verb::Post, &[303, 400, 401, 403, 408, 412, 413, 415, 422, 429, 503, 504], || web::post().to(desk::profile::post)),
    staff(SignedIn, paths::DESK_PASSWORD, Verb::Post, &[303, 400, 401, 403, 408, 413, 415, 422, 429, 503, 504], || web::post().to(desk::profile::password)),
    staff(SignedIn, paths::DESK_SESSIONS, Verb::Post, &[303, 400, 401, 403, 408, 413, 415, 422, 429, 503, 504], || web::post().to(desk::profile::sessions)),

    RouteSpec { quota: None, ..staff(Access::Public, paths::API, Verb::Get, &[200], || get().to(staff_api::reference::page)) },
    RouteSpec { quota: None, ..staff(Access::Public, paths::OPENAPI, Verb::Get, &[200], || get().to(staff_api::reference::json)) },
    staff(SignedIn, paths::API_ME, Verb::Get, &[200, 401, 403, 429, 503, 504], || get().to(staff_api::me::get)),
    staff(May(StudentsRead), paths::API_STUDENTS, Verb::Get, &[200, 400, 401, 403, 422, 429, 503, 504], || get().to(staff_api::students::list)),
    staff(May(StudentsWrite), paths::API_STUDENTS, Verb::Post, &[201, 400, 401, 403, 408, 409, 413, 415, 422, 429, 503, 504], || web::post().to(staff_api::students::create)),
    RouteSpec { is_compressed: false,
        ..staff(May(ExportsRead), paths::API_CSV, Verb::Get, &[200, 400, 401, 403, 409, 422, 429, 503, 504, 505], || get().to(staff_api::export::csv)) },
    RouteSpec { is_compressed: false,
        ..staff(May(ExportsRead), paths::API_XLSX, Verb::Get, &[200, 400, 401, 403, 409, 422, 429, 503, 504, 505], || get().to(staff_api::export::xlsx)) },
    staff(May(StudentsRead), paths::API_STUDENT, Verb::Get, &[200, 304, 401, 403, 404, 410, 429, 503, 504], || get().to(staff_api::student::get)),
    staff(May(StudentsWrite), paths::API_STUDENT, Verb::Put, &[200, 400, 401, 403, 404, 408, 409, 410, 412, 413, 415, 422, 428, 429, 503, 504], || web::put().to(staff_api::student::put)),
    staff(May(StudentsWrite), paths::API_STUDENT, Verb::Patch, &[200, 400, 401, 403, 404, 408, 409, 410, 412, 413, 415, 422, 428, 429, 503, 504], || web::patch().to(staff_api::student::patch)),
    staff(Fresh(PrivacyManage), paths::API_STUDENT, Verb::Delete, &[204, 401, 403, 404, 410, 412, 428, 429, 503, 504], || web::delete().to(staff_api::student::delete)),
    staff(May(StudentsDecide), paths::API_TRANSITIONS, Verb::Post, &[200, 400, 401, 403, 404, 408, 409, 410, 412, 413, 415, 422, 428, 429, 503, 504], || web::post().to(staff_api::student::transition)),
    staff(May(StudentsDecide), paths::API_OPERATIONS, Verb::Post, &[200, 202, 400, 401, 403, 408, 413, 415, 422, 429, 503, 504], || web::post().to(staff_api::operations::begin)),
    staff(May(StudentsDecide), paths::API_PREVIEW, Verb::Post, &[200, 400, 401, 403, 408, 413, 415, 422, 429, 503, 504], || web::post().to(staff_api::operations::preview)),
    staff(May(StudentsDecide), paths::API_OPERATION, Verb::Get, &[200, 401, 403, 404, 429, 503, 504], || get().to(staff_api::operations::get)),
    staff(May(StudentsDecide), paths::API_UNDO, Verb::Post, &[200, 202, 400, 401, 403, 404, 409, 410, 422, 429, 503, 504], || web::post().to(staff_api::operations::undo)),
    staff(May(ImportsWrite), paths::API_IMPORTS, Verb::Get, &[200, 401, 403, 429, 503, 504], || get().to(staff_api::imports::list)),
    staff(May(ImportsWrite), paths::API_IMPORTS, Verb::Post, &[202, 400, 401, 403, 408, 413, 415, 422, 429, 503, 504], || web::post().to(staff_api::imports::upload)),
    staff(May(ImportsWrite), paths::API_IMPORT, Verb::Get, &[200, 401, 403, 404, 429, 503, 504], || get().to(staff_api::imports::get)),
    staff(May(ImportsWrite), paths::API_IMPORT, Verb::Patch, &[200, 400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 503, 504], || web::patch().to(staff_api::imports::patch)),
    staff(May(ImportsWrite), paths::API_IMPORT, Verb::Delete, &[204, 401, 403, 404, 409, 429, 503, 504], || web::delete().to(staff_api::imports::delete)),
    staff(May(ImportsWrite), paths::API_IMPORT_ROWS, Verb::Get, &[200, 400, 401, 403, 404, 422, 429, 503, 504], || get().to(staff_api::imports::rows)),
    staff(May(ImportsWrite), paths::API_IMPORT_RUN, Verb::Post, &[200, 202, 401, 403, 404, 409, 422, 429, 503, 504], || web::post().to(staff_api::imports::run)),
    staff(May(ImportsWrite), paths::API_IMPORT_ERRORS, Verb::Get, &[200, 401, 403, 404, 429, 503, 504], || get().to(staff_api::imports::errors)),
    staff(May(TasksRead), paths::API_STUDENT_TASKS, Verb::Get, &[200, 401, 403, 404, 410, 429, 503, 504], || get().to(staff_api::tasks::of_student)),
    staff(May(TasksWrite), paths::API_STUDENT_TASKS, Verb::Post, &[201, 400, 401, 403, 404, 408, 409, 410, 413, 415, 422, 429, 503, 504], || web::post().to(staff_api::tasks::create)),
    staff(May(TasksRead), paths::API_TASKS, Verb::Get, &[200, 400, 401, 403, 422, 429, 503, 504], || get().to(staff_api::tasks::list)),
    staff(May(TasksRead), paths::API_TASK, Verb::Get, &[200, 304, 401, 403, 404, 429, 503, 504], || get().to(staff_api::tasks::get)),
    staff(May(TasksWrite), paths::API_TASK, Verb::Put, &[200, 400, 401, 403, 404, 408, 412, 413, 415, 422, 428, 429, 503, 504], || web::put().to(staff_api::tasks::put)),
    staff(May(TasksWrite), paths::API_TASK, Verb::Patch, &[200, 400, 401, 403, 404, 408, 412, 413, 415, 422, 428, 429, 503, 504], || web::patch().to(staff_api::tasks::patch)),
    staff(May(TasksWrite), paths::API_TASK, Verb::Delete, &[204, 401, 403, 404, 409, 412, 428, 429, 503, 504], || web::delete().to(staff_api::tasks::delete)),
    staff(May(TasksWrite), paths::API_COMPLETE, Verb::Put, &[200, 401, 403, 404, 412, 428, 429, 503, 504], || web::put().to(staff_api::tasks::complete)),
    staff(May(TasksWrite), paths::API_COMPLETE, Verb::Delete, &[200, 401, 403, 404, 412, 428, 429, 503, 504], || web::delete().to(staff_api::tasks::reopen)),
    staff(May(TasksRead), paths::API_TEMPLATES, Verb::Get, &[200, 401, 403, 429, 503, 504], || get().to(staff_api::task_templates::list)),
    staff(May(SettingsManage), paths::API_TEMPLATES, Verb::Post, &[201, 400, 401, 403, 408, 409, 413, 415, 422, 429, 503, 504], || web::post().to(staff_api::task_templates::create)),
    staff(May(TasksRead), paths::API_TEMPLATE, Verb::Get, &[200, 304, 401, 403, 404, 429, 503, 504], || get().to(staff_api::task_templates::get)),
    staff(May(SettingsManage), paths::API_TEMPLATE, Verb::Patch, &[200, 400, 401, 403, 404, 408, 412, 413, 415, 422, 428, 429, 503, 504], || web::patch().to(staff_api::task_templates::patch)),
    staff(May(NotesRead), paths::API_HISTORY, Verb::Get, &[200, 400, 401, 403, 404, 422, 429, 503, 504], || get().to(staff_api::journal::history)),
    staff(SignedIn, paths::API_JOURNAL, Verb::Get, &[200, 400, 401, 403, 422, 429, 503, 504], || get().to(staff_api::journal::list)),

    demonstration(paths::DEMO_HELLO, &[200], || get().to(demo::operations::hello)),
    demonstration(paths::DEMO_DB, &[200, 503, 504], || get().to(demo::operations::in_database)),
    demonstration(paths::DEMO_COMPLEX, &[200, 503, 504], || get().to(demo::operations::complex)),
    demonstration(paths::DEMO_ERROR, &[200, 400, 422, 500], || get().to(demo::operations::error)),
    demonstration(paths::DEMO_PROCESS, &[200, 502], || get().to(demo::chain::process)),
    demonstration(paths::DEMO_TRANSFORM, &[200, 502], || get().to(demo::chain::transform)),
    demonstration(paths::DEMO_DATA, &[200, 503, 504], || get().to(demo::chain::data)),
];

impl Verb {
    /// The method itself.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether requests with this method are this route's.
    fn is_method(self, method: &Method) -> bool {
        method.as_str() == self.as_str() || (self == Self::Get && *method == Method::HEAD)
    }
}

/// The header field `Allow` of a path with these routes.
pub(crate) fn allow(routes: &[RouteSpec]) -> String {
    let methods = routes.iter().map(|route| match route.verb {
        Verb::Get => "GET, HEAD",
        verb => verb.as_str(),
    });
    methods.chain(["OPTIONS"]).collect::<Vec<_>>().join(", ")
}

/// The routes of each path.
pub(crate) fn by_path() -> impl Iterator<Item = &'static [RouteSpec]> {
    ROUTES.chunk_by(|one, next| one.path == next.path)
}

/// The paths for which `filter` holds.
pub(crate) fn paths_where(filter: impl Fn(&RouteSpec) -> bool) -> Vec<&'static str> {
    ROUTES.iter().filter(|route| filter(route)).map(|route| route.path).collect()
}

/// The routes of the application's listener.
pub(crate) fn application(
    config: &mut ServiceConfig,
    public_metrics: bool,
    has_office: bool,
    has_demo: bool,
) {
    let is_served = |routes: &&[RouteSpec]| match routes[0].audience {
        Audience::Public => true,
        Audience::Operators => public_metrics || routes[0].path != paths::METRICS,
        Audience::Staff => has_office,
        Audience::Demo => has_demo,
    };
    by_path().filter(is_served).for_each(|routes| register(config, routes, has_demo));
    config.default_service(web::to(not_found));
}

/// The routes of the admin listener.
pub(crate) fn admin(config: &mut ServiceConfig) {
    let routes = by_path().filter(|routes| routes[0].audience == Audience::Operators);
    routes.for_each(|routes| register(config, routes, false));
    config.default_service(web::to(not_found));
}

/// Adds a path with its handlers, which answers other methods with those that it allows.
fn register(config: &mut ServiceConfig, routes: &'static [RouteSpec], has_demo: bool) {
    // Read once, at start.
    let allow: &'static str = allow(routes).leak();
    let other = move |method: Method| async move {
        match method {
            Method::OPTIONS => Ok(HttpResponse::NoContent().insert_header((ALLOW, allow)).finish()),
            _ => Err(Problem::method_not_allowed(allow)),
        }
    };
    let mut resource = web::resource(routes[0].path);
    for route in routes {
        resource = resource.route((route.handler)());
    }
    let resource = resource.default_service(web::to(other)).wrap(from_fn(panics::middleware));
    let enforce = move |request: ServiceRequest, next| {
        let route = routes.iter().find(|route| route.verb.is_method(request.method()));
        door::enforce(route.map(|route| route.access), request, next)
    };
    match (routes[0].audience, routes[0].is_compressed) {
        (Audience::Staff, is_compressed) => {
            let other_names = Condition::new(has_demo, from_fn(demo::aliases::span));
            let resource = resource.wrap(other_names).wrap(from_fn(enforce));
            if is_compressed {
                config.service(resource.wrap(Compress::default()));
            } else {
                config.service(resource);
            }
        }
        (_, true) => {
            config.service(resource.wrap(Compress::default()));
        }
        (_, false) => {
            config.service(resource);
        }
    }
}

/// GET, and HEAD with it.
fn get() -> Route {
    let guard =
        |context: &GuardContext<'_>| matches!(context.head().method, Method::GET | Method::HEAD);
    web::route().guard(guard::fn_guard(guard))
}

/// Every other path. `OPTIONS *` asks for the server as a whole (RFC 9110 9.3.7).
async fn not_found(request: HttpRequest) -> Result<HttpResponse, Problem> {
    if request.method() == Method::OPTIONS && request.path() == "*" {
        let allow = (ALLOW, "GET, HEAD, POST, OPTIONS");
        return Ok(HttpResponse::NoContent().insert_header(allow).finish());
    }
    // A page of the office with a slash too many.
    if let Some(path) =
        request.path().strip_suffix('/').filter(|path| path.starts_with(paths::DESK))
    {
        let target = BasePath::of(&request).to_string() + path;
        return Ok(pages::see_other(&target));
    }
    Err(Problem::not_found())
}
