//! Who is let in: rate limits, and forms that look as if a program had filled them in.

use std::{collections::BTreeSet, thread};

use libtest_mimic::Trial;
use registration_testkit::{Backend, Service, TestDatabase, trials};
use reqwest::blocking::Response;
use serde_json::json;

use crate::support::{
    BROWSER, builder, client, get, header, metric, post, problem, registration, sqlite, sqlite_with,
};

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        a_client_has_a_quota_and_is_told_of_it,
        an_address_has_a_quota_whoever_asks,
        the_usual_limits_let_a_school_through,
        a_form_goes_through_instances_that_do_not_know_each_other,
        a_form_is_followed_to_its_end,
        clients_are_told_apart_behind_trusted_proxies_alone,
        a_page_says_when_to_come_back,
        a_form_sent_too_soon_is_shown_once_more,
        a_form_of_another_secret_is_shown_once_more,
        a_form_with_the_trap_filled_is_shown_once_more,
        instances_with_one_secret_know_each_others_forms,
        pages_of_other_sites_register_where_they_are_allowed,
    ]
}

/// A service with these limits, or, where there are none, with the usual ones.
fn limited(limits: &str) -> (TestDatabase, Service) {
    match limits {
        "" => sqlite_with(&[("RATE_LIMIT", "client=1200/60,email=10/600")]),
        limits => sqlite_with(&[("RATE_LIMIT", limits)]),
    }
}

fn a_client_has_a_quota_and_is_told_of_it() {
    let (database, service) = limited("client=2/3600,email=off");
    let first = post(&service, &registration("a@example.org"));
    assert_eq!(first.status(), 201);
    assert_eq!(header(&first, "ratelimit-policy"), "\"client\";q=2;w=3600");
    assert_eq!(header(&first, "ratelimit"), "\"client\";r=1;t=1800");
    // A mistake counts as well, and its answer tells so.
    let second = post(&service, &json!({}));
    assert_eq!(
        (second.status().as_u16(), header(&second, "ratelimit")),
        (422, "\"client\";r=0;t=3600")
    );

    let third = post(&service, &registration("b@example.org"));
    assert_eq!(third.status(), 429);
    let wait = header(&third, "retry-after").to_owned();
    assert!((1790..=1801).contains(&wait.parse::<u32>().unwrap()), "{wait}");
    assert_eq!(header(&third, "ratelimit"), format!("\"client\";r=0;t={wait}"));
    let problem = problem(third);
    assert_eq!(
        (&*problem["code"].to_string(), problem["retry_after"].to_string()),
        ("\"rate_limited\"", wait)
    );
    assert_eq!(database.emails(), ["a@example.org"]);
    let refused = "student_registration_errors_total{method=\"POST\",reason=\"rate_limited\"}";
    assert_eq!(metric(&service, refused), 1.0);
    // Everything else is still there.
    assert_eq!(get(&service.url("/"), BROWSER).status(), 200);
}

fn an_address_has_a_quota_whoever_asks() {
    let (_database, service) = limited("client=off,email=1/3600");
    // Nobody uses up the quota of an address before it is registered, nor by telling again.
    post(&service, &json!({"email": "a@example.org"}));
    for _ in 0..3 {
        let request = client().post(service.url("/register")).header("idempotency-key", "one");
        let registered = request.json(&registration("a@example.org")).send().unwrap();
        assert_eq!(registered.status(), 201);
    }
    let taken = post(&service, &registration("A@example.org"));
    assert_eq!(
        (taken.status().as_u16(), header(&taken, "ratelimit")),
        (409, "\"email\";r=0;t=3600")
    );
    let refused = post(&service, &registration("a@EXAMPLE.org"));
    assert_eq!(
        (refused.status().as_u16(), &*problem(refused)["code"].to_string()),
        (429, "\"rate_limited\"")
    );
    assert_eq!(post(&service, &registration("b@example.org")).status(), 201);
}

/// A school behind one address, on the morning it opens registration.
fn the_usual_limits_let_a_school_through() {
    let (database, service) = limited("");
    const PUPILS: usize = 1000;
    let statuses: BTreeSet<u16> = thread::scope(|scope| {
        let rooms: Vec<_> = (0..20)
            .map(|room| {
                let (service, client) = (&service, client());
                scope.spawn(move || {
                    let pupil = |pupil| {
                        let body = registration(&format!("{room}.{pupil}@example.org"));
                        client.post(service.url("/register")).json(&body).send().unwrap().status()
                    };
                    (0..PUPILS / 20).map(pupil).collect::<Vec<_>>()
                })
            })
            .collect();
        rooms.into_iter().flat_map(|room| room.join().unwrap()).map(|s| s.as_u16()).collect()
    });
    assert_eq!(statuses.into_iter().collect::<Vec<_>>(), [201]);
    assert_eq!(database.emails().len(), PUPILS);
}

