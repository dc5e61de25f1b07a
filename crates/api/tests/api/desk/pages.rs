//! The pages, as browsers without scripts use them.

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_sqlite};

use super::Office;
use crate::support::{header, start};

pub(crate) fn trials() -> Vec<Trial> {
    on_sqlite![
        a_morning_without_scripts,
        a_colleague_who_was_faster_is_named_and_nothing_typed_is_lost,
        a_viewer_sees_and_changes_nothing,
        erasing_asks_for_the_name_and_a_fresh_sign_in,
    ]
}

fn a_morning_without_scripts(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let registrar = office.person("registrar");
    let empty = registrar.open("/desk/students").text().unwrap();
    assert!(empty.contains("href=\"/\""), "a link to the form");
    let [id] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    let list = registrar.open("/desk/students?q=zoe").text().unwrap();
    assert!(list.contains(&format!("/desk/students/{id}")) && list.contains("zoe@example.org"));
    let form = [("to", "confirmed"), ("version", "1"), ("next", "/desk/students?q=zoe")];
    let decided = registrar.submit(&format!("/desk/students/{id}/status"), &form);
    assert_eq!(decided.status(), 303);
    let back = header(&decided, "location").to_owned();
    let done = back.strip_prefix(&format!("/desk/students?q=zoe&done=status.{id}.")).unwrap();
    let page = registrar.open(&back).text().unwrap();
    assert!(page.contains("Place confirmed"), "the message and the row");
    let undo = format!("/desk/operations/{done}/undo");
    assert!(page.contains(&format!("action=\"{undo}\"")), "and a button that undoes it");
    let undone = registrar.submit(&undo, &[("next", "/desk/students?q=zoe")]);
    assert!(header(&undone, "location").starts_with("/desk/students?q=zoe&done=undone."));
    let elsewhere = registrar.submit(&undo, &[("next", "https://evil.example/")]);
    assert_eq!(elsewhere.status(), 409, "it is undone");
    let again = registrar
        .submit(&format!("/desk/students/{id}/status"), &[("to", "confirmed"), ("version", "3")]);
    assert_eq!(again.status(), 303);
    // Back from the student to the same list.
    let list = registrar.open("/desk/students?q=zoe&registered_from=2020-01-01").text().unwrap();
    assert!(list.contains("Registered from 2020-01-01"), "{list}");
    let back = "?back=%2Fdesk%2Fstudents%3Fq%3Dzoe%26registered_from%3D2020-01-01";
    assert!(list.contains(&format!("/desk/students/{id}{back}")), "{list}");
    let page = registrar.open(&format!("/desk/students/{id}{back}")).text().unwrap();
    assert!(page.contains("href=\"/desk/students?q=zoe"), "{page}");
    let nothing = registrar.open("/desk/students?registered_from=2099-01-01").text().unwrap();
    assert!(nothing.contains("Registered from 2099-01-01"), "a filter, not an empty school");
    let own = format!("/desk/students/{id}");
    let rejected =
        registrar.submit(&format!("{own}/status"), &[("to", "rejected"), ("version", "4")]);
    assert_eq!(rejected.status(), 422);
    let new = [
        ("first_name", "Ann"),
        ("last_name", "Lee"),
        ("email", "ann@example.org"),
        ("note", "by phone"),
    ];
    let created = registrar.submit("/desk/students/new", &new);
    assert_eq!(created.status(), 303);
    let page = registrar.open(header(&created, "location")).text().unwrap();
    assert!(page.contains("Ann Lee") && page.contains("by phone"), "{page}");
    let again = registrar.submit("/desk/students/new", &new);
    assert_eq!(again.status(), 409);
    let page = again.text().unwrap();
    assert!(
        page.contains("value=\"Ann\"") && page.contains("href=\"/desk/students/"),
        "typed, and a link"
    );
    let invalid = registrar.submit("/desk/students/new", &[("first_name", "Ann"), ("email", "no")]);
    assert_eq!(invalid.status(), 422);
    let italian = registrar.open("/desk/students?lang=it").text().unwrap();
    assert!(italian.contains("lang=\"it\"") && italian.contains("Posto confermato"));
    for path in [
        "/desk",
        "/desk/profile",
        "/desk/tokens",
        "/desk/students/new",
        &own,
        &format!("{own}/edit"),
    ] {
        let status = registrar.open(path).status().as_u16();
        assert!([200, 303].contains(&status), "{path}: {status}");
    }
}

