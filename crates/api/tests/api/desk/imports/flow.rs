//! What an import plans, stores, leaves alone and undoes.

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_every_backend, on_sqlite};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    Office, count, done, find, header, operations::undo, patch, path, problem, rows, run, upload,
    upload_with, uploaded, verdicts,
};
use crate::support::{metric, start};

pub(super) fn trials() -> Vec<Trial> {
    let mut trials = on_every_backend![
        rows_are_planned_stored_and_undone,
        the_rows_that_were_left_out_come_back_mended,
        statuses_follow_the_table,
    ];
    trials.extend(on_sqlite![
        a_row_about_a_student_who_has_changed_is_left_alone,
        all_rows_are_stored_or_none,
        an_import_is_at_one_step,
        settings_are_checked,
        rights_are_those_of_the_table,
    ]);
    trials
}

fn rows_are_planned_stored_and_undone(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let ids = office.register(&["a@example.org", "b@example.org"]);
    let file = "First name,Last name,Email\r\n\
                Zoë,Brontë,new@example.org\r\n\
                Anna,Changed,a@example.org\r\n\
                Zoë,Brontë,b@example.org\r\n\
                Zoe,Bronte,NEW@example.org\r\n\
                ,Brontë,x@example\r\n";
    let options = json!({"update_existing": true}).to_string();
    let response = upload_with(admin, "new.csv", file.as_bytes(), &[("options", &*options)]);
    let location = header(&response, "location").to_owned();
    let import = uploaded(response);
    assert_eq!(location, path(&import, ""));
    assert_eq!(import["state"], "planned");
    assert_eq!(verdicts(&import), [1, 1, 1, 1, 0, 1]);
    let planned = rows(admin, &import, "");
    let reasons: Vec<_> = planned.iter().map(|row| row["reasons"].clone()).collect();
    assert_eq!(reasons[4], json!(["first_name:required", "email:invalid_email"]));
    assert_eq!((&planned[3]["same_as"], &planned[3]["line"]), (&json!(2), &json!(5)));
    let changes = json!([
        {"column": "first_name", "from": "Zoë", "to": "Anna"},
        {"column": "last_name", "from": "Brontë", "to": "Changed"},
    ]);
    assert_eq!(planned[1]["changes"], changes);
    assert_eq!(rows(admin, &import, "verdict=invalid").len(), 1);
    assert_eq!(rows(admin, &import, "verdict=left_out").len(), 2);
    assert_eq!(count(database, "students"), 2, "nothing is stored yet");

    let stored = done(admin, &import);
    assert_eq!((&stored["created"], &stored["updated"]), (&json!(1), &json!(1)));
    assert_eq!(count(database, "students WHERE source = 4"), 1);
    assert_eq!(count(database, "student_words WHERE word = 'changed'"), 1, "it is found");
    assert_eq!(count(database, "import_parts"), 0, "the file is no longer needed");
    let of_import = format!("journal WHERE operation = {}", hex(database, &import));
    assert_eq!(count(database, &of_import), 3, "an entry for each, and one for all");
    let history = admin.read(&format!("/api/students/{}/history", ids[0]));
    let entry = &history["items"][0];
    assert_eq!((&entry["action"], &entry["operation"]), (&json!("edited"), &import["id"]));
    assert_eq!(entry["detail"]["fields"], "first_name,last_name");
    let page = admin.open(&format!("/desk/students/{}", ids[0])).text().unwrap();
    let undoes = format!("/desk/operations/{}/undo", import["id"].as_str().unwrap());
    assert!(!page.contains(&undoes), "a student's page does not undo all");
    for (verdict, count) in [("create", 1.0), ("invalid", 1.0), ("update", 1.0)] {
        let name = format!("import_rows_total{{verdict=\"{verdict}\"}}");
        assert!(metric(&service, &name) >= count, "{name}");
    }
    for phase in ["plan", "run"] {
        let name = format!("import_duration_seconds_count{{phase=\"{phase}\"}}");
        assert!(metric(&service, &name) >= 1.0, "{name}");
    }

    let view = admin.read(&format!("/api/operations/{}", import["id"].as_str().unwrap()));
    assert_eq!((&view["kind"], &view["applied"]), (&json!("imported"), &json!(2)));
    let undone: Value = undo(admin, &import).json().unwrap();
    assert_eq!(undone["applied"], 2, "{undone}");
    assert_eq!(count(database, "students"), 2);
    assert_eq!(count(database, "student_words WHERE word = 'changed'"), 0);
    let student = admin.read(&format!("/api/students/{}", ids[0]));
    assert_eq!((&student["first_name"], &student["version"]), (&json!("Zoë"), &json!(3)));
    assert_eq!(problem(undo(admin, &import))["code"], "changed_since");
    // The address is free again, and the file can be imported again.
    let again = upload(admin, "first_name,last_name,email\nZoë,Brontë,new@example.org\n");
    assert_eq!(verdicts(&again), [1, 0, 0, 0, 0, 0]);
    assert_eq!(done(admin, &again)["created"], 1);
}

