//! The paths for demonstrations.

use std::{collections::BTreeMap, process::Command};

use libtest_mimic::Trial;
use registration_testkit::{
    Backend, TestDatabase, on_every_backend, on_sqlite,
    telemetry::{OtlpReceiver, Span},
    trials,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    desk::Office,
    support::{BINARY, builder, get, header, problem, start},
    traces::exporting,
};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = trials![demonstrations_are_refused_in_production];
    trials.extend(on_sqlite![
        demonstrations_are_off_unless_asked_for,
        errors_are_simulated_as_often_as_asked_for,
        a_service_that_does_not_answer_is_a_bad_gateway,
    ]);
    trials.extend(on_every_backend![
        other_names_answer_as_the_canonical_ones,
        a_chain_of_calls_is_one_trace,
    ]);
    trials
}

const TEST: (&str, &str) = ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test");

const PATHS: [&str; 9] = [
    "/users",
    "/todos",
    "/hello",
    "/db-operation",
    "/complex-operation",
    "/error-simulation",
    "/api/process",
    "/api/transform",
    "/api/data",
];

fn demonstrations_are_refused_in_production() {
    for attributes in ["", "deployment.environment.name=production"] {
        let database = TestDatabase::new(Backend::Sqlite);
        let serve = Command::new(BINARY)
            .env_clear()
            .env("DATABASE_URL", database.url())
            .env("DEMO_ENDPOINTS", "true")
            .env("OTEL_RESOURCE_ATTRIBUTES", attributes)
            .output()
            .unwrap();
        assert!(!serve.status.success(), "{attributes}");
        let errors = String::from_utf8_lossy(&serve.stderr).into_owned();
        assert!(errors.contains("DEMO_ENDPOINTS") && errors.contains("staging"), "{errors}");
    }
}

fn demonstrations_are_off_unless_asked_for(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    for path in PATHS {
        let answer = office.admin.request(Method::GET, path).send().unwrap();
        assert_eq!(answer.status(), 404, "{path}");
    }
}

fn other_names_answer_as_the_canonical_ones(database: &TestDatabase) {
    let service = builder(database).env("DEMO_ENDPOINTS", "true").env(TEST.0, TEST.1).start();
    let office = Office::open(&service, database);
    let program = office.program(&["students:read", "students:write", "tasks:read", "tasks:write"]);
    let send = |method: Method, path: &str, version: Option<&str>, body: Value| {
        let mut request = program.request(method, path);
        if let Some(version) = version {
            request = request.header("if-match", version);
        }
        let request = if body.is_null() { request } else { request.json(&body) };
        request.send().unwrap()
    };
    let zoe = json!({"first_name": "Zoë", "last_name": "Brontë", "email": "zoe@example.org"});
    let made = send(Method::POST, "/users", None, zoe);
    assert_eq!(made.status(), 201);
    assert_eq!(header(&made, "link"), "</api/students>; rel=\"canonical\"");
    let location = header(&made, "location").to_owned();
    let id = location.strip_prefix("/api/students/").unwrap();
    let user = format!("/users/{id}");
    let read = send(Method::GET, &user, None, Value::Null);
    assert_eq!(header(&read, "link"), format!("<{location}>; rel=\"canonical\""));
    let canonical = send(Method::GET, &location, None, Value::Null);
    assert_eq!(read.json::<Value>().unwrap(), canonical.json::<Value>().unwrap());
    let change = json!({"last_name": "Nightingale"});
    assert_eq!(send(Method::PATCH, &user, Some("\"1\""), change).status(), 200);
    let list = send(Method::GET, "/users?q=nightingale", None, Value::Null);
    let links: Vec<_> =
        list.headers().get_all("link").iter().map(|l| l.to_str().unwrap()).collect();
    assert!(links.contains(&"</api/students>; rel=\"canonical\""), "{links:?}");
    assert_eq!(list.json::<Value>().unwrap()["items"].as_array().unwrap().len(), 1);

    let todos = format!("{user}/todos");
    let made = send(Method::POST, &todos, None, json!({"title": "Fee paid"}));
    assert_eq!(made.status(), 201);
    let task = made.json::<Value>().unwrap()["id"].as_str().unwrap().to_owned();
    let all = send(Method::GET, "/todos", None, Value::Null).json::<Value>().unwrap();
    assert_eq!(all["items"][0]["id"], *task);
    let todo = format!("/todos/{task}");
    let complete = format!("{todo}/complete");
    let done = send(Method::PUT, &complete, None, Value::Null);
    assert_eq!(header(&done, "link"), format!("</api/tasks/{task}/complete>; rel=\"canonical\""));
    assert_eq!(done.json::<Value>().unwrap()["state"], "done");
    assert_eq!(send(Method::DELETE, &complete, None, Value::Null).status(), 200);
    assert_eq!(send(Method::DELETE, &todo, Some("\"3\""), Value::Null).status(), 204);
    // The rights are those of the canonical paths.
    assert_eq!(send(Method::DELETE, &user, Some("\"2\""), Value::Null).status(), 403);
    let anonymous = office.anonymous();
    for path in ["/users", "/todos", &*user, &*todos] {
        assert_eq!(anonymous.request(Method::GET, path).send().unwrap().status(), 401, "{path}");
    }
    assert_eq!(send(Method::GET, "/users/1/x", None, Value::Null).status(), 404);
}

