//! What imports keep of a person, and who sees it.

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_sqlite};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Office, count, done, rows, upload, upload_with, uploaded, verdicts};
use crate::support::start;

pub(super) fn trials() -> Vec<Trial> {
    on_sqlite![
        erasure_takes_the_rows_about_a_student,
        old_values_are_for_those_who_may_see_students,
    ]
}

fn erasure_takes_the_rows_about_a_student(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    for (name, has_other, left) in [("max", false, 1), ("moe", true, 3)] {
        database.execute("DELETE FROM import_rows");
        let file = "first_name,last_name,email\nMax,Power,max@example.org\n\
                    Max,Power,MAX@example.org\n,Power,max@example.org\nAnn,B,ann@example.org\n";
        let file = file.replace("max@", &format!("{name}@"));
        let file = file.replace("MAX@", &format!("{}@", name.to_uppercase()));
        let import = upload(admin, &file.replace("ann@", &format!("ann.{name}@")));
        assert_eq!(verdicts(&import), [2, 0, 0, 1, 0, 1]);
        done(admin, &import);
        let found = admin.read(&format!("/api/students?q={name}@example.org"));
        let id = found["items"][0]["id"].as_str().unwrap().to_owned();
        let path = format!("/api/students/{id}");
        // Also those with an address that is no longer the student's, unless it is another's.
        let edit = json!({"email": format!("{name}.power@example.org")});
        assert_eq!(admin.send(&Method::PATCH, &path, Some(1), &edit).status(), 200);
        if has_other {
            office.register(&[&format!("{name}@example.org")]);
        }
        assert_eq!(admin.send(&Method::DELETE, &path, Some(2), &Value::Null).status(), 204);
        assert_eq!(count(database, "import_rows"), left, "{name}");
        assert_eq!(count(database, "import_rows WHERE line = 2"), 0, "which created the student");
    }
}

fn old_values_are_for_those_who_may_see_students(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    office.register(&["a@example.org"]);
    let options = [("options", r#"{"update_existing": true}"#)];
    let file = b"first_name,last_name,email\nAnn,B,a@example.org\n";
    let change = |scopes: &[&str]| {
        let program = office.program(scopes);
        let import = uploaded(upload_with(&program, "a.csv", file, &options));
        rows(&program, &import, "")[0]["changes"][0].clone()
    };
    let blind = change(&["imports:write"]);
    assert_eq!(blind, json!({"column": "first_name", "to": "Ann"}));
    let seeing = change(&["imports:write", "students:read"]);
    assert_eq!(seeing, json!({"column": "first_name", "from": "Zoë", "to": "Ann"}));
}
