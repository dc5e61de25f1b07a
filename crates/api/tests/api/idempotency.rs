//! A registration that is sent again is registered once, and answered as the first time.

use std::{
    io::Write as _,
    net::{Shutdown, TcpStream},
    sync::Barrier,
    thread,
    time::Duration,
};

use libtest_mimic::Trial;
use registration_domain::Field;
use registration_testkit::{Backend, Service, TestDatabase, on_every_backend, on_mysql, trials};
use reqwest::blocking::{Client, Response};
use serde_json::Value;

use crate::support::{
    BROWSER, builder, client, header, metric, post, problem, registration, sqlite, sqlite_with,
    start,
};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_every_backend![
        a_retry_gets_the_first_response,
        a_key_is_for_one_registration_and_failures_use_none,
        a_thousand_concurrent_posts_with_one_key_create_one,
        a_lost_response_is_replayed,
        a_retry_of_a_request_in_progress_is_409,
    ];
    trials.extend(on_mysql![two_instances_share_keys]);
    trials.extend(trials![
        a_form_submitted_twice_registers_once,
        keys_are_parsed_as_the_draft_defines_them,
        only_registrations_store_keys,
    ]);
    trials
}

fn send(service: &Service, key: &str, body: &Value) -> Response {
    let request = client().post(service.url("/register")).header("idempotency-key", key);
    request.json(body).send().unwrap()
}

/// How many requests to register ended like this.
fn ended(service: &Service, outcome: &str) -> f64 {
    let labels = format!("{{method=\"POST\",outcome=\"{outcome}\"}}");
    metric(service, &format!("student_registration_requests_total{labels}"))
}

/// What is to be the same, however often it is sent.
fn answer(response: Response) -> (u16, String, Value) {
    let (status, location) = (response.status().as_u16(), header(&response, "location").to_owned());
    (status, location, response.json().unwrap())
}

fn a_retry_gets_the_first_response(database: &TestDatabase) {
    let service = start(database);
    let body = registration("Zoe@Example.org");
    let first = answer(send(&service, "\"8e03978e\"", &body));
    assert_eq!(first.0, 201);
    assert_eq!(answer(send(&service, "\"8e03978e\"", &body)), first);
    // Without quotation marks, with white space that is no part of a name, or as a form.
    let mut spaced = body.clone();
    for value in spaced.as_object_mut().unwrap().values_mut() {
        *value = format!("  {} ", value.as_str().unwrap()).into();
    }
    assert_eq!(answer(send(&service, "8e03978e", &spaced)), first);
    let form = client().post(service.url("/register")).header("idempotency-key", "8e03978e");
    let form = form.form(&body).send().unwrap();
    assert_eq!((form.status().as_u16(), header(&form, "location")), (303, &*first.1));

    assert_eq!(database.emails(), ["Zoe@Example.org"]);
    assert_eq!((ended(&service, "created"), ended(&service, "replayed")), (1.0, 3.0));
}

fn a_key_is_for_one_registration_and_failures_use_none(database: &TestDatabase) {
    let service = start(database);
    assert_eq!(send(&service, "one", &registration("not an address")).status(), 422);
    assert_eq!(send(&service, "one", &registration("zoe@example.org")).status(), 201);
    let same = registration("zoe@example.org");
    let mut others = vec![registration("ZOE@example.org")];
    for field in Field::ALL.map(Field::as_str) {
        let mut other = same.clone();
        // Valid in every field.
        other[field] = format!("{}1", same[field].as_str().unwrap()).into();
        others.push(other);
    }
    for other in others {
        let refused = send(&service, "one", &other);
        assert_eq!(refused.status(), 422, "{other}");
        assert_eq!(problem(refused)["code"], "idempotency_key_reused", "{other}");
    }
    let taken = send(&service, "two", &registration("zoe@example.org"));
    assert_eq!(
        (taken.status().as_u16(), &*problem(taken)["code"].to_string()),
        (409, "\"already_registered\"")
    );
    assert_eq!(send(&service, "two", &registration("jane@example.org")).status(), 201);
}

/// Sends the same registration with the same key, all at once, and counts the answers.
fn all_at_once(services: &[&Service], posts: usize) -> (usize, usize) {
    let together = Barrier::new(posts);
    // A thousand threads: on a busy machine some wait for minutes.
    let client = Client::builder().timeout(Duration::from_secs(300)).build().unwrap();
    let answers: Vec<(u16, Value)> = thread::scope(|scope| {
        let post = |number: usize| {
            let (service, together, client) =
                (services[number % services.len()], &together, &client);
            scope.spawn(move || {
                let request =
                    client.post(service.url("/register")).header("idempotency-key", "one");
                let request = request.json(&registration("zoe@example.org"));
                together.wait();
                let response = request.send().unwrap();
                (response.status().as_u16(), response.json().unwrap())
            })
        };
        let posts: Vec<_> = (0..posts).map(post).collect();
        posts.into_iter().map(|post| post.join().unwrap()).collect()
    });
    let successes: Vec<_> = answers.iter().filter(|(status, _)| *status == 201).collect();
    assert!(successes.iter().all(|(_, body)| body["id"] == successes[0].1["id"]));
    let waiting = answers
        .iter()
        .filter(|(status, body)| *status == 409 && body["code"] == "request_in_progress");
    (successes.len(), waiting.count())
}

/// A service that a busy machine does not make time out.
fn patient(database: &TestDatabase) -> Service {
    builder(database).env("REQUEST_TIMEOUT", "300").start()
}

