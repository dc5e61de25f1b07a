//! Imports with many rows: random ones, two at once, and processes that are killed.

use std::{fmt::Write as _, thread};

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_every_backend};
use serde_json::{Value, json};

use super::{
    super::undo::rows,
    Office, count, find,
    operations::{fill, undo, wait},
    run, upload, upload_with, uploaded, wait_for,
};
use crate::support::{builder, header, start};

pub(super) fn trials() -> Vec<Trial> {
    on_every_backend![
        a_preview_says_what_is_stored,
        two_imports_of_a_file_are_one_student_each,
        a_killed_import_goes_on_and_stores_each_row_once,
        undoing_an_import_restores_every_row,
    ]
}

/// Numbers that look random.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from((self.0 >> 33) % limit as u64).unwrap()
    }
}

/// A file with rows for new and for existing students, repeated rows and invalid ones.
fn random_file(numbers: &mut Numbers, students: &[(String, u64, String)], count: usize) -> String {
    let mut file = "id,version,first_name,last_name,email,status\n".to_owned();
    for _ in 0..count {
        let (id, version, email) = &students[numbers.below(students.len())];
        let has_id = numbers.below(3) == 0;
        let id = if has_id { id.as_str() } else { "" };
        let version =
            if has_id && numbers.below(4) > 0 { version.to_string() } else { String::new() };
        let email = match numbers.below(4) {
            0 => email.clone(),
            1 => format!("other{}@example.org", numbers.below(count)),
            2 => format!("NEW{}@example.org", numbers.below(2 * count)),
            _ => ["", "x", "a@b"][numbers.below(3)].to_owned(),
        };
        let name = ["Zoë", "Zoe", "", "Ann"][numbers.below(4)];
        let status = ["", "", "pending", "confirmed", "rejected", "x"][numbers.below(6)];
        writeln!(file, "{id},{version},{name},Brontë,{email},{status}").unwrap();
    }
    file
}

fn a_preview_says_what_is_stored(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let emails: Vec<_> = (0..40).map(|n| format!("n{n}@example.org")).collect();
    let emails: Vec<_> = emails.iter().map(String::as_str).collect();
    office.register(&emails);
    let mut numbers = Numbers(7);
    let (mut created, mut updated) = (0, 0);
    for turn in 0..9 {
        let listed = admin.read("/api/students?limit=200");
        let students: Vec<_> = listed["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|student| {
                let text = |name: &str| student[name].as_str().unwrap().to_owned();
                (text("id"), student["version"].as_u64().unwrap(), text("email"))
            })
            .collect();
        let file = random_file(&mut numbers, &students, 120);
        let update = turn % 3 > 0;
        let options = json!({"update_existing": update, "overwrite_changed": turn % 2 == 0});
        let options = options.to_string();
        let response = upload_with(admin, "r.csv", file.as_bytes(), &[("options", &*options)]);
        let import = uploaded(response);
        assert_eq!(import["state"], "planned");
        let before = count(database, "students");
        let stored: Value = run(admin, &import).json().unwrap();
        assert_eq!(stored["state"], "done", "{stored}");
        let counts = &stored["counts"];
        assert_eq!(counts["changed_since"], 0, "{stored}");
        assert_eq!(stored["created"], counts["create"]);
        assert_eq!(stored["updated"], counts["update"]);
        let new = counts["create"].as_u64().unwrap();
        assert_eq!(count(database, "students"), before + new);
        created += new;
        updated += counts["update"].as_u64().unwrap();
    }
    assert!(created > 80 && updated > 30, "{created} {updated}");
}

fn many(count: usize) -> String {
    let rows = (0..count).map(|n| format!("Zoë,Brontë,m{n:05}@example.org\n"));
    format!("first_name,last_name,email\n{}", rows.collect::<String>())
}

fn two_imports_of_a_file_are_one_student_each(database: &TestDatabase) {
    let (first, second) = (start(database), start(database));
    let office = Office::open(&first, database);
    let people = [office.admin.clone(), office.admin.at(&second)];
    let file = many(700);
    let imports = people.each_ref().map(|person| upload(person, &file));
    for (person, import) in people.iter().zip(&imports) {
        wait_for(person, import, "planned");
    }
    thread::scope(|scope| {
        for (person, import) in people.iter().zip(&imports) {
            scope.spawn(move || assert!(run(person, import).status().is_success()));
        }
    });
    let done = [0, 1].map(|n| wait_for(&people[n], &imports[n], "done"));
    let sum = |name: &str| -> u64 {
        done.iter().map(|import| import["counts"][name].as_u64().unwrap()).sum()
    };
    assert_eq!((sum("stored"), sum("changed_since")), (700, 700));
    assert_eq!(count(database, "students"), 700);
    assert_eq!(count(database, "journal WHERE action = 'created'"), 700);
}

fn a_killed_import_goes_on_and_stores_each_row_once(database: &TestDatabase) {
    const ROWS: u64 = 4_000;
    let mut service = start(database);
    let office = Office::open(&service, database);
    let mut admin = office.admin.clone();
    let file = many(usize::try_from(ROWS).unwrap());
    let import = upload(&admin, &file);
    let planned = || count(database, "import_rows");
    let mut kills = 0;
    while planned() < ROWS {
        let before = planned();
        wait(|| planned() > before);
        service.kill();
        kills += 1;
        service = builder(database).env("NO_MIGRATE", "true").start();
    }
    admin = admin.at(&service);
    let view = wait_for(&admin, &import, "planned");
    assert_eq!(view["counts"]["create"], ROWS, "each row has one plan");
    assert_eq!(run(&admin, &import).status(), 202);
    let stored = || count(database, "students");
    while stored() < ROWS {
        let before = stored();
        wait(|| stored() > before);
        service.kill();
        kills += 1;
        service = builder(database).env("NO_MIGRATE", "true").start();
    }
    assert!(kills > 2, "{kills}");
    admin = admin.at(&service);
    let done = wait_for(&admin, &import, "done");
    assert_eq!((&done["created"], &done["counts"]["stored"]), (&json!(ROWS), &json!(ROWS)));
    assert_eq!(stored(), ROWS);
    assert_eq!(
        count(database, "(SELECT DISTINCT subject FROM journal WHERE action = 'created') AS s"),
        ROWS
    );
    assert_eq!(count(database, "journal WHERE action = 'created'"), ROWS);
    assert_eq!(count(database, "student_search"), ROWS);
}

fn undoing_an_import_restores_every_row(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    fill(database, 300);
    wait(|| count(database, "student_search") == 300);
    let before = rows(database);
    let old = (0..300).map(|n| format!("Ann,Changed,filled{n:05}@example.org\n"));
    let file = many(400) + &old.collect::<String>();
    let options = [("options", r#"{"update_existing": true}"#)];
    let import = uploaded(upload_with(admin, "m.csv", file.as_bytes(), &options));
    let import = wait_for(admin, &import, "planned");
    assert!(run(admin, &import).status().is_success());
    let done = wait_for(admin, &import, "done");
    assert_eq!((&done["created"], &done["updated"]), (&json!(400), &json!(300)));
    let undone = undo(admin, &import);
    assert_eq!(undone.status(), 202);
    let location = header(&undone, "location").to_owned();
    wait(|| admin.read(&location)["state"] == "done");
    let operation = admin.read(&location);
    assert_eq!((&operation["applied"], &operation["skips"]), (&json!(700), &json!([])));
    assert_eq!(rows(database), before);
    assert_eq!(find(admin, &import)["created"], 400, "the import still says what it did");
}
