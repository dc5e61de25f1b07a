//! Each endpoint's promises: who gets which representation, and with which headers.

use std::collections::BTreeSet;

use libtest_mimic::Trial;
use registration_testkit::{Applicant, Backend, Service, TestDatabase, on_mysql, trials};
use reqwest::Method;
use serde_json::Value;

use crate::support::{
    BROWSER, builder, client, get, header, post, problem, raw, registration, sqlite, sqlite_with,
    text_of,
};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = trials![
        home_is_negotiated,
        a_registration_is_answered_with_the_student,
        a_student_page_has_no_personal_data,
        an_invalid_form_is_shown_again_with_its_values,
        a_malformed_form_is_shown_again,
        values_are_escaped,
        assets_are_named_by_their_hash,
        every_response_has_security_headers,
        a_browser_that_used_tls_stays_with_it,
        health_live_and_ready_answer_on_both_listeners,
        version_names_revision_and_compiler,
        metrics_can_be_kept_off_the_public_listener,
        head_answers_like_get_without_a_body,
        options_lists_the_methods,
        pages_are_compressed_on_request,
        everything_is_served_below_a_base_path,
    ];
    trials.extend(on_mysql![a_student_is_found_by_its_registration_number]);
    trials
}

/// By the statement in `docs/operations.md`.
fn a_student_is_found_by_its_registration_number(database: &TestDatabase) {
    let service = builder(database).start();
    for email in ["zoe@example.org", "jane@example.org"] {
        let created = post(&service, &registration(email));
        let page = get(&service.url(header(&created, "location")), BROWSER).text().unwrap();
        let number = text_of(&page, "registration-number").replace('-', "");
        let found = database.query_column(&format!(
            "SELECT email AS value FROM students \
             WHERE MOD(CONV(RIGHT(HEX(public_id), 12), 16, 10), 1000000000000) = {number}"
        ));
        assert_eq!(found, [email], "{number}");
    }
}

