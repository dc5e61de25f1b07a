//! The canary: what applicants type and what operators keep secret goes through everything that
//! the service does, and must come out nowhere but in the applicants' own answers.

use std::cell::RefCell;

use libtest_mimic::Trial;
use registration_testkit::{
    Backend, MariaDbServer, Service, ServiceBuilder, TestDatabase, mariadb_trial,
    telemetry::OtlpReceiver, trials,
};
use serde_json::json;

use crate::{
    support::{BINARY, BROWSER, builder, client, get, post},
    traces::exporting,
};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = trials![nothing_personal_leaves_sqlite];
    trials.push(mariadb_trial("nothing_personal_leaves_mysql", nothing_personal_leaves_mysql));
    trials
}

/// In every value that must not come out.
const CANARY: &str = "canary";

const CONVENTIONS: [&str; 2] = ["", "http/dup,database/dup"];

fn nothing_personal_leaves_sqlite() {
    for conventions in CONVENTIONS {
        let database = TestDatabase::new(Backend::Sqlite);
        let break_table = "ALTER TABLE students RENAME COLUMN first_name TO forename";
        let gone = || std::fs::remove_file(database.name()).unwrap();
        check(builder(&database), conventions, &database, break_table, gone);
    }
}

fn nothing_personal_leaves_mysql() {
    for conventions in CONVENTIONS {
        let mut server = MariaDbServer::start();
        let database = TestDatabase::on(&server);
        database.execute(&format!(
            "CREATE USER registrar IDENTIFIED BY 'canary-password'; GRANT ALL ON {}.* TO registrar",
            database.name()
        ));
        let url = database.url().replace("root@", "registrar:canary-password@");
        // Makes the database complain about a value, and quote it.
        let break_table = "ALTER TABLE students MODIFY COLUMN first_name INT";
        let gone = || server.kill();
        check(Service::builder(BINARY, &url), conventions, &database, break_table, gone);
    }
}

fn check(
    builder: ServiceBuilder,
    conventions: &str,
    database: &TestDatabase,
    break_table: &str,
    end_database: impl FnOnce(),
) {
    let receiver = OtlpReceiver::start();
    let service = exporting(builder, &receiver)
        .env("OTEL_SEMCONV_STABILITY_OPT_IN", conventions)
        .env("OTEL_EXPORTER_OTLP_HEADERS", "authorization=canary-token")
        .env("DATABASE_POOL_TIMEOUT", "0.3")
        .env("RUST_LOG", "trace")
        .start();
    let canary = json!({
        "first_name": "Canaryfirst", "last_name": "Canarylast", "email": "canary'o@mail.example"
    });
    let answers = RefCell::new(Vec::new());
    let register = |body: &serde_json::Value, form: bool, status: u16| {
        let request = client().post(service.url("/register"));
        let request = if form { request.form(body) } else { request.json(body) };
        let response = request.send().unwrap();
        assert_eq!(response.status(), status);
        let location = response.headers().get("location").cloned();
        // A form that is shown again, and the answer of 201, are that person's own.
        let own = form || status == 201;
        let text = response.text().unwrap();
        if !own {
            answers.borrow_mut().push(text);
        }
        location
    };
    let location = register(&canary, false, 201).unwrap();
    let form =
        json!({"first_name": "Canaryform", "last_name": "C", "email": "canary@form.example"});
    register(&form, true, 303);
    for form in [false, true] {
        register(&canary, form, 409);
        register(&json!({"first_name": "Canary\u{1}", "email": "canary@"}), form, 422);
    }
    for path in ["/canary", "/students/canary@mail.example", "/assets/canary", "/register/canary"] {
        let url = service.url(&format!("{path}?email=canary@mail.example"));
        answers.borrow_mut().push(get(&url, BROWSER).text().unwrap());
        // A problem's `instance` is what its own client asked for.
        let problem = client().delete(&url).send().unwrap().text().unwrap();
        answers.borrow_mut().push(problem.replace(path, ""));
    }
    for path in ["/", "/health", "/health/ready", "/version", location.to_str().unwrap()] {
        answers.borrow_mut().push(get(&service.url(path), "application/json").text().unwrap());
        answers.borrow_mut().push(get(&service.url(path), BROWSER).text().unwrap());
    }
    for (body, kind) in [
        ("{\"first_name\": \"canary", "application/json"),
        ("email=canary%ff", "application/x-www-form-urlencoded"),
        ("canary", "text/canary"),
    ] {
        let request = client().post(service.url("/register")).header("content-type", kind);
        request.body(body).send().unwrap();
    }
    database.execute("DELETE FROM students");
    database.execute(break_table);
    for form in [false, true] {
        register(&canary, form, 500);
    }
    end_database();
    for form in [false, true] {
        register(&canary, form, 503);
    }
    assert_eq!(post(&service, &json!({"email": "canary"})).status(), 422);
    answers.borrow_mut().push(get(&service.url("/metrics"), "*/*").text().unwrap());
    service.terminate();
    let log = service.wait_to_the_end();

    // All of it has come, or nothing would have been proved.
    let spans = receiver.spans();
    for name in ["POST /register", "validate_registration", "INSERT students", "GET"] {
        assert!(spans.iter().any(|span| span.name == name), "{name}");
    }
    assert!(receiver.logs().iter().any(|log| log.body == "Request failed unexpectedly"));
    assert!(log.iter().any(|line| line.contains("Request could not be served")));
    let everything = answers
        .into_inner()
        .into_iter()
        .chain(log)
        .chain(spans.iter().map(|span| format!("{span:?}")))
        .chain(receiver.logs().into_iter().map(|log| format!("{log:?}")));
    for text in everything {
        let found = text.to_lowercase().find(CANARY);
        assert_eq!(found, None, "{text}");
    }
}
