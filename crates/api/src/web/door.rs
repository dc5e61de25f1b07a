//! Authentication and authorisation of the desk: each route declares who may use it, and its handler
//! runs only for those callers.
//!
//! A browser authenticates with a session's cookie, and its unsafe requests must come from the service's
//! own pages. A program authenticates with a bearer token (RFC 6750).

mod carried;
mod cookie;
mod origin;

use std::{future, sync::Arc, time::Duration};

use actix_web::{
    Error, FromRequest, HttpMessage as _, HttpRequest, HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use registration_application::{
    blocking::TimedOut,
    desk::{
        DeskError,
        access::{Access as Entry, Caller, Door, Key},
    },
    rate_limit::RateLimits,
    threads::NotRun,
};
use registration_domain::{Permission, StaffMember};

pub(crate) use self::carried::Carried;
use self::origin::is_same_origin;
use super::{
    body,
    client_address::{self, TrustedProxies},
    locale::RequestLocale,
    pages, paths,
    problem::Problem,
    public_url::PublicUrl,
    rate_limit,
    reference::SupportReference,
};
use crate::clock;

/// Largest body of the office's requests, in bytes.
pub(crate) const MAX_BODY: usize = 64 * 1024;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anyone, from any origin.
    Public,
    /// Anyone, from the service's own pages only: signing in.
    Door,
    /// Authenticated callers.
    SignedIn,
    /// Callers with this permission.
    May(Permission),
    /// Callers with this permission who signed in recently: for what cannot be undone, or gives access.
    Fresh(Permission),
}

/// What authentication depends on.
pub(crate) struct Doorway {
    pub(crate) door: Door,
    pub(crate) limits: Arc<RateLimits>,
    pub(crate) public_url: Option<PublicUrl>,
    pub(crate) trusted_proxies: TrustedProxies,
    pub(crate) body_timeout: Duration,
    pub(crate) pages: DoorPages,
}

/// The pages of failed authentication and authorisation.
#[derive(Clone, Copy)]
pub(crate) struct DoorPages {
    /// To sign in and go on with what was typed.
    pub(crate) sign_in: fn(RequestLocale, Option<&Carried>) -> Option<String>,
    /// To sign in once more before a change of lasting effect: path, and the form where one was posted.
    pub(crate) fresh: fn(RequestLocale, &Caller, &str, Option<String>) -> Option<String>,
    /// The right that the caller lacks, and the names of those who can give it.
    pub(crate) forbidden: fn(RequestLocale, &Caller, Permission, &[String]) -> Option<String>,
    /// Any other problem.
    pub(crate) error:
        fn(RequestLocale, Option<&Caller>, &Problem, Option<SupportReference>) -> Option<String>,
}

/// The middleware that enforces the access of a path's routes. `access` is `None` for other methods.
pub(crate) async fn enforce<B: MessageBody + 'static>(
    access: Option<Access>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let checked = match access {
        None | Some(Access::Public) => Ok(None),
        Some(access) => check(access, &mut request).await,
    };
    let mut response = match checked {
        Ok(None) => next.call(request).await?.map_into_left_body(),
        Ok(Some(redirect)) => request.into_response(redirect).map_into_right_body(),
        Err(problem) => request.error_response(problem).map_into_right_body(),
    };
    let vary = HeaderValue::from_static("Cookie, Authorization, Sec-Fetch-Site, Origin");
    response.headers_mut().append(header::VARY, vary);
    Ok(response)
}

/// Admits the request, redirects it to the sign-in page, or refuses it.
async fn check(
    access: Access,
    request: &mut ServiceRequest,
) -> Result<Option<HttpResponse>, Problem> {
    let Some(doorway) = request.app_data::<Data<Doorway>>().cloned() else {
        return Err(Problem::unexpected("the door is not wired"));
    };
    let is_api = is_api(request.path());
    let token = if is_api { bearer(request)? } else { None };
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_safe
        && token.is_none()
        && !is_same_origin(request.headers(), doorway.public_url.as_ref())
    {
        return Err(Problem::new(StatusCode::FORBIDDEN, "foreign_origin", |m| m.foreign_origin));
    }
    if access == Access::Door {
        return Ok(None);
    }
    let now = clock::now();
    let client = client_address::address(request.head(), doorway.trusted_proxies);
    let cookie = cookie::get(request.headers(), doorway.is_secure(request.request()));
    if token.is_some() || cookie.is_some() {
        // Before the look-up: a request with an invented cookie would cost the database one.
        let quota = doorway.limits.check_read(client);
        rate_limit::check(request.request(), quota, |m| m.requests_limited)?;
    }
    let entry = match (&token, cookie) {
        (Some(token), _) => doorway.door.by_token(token, now).await,
        (None, Some(cookie)) => doorway.door.by_session(cookie, now).await,
        (None, None) => Ok(Entry::Unknown),
    };
    let caller = match entry? {
        Entry::Granted(caller) => *caller,
        _ if token.is_some() => return Err(invalid_token()),
        _ if is_api => {
            let challenge = HeaderValue::from_static("Bearer realm=\"student-registration\"");
            return Err(unauthenticated().with_challenge(challenge));
        }
        Entry::Ended(staff) => {
            return ask_to_sign_in(request, &doorway, Some(&*staff), is_safe).await;
        }
        Entry::Unknown => return ask_to_sign_in(request, &doorway, None, is_safe).await,
    };
    let quota = doorway.limits.check_staff(*match &caller.key {
        Key::Session(_) => caller.staff.id.as_bytes(),
        Key::Token(token) => token.id.as_bytes(),
    });
    rate_limit::check(request.request(), quota, |m| m.requests_limited)?;
    if let Access::May(permission) | Access::Fresh(permission) = access
        && !caller.may(permission)
    {
        return Err(refused(request, &doorway, caller, permission, is_api).await);
    }
    if matches!(access, Access::Fresh(_)) && !caller.is_fresh(now) {
        return Err(ask_for_fresh_sign_in(request, &doorway, caller, is_safe, is_api).await?);
    }
    request.extensions_mut().insert(SignedIn(caller));
    Ok(None)
}