fn clients_are_told_apart_behind_trusted_proxies_alone() {
    let from = |service: &Service, forwarded: &str, email: &str| {
        let request = client().post(service.url("/register")).header("x-forwarded-for", forwarded);
        request.json(&registration(email)).send().unwrap().status().as_u16()
    };
    let (_database, service) = limited("client=1/3600,email=off");
    assert_eq!(from(&service, "192.0.2.1", "a@example.org"), 201);
    assert_eq!(from(&service, "192.0.2.2", "b@example.org"), 429);

    let limits = ("RATE_LIMIT", "client=1/3600,email=off");
    let (_database, service) = sqlite_with(&[limits, ("TRUSTED_PROXIES", "1")]);
    assert_eq!(from(&service, "6.6.6.6, 192.0.2.1", "a@example.org"), 201);
    assert_eq!(from(&service, "7.7.7.7, 192.0.2.1", "b@example.org"), 429);
    assert_eq!(from(&service, "2001:db8::1", "c@example.org"), 201);
    assert_eq!(from(&service, "2001:db8::2", "d@example.org"), 429);
    assert_eq!(from(&service, "2001:db8:0:1::1", "e@example.org"), 201);
}

fn a_page_says_when_to_come_back() {
    let (_database, service) = limited("client=1/3600,email=off");
    let form = || {
        let request = client().post(service.url("/register?lang=it")).header("accept", BROWSER);
        request.form(&registration("a@example.org")).send().unwrap()
    };
    assert_eq!(form().status(), 303);
    let refused = form();
    assert_eq!(refused.status(), 429);
    let page = refused.text().unwrap();
    assert!(page.contains("Puoi riprovare tra 60 minuti."), "{page}");
    assert!(page.contains("value=\"a@example.org\""));
}

fn form_key(service: &Service) -> String {
    let page = get(&service.url("/"), BROWSER).text().unwrap();
    key_in(&page)
}

fn key_in(page: &str) -> String {
    let (_, key) = page.split_once("name=\"idempotency_key\" value=\"").unwrap();
    key.split('"').next().unwrap().to_owned()
}

fn send_form(service: &Service, more: &[(&str, &str)]) -> Response {
    let answers = [("first_name", "Zoë"), ("last_name", "Brontë"), ("email", "zoe@example.org")];
    let form: Vec<_> = answers.iter().chain(more).collect();
    client().post(service.url("/register")).form(&form).send().unwrap()
}

/// Whether the form came back, with its answers, to be sent once more.
fn shown_once_more(response: Response, service: &Service, reason: &str) -> String {
    assert_eq!(response.status(), 422);
    let page = response.text().unwrap();
    assert!(page.contains("Please check your answers and press Register again."), "{page}");
    assert!(page.contains("value=\"zoe@example.org\""));
    let reason =
        format!("student_registration_errors_total{{method=\"POST\",reason=\"{reason}\"}}");
    assert_eq!(metric(service, &reason), 1.0);
    page
}

fn a_form_sent_too_soon_is_shown_once_more() {
    let (database, service) = sqlite_with(&[("MINIMUM_FILL_TIME", "3600")]);
    let key = form_key(&service);
    // Its mistakes are told first.
    let empty = client().post(service.url("/register")).form(&[("idempotency_key", &key)]);
    assert!(empty.send().unwrap().text().unwrap().contains("Enter your first name"));
    let page =
        shown_once_more(send_form(&service, &[("idempotency_key", &key)]), &service, "too_fast");
    assert!(database.emails().is_empty());
    // Doubted once, however quick the second press is.
    let again = key_in(&page);
    assert_eq!(send_form(&service, &[("idempotency_key", &again)]).status(), 303);
    assert_eq!(database.emails(), ["zoe@example.org"]);
    // A program that speaks to the API has no form to fill in.
    assert_eq!(post(&service, &registration("api@example.org")).status(), 201);

    let (database, service) = sqlite_with(&[("MINIMUM_FILL_TIME", "0")]);
    let key = form_key(&service);
    assert_eq!(send_form(&service, &[("idempotency_key", &key)]).status(), 303);
    assert_eq!(database.emails(), ["zoe@example.org"]);
}

fn a_form_of_another_secret_is_shown_once_more() {
    let (_database, before) = sqlite();
    let key = form_key(&before);
    let (database, service) = sqlite_with(&[("MINIMUM_FILL_TIME", "0")]);
    let page =
        shown_once_more(send_form(&service, &[("idempotency_key", &key)]), &service, "forged_key");
    let key = key_in(&page);
    assert_eq!(send_form(&service, &[("idempotency_key", &key)]).status(), 303);
    assert_eq!(database.emails(), ["zoe@example.org"]);
}

fn a_form_with_the_trap_filled_is_shown_once_more() {
    let (database, service) = sqlite_with(&[("MINIMUM_FILL_TIME", "0")]);
    let key = form_key(&service);
    let page = shown_once_more(
        send_form(&service, &[("website", "https://spam.example"), ("idempotency_key", &key)]),
        &service,
        "trap_filled",
    );
    assert!(!page.contains("spam"));
    let mut json = registration("z@example.org");
    json["website"] = "https://zoe.example".into();
    json["idempotency_key"] = form_key(&service).into();
    let refused = post(&service, &json);
    assert_eq!(refused.status(), 422);
    assert_eq!(problem(refused)["code"], "please_confirm");
    assert!(database.emails().is_empty());
    // A browser that fills it in each time loses one press.
    let again = key_in(&page);
    let refilled = [("website", "https://spam.example"), ("idempotency_key", &*again)];
    assert_eq!(send_form(&service, &refilled).status(), 303);
    // To a program that has no form it is a member like any other that is not known.
    json["idempotency_key"] = serde_json::Value::Null;
    assert_eq!(post(&service, &json).status(), 201);
}

