//! The checklist on the pages.

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_sqlite};

use super::{TEMPLATES, expected, first, items, template};
use crate::{
    desk::{Office, journal::number},
    support::{header, start},
};

pub(super) fn trials() -> Vec<Trial> {
    on_sqlite![
        items_are_ticked_on_the_pages,
        a_form_that_is_sent_twice_adds_one_item,
        a_tick_is_undone_from_the_history
    ]
}

fn items_are_ticked_on_the_pages(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let page = admin.open("/desk/tasks").text().unwrap();
    assert!(page.contains("The checklist is empty"));
    let made = admin.submit("/desk/task-templates", &[("title", "Fee paid")]);
    assert_eq!(
        (made.status().as_u16(), header(&made, "location")),
        (303, "/desk/tasks?done=checklist")
    );
    let refused = admin.submit("/desk/task-templates", &[("title", " ")]);
    assert_eq!(refused.status(), 422);
    assert!(refused.text().unwrap().contains("Enter what is needed"));
    let [student] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    assert_eq!(admin.decide(student, 1, "confirmed").status(), 200);
    let own = format!("/desk/students/{student}");
    let add = format!("{own}/tasks");
    let next = format!("{own}?back=%2Fdesk%2Fstudents");
    let added =
        admin.submit(&add, &[("title", "Proof"), ("due_on", "2026-09-15"), ("next", &next)]);
    assert_eq!(
        (added.status().as_u16(), header(&added, "location")),
        (303, &*format!("{next}&done=checklist"))
    );
    let refused = admin
        .submit(&add, &[("title", "Proof"), ("due_on", "soon"), ("next", "https://evil.example")]);
    assert_eq!(refused.status(), 422);
    let refused = refused.text().unwrap();
    assert!(refused.contains("Enter a day") && refused.contains("value=\"soon\""));

    let list = admin.read(&format!("/api/students/{student}/tasks"));
    let task = |number: usize| list["items"][number]["id"].as_str().unwrap().to_owned();
    let mark = |task: &str, state, version| {
        let form = [("state", state), ("version", version), ("student", &**student)];
        admin.submit(&format!("/desk/tasks/{task}"), &form)
    };
    assert_eq!(header(&mark(&task(0), "done", "1"), "location"), format!("{own}?done=checklist"));
    assert_eq!(mark(&task(0), "done", "1").status(), 303, "a colleague has done the same");
    let stale = mark(&task(0), "waived", "1");
    assert_eq!(stale.status(), 412);
    assert!(stale.text().unwrap().contains("A colleague changed this item"));
    assert_eq!(mark(&task(0), "lost", "2").status(), 422);
    assert_eq!(mark(&task(1), "deleted", "1").status(), 303);
    assert_eq!(items(admin, student), expected(&[("Fee paid", "done")]));
    let gone = mark(&task(1), "done", "1");
    assert_eq!(gone.status(), 404);
    let gone = gone.text().unwrap();
    assert!(gone.contains("Someone has deleted this item") && gone.contains("ticked by Ada"));
    let page = admin.open(&own).text().unwrap();
    assert!(page.contains("1 of 1") && page.contains("ticked by Ada Lovelace"));
    assert!(page.contains("Ticked “Fee paid” on the checklist"));

    let fee = admin.read(TEMPLATES)["items"][0]["id"].as_str().unwrap().to_owned();
    let change = |version, position| {
        let form =
            [("title", "Quota"), ("position", position), ("active", "yes"), ("version", version)];
        admin.submit(&format!("/desk/task-templates/{fee}"), &form)
    };
    assert_eq!(change("1", "4").status(), 303);
    assert_eq!(change("1", "5").status(), 412);
    let refused = change("2", "40000");
    assert_eq!(refused.status(), 422);
    let refused = refused.text().unwrap();
    let field = format!("id=\"position-{fee}\" name=\"position\" type=\"text\" value=\"40000\"");
    assert!(refused.contains(&field) && refused.contains(&format!("href=\"#position-{fee}\"")));
    // Several at once, as the list sends it.
    assert_eq!(mark(&task(0), "open", "2").status(), 303);
    let chosen = format!("{student}.2");
    let tick = format!("tick.{fee}");
    let form = [("to", &*tick), ("scope", "ticked"), ("student", &*chosen)];
    let preview = admin.submit("/desk/operations/new", &form);
    assert_eq!(preview.status(), 200);
    let preview = preview.text().unwrap();
    assert!(
        preview.contains("“Quota” is ticked for one student") && !preview.contains("name=\"note\"")
    );
    let begun = admin.submit("/desk/operations", &form);
    let page = admin.open(header(&begun, "location")).text().unwrap();
    assert!(page.contains("“Quota” was ticked for one student"), "{page}");
    let viewer = office.person("viewer");
    let page = viewer.open("/desk/tasks").text().unwrap();
    assert!(page.contains("Quota") && !page.contains("Add an item"));
    assert!(!viewer.open(&own).text().unwrap().contains("Open again"));
}

fn a_form_that_is_sent_twice_adds_one_item(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let [student] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    let own = format!("/desk/students/{student}");
    for (page, action) in
        [("/desk/tasks", "/desk/task-templates"), (&*own, &*format!("{own}/tasks"))]
    {
        let page = admin.open(page).text().unwrap();
        let (_, key) = page.split_once("name=\"key\" value=\"").unwrap();
        let (key, _) = key.split_once('"').unwrap();
        let send = |title| admin.submit(action, &[("title", title), ("key", key)]).status();
        assert_eq!([send("Proof"), send("Proof")], [303, 303]);
        assert_eq!(send("Another, after going back"), 303);
    }
    assert_eq!(number(database, "SELECT COUNT(*) FROM task_templates"), 2);
    assert_eq!(number(database, "SELECT COUNT(*) FROM tasks"), 2);
}

fn a_tick_is_undone_from_the_history(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    template(admin, "Fee paid");
    let [student] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    assert_eq!(admin.decide(student, 1, "confirmed").status(), 200);
    let form = [("state", "done"), ("version", "1"), ("student", &**student)];
    let path = format!("/desk/tasks/{}", first(admin, student));
    assert_eq!(admin.submit(&path, &form).status(), 303);
    let page = admin.open(&format!("/desk/students/{student}")).text().unwrap();
    let (_, history) = page.split_once("Ticked “Fee paid” on the checklist").unwrap();
    let (_, action) = history.split_once("action=\"").unwrap();
    let (action, _) = action.split_once('"').unwrap();
    assert!(action.ends_with("/undo"), "{action}");
    assert_eq!(admin.submit(action, &[]).status(), 303);
    assert_eq!(items(admin, student), expected(&[("Fee paid", "open")]));
}