fn hex(database: &TestDatabase, import: &Value) -> String {
    let digits = import["id"].as_str().unwrap().replace('-', "");
    match database.backend() {
        registration_testkit::Backend::Sqlite => format!("X'{digits}'"),
        registration_testkit::Backend::Mysql => format!("UNHEX('{digits}')"),
    }
}

fn the_rows_that_were_left_out_come_back_mended(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let file = "Notes;Email;First name;Last name\n\
                x;zoe@example;Zoë;'-Weber\n\
                \"a;b\";ok@example.org;Max;Power\n";
    let import = upload(admin, file);
    assert_eq!(verdicts(&import), [1, 0, 0, 0, 0, 1]);
    done(admin, &import);
    let path = path(&import, "/errors.csv?lang=it");
    let errors = admin.request(Method::GET, &path).send().unwrap();
    assert_eq!(header(&errors, "content-type"), "text/csv; charset=utf-8; header=present");
    let errors = errors.text().unwrap();
    let expected = "\u{FEFF}Riga;Perché no;;Indirizzo email;Nome;Cognome\r\n2;";
    assert!(errors.starts_with(expected), "{errors}");
    assert!(errors.ends_with(";x;zoe@example;Zoë;'-Weber\r\n"), "{errors}");
    let same = upload(admin, &errors);
    assert_eq!(verdicts(&same), [0, 0, 0, 0, 0, 1], "as it is");
    let mended = upload(admin, &errors.replace("zoe@example", "zoe@example.org"));
    assert_eq!(verdicts(&mended), [1, 0, 0, 0, 0, 0]);
    done(admin, &mended);
    assert_eq!(count(database, "students WHERE last_name = '-Weber'"), 1, "without the guard");
}

fn statuses_follow_the_table(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let ids = office.register(&["a@example.org", "b@example.org", "c@example.org"]);
    assert_eq!(admin.decide(&ids[1], 1, "withdrawn").status(), 200);
    let file = format!(
        "id,version,email,first_name,status\n\
         {},1,a@example.org,Ann,confirmed\n\
         {},2,b@example.org,Zoë,confirmed\n\
         {},1,c@example.org,Zoë,rejected\n\
         ,,d@example.org,Dan,waitlisted\n",
        ids[0], ids[1], ids[2]
    );
    let import = upload(admin, &file);
    let planned = rows(admin, &import, "");
    let reasons: Vec<_> = planned.iter().map(|row| &row["reasons"]).collect();
    assert_eq!(reasons[1], &json!(["illegal_transition"]));
    assert_eq!(reasons[2], &json!(["reason_needed"]));
    assert_eq!(reasons[3], &json!(["last_name:required"]), "no column");
    let stored = done(admin, &import);
    assert_eq!(stored["updated"], 1);
    let student = || admin.read(&format!("/api/students/{}", ids[0]));
    let after = student();
    assert_eq!(
        (&after["first_name"], &after["status"], &after["version"]),
        (&json!("Ann"), &json!("confirmed"), &json!(3))
    );
    let changed = r#"desk_transitions_total{from="pending",to="confirmed",by="import"}"#;
    assert!(metric(&service, changed) >= 1.0);
    // Both of its changes are undone as one, and redone.
    let undone: Value = undo(admin, &import).json().unwrap();
    assert_eq!(undone["applied"], 1, "{undone}");
    let before = student();
    assert_eq!((&before["first_name"], &before["status"]), (&json!("Zoë"), &json!("pending")));
    let redone: Value = undo(admin, &undone).json().unwrap();
    assert_eq!(redone["applied"], 1, "{redone}");
    let again = student();
    assert_eq!((&again["first_name"], &again["status"]), (&json!("Ann"), &json!("confirmed")));
    // New students with a status get it at once, and are undone with it.
    let rows = (0..150).map(|n| format!("New,One,n{n}@example.org,confirmed\n"));
    let file = format!("first_name,last_name,email,status\n{}", rows.collect::<String>());
    let import = upload(admin, &file);
    assert_eq!(done(admin, &import)["created"], 150);
    assert_eq!(count(database, "students WHERE status = 3 AND version = 2 AND source = 4"), 150);
    let first = admin.read("/api/students?q=n7@")["items"][0]["id"].as_str().unwrap().to_owned();
    let note = json!({"to": "waitlisted", "note": "called"});
    let path = format!("/api/students/{first}/transitions");
    assert_eq!(admin.send(&Method::POST, &path, Some(2), &note).status(), 200);
    let back = admin.read(&format!("/api/students/{first}/history"))["items"][0].clone();
    assert_eq!(undo(admin, &json!({"id": back["operation"]})).status(), 200);
    let second = admin.read("/api/students?q=n8@")["items"][0]["id"].as_str().unwrap().to_owned();
    let item = json!({"title": "Call the mother"});
    let path = format!("/api/students/{second}/tasks");
    assert_eq!(admin.send(&Method::POST, &path, None, &item).status(), 201);
    // A note, or an item, is not lost with the student.
    let undone: Value = undo(admin, &import).json().unwrap();
    assert_eq!(undone["applied"], 148, "{undone}");
    assert_eq!(undone["skips"], json!([{"reason": "changed_since", "count": 2}]));
    assert_eq!(count(database, "students WHERE source = 4"), 2);
}

