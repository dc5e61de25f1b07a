//! `/api/students`: the list.

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_every_backend, on_sqlite};
use reqwest::Method;
use serde_json::{Value, json};

use super::Office;
use crate::support::{header, problem, start};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_every_backend![
        a_list_is_walked_in_both_directions,
        someone_who_has_just_registered_is_found
    ];
    trials.extend(on_sqlite![lists_refuse_what_they_do_not_know]);
    trials
}

fn a_list_is_walked_in_both_directions(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let emails: Vec<_> = (0..23).map(|n| format!("n{n:02}@example.org")).collect();
    office.register(&emails.iter().map(String::as_str).collect::<Vec<_>>());
    let ids = |page: &Value| -> Vec<String> {
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["email"].as_str().unwrap().to_owned())
            .collect()
    };
    let link = |response: &reqwest::blocking::Response, relation: &str| {
        let links = header(response, "link").to_owned();
        let found = links
            .split(", ")
            .find(|link| link.ends_with(&format!("rel=\"{relation}\"")))?
            .to_owned();
        Some(found.trim_start_matches('<').split('>').next().unwrap().to_owned())
    };
    for (sort, expected) in
        [("registered", emails.clone()), ("-registered", emails.iter().rev().cloned().collect())]
    {
        let (mut path, mut seen, mut last) =
            (format!("/api/students?limit=5&sort={sort}"), Vec::new(), None);
        loop {
            let response = office.admin.request(Method::GET, &path).send().unwrap();
            let next = link(&response, "next");
            last = link(&response, "prev").or(last);
            seen.extend(ids(&response.json().unwrap()));
            // A student who registers now does not shift the pages that follow.
            let Some(next) = next else { break };
            path = next;
        }
        assert_eq!(seen, expected, "{sort}");
        let before = office.admin.read(&last.unwrap());
        assert_eq!(ids(&before), expected[15..20], "{sort}: back from the last page");
    }
}

fn someone_who_has_just_registered_is_found(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    for number in 0..5 {
        let email = format!("n{number}.smith@example.org");
        office.register(&[&email]);
        let found = office.admin.read(&format!("/api/students?q={email}"));
        assert_eq!(found["items"].as_array().unwrap().len(), 1, "{email}");
        let reference = found["items"][0]["registration"]["reference"].as_str().unwrap().to_owned();
        let by_number = office.admin.read(&format!("/api/students?q={reference}"));
        assert_eq!(by_number["items"][0]["email"], email);
    }
    assert_eq!(
        office.admin.read("/api/students?q=smith&sort=name")["items"].as_array().unwrap().len(),
        5
    );
}

fn lists_refuse_what_they_do_not_know(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    office.register(&["a@example.org", "b@example.org", "c@example.org"]);
    let page = office.admin.read("/api/students?limit=1&status=pending");
    let cursor = page["next"].as_str().unwrap();
    let refused = |query: &str| {
        let path = format!("/api/students?{query}");
        let answer = office.admin.request(Method::GET, &path).send().unwrap();
        (answer.status().as_u16(), problem(answer)["code"].as_str().unwrap().to_owned())
    };
    for query in [
        "limit=0",
        "limit=201",
        "limit=x",
        "sort=shoe",
        "status=x",
        "source=x",
        "x=1",
        "registered_from=x",
        "registered_from=-262143-01-01",
    ] {
        assert_eq!(refused(query), (422, "invalid_filter".to_owned()), "{query}");
    }
    let long = format!("q={}", "x".repeat(5_000));
    assert_eq!(refused(&long), (422, "invalid_filter".to_owned()));
    for query in [
        format!("limit=1&cursor={cursor}"),
        format!("limit=1&status=confirmed&cursor={cursor}"),
        format!("status=pending&cursor={}", &cursor[1..]),
        "cursor=x".to_owned(),
    ] {
        assert_eq!(refused(&query), (400, "invalid_cursor".to_owned()), "{query}");
    }
    for (query, count) in [("q=%25_", 0), ("q=%F0%9F%8E%89", 0), ("q=unknown", 0), ("q=%20", 3)] {
        let found = office.admin.read(&format!("/api/students?{query}"));
        assert_eq!(found["items"].as_array().unwrap().len(), count, "{query}");
    }
    let counted = office.admin.read("/api/students?count=capped");
    assert_eq!(counted["matches"], json!({"count": 3, "more": false}));
    // The page of the desk says what to do instead.
    let long = office.admin.open(&format!("/desk/students?q={}", "x".repeat(300)));
    assert_eq!(long.status(), 200);
    assert_eq!(office.admin.open("/desk/students?cursor=x").status(), 400);
}