fn a_colleague_who_was_faster_is_named_and_nothing_typed_is_lost(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let registrar = office.person("registrar");
    let [id] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    let path = format!("/desk/students/{id}/edit");
    let stored = office.admin.read(&format!("/api/students/{id}"));
    let text = |name: &str| stored[name].as_str().unwrap().to_owned();
    let (first, last, email) = (text("first_name"), text("last_name"), text("email"));
    let form = |first_name: &str, email_typed: &str, version: &str| {
        [
            ("first_name", first_name.to_owned()),
            ("last_name", last.clone()),
            ("email", email_typed.to_owned()),
            ("version", version.to_owned()),
            ("base_first_name", first.clone()),
            ("base_last_name", last.clone()),
            ("base_email", email.clone()),
        ]
    };
    let submit = |person: &super::office::Person, form: &[(&str, String)]| {
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        person.submit(&path, &form)
    };
    assert_eq!(submit(&office.admin, &form(&first, "new@example.org", "1")).status(), 303);
    let stale = submit(&registrar, &form("Typed Name", &email, "1"));
    assert_eq!(stale.status(), 412);
    let page = stale.text().unwrap();
    assert!(page.contains("Ada Lovelace") && page.contains("Typed Name"), "{page}");
    assert!(
        page.contains("new@example.org") && page.contains("value=\"2\""),
        "theirs, and the version"
    );
    assert_eq!(submit(&registrar, &form("Typed Name", "new@example.org", "2")).status(), 303);
    let now = office.admin.read(&format!("/api/students/{id}"));
    assert_eq!(
        (&now["first_name"], &now["email"], &now["version"]),
        (&"Typed Name".into(), &"new@example.org".into(), &3.into())
    );
    // A decision from a list that is out of date says who was faster.
    let late = [("to", "confirmed"), ("version", "1"), ("next", "/desk/students")];
    let late = office.admin.submit(&format!("/desk/students/{id}/status"), &late);
    assert_eq!(late.status(), 412);
    let page = late.text().unwrap();
    assert!(page.contains("Name of registrar") && page.contains("id=\"results\""), "{page}");
    let illegal = [("to", "enrolled"), ("version", "3")];
    let illegal = office.admin.submit(&format!("/desk/students/{id}/status"), &illegal);
    assert_eq!(illegal.status(), 409);
}

fn a_viewer_sees_and_changes_nothing(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let viewer = office.person("viewer");
    let [id] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    let page = viewer.open(&format!("/desk/students/{id}")).text().unwrap();
    assert!(page.contains("Ada Lovelace"), "who can give the right: {page}");
    assert!(!page.contains("/status\""), "no button");
    let refused = viewer.open("/desk/students/new");
    assert_eq!(refused.status(), 403);
    let refused = refused.text().unwrap();
    assert!(refused.contains("<h1") && refused.contains("Ada Lovelace"), "{refused}");
    let list = viewer.open("/desk/students").text().unwrap();
    assert!(!list.contains("/desk/students/new") && !list.contains("/desk/staff"), "{list}");
}

fn erasing_asks_for_the_name_and_a_fresh_sign_in(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let [id] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    let path = format!("/desk/students/{id}/erase");
    let stored = office.admin.read(&format!("/api/students/{id}"));
    let name = format!(
        "{} {}",
        stored["first_name"].as_str().unwrap(),
        stored["last_name"].as_str().unwrap()
    );
    assert_eq!(office.admin.open(&path).status(), 200);
    assert_eq!(
        office.admin.submit(&path, &[("confirm", "Someone"), ("version", "1")]).status(),
        422
    );
    database.execute(
        "UPDATE sessions SET created_at = '2026-01-01 00:00:00', seen_at = '2099-01-01 00:00:00'",
    );
    // Such a session is over: twenty-four hours are its longest life.
    assert_eq!(office.admin.open(&path).status(), 303);
    let admin = office.anonymous().sign_in("ada@school.example", super::office::PASSWORD);
    let old = "UPDATE sessions SET created_at = strftime('%Y-%m-%d %H:%M:%f', 'now', '-1 hour')";
    database.execute(old);
    let stale = admin.submit(&path, &[("confirm", &name), ("version", "1")]);
    assert_eq!(stale.status(), 403);
    assert!(stale.text().unwrap().contains("name=\"carried\""), "what was typed is kept");
    let by_api = admin.send(
        &reqwest::Method::DELETE,
        &format!("/api/students/{id}"),
        Some(1),
        &serde_json::Value::Null,
    );
    assert_eq!(crate::support::problem(by_api)["code"], "fresh_sign_in_needed");
    let fresh = office.anonymous().sign_in("ada@school.example", super::office::PASSWORD);
    assert_eq!(fresh.submit(&path, &[("confirm", &name), ("version", "1")]).status(), 303);
    assert_eq!(database.emails(), [""; 0]);
}