fn a_row_about_a_student_who_has_changed_is_left_alone(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let [id] = &office.register(&["a@example.org"])[..] else { panic!() };
    let file = format!("id,version,first_name\n{id},1,Ann\n");
    let edit = json!({"first_name": "Colleague"});
    let student = format!("/api/students/{id}");
    assert_eq!(admin.send(&Method::PATCH, &student, Some(1), &edit).status(), 200);
    let import = upload(admin, &file);
    assert_eq!(rows(admin, &import, "")[0]["reasons"], json!(["changed_since_export"]));
    let change = json!({"overwrite_changed": true});
    let changed: Value = patch(admin, &import, &change).json().unwrap();
    assert_eq!(verdicts(&changed), [0, 1, 0, 0, 0, 0]);
    // Someone changes it between the preview and the run.
    let edit = json!({"first_name": "Again"});
    assert_eq!(admin.send(&Method::PATCH, &student, Some(2), &edit).status(), 200);
    let stored = done(admin, &import);
    assert_eq!((&stored["updated"], &stored["counts"]["changed_since"]), (&json!(0), &json!(1)));
    assert_eq!(admin.read(&student)["first_name"], "Again");
    assert_eq!(rows(admin, &import, "verdict=left_out")[0]["outcome"], "changed_since");
    // Registered between the preview and the run.
    let import = upload(admin, "first_name,last_name,email\nN,One,late@example.org\n");
    office.register(&["late@example.org"]);
    assert_eq!(done(admin, &import)["counts"]["changed_since"], 1);
    assert_eq!(count(database, "students"), 2);
}