fn a_thousand_concurrent_posts_with_one_key_create_one(database: &TestDatabase) {
    let service = patient(database);
    let (answered, waiting) = all_at_once(&[&service], 1000);
    assert_eq!(answered + waiting, 1000);
    assert_eq!(database.emails(), ["zoe@example.org"]);
    assert_eq!(ended(&service, "created"), 1.0);
    assert_eq!(ended(&service, "replayed"), (answered - 1) as f64);
}

fn two_instances_share_keys(database: &TestDatabase) {
    let services = [patient(database), patient(database)];
    let (answered, waiting) = all_at_once(&[&services[0], &services[1]], 1000);
    assert_eq!(answered + waiting, 1000);
    assert_eq!(database.emails(), ["zoe@example.org"]);
    let all = |outcome| services.iter().map(|service| ended(service, outcome)).sum::<f64>();
    assert_eq!((all("created"), all("replayed")), (1.0, (answered - 1) as f64));
}

/// The connection ends after the commit and before anybody has read the answer.
fn a_lost_response_is_replayed(database: &TestDatabase) {
    let service = start(database);
    let body = registration("zoe@example.org").to_string();
    let mut connection = TcpStream::connect(service.address()).unwrap();
    write!(
        connection,
        "POST /register HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         idempotency-key: \"one\"\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let _ = service.wait_for_log(|line| {
        line["body"] == "Request completed" && line["attributes"]["status"] == 201
    });
    connection.shutdown(Shutdown::Both).unwrap();
    drop(connection);

    let again = answer(send(&service, "one", &registration("zoe@example.org")));
    assert_eq!(again.0, 201);
    let id = again.2["id"].as_str().unwrap().replace('-', "");
    let stored = database.query_column("SELECT LOWER(HEX(public_id)) AS value FROM students");
    assert_eq!(stored, [id]);
}

fn a_retry_of_a_request_in_progress_is_409(database: &TestDatabase) {
    // Short of what the database waits for a lock, so that the first is still at it.
    let service = builder(database).env("REQUEST_TIMEOUT", "0.5").start();
    let held = database.lock_email("zoe@example.org");
    let post = || send(&service, "one", &registration("zoe@example.org"));
    let mut answers = thread::scope(|scope| {
        [scope.spawn(post), scope.spawn(post)].map(|sent| sent.join().unwrap())
    });
    answers.sort_by_key(Response::status);
    assert_eq!(answers.each_ref().map(|answer| answer.status().as_u16()), [409, 504]);
    assert_eq!(header(&answers[0], "retry-after"), "1");
    let [waited, _] = answers;
    assert_eq!(problem(waited)["code"], "request_in_progress");

    drop(held);
    // The first goes on by itself; whatever becomes of it, the key's next turn tells.
    let mut answered = post();
    for _ in 0..60 {
        if answered.status() == 201 {
            break;
        }
        assert_eq!(problem(answered)["code"], "request_in_progress");
        answered = post();
    }
    assert_eq!(answered.status(), 201);
    assert_eq!(database.emails(), ["zoe@example.org"]);
}

fn a_form_submitted_twice_registers_once() {
    let (database, service) = sqlite_with(&[("MINIMUM_FILL_TIME", "0")]);
    let page = client().get(service.url("/")).header("accept", BROWSER).send().unwrap();
    let page = page.text().unwrap();
    let (_, key) = page.split_once("name=\"idempotency_key\" value=\"").unwrap();
    let key = key.split('"').next().unwrap();
    let mut form = registration("zoe@example.org");
    form["idempotency_key"] = key.into();
    let press = || client().post(service.url("/register")).form(&form).send().unwrap();
    let places: Vec<_> = (0..2)
        .map(|_| press())
        .map(|response| (response.status().as_u16(), header(&response, "location").to_owned()))
        .collect();
    assert_eq!(places[0].0, 303);
    assert_eq!(places[0], places[1]);
    assert_eq!(database.emails(), ["zoe@example.org"]);

    // Back, with other answers: the form says that it was used, and has a new token.
    form["email"] = "jane@example.org".into();
    let again = client().post(service.url("/register")).form(&form).send().unwrap();
    assert_eq!(again.status(), 422);
    let page = again.text().unwrap();
    assert!(page.contains("This form has already been used to register someone else"), "{page}");
    assert!(!page.contains(key) && page.contains("jane@example.org"));
}

fn keys_are_parsed_as_the_draft_defines_them() {
    let (database, service) = sqlite();
    let too_long = "k".repeat(256);
    for key in ["", "\"\"", "\"", "\"a", "a\"", "\"a\";x=1", "two words", &too_long, "k\u{e9}"] {
        let refused = send(&service, key, &registration("zoe@example.org"));
        assert_eq!(refused.status(), 400, "{key:?}");
        assert_eq!(problem(refused)["code"], "malformed");
    }
    let twice = client().post(service.url("/register")).header("idempotency-key", "a");
    let twice = twice.header("idempotency-key", "b").json(&registration("zoe@example.org"));
    assert_eq!(twice.send().unwrap().status(), 400);
    assert!(database.emails().is_empty());
    let longest = send(&service, &"k".repeat(255), &registration("zoe@example.org"));
    assert_eq!(longest.status(), 201);
}

/// Filling the table of keys costs a registration each.
fn only_registrations_store_keys() {
    let (database, service) = sqlite();
    post(&service, &registration("zoe@example.org"));
    for number in 0..300 {
        let body = match number % 3 {
            0 => registration("zoe@example.org"),
            1 => registration("not an address"),
            _ => serde_json::json!({}),
        };
        assert_ne!(send(&service, &format!("key-{number}"), &body).status(), 201);
    }
    assert_eq!(database.backend(), Backend::Sqlite);
    assert!(database.query_column("SELECT 'key' AS value FROM idempotency_keys").is_empty());
}