/// Without one secret, and without a script: each instance doubts the other's form once.
fn a_form_goes_through_instances_that_do_not_know_each_other() {
    let database = TestDatabase::new(Backend::Sqlite);
    let start = || builder(&database).env("MINIMUM_FILL_TIME", "0").start();
    let [one, other] = [start(), start()];
    let key = form_key(&one);
    let doubted = send_form(&other, &[("idempotency_key", &key)]);
    let again = key_in(&shown_once_more(doubted, &other, "forged_key"));
    let registered = send_form(&other, &[("idempotency_key", &again)]);
    assert_eq!(registered.status(), 303);
    // The first key stands for the same attempt: who presses Back and Register is told again.
    let told = send_form(&one, &[("idempotency_key", &key)]);
    assert_eq!(
        (told.status(), told.headers().get("location")),
        (registered.status(), registered.headers().get("location"))
    );
    assert_eq!(database.emails(), ["zoe@example.org"]);
}

fn a_form_is_followed_to_its_end() {
    let (_database, service) = sqlite_with(&[("MINIMUM_FILL_TIME", "0")]);
    let key = form_key(&service);
    client().head(service.url("/")).header("accept", BROWSER).send().unwrap();
    let key = ("idempotency_key", key.as_str());
    let form = [("first_name", "Zoë"), ("email", "zoe@example.org"), key];
    client().post(service.url("/register")).form(&form).send().unwrap();
    for _ in 0..3 {
        assert_eq!(send_form(&service, &[key]).status(), 303);
    }
    post(&service, &registration("a-program@example.org"));
    let happened =
        |event| metric(&service, &format!("registration_form_events_total{{event=\"{event}\"}}"));
    assert_eq!(["view", "submit", "complete"].map(happened), [1.0, 2.0, 1.0]);
    assert_eq!(metric(&service, "registration_form_completion_seconds_count"), 1.0);
}

fn instances_with_one_secret_know_each_others_forms() {
    let (_database, one) = sqlite_with(&[("FORM_SECRET", "sixteen letters.")]);
    let (_database, other) =
        sqlite_with(&[("FORM_SECRET", "sixteen letters."), ("MINIMUM_FILL_TIME", "0")]);
    let key = form_key(&one);
    assert_eq!(send_form(&other, &[("idempotency_key", &key)]).status(), 303);
}

fn pages_of_other_sites_register_where_they_are_allowed() {
    const SCHOOL: &str = "https://www.school.example";
    let (database, service) = sqlite_with(&[("ALLOWED_ORIGINS", SCHOOL)]);
    let preflight = |service: &Service, origin: &str| {
        client()
            .request(reqwest::Method::OPTIONS, service.url("/register"))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type,idempotency-key,traceparent")
            .send()
            .unwrap()
    };
    let allowed = preflight(&service, SCHOOL);
    assert!(allowed.status().is_success());
    assert_eq!(header(&allowed, "access-control-allow-origin"), SCHOOL);
    assert_eq!(header(&allowed, "access-control-allow-methods"), "POST");
    let headers = header(&allowed, "access-control-allow-headers").to_lowercase();
    for name in ["content-type", "idempotency-key", "traceparent"] {
        assert!(headers.contains(name), "{headers}");
    }
    let request = client().post(service.url("/register")).header("origin", SCHOOL);
    let created = request.json(&registration("a@example.org")).send().unwrap();
    assert_eq!(created.status(), 201);
    assert_eq!(header(&created, "access-control-allow-origin"), SCHOOL);
    let exposed = header(&created, "access-control-expose-headers").to_lowercase();
    assert!(exposed.contains("location") && exposed.contains("retry-after"), "{exposed}");
    // A problem can be read as well.
    let request = client().post(service.url("/register")).header("origin", SCHOOL);
    let refused = request.json(&json!({})).send().unwrap();
    assert_eq!(header(&refused, "access-control-allow-origin"), SCHOOL);

    // What else there is, is none of their business.
    let metrics = client().get(service.url("/metrics")).header("origin", SCHOOL).send().unwrap();
    assert_eq!(header(&metrics, "access-control-allow-origin"), "");

    let (_database, closed) = sqlite();
    for (service, origin) in [(&service, "https://evil.example"), (&closed, SCHOOL)] {
        let refused = preflight(service, origin);
        assert_eq!(header(&refused, "access-control-allow-origin"), "");
    }
    assert_eq!(database.emails(), ["a@example.org"]);
    // Our own page has an origin too, and needs no permission.
    let own = client().post(service.url("/register")).header("origin", service.url(""));
    assert_eq!(own.json(&registration("b@example.org")).send().unwrap().status(), 201);
}