fn all_rows_are_stored_or_none(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let options = [("options", r#"{"all_or_nothing": true}"#)];
    let send = |file: &str| uploaded(upload_with(admin, "all.csv", file.as_bytes(), &options));
    let import = send("first_name,last_name,email\nA,One,a@example.org\nB,,b@example.org\n");
    let refused = problem(run(admin, &import));
    assert_eq!((&refused["code"], &refused["left_out"]), (&json!("rows_left_out"), &json!(1)));
    let both = "first_name,last_name,email\nA,One,a@example.org\nB,Two,b@example.org\n";
    let import = send(both);
    office.register(&["b@example.org"]);
    // What is stored has changed: every row is planned anew, and nothing is stored.
    let response = run(admin, &import);
    let again: Value = response.json().unwrap();
    assert_eq!((&again["state"], verdicts(&again)), (&json!("planned"), vec![1, 0, 0, 0, 1, 0]));
    assert_eq!(count(database, "students"), 1);
    // Also where values of an earlier row were changed: everything is rolled back.
    let options = [("options", r#"{"all_or_nothing": true, "update_existing": true}"#)];
    let file = "first_name,last_name,email\nAnn,One,b@example.org\nN,Two,new@example.org\n";
    let import = uploaded(upload_with(admin, "all.csv", file.as_bytes(), &options));
    office.register(&["new@example.org"]);
    let again: Value = run(admin, &import).json().unwrap();
    assert_eq!((&again["state"], verdicts(&again)), (&json!("planned"), vec![0, 2, 0, 0, 0, 0]));
    assert_eq!(count(database, "students WHERE first_name = 'Ann'"), 0);
    let other = send(&both.replace("b@", "c@"));
    assert_eq!(done(admin, &other)["created"], 2);
    let many = (0..1_001).map(|n| format!("A,B,m{n}@example.org\n")).collect::<String>();
    let import = send(&format!("first_name,last_name,email\n{many}"));
    let refused = problem(run(admin, &import));
    assert_eq!((&refused["code"], &refused["most"]), (&json!("too_many_for_one"), &json!(1000)));
}

fn an_import_is_at_one_step(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let import = upload(admin, "Vorname,Name,Mail\nZoë,Brontë,zoe@example.org\n");
    assert_eq!(import["state"], "needs_mapping");
    assert_eq!(import["settings"]["columns"], json!([null, null, "email"]));
    assert_eq!(problem(run(admin, &import))["code"], "wrong_import_state");
    let columns = json!({"columns": ["first_name", "last_name", "email"]});
    let planned: Value = patch(admin, &import, &columns).json().unwrap();
    assert_eq!(
        (&planned["state"], verdicts(&planned)),
        (&json!("planned"), vec![1, 0, 0, 0, 0, 0])
    );
    done(admin, &import);
    let refused = problem(run(admin, &import));
    assert_eq!(
        (&refused["code"], &refused["state"]),
        (&json!("wrong_import_state"), &json!("done"))
    );
    assert_eq!(problem(patch(admin, &import, &columns))["code"], "wrong_import_state");
    let delete =
        |import: &Value| admin.send(&Method::DELETE, &path(import, ""), None, &Value::Null);
    assert_eq!(problem(delete(&import))["code"], "wrong_import_state");
    let other = upload(admin, "first_name,last_name,email\nZoë,Brontë,zoe@example.org\n");
    assert_eq!(
        (delete(&other).status(), &find(admin, &other)["state"]),
        (204.try_into().unwrap(), &json!("cancelled"))
    );
    assert_eq!(count(database, "import_parts"), 0);
    let same = upload(admin, "Vorname,Name,Mail\nZoë,Brontë,zoe@example.org\n");
    assert_eq!(same["same_file"], import["id"], "it was imported before");
    let listed = admin.read("/api/imports")["items"].as_array().unwrap().clone();
    let ids: Vec<_> = listed.iter().map(|import| &import["id"]).collect();
    assert_eq!(ids, [&same["id"], &other["id"], &import["id"]]);
    let unknown = "/api/imports/01890a5d-ac96-774b-bcce-b302099a8057";
    for (method, part) in [(Method::GET, ""), (Method::GET, "/rows"), (Method::POST, "/run")] {
        let answer = admin.send(&method, &format!("{unknown}{part}"), None, &Value::Null);
        assert_eq!(answer.status(), 404, "{method} {part}");
    }
}

fn settings_are_checked(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let import = upload(admin, "first_name,last_name,email\nZoë,Brontë,zoe@example.org\n");
    for (change, code) in [
        (json!({"columns": ["email", "email"]}), "mapping"),
        (json!({"columns": ["first_name", null]}), "mapping"),
        (json!({"columns": ["shoe_size"]}), "invalid_fields"),
        (json!({"columns": vec![Value::Null; 101]}), "mapping"),
        (json!({"encoding": "x".repeat(101)}), "mapping"),
        (json!({"columns": "email"}), "invalid_fields"),
        (json!({"delimiter": "comma", "sheet": "1"}), "unknown_field"),
        (json!({"delimiter": "dot"}), "invalid_fields"),
        (json!({"update_existing": "yes"}), "invalid_fields"),
        (json!({"state": "done"}), "unknown_field"),
    ] {
        assert_eq!(problem(patch(admin, &import, &change))["code"], code, "{change}");
    }
    let failed: Value = patch(admin, &import, &json!({"encoding": "klingon"})).json().unwrap();
    assert_eq!(
        (&failed["state"], &failed["problem"]["why"]),
        (&json!("failed"), &json!("undecodable"))
    );
    let again: Value = patch(admin, &import, &json!({"encoding": "UTF-8"})).json().unwrap();
    assert_eq!((&again["state"], &again["problem"]), (&json!("planned"), &Value::Null));
    for (query, code) in [
        ("verdict=maybe", "invalid_filter"),
        ("limit=0", "invalid_filter"),
        ("limit=201", "invalid_filter"),
        ("order=line", "invalid_filter"),
        ("cursor=x", "invalid_cursor"),
    ] {
        let path = path(&import, &format!("/rows?{query}"));
        assert_eq!(problem(admin.request(Method::GET, &path).send().unwrap())["code"], code);
    }
    let options = [("options", r#"{"update": true}"#)];
    let refused = upload_with(admin, "a.csv", b"email\na@example.org\n", &options);
    assert_eq!(problem(refused)["code"], "unknown_field");
}

fn rights_are_those_of_the_table(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let file = b"first_name,last_name,email\nZoe,B,zoe@example.org\n";
    let viewer = office.person("viewer");
    assert_eq!(problem(upload_with(&viewer, "a.csv", file, &[]))["code"], "forbidden");
    let registrar = office.person("registrar");
    let import = uploaded(upload_with(&registrar, "a.csv", file, &[]));
    assert_eq!(done(&registrar, &import)["by"]["kind"], "staff");
    let other = office.program(&["students:write"]);
    assert_eq!(problem(upload_with(&other, "a.csv", file, &[]))["code"], "insufficient_scope");
}
