//! The four steps in a browser without JavaScript, and the command line.

use std::{fs, process::Command};

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_sqlite};
use reqwest::{Method, blocking::Response};
use serde_json::Value;

use super::{Office, Person, count, header, multipart};
use crate::support::{BINARY, BROWSER, start};

pub(super) fn trials() -> Vec<Trial> {
    on_sqlite![
        four_steps_lead_to_an_import_and_back,
        a_file_that_cannot_be_read_is_said_so_on_the_page,
        the_command_line_plans_imports_and_reports,
    ]
}

pub(super) fn send(person: &Person, name: &str, file: &[u8]) -> Response {
    let (media, body) = multipart(name, file, &[]);
    let request = person.request(Method::POST, "/desk/imports").header("accept", BROWSER);
    request.header("content-type", media).body(body).send().unwrap()
}

pub(super) fn page(person: &Person, path: &str) -> String {
    let page = person.open(path);
    assert_eq!(page.status(), 200, "{path}");
    page.text().unwrap()
}

pub(super) fn see_other(response: &Response) -> String {
    assert_eq!(response.status(), 303);
    header(response, "location").to_owned()
}

fn four_steps_lead_to_an_import_and_back(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    office.register(&["zoe@example.org"]);
    let file = "Vorname;Name;Mail\nZoe;Brontë;zoe@example.org\nMax;Power;max@example.org\n;;x\n";
    assert!(page(admin, "/desk/imports").contains("Import students"));
    let import = see_other(&send(admin, "list.csv", file.as_bytes()));
    let reading = page(admin, &import);
    assert!(reading.contains("How the file is read") && reading.contains("Vorname"), "{reading}");
    assert!(reading.contains("<option value=\"semicolon\" selected>"), "{reading}");
    // Read with another delimiter: nothing is stored by looking.
    let again = page(admin, &format!("{import}?again=yes&delimiter=comma&has_header=on"));
    assert!(again.contains("Vorname;Name;Mail"), "{again}");
    let columns = [("column", "first_name"), ("column", "last_name")];
    let reading = [("delimiter", "semicolon"), ("encoding", "UTF-8"), ("has_header", "on")];
    let choices = [("update_existing", "on")];
    let refused = admin.submit(&import, &[&columns[..], &reading[..]].concat());
    assert_eq!(refused.status(), 422);
    let refused = refused.text().unwrap();
    assert!(refused.contains("Choose the column with the email address"), "{refused}");
    assert!(refused.contains("<option value=\"last_name\" selected>"), "what was chosen is kept");
    let all = [&columns[..], &[("column", "email")], &reading[..], &choices[..]].concat();
    assert_eq!(see_other(&admin.submit(&import, &all)), import);
    let plan = page(admin, &import);
    for text in ["Store 2 rows", "First name: Zoë → Zoe", "1 row is left out", "Max Power"] {
        assert!(plan.contains(text), "{text}: {plan}");
    }
    let invalid = page(admin, &format!("{import}?verdict=invalid"));
    assert!(invalid.contains("Enter") && !invalid.contains("Max Power"), "{invalid}");
    assert!(page(admin, &format!("{import}?step=reading")).contains("How the file is read"));
    let run = admin.submit(&format!("{import}/run"), &[]);
    assert_eq!(see_other(&run), import);
    assert_eq!(see_other(&admin.submit(&format!("{import}/run"), &[])), import, "sent twice");
    let result = page(admin, &import);
    for text in
        ["1 student was added", "1 student was changed", "Download the row", "Undo this import"]
    {
        assert!(result.contains(text), "{text}: {result}");
    }
    let again = see_other(&send(admin, "list.csv", file.as_bytes()));
    admin.submit(&again, &all);
    assert!(page(admin, &again).contains("This file was imported before"));
    let id = import.rsplit('/').next().unwrap();
    let undone = admin.submit(&format!("/desk/operations/{id}/undo"), &[]);
    let undone = page(admin, &see_other(&undone));
    assert!(undone.contains("2"), "{undone}");
    assert_eq!(count(database, "students"), 1);
    assert_eq!(see_other(&admin.submit(&format!("{again}/cancel"), &[])), "/desk/imports");
    assert!(page(admin, &again).contains("given up"));
    assert!(page(admin, "/desk/imports").contains("list.csv"));
}

fn a_file_that_cannot_be_read_is_said_so_on_the_page(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let refused = send(&office.admin, "list.csv", b"%PDF-1.7 x");
    assert_eq!(refused.status(), 415);
    let refused = refused.text().unwrap();
    assert!(refused.contains("The file is a PDF.") && refused.contains("CSV UTF-8"), "{refused}");
    let none = send(&office.admin, "", b"");
    assert_eq!(none.status(), 400);
    assert!(none.text().unwrap().contains("Choose a file"));
    // A session that has ended: the file is chosen again after signing in.
    let mut stranger = office.admin.clone();
    stranger.cookie = Some("__Host-desk=unknown".to_owned());
    let page = send(&stranger, "list.csv", b"email\na@example.org\n");
    assert_eq!(page.status(), 401);
    assert!(page.text().unwrap().contains("Sign in"));
}

fn the_command_line_plans_imports_and_reports(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    office.register(&["zoe@example.org"]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.csv");
    let command = |content: &[u8], arguments: &[&str]| {
        fs::write(&path, content).unwrap();
        let mut command = Command::new(BINARY);
        let command = command.env_clear().env("DATABASE_URL", database.url());
        let output = command.arg("import").arg(&path).args(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    let file = b"first_name,last_name,email\nMax,Power,max@example.org\nAnn,B,zoe@example.org\n";
    let (code, planned, _) = command(file, &["--dry-run"]);
    assert_eq!(code, 0);
    let expected = "1 create, 0 update, 0 unchanged, 0 same person, 1 conflict, 0 invalid; nothing was stored\n";
    assert!(planned.ends_with(expected), "{planned}");
    assert!(planned.starts_with("line 3: A student with this address is registered"), "{planned}");
    assert_eq!(count(database, "students"), 1);
    let (code, stored, _) = command(file, &["--update-existing", "--json"]);
    let stored: Value = serde_json::from_str(&stored).unwrap();
    assert_eq!((code, &stored["state"], &stored["created"]), (0, &"done".into(), &1.into()));
    assert_eq!(stored["updated"], 1);
    assert_eq!(count(database, "journal WHERE action = 'created' AND actor_kind = 4"), 1);
    let (code, _, error) = command(b"%PDF-1.7", &[]);
    assert!(code == 1 && error.contains("the file cannot be read: pdf"), "{error}");
    let (code, _, error) = command(b"Vorname,Name\na,b\n", &[]);
    assert!(code == 1 && error.contains("first_name, last_name and email"), "{error}");
    let bad = b"first_name,last_name,email\n,B,c@example.org\nD,E,d@example.org\n";
    let (code, _, error) = command(bad, &["--all-or-nothing"]);
    assert!(code == 1 && error.contains("some cannot be"), "{error}");
    assert_eq!(count(database, "imports WHERE state NOT IN (5, 7)"), 0, "none is left open");
}