/// The problem of a sign-in that was too long ago; a page keeps what was typed.
async fn ask_for_fresh_sign_in(
    request: &mut ServiceRequest,
    doorway: &Doorway,
    caller: Caller,
    is_safe: bool,
    is_api: bool,
) -> Result<Problem, Problem> {
    let problem =
        Problem::new(StatusCode::FORBIDDEN, "fresh_sign_in_needed", |m| m.fresh_sign_in_needed);
    if is_api {
        return Ok(problem);
    }
    let form = if is_safe { None } else { posted(request, doorway).await? };
    let (locale, page) = (RequestLocale::of(request.request()), doorway.pages.fresh);
    let path = request.path().to_owned();
    Ok(problem.on_page(move |_, _| page(locale, &caller, &path, form.clone())))
}

/// The form that a request posts, as it was encoded; `None` where it could not be carried.
async fn posted(
    request: &mut ServiceRequest,
    doorway: &Doorway,
) -> Result<Option<String>, Problem> {
    let media = request.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if media.is_some_and(|media| media.starts_with(b"multipart/")) {
        // A file is chosen again.
        return Ok(None);
    }
    let payload = request.extract::<actix_web::web::Payload>().await;
    let payload = payload.map_err(|error| Problem::unexpected(error.to_string()))?;
    let form = body::read_up_to(request.request(), payload, doorway.body_timeout, MAX_BODY).await?;
    let form = String::from_utf8(form.to_vec()).map_err(|_| Problem::malformed(|m| m.bad_form))?;
    // A password is typed again, not kept in a page.
    let may_be_kept = request.path() != paths::DESK_PASSWORD;
    Ok(Some(form).filter(|form| may_be_kept && !form.contains(char::is_whitespace)))
}

/// A page is asked for again after signing in; a form is carried through it.
async fn ask_to_sign_in(
    request: &mut ServiceRequest,
    doorway: &Doorway,
    staff: Option<&StaffMember>,
    is_safe: bool,
) -> Result<Option<HttpResponse>, Problem> {
    let locale = RequestLocale::of(request.request());
    if is_safe {
        let query = request.query_string();
        let separator = if query.is_empty() { "" } else { "?" };
        let next = format!("{}{separator}{query}", request.path());
        let target = locale.href_with(paths::SIGN_IN, &[("next", &next)]);
        return Ok(Some(pages::see_other(&target)));
    }
    let path = request.path().to_owned();
    let form = posted(request, doorway).await?;
    let staff = staff.map(|staff| staff.id.to_string());
    let carried = form.map(|form| Carried { staff, path, form });
    let sign_in = doorway.pages.sign_in;
    Err(unauthenticated().on_page(move |_, _| sign_in(locale, carried.as_ref())))
}

async fn refused(
    request: &ServiceRequest,
    doorway: &Doorway,
    caller: Caller,
    permission: Permission,
    is_api: bool,
) -> Problem {
    let problem = lacking(&caller, permission);
    if is_api || matches!(caller.key, Key::Token(_)) {
        return problem;
    }
    let admins = match doorway.door.admins().await {
        Ok(admins) => admins,
        Err(error) => return error.into(),
    };
    let (locale, page) = (RequestLocale::of(request.request()), doorway.pages.forbidden);
    problem.on_page(move |_, _| page(locale, &caller, permission, &admins))
}

