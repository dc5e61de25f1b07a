//! Forms that look as if a bot had filled them in are shown again, to be confirmed.

use libtest_mimic::Trial;
use registration_application::register::FormSecret;
use registration_testkit::{Applicant, Backend, Service, TestDatabase, trials};
use reqwest::blocking::Response;

use crate::support::{
    BROWSER, builder, client, form_token, metric, post, problem, registration, sqlite, sqlite_with,
    token_in,
};

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        a_form_sent_too_soon_is_shown_again,
        a_form_with_another_signature_is_shown_again,
        a_form_with_a_filled_honeypot_is_shown_again,
        a_form_is_accepted_by_instances_with_different_secrets,
        an_old_form_is_shown_again,
        form_events_are_counted,
        instances_with_one_secret_accept_each_others_forms,
    ]
}

fn send_form(service: &Service, more: &[(&str, &str)]) -> Response {
    let answers = Applicant::new("zoe@example.org");
    let fields = answers.fields();
    let form: Vec<_> = fields.iter().chain(more).collect();
    client().post(service.url("/register")).form(&form).send().unwrap()
}

/// Whether the form came back, with its answers, to be sent once more.
fn assert_shown_again(response: Response, service: &Service, reason: &str) -> String {
    assert_eq!(response.status(), 422);
    let page = response.text().unwrap();
    assert!(page.contains("Please check your answers and press Register again."), "{page}");
    assert!(page.contains("value=\"zoe@example.org\""));
    let reason =
        format!("student_registration_errors_total{{method=\"POST\",reason=\"{reason}\"}}");
    assert_eq!(metric(service, &reason), 1.0);
    page
}

fn a_form_sent_too_soon_is_shown_again() {
    let (database, service) = sqlite_with(&[("MINIMUM_FILL_TIME", "3600")]);
    let key = form_token(&service);
    // Validation errors come first.
    let empty = client().post(service.url("/register")).form(&[("idempotency_key", &key)]);
    assert!(empty.send().unwrap().text().unwrap().contains("Enter your first name"));
    let page =
        assert_shown_again(send_form(&service, &[("idempotency_key", &key)]), &service, "too_fast");
    assert!(database.emails().is_empty());
    // Doubted once, however quick the second press is.
    let again = token_in(&page);
    assert_eq!(send_form(&service, &[("idempotency_key", &again)]).status(), 303);
    assert_eq!(database.emails(), ["zoe@example.org"]);
    // A program that speaks to the API has no form to fill in.
    assert_eq!(post(&service, &registration("api@example.org")).status(), 201);

    let (database, service) = sqlite_with(&[("MINIMUM_FILL_TIME", "0")]);
    let key = form_token(&service);
    assert_eq!(send_form(&service, &[("idempotency_key", &key)]).status(), 303);
    assert_eq!(database.emails(), ["zoe@example.org"]);
}

fn a_form_with_another_signature_is_shown_again() {
    let (_database, before) = sqlite();
    let key = form_token(&before);
    let (database, service) = sqlite_with(&[("MINIMUM_FILL_TIME", "0")]);
    let page = assert_shown_again(
        send_form(&service, &[("idempotency_key", &key)]),
        &service,
        "forged_key",
    );
    let key = token_in(&page);
    assert_eq!(send_form(&service, &[("idempotency_key", &key)]).status(), 303);
    assert_eq!(database.emails(), ["zoe@example.org"]);
}

fn a_form_with_a_filled_honeypot_is_shown_again() {
    let (database, service) = sqlite_with(&[("MINIMUM_FILL_TIME", "0")]);
    let key = form_token(&service);
    let page = assert_shown_again(
        send_form(&service, &[("website", "https://spam.example"), ("idempotency_key", &key)]),
        &service,
        "trap_filled",
    );
    assert!(!page.contains("spam"));
    let mut json = registration("z@example.org");
    json["website"] = "https://zoe.example".into();
    json["idempotency_key"] = form_token(&service).into();
    let refused = post(&service, &json);
    assert_eq!(refused.status(), 422);
    assert_eq!(problem(refused)["code"], "please_confirm");
    assert!(database.emails().is_empty());
    // A browser that fills it in each time loses one press.
    let again = token_in(&page);
    let refilled = [("website", "https://spam.example"), ("idempotency_key", &*again)];
    assert_eq!(send_form(&service, &refilled).status(), 303);
    // It counts without a token too, which a bot can leave out.
    json["idempotency_key"] = serde_json::Value::Null;
    assert_eq!(problem(post(&service, &json))["code"], "please_confirm");
    assert_eq!(send_form(&service, &[("website", "https://spam.example")]).status(), 422);
    json["website"] = "".into();
    assert_eq!(post(&service, &json).status(), 201);
}

fn an_old_form_is_shown_again() {
    const SECRET: &str = "8f2b1c9d3e7a6054";
    let (database, service) = sqlite_with(&[("FORM_SECRET", SECRET)]);
    let issued = "2026-01-01T00:00:00Z".parse().unwrap();
    let old = FormSecret::new(SECRET.as_bytes()).issue(issued, [7; 10]);
    let page = assert_shown_again(
        send_form(&service, &[("idempotency_key", &old)]),
        &service,
        "expired_key",
    );
    assert!(database.emails().is_empty());
    let key = token_in(&page);
    assert_eq!(send_form(&service, &[("idempotency_key", &key)]).status(), 303);
    assert_eq!(database.emails(), ["zoe@example.org"]);
}

/// Without one secret, and without a script: each instance doubts the other's form once.
fn a_form_is_accepted_by_instances_with_different_secrets() {
    let database = TestDatabase::new(Backend::Sqlite);
    let start = || builder(&database).env("MINIMUM_FILL_TIME", "0").start();
    let [one, other] = [start(), start()];
    let key = form_token(&one);
    let doubted = send_form(&other, &[("idempotency_key", &key)]);
    let again = token_in(&assert_shown_again(doubted, &other, "forged_key"));
    let registered = send_form(&other, &[("idempotency_key", &again)]);
    assert_eq!(registered.status(), 303);
    // The first key names the same attempt: Back and Register replays the registration.
    let replayed = send_form(&one, &[("idempotency_key", &key)]);
    assert_eq!(
        (replayed.status(), replayed.headers().get("location")),
        (registered.status(), registered.headers().get("location"))
    );
    assert_eq!(database.emails(), ["zoe@example.org"]);
}

fn form_events_are_counted() {
    let (_database, service) = sqlite_with(&[("MINIMUM_FILL_TIME", "0")]);
    let key = form_token(&service);
    client().head(service.url("/")).header("accept", BROWSER).send().unwrap();
    let key = ("idempotency_key", key.as_str());
    client().post(service.url("/register")).form(&[key]).send().unwrap();
    for _ in 0..3 {
        assert_eq!(send_form(&service, &[key]).status(), 303);
    }
    post(&service, &registration("a-program@example.org"));
    let happened =
        |event| metric(&service, &format!("registration_form_events_total{{event=\"{event}\"}}"));
    assert_eq!(["view", "submit", "complete"].map(happened), [1.0, 2.0, 1.0]);
    assert_eq!(metric(&service, "registration_form_completion_seconds_count"), 1.0);
}

fn instances_with_one_secret_accept_each_others_forms() {
    let (_database, one) = sqlite_with(&[("FORM_SECRET", "sixteen letters.")]);
    let (_database, other) =
        sqlite_with(&[("FORM_SECRET", "sixteen letters."), ("MINIMUM_FILL_TIME", "0")]);
    let key = form_token(&one);
    assert_eq!(send_form(&other, &[("idempotency_key", &key)]).status(), 303);
}
