//! The numbers of the last day.

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_every_backend, on_sqlite};
use reqwest::Method;
use serde_json::json;

use super::{
    Office, checklist,
    journal::number,
    office::Person,
    operations::{fill, wait},
};
use crate::support::{post, registration, start};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials =
        on_every_backend![numbers_equal_those_of_the_database, changes_of_colleagues_are_shown,];
    trials.extend(on_sqlite![failures_that_could_not_be_stored_are_not_lost]);
    trials
}

/// The four numbers of the page.
fn numbers(page: &str) -> Vec<u64> {
    let numbers = page.split("tabular-nums text-accent\">").skip(1);
    numbers.map(|rest| rest.split('<').next().unwrap().replace(',', "").parse().unwrap()).collect()
}

fn today(person: &Person) -> String {
    let page = person.open("/desk");
    assert_eq!(page.status(), 200);
    page.text().unwrap()
}

fn numbers_equal_those_of_the_database(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    assert!(today(&office.admin).contains("Nobody has registered yet"));
    // Long ago.
    fill(database, 1_200);
    checklist::template(&office.admin, "Fee paid");
    let ids = office.register(&["a@example.org", "b@example.org", "c@example.org"]);
    for (id, to) in ids.iter().zip(["confirmed", "waitlisted"]) {
        assert_eq!(office.admin.decide(id, 1, to).status(), 200);
    }
    let mut wrong = registration("zoe");
    wrong["last_name"] = json!("");
    for body in [&wrong, &registration("zoe@@"), &registration("a@example.org")] {
        assert!([409, 422].contains(&post(&service, body).status().as_u16()));
    }
    let count = |condition: &str| {
        number(database, &format!("SELECT COUNT(*) FROM students WHERE {condition}"))
    };
    let expected = [
        count("email < 'd'"),
        count("status = 1"),
        count("status = 2"),
        number(database, "SELECT COUNT(DISTINCT student_id) FROM tasks WHERE state = 1"),
    ];
    assert_eq!(expected, [3, 1_201, 1, 1]);
    wait(|| numbers(&today(&office.admin)) == expected);
    let stored = "SELECT COALESCE(SUM(count), 0) FROM validation_failures";
    wait(|| number(database, stored) == 4);
    let failure = |page: &str, error: &str| {
        let (_, row) = page.split_once(error)?;
        row.split("tabular-nums\">").nth(1)?.split('<').next()?.parse::<u64>().ok()
    };
    wait(|| {
        let page = today(&office.admin);
        ["is not an email address", "is missing", "is registered already"]
            .map(|error| failure(&page, error))
            == [Some(2), Some(1), Some(1)]
    });
    let page = today(&office.admin);
    let hours: u64 = page
        .split("text-right tabular-nums\">")
        .skip(1)
        .take(24)
        .map(|rest| rest.split('<').next().unwrap().parse::<u64>().unwrap())
        .sum();
    assert_eq!(hours, 3);
    let (_, link) = page.split_once("registered_from=").unwrap();
    let link = link.split('"').next().unwrap();
    let list = office.admin.open(&format!("/desk/students?registered_from={link}"));
    assert!(list.text().unwrap().contains("c@example.org"));
}

fn changes_of_colleagues_are_shown(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let registrar = office.person("registrar");
    let ids = office.register(&["a@example.org", "b@example.org", "c@example.org"]);
    assert_eq!(office.admin.decide(&ids[0], 1, "waitlisted").status(), 200);
    let both = json!({
        "do": {"to": "confirmed"},
        "on": {"ids": [{"id": ids[1], "version": 1}, {"id": ids[2], "version": 1}]},
    });
    let begun = registrar.send(&Method::POST, "/api/operations", None, &both);
    assert_eq!(begun.status(), 200);
    let operation = begun.json::<serde_json::Value>().unwrap()["id"].as_str().unwrap().to_owned();
    wait(|| today(&office.admin).contains("2 students"));
    let page = today(&office.admin);
    assert!(page.contains(&format!("/desk/operations/{operation}")), "{page}");
    assert!(page.contains("Name of registrar") && !page.contains(&ids[0]), "{page}");
    wait(|| today(&registrar).contains(&format!("/desk/students/{}", ids[0])));
    let page = today(&registrar);
    assert!(page.contains("Ada Lovelace") && !page.contains(&operation), "{page}");
    let viewer = office.person("viewer");
    wait(|| today(&viewer).contains("2 students"));
    assert!(!today(&viewer).contains(&operation), "a page of those who may decide");
}

fn failures_that_could_not_be_stored_are_not_lost(database: &TestDatabase) {
    let service = start(database);
    database.execute("ALTER TABLE validation_failures RENAME TO elsewhere");
    assert_eq!(post(&service, &registration("zoe")).status(), 422);
    let failed = service.wait_for_log(|l| l["body"] == "Failures of registrations not counted");
    assert_eq!(failed["severity_text"], "WARN");
    assert_eq!(post(&service, &registration("zoe")).status(), 422);
    database.execute("ALTER TABLE elsewhere RENAME TO validation_failures");
    wait(|| number(database, "SELECT COALESCE(SUM(count), 0) FROM validation_failures") == 2);
}