/// The problem of a caller who may not do this: by role, or by the scopes of a token (RFC 6750, section
/// 3.1).
pub(crate) fn lacking(caller: &Caller, permission: Permission) -> Problem {
    if let Key::Session(_) = caller.key {
        return Problem::new(StatusCode::FORBIDDEN, "forbidden", |m| m.forbidden);
    }
    let scopes = [Some(permission), permission.also_needs()];
    let scopes: Vec<_> = scopes.into_iter().flatten().filter_map(Permission::scope).collect();
    let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{}\"", scopes.join(" "));
    let problem =
        Problem::new(StatusCode::FORBIDDEN, "insufficient_scope", |m| m.insufficient_scope);
    match HeaderValue::try_from(challenge) {
        Ok(challenge) => problem.with_challenge(challenge),
        Err(_) => problem,
    }
}

fn unauthenticated() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "unauthenticated", |m| m.unauthenticated)
}

fn invalid_token() -> Problem {
    let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
    Problem::new(StatusCode::UNAUTHORIZED, "invalid_token", |m| m.invalid_token)
        .with_challenge(challenge)
}

/// The token of `Authorization: Bearer`. In a URL a token would reach logs: it is refused there.
fn bearer(request: &ServiceRequest) -> Result<Option<String>, Problem> {
    let names = request.query_string().split('&').filter_map(|pair| pair.split('=').next());
    let mut names = names.map(str::to_ascii_lowercase);
    if names.any(|name| ["access_token", "token", "authorization"].contains(&&*name)) {
        return Err(Problem::malformed(|m| m.token_in_url));
    }
    let mut fields = request.headers().get_all(header::AUTHORIZATION);
    let Some(field) = fields.next() else { return Ok(None) };
    let text = field.to_str().ok().filter(|_| fields.next().is_none()).ok_or_else(invalid_token)?;
    let (scheme, token) = text.split_once(' ').ok_or_else(invalid_token)?;
    match scheme.eq_ignore_ascii_case("bearer") {
        true => Ok(Some(token.trim().to_owned())),
        false => Err(invalid_token()),
    }
}

/// Whether the path is one of the office's API.
pub(crate) fn is_api(path: &str) -> bool {
    path == paths::API || path.starts_with("/api/")
}

/// The page for a problem on the office's side; `None` for other paths.
pub(crate) fn error_page(
    request: &HttpRequest,
    problem: &Problem,
    reference: Option<SupportReference>,
) -> Option<String> {
    let path = request.path();
    if path != paths::DESK && !path.starts_with("/desk/") {
        return None;
    }
    let doorway = request.app_data::<Data<Doorway>>()?;
    let signed_in = request.extensions().get::<SignedIn>().cloned();
    let caller = signed_in.as_ref().map(|SignedIn(caller)| caller);
    (doorway.pages.error)(RequestLocale::of(request), caller, problem, reference)
}

impl Doorway {
    /// Whether the client uses TLS.
    pub(crate) fn is_secure(&self, request: &HttpRequest) -> bool {
        self.public_url.as_ref().is_some_and(PublicUrl::is_https)
            || client_address::is_https(request.head(), self.trusted_proxies)
    }

    /// The address of this service's page at `path`, for a link that leaves the browser.
    pub(crate) fn absolute_url(
        &self,
        request: &HttpRequest,
        locale: RequestLocale,
        path: &str,
    ) -> String {
        if let Some(url) = &self.public_url {
            return url.of(path);
        }
        let scheme = if self.is_secure(request) { "https" } else { "http" };
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        format!("{scheme}://{}{}", host.unwrap_or_default(), locale.path(path))
    }

    /// Counts an attempt to guess a password or a link.
    ///
    /// # Errors
    ///
    /// The client has no attempts left.
    pub(crate) fn check_sign_in(&self, request: &HttpRequest) -> Result<(), Problem> {
        let client = client_address::address(request.head(), self.trusted_proxies);
        rate_limit::check(request, self.limits.check_sign_in(client), |m| m.sign_ins_limited)
    }

    /// `Set-Cookie` of a session; without a value it ends the cookie.
    pub(crate) fn set_cookie(&self, request: &HttpRequest, value: Option<&str>) -> String {
        cookie::set(self.is_secure(request), value)
    }
}

/// The authenticated caller of a request.
#[derive(Clone)]
pub(crate) struct SignedIn(pub(crate) Caller);

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = request.extensions().get::<Self>().cloned();
        future::ready(caller.ok_or_else(|| Problem::unexpected("the route has no door")))
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Repository(error) => error.into(),
            DeskError::NotRun(NotRun::TimedOut(TimedOut::InQueue)) => TimedOut::InQueue.into(),
            DeskError::NotRun(NotRun::TimedOut(error @ TimedOut::Running)) => {
                let text = |m: &crate::i18n::ProblemMessages| m.desk_timeout;
                Self::new(StatusCode::GATEWAY_TIMEOUT, "timeout", text).caused_by(error)
            }
            DeskError::NotRun(NotRun::TooBusy) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "too_busy", |m| m.too_busy)
                    .with_retry_after(1)
            }
        }
    }
}