fn home_is_negotiated() {
    let (_database, service) = sqlite();
    let kind = |accept: &str| {
        let response = get(&service.url("/"), accept);
        assert_eq!(response.status(), 200);
        assert!(header(&response, "vary").contains("Accept"), "{accept}");
        header(&response, "content-type").to_owned()
    };
    let (html, json, text) =
        ("text/html; charset=utf-8", "application/json", "text/plain; charset=utf-8");
    assert_eq!(kind(BROWSER), html);
    assert_eq!(kind("text/html"), html);
    assert_eq!(kind("application/json"), json);
    assert_eq!(kind("application/json;q=0.9, text/html;q=0.8"), json);
    assert_eq!(kind("application/json;q=0.1, text/html;q=0.8"), html);
    assert_eq!(kind("text/html;q=0, application/json"), json);
    assert_eq!(kind("application/vnd.api+json, application/json;q=0.9"), json);
    let old_webkit = "application/xml,application/xhtml+xml,text/html;q=0.9,text/plain;q=0.8,\
                      image/png,*/*;q=0.5";
    for named in [old_webkit, "text/x-component, text/html", "image/webp, text/html;q=0.5"] {
        assert_eq!(kind(named), html, "{named}");
    }
    for other in ["*/*", "text/*", "image/png", "", "not an accept header", "text/html;q=0"] {
        assert_eq!(kind(other), text, "{other}");
    }

    let plain = client().get(service.url("/")).send().unwrap();
    assert_eq!(plain.text().unwrap(), "Student Registration API is running 🚀");
    let json: Value = get(&service.url("/"), "application/json").json().unwrap();
    assert_eq!(json["service"], "student-registration-service");
    assert_eq!(json["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(json["status"], "running");
}

fn a_registration_is_answered_with_the_student() {
    let (database, service) = sqlite();
    let response = post(&service, &registration("Zoe@Example.org"));
    assert_eq!(response.status(), 201);
    assert_eq!(header(&response, "cache-control"), "no-store");
    let location = header(&response, "location").to_owned();
    let body: Value = response.json().unwrap();
    let members: BTreeSet<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    let fields = Applicant::new("").fields().map(|(name, _)| name);
    assert_eq!(
        members,
        BTreeSet::from_iter([&fields[..], &["created_at", "id", "message"]].concat())
    );
    assert_eq!(location, format!("/students/{}", body["id"].as_str().unwrap()));
    assert_eq!(body["id"].as_str().unwrap().as_bytes()[14], b'7', "a UUID, version 7");
    assert_eq!(body["first_name"], "Zoë");
    assert_eq!(body["email"], "Zoe@Example.org");
    assert!(body["created_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(database.emails(), ["Zoe@Example.org"]);
}

fn a_student_page_has_no_personal_data() {
    let (_database, service) = sqlite();
    let created: Value = post(&service, &registration("zoe@example.org")).json().unwrap();
    let path = format!("/students/{}", created["id"].as_str().unwrap());
    let receipt = get(&service.url(&path), "application/json").text().unwrap();
    let page = get(&service.url(&path), BROWSER).text().unwrap();
    for answer in [&receipt, &page] {
        assert!(answer.contains(created["id"].as_str().unwrap()));
        for personal in ["Zoë", "Brontë", "zoe@example.org"] {
            assert!(!answer.contains(personal), "{answer}");
        }
    }
    let receipt: Value = serde_json::from_str(&receipt).unwrap();
    assert_eq!(receipt["created_at"], created["created_at"]);

    for unknown in
        ["/students/01a1fca8-cef6-74ce-b3b5-b90382006489", "/students/1", "/students/x y"]
    {
        let response = get(&service.url(unknown), "application/json");
        assert_eq!(response.status(), 404, "{unknown}");
    }
}

fn an_invalid_form_is_shown_again_with_its_values() {
    let (_database, service) = sqlite();
    let form = Applicant { last_name: " ".to_owned(), ..Applicant::new("nope") };
    let response = client().post(service.url("/register")).form(&form).send().unwrap();
    assert_eq!(response.status(), 422);
    assert_eq!(header(&response, "content-type"), "text/html; charset=utf-8");
    let page = response.text().unwrap();
    assert!(page.contains("value=\"Zoë\"") && page.contains("value=\"nope\""));
    assert!(page.contains("Enter your last name"));
    assert!(page.contains("Enter an email address in the correct format"));
}

fn a_malformed_form_is_shown_again() {
    let (_database, service) = sqlite();
    for (body, status) in [
        ("email=%ff".to_owned(), 400),
        ("email=a&email=b".to_owned(), 400),
        ("x".repeat(20_000), 413),
    ] {
        let request = client().post(service.url("/register")).body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let response = request.send().unwrap();
        assert_eq!(response.status(), status);
        assert!(response.text().unwrap().contains("id=\"registration\""));
    }
}

fn values_are_escaped() {
    let (_database, service) = sqlite();
    let first_name = "\"><script>alert(1)</script>".to_owned();
    let form = Applicant { first_name, ..Applicant::new("'") };
    let page = client().post(service.url("/register")).form(&form).send().unwrap().text().unwrap();
    assert!(!page.contains("<script>alert"), "{page}");
    assert!(page.contains("alert(1)"), "what was typed is still there");
}

fn assets_are_named_by_their_hash() {
    let (_database, service) = sqlite();
    let page = get(&service.url("/"), BROWSER).text().unwrap();
    let paths: Vec<_> = page.split('"').filter(|part| part.starts_with("/assets/")).collect();
    for (ending, content_type) in [
        (".css", "text/css; charset=utf-8"),
        (".js", "text/javascript; charset=utf-8"),
        (".svg", "image/svg+xml"),
    ] {
        let path = paths.iter().find(|path| path.ends_with(ending)).unwrap();
        let response = get(&service.url(path), "*/*");
        assert_eq!(response.status(), 200);
        assert_eq!(header(&response, "content-type"), content_type);
        assert_eq!(header(&response, "cache-control"), "public, max-age=31536000, immutable");
    }
    let response = get(&service.url("/assets/styles.0000000000000000.css"), "*/*");
    assert_eq!(response.status(), 404);
    assert_eq!(header(&response, "cache-control"), "no-store");
}

fn every_response_has_security_headers() {
    let (_database, service) = sqlite();
    for path in ["/", "/nowhere", "/register", "/health", "/metrics", "/version"] {
        for url in [service.url(path), service.admin_url(path)] {
            let response = get(&url, BROWSER);
            let policy = header(&response, "content-security-policy");
            assert!(policy.starts_with("default-src 'none'"), "{url}");
            assert!(!policy.contains("unsafe"), "{url}");
            assert_eq!(header(&response, "x-content-type-options"), "nosniff", "{url}");
            assert_eq!(header(&response, "referrer-policy"), "no-referrer", "{url}");
        }
    }
}

fn a_browser_that_used_tls_stays_with_it() {
    let policy = |service: &Service, path: &str| {
        let request = client().get(service.url(path)).header("x-forwarded-proto", "https");
        let response = request.send().unwrap();
        response.headers().get("strict-transport-security").cloned()
    };
    let (_database, service) = sqlite_with(&[("TRUSTED_PROXIES", "1")]);
    for path in ["/", "/nowhere", "/version"] {
        assert_eq!(policy(&service, path).unwrap(), "max-age=31536000", "{path}");
    }
    let plain = get(&service.url("/"), BROWSER);
    assert_eq!(plain.headers().get("strict-transport-security"), None);
    let (_database, service) = sqlite();
    assert_eq!(policy(&service, "/"), None, "a client's own word");
}

fn health_live_and_ready_answer_on_both_listeners() {
    let (_database, service) = sqlite();
    for path in ["/health", "/health/live", "/health/ready"] {
        for url in [service.url(path), service.admin_url(path)] {
            let response = get(&url, "*/*");
            assert_eq!(response.status(), 200, "{url}");
            let body: Value = response.json().unwrap();
            assert_eq!(body["status"], "ok", "{url}");
        }
    }
}

fn version_names_revision_and_compiler() {
    let (_database, service) = sqlite();
    let version: Value = get(&service.admin_url("/version"), "*/*").json().unwrap();
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    let revision = version["revision"].as_str().unwrap();
    assert!(revision.len() == 12 && revision.chars().all(|c| c.is_ascii_hexdigit()), "{revision}");
    assert!(version["rustc"].as_str().unwrap().starts_with("rustc 1."));
}

fn metrics_can_be_kept_off_the_public_listener() {
    let (_database, service) = sqlite();
    assert_eq!(get(&service.url("/metrics"), "*/*").status(), 200);
    let database = TestDatabase::new(Backend::Sqlite);
    let service = builder(&database).env("NO_PUBLIC_METRICS", "true").start();
    assert_eq!(get(&service.url("/metrics"), "*/*").status(), 404);
    assert_eq!(get(&service.admin_url("/metrics"), "*/*").status(), 200);
}

fn head_answers_like_get_without_a_body() {
    let (_database, service) = sqlite();
    for path in ["/", "/health", "/version", "/metrics"] {
        let request = format!("HEAD {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let answer = raw(&service, request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    }
}

fn options_lists_the_methods() {
    let (_database, service) = sqlite();
    for (path, allow) in [("/register", "POST, OPTIONS"), ("/", "GET, HEAD, OPTIONS")] {
        let request = client().request(Method::OPTIONS, service.url(path));
        let response = request.send().unwrap();
        assert_eq!(response.status(), 204);
        assert_eq!(header(&response, "allow"), allow);
        let response = client().delete(service.url(path)).send().unwrap();
        assert_eq!(response.status(), 405);
        assert_eq!(header(&response, "allow"), allow);
        assert_eq!(problem(response)["code"], "method_not_allowed");
    }
}

fn pages_are_compressed_on_request() {
    let (_database, service) = sqlite();
    let request = client().get(service.url("/")).header("accept", BROWSER);
    let response = request.header("accept-encoding", "gzip").send().unwrap();
    assert_eq!(header(&response, "content-encoding"), "gzip");
    let vary: Vec<_> =
        response.headers().get_all("vary").iter().map(|v| v.to_str().unwrap()).collect();
    let vary = vary.join(",").to_lowercase();
    assert!(vary.contains("accept-encoding") && vary.starts_with("accept"), "{vary}");
}

/// Behind a proxy that removes the base path from requests, and behind one that does not.
fn everything_is_served_below_a_base_path() {
    let (_database, service) = sqlite_with(&[("BASE_PATH", "/apply"), ("MINIMUM_FILL_TIME", "0")]);
    for below in ["", "/apply"] {
        let url = |path: &str| service.url(&format!("{below}{path}"));
        let page = get(&url("/?lang=it"), BROWSER).text().unwrap();
        let links = page.split('"').filter(|part| part.starts_with('/') && part.len() > 1);
        let links: Vec<_> = links.collect();
        assert!(links.len() > 8, "{page}");
        for link in &links {
            assert!(link.starts_with("/apply/"), "{link}");
            let asset = link.starts_with("/apply/assets/") && link.contains('.');
            assert!(!asset || get(&service.url(link), "*/*").status() == 200, "{link}");
        }
        for link in ["/apply/register?lang=it", "/apply/?lang=en", "/apply/telemetry/v1/traces"] {
            assert!(links.contains(&link), "{link}: {links:?}");
        }

        let email = format!("zoe{}@example.org", below.len());
        let created = client().post(url("/register")).json(&registration(&email)).send().unwrap();
        let location = header(&created, "location").to_owned();
        assert!(location.starts_with("/apply/students/"), "{location}");
        assert_eq!(get(&service.url(&location), BROWSER).status(), 200);
        let form = client().post(url("/register")).form(&registration(&format!("f{email}")));
        let form = form.send().unwrap();
        assert_eq!(form.status(), 303);
        assert!(header(&form, "location").starts_with("/apply/students/"));

        let missing = get(&url("/nowhere"), "application/json");
        assert_eq!(missing.status(), 404);
        let missing: Value = missing.json().unwrap();
        assert_eq!(missing["instance"], "/apply/nowhere");
    }
    assert_eq!(get(&service.url("/apply"), BROWSER).status(), 200);
    assert_eq!(get(&service.url("/applying"), BROWSER).status(), 404);
    assert_eq!(get(&service.url("/apply/health/ready"), "*/*").status(), 200);
}