fn errors_are_simulated_as_often_as_asked_for(database: &TestDatabase) {
    let service = builder(database).env("DEMO_ENDPOINTS", "true").env(TEST.0, TEST.1).start();
    let status = |query: &str| {
        get(&service.url(&format!("/error-simulation{query}")), "*/*").status().as_u16()
    };
    let statuses = |query: &str| {
        let mut counts = BTreeMap::new();
        (0..40).for_each(|_| *counts.entry(status(query)).or_insert(0) += 1);
        counts
    };
    assert_eq!(statuses("?probability=0"), BTreeMap::from([(200, 40)]));
    assert_eq!(statuses("?probability=1"), BTreeMap::from([(500, 40)]));
    assert_eq!(statuses("").keys().copied().collect::<Vec<_>>(), [200, 500]);
    for wrong in ["?probability=2", "?probability=x", "?probability=NaN", "?p=1"] {
        assert_eq!(status(wrong), 422, "{wrong}");
    }
}

fn a_service_that_does_not_answer_is_a_bad_gateway(database: &TestDatabase) {
    let receiver = OtlpReceiver::start();
    let service = exporting(builder(database), &receiver)
        .env("DEMO_ENDPOINTS", "true")
        .env("DEMO_OUTBOUND_URL", "http://127.0.0.1:1/elsewhere")
        .env(TEST.0, TEST.1)
        .start();
    let refused = get(&service.url("/api/process"), "application/json");
    assert_eq!(refused.status(), 502);
    assert_eq!(problem(refused)["code"], "outbound_failed");
    assert_eq!(get(&service.url("/api/data"), "application/json").status(), 200);
    service.terminate();
    assert!(!service.wait_for_exit().is_empty());
    let spans = receiver.spans();
    let call = spans.iter().find(|span| span.kind == "client" && span.name == "GET").unwrap();
    assert_eq!(call.attributes["error.type"], "connect");
    assert_eq!(call.attributes["url.full"], "http://127.0.0.1:1/elsewhere/api/transform");
}

fn a_chain_of_calls_is_one_trace(database: &TestDatabase) {
    let receiver = OtlpReceiver::start();
    let service =
        exporting(builder(database), &receiver).env("DEMO_ENDPOINTS", "true").env(TEST.0, TEST.1);
    let service = service.env("BASE_PATH", "/school").start();
    let office = Office::open(&service, database);
    assert_eq!(office.admin.request(Method::GET, "/users").send().unwrap().status(), 200);
    assert_eq!(office.admin.request(Method::GET, "/todos").send().unwrap().status(), 200);
    let unknown = "0190163d-8694-739b-aea5-966c26f8ad91";
    for path in [format!("/users/{unknown}"), format!("/todos/{unknown}")] {
        assert_eq!(office.admin.request(Method::GET, &path).send().unwrap().status(), 404);
    }
    for path in ["/hello", "/db-operation", "/complex-operation", "/error-simulation?probability=0"]
    {
        assert_eq!(get(&service.url(&format!("/school{path}")), "*/*").status(), 200, "{path}");
    }
    let answer = get(&service.url("/api/process"), "application/json").json::<Value>().unwrap();
    assert_eq!(answer, json!({"processed": {"transformed": {"items": 0}}}));
    service.terminate();
    assert!(!service.wait_for_exit().is_empty());
    let spans = receiver.spans();
    let of = |name: &str| {
        spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name}"))
    };
    let parent = |span: &Span| {
        spans.iter().find(|other| other.span_id == span.parent_id).map(|span| span.name.clone())
    };
    let mut path = vec![];
    let mut span = of("data_handler");
    loop {
        path.push(span.name.as_str());
        match spans.iter().find(|other| other.span_id == span.parent_id) {
            Some(above) => span = above,
            None => break,
        }
    }
    assert_eq!(
        path,
        [
            "data_handler",
            "GET /api/data",
            "GET",
            "transform_handler",
            "GET /api/transform",
            "GET",
            "process_handler",
            "GET /api/process"
        ]
    );
    let calls: Vec<_> = spans
        .iter()
        .filter(|span| span.name == "GET" && span.attributes.contains_key("url.full"))
        .collect();
    assert_eq!(calls.len(), 2);
    for call in calls {
        assert_eq!(call.trace_id, of("process_handler").trace_id);
        assert_eq!(call.attributes["http.response.status_code"], 200);
        assert_eq!(call.attributes["server.address"], "127.0.0.1");
    }
    let record = parent(of("INSERT staff_links"));
    assert!(
        ["make_record", "join_staff_handler"].contains(&record.as_deref().unwrap_or_default()),
        "{record:?}"
    );
    assert_eq!(parent(of("make_record")).as_deref(), Some("db_operation_handler"));
    assert_eq!(of("error_simulation_handler").attributes["error.probability"], 0.0);
    assert_eq!(of("complex_operation_handler").attributes["operation.type"], "complex_operation");
    let aliases: Vec<_> = spans.iter().filter(|span| span.name == "demo_operation").collect();
    let mut kinds: Vec<_> = aliases.iter().map(|span| &span.attributes["operation.type"]).collect();
    kinds.sort_by_key(ToString::to_string);
    assert_eq!(kinds, ["list", "list", "read", "read"]);
    for name in ["student.id", "todo.id"] {
        let with = aliases.iter().filter_map(|span| span.attributes.get(name));
        assert_eq!(with.collect::<Vec<_>>(), [unknown], "{name}");
    }
}
