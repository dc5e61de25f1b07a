//! Exports: the list as CSV and XLSX.

use std::{fs::File, io::Cursor, process::Command};

use calamine::{Data, Reader as _, Xlsx};
use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_every_backend, on_sqlite};
use reqwest::{Method, Version, blocking::Response};
use serde_json::json;

use super::{
    Office, checklist,
    journal::number,
    office::Person,
    operations::{fill, wait},
};
use crate::support::{BINARY, header, metric, post, problem, registration, start};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_every_backend![the_whole_list_is_in_the_file];
    trials.extend(on_sqlite![
        a_file_for_people_has_words_and_what_excel_expects,
        a_worksheet_has_text_numbers_and_times,
        students_renamed_meanwhile_are_in_the_file_once,
        no_delimiter_makes_a_formula_of_a_name,
        a_search_that_does_not_find_everyone_is_no_file,
        what_is_no_export_is_refused,
        a_printed_list_is_recorded,
        the_command_line_exports_as_the_office_does,
    ]);
    trials
}

pub(super) fn open(person: &Person, path: &str) -> Response {
    let response = person.request(Method::GET, path).send().unwrap();
    let status = response.status().as_u16();
    assert_eq!(status, 200, "{path}: {}", response.text().unwrap());
    response
}

/// The rows of a CSV file, the headings first.
fn rows(file: &str, delimiter: u8) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.has_headers(false).delimiter(delimiter).from_reader(file.as_bytes());
    let row = |row: Result<csv::StringRecord, _>| row.unwrap().iter().map(str::to_owned).collect();
    reader.records().map(row).collect()
}

fn column(rows: &[Vec<String>], name: &str) -> Vec<String> {
    let place = rows[0].iter().position(|heading| heading == name).unwrap();
    rows[1..].iter().map(|row| row[place].clone()).collect()
}

const HEADINGS: [&str; 12] = [
    "id",
    "version",
    "registration_number",
    "first_name",
    "last_name",
    "email",
    "status",
    "source",
    "created_at",
    "updated_at",
    "tasks_open",
    "tasks_done",
];

fn the_whole_list_is_in_the_file(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    // More than two pages.
    fill(database, 450);
    let [last] = &office.register(&["last@example.org"])[..] else { panic!() };
    checklist::template(admin, "Fee paid");
    assert_eq!(admin.decide(last, 1, "confirmed").status(), 200);
    let program = office.program(&["exports:read"]);
    let response = open(&program, "/api/students.csv");
    assert_eq!(header(&response, "content-type"), "text/csv; charset=utf-8; header=present");
    let disposition = header(&response, "content-disposition");
    assert!(disposition.starts_with("attachment; filename=\"students-2"), "{disposition}");
    assert_eq!(header(&response, "cache-control"), "no-store");
    let file = response.text().unwrap();
    assert!(file.starts_with("id,version,") && file.ends_with("\r\n"));
    let all = rows(&file, b',');
    assert_eq!((all.len(), &all[0][..]), (452, &HEADINGS.map(str::to_owned)[..]));
    let emails = column(&all, "email");
    assert!(emails[..450].is_sorted(), "in the order of registration");
    assert_eq!(emails[450], "last@example.org");
    let of_last: Vec<_> = all[451][6..].iter().map(String::as_str).collect();
    assert_eq!((of_last[0], of_last[1], of_last[4], of_last[5]), ("confirmed", "api", "1", "0"));
    let student = admin.read(&format!("/api/students/{last}"));
    assert_eq!(
        (of_last[2], of_last[3]),
        (student["created_at"].as_str().unwrap(), student["updated_at"].as_str().unwrap())
    );
    assert_eq!(all[451][2], student["registration"]["reference"].as_str().unwrap());

    for (query, count) in [
        ("status=confirmed", 1),
        ("source=form", 450),
        ("q=last", 1),
        ("q=unknown", 0),
        ("task=any", 1),
        ("registered_to=2026-09-01", 450),
    ] {
        let file = open(&program, &format!("/api/students.csv?{query}")).text().unwrap();
        assert_eq!(rows(&file, b',').len(), count + 1, "{query}");
    }
    let path = "/api/students.csv?column=email&column=version&sort=-registered";
    let file = program.request(Method::GET, path).header("accept-encoding", "gzip").send().unwrap();
    assert_eq!(file.headers().get("content-encoding"), None, "it leaves as it is written");
    let some = rows(&file.text().unwrap(), b',');
    assert_eq!(
        (&some[0], &some[1]),
        (
            &vec!["email".to_owned(), "version".to_owned()],
            &vec!["last@example.org".to_owned(), "2".to_owned()]
        )
    );

    let journal = admin.read("/api/journal?action=export_ended&limit=200");
    let entries = journal["items"].as_array().unwrap();
    assert_eq!(entries.len(), 8);
    let whole = &entries[7];
    let detail =
        json!({"format": "csv", "sort": "registered", "rows": "451", "outcome": "complete"});
    assert_eq!((&whole["detail"], &whole["actor"]["kind"]), (&detail, &json!("token")));
    let begun = "SELECT COUNT(*) FROM journal WHERE action = 'exported'";
    assert_eq!(number(database, begun), 8);
    let searched =
        "SELECT COUNT(*) FROM journal WHERE detail LIKE '%last%' OR detail LIKE '%unknown%'";
    assert_eq!(number(database, searched), 0, "a search term is personal data");
    assert_eq!(
        metric(&service, "export_rows_total{format=\"csv\"}"),
        451.0 + 1.0 + 450.0 + 1.0 + 1.0 + 450.0 + 451.0
    );
}

/// Names that a spreadsheet would change.
const NAMES: [&str; 4] = ["O’Neil", "Ñandú", "Saint-Exupéry", "محمد"];

fn a_file_for_people_has_words_and_what_excel_expects(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    for (number, name) in NAMES.iter().enumerate() {
        let mut body = registration(&format!("n{number}@example.org"));
        body["last_name"] = json!(name);
        assert_eq!(post(&service, &body).status(), 201);
    }
    // The form refuses such names; an older version may have stored one.
    database.execute("UPDATE students SET first_name = '=cmd|A1', email = '+39@example.org' WHERE email = 'n0@example.org'");
    let read = |query: &str, language: &str| {
        let path = format!("/api/students.csv?style=excel&lang={language}{query}");
        open(&office.admin, &path).text().unwrap()
    };
    let bytes = open(&office.admin, "/api/students.csv?style=excel&lang=it").bytes().unwrap();
    assert!(bytes.starts_with(b"\xEF\xBB\xBFId dello studente;Versione;"));
    let italian = rows(std::str::from_utf8(&bytes[3..]).unwrap(), b';');
    assert_eq!(column(&italian, "Stato")[0], "Ricevuta");
    assert_eq!(column(&italian, "Cognome"), NAMES);
    assert_eq!(column(&italian, "Nome")[0], "'=cmd|A1", "not a formula");
    assert_eq!(column(&italian, "Indirizzo email")[0], "'+39@example.org");
    let at = &column(&italian, "Iscrizione (UTC)")[0];
    assert!(chrono::NaiveDateTime::parse_from_str(at, "%Y-%m-%d %H:%M:%S").is_ok(), "{at}");
    let english = rows(read("", "en").trim_start_matches('\u{FEFF}'), b',');
    assert_eq!(column(&english, "Status")[0], "Received");
    let raw = rows(&open(&office.admin, "/api/students.csv?safe=false").text().unwrap(), b',');
    assert_eq!(column(&raw, "first_name")[0], "=cmd|A1");
    let page = office.admin.open("/desk/students?status=pending&sort=name").text().unwrap();
    assert!(page.contains("/desk/students/export?status=pending&#38;sort=name"), "{page}");
    let page = office.admin.open("/desk/students/export?status=pending&sort=name").text().unwrap();
    assert!(
        page.contains("4 students of the list are exported")
            && page.contains("formaction=\"/api/students.xlsx\"")
    );
    assert!(page.contains("name=\"sort\" value=\"name\""));
}

fn a_worksheet_has_text_numbers_and_times(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    fill(database, 250);
    database.execute("UPDATE students SET first_name = '=1+1', last_name = '007' WHERE email = 'filled00000@example.org'");
    let response = open(&office.admin, "/api/students.xlsx");
    let media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    assert_eq!(header(&response, "content-type"), media);
    let mut book = Xlsx::new(Cursor::new(response.bytes().unwrap())).unwrap();
    let name = book.sheet_names()[0].clone();
    let sheet = book.worksheet_range(&name).unwrap();
    assert_eq!(sheet.get_size(), (251, 12));
    let headings: Vec<_> = sheet.rows().next().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(headings, HEADINGS);
    let row = sheet.rows().nth(1).unwrap();
    assert_eq!(row[3], Data::String("=1+1".to_owned()), "not a formula");
    assert_eq!(row[4], Data::String("007".to_owned()));
    assert_eq!(row[1], Data::Float(1.0));
    assert!(
        matches!(&row[8], Data::DateTime(at) if at.to_ymd_hms_milli() == (2026, 9, 1, 9, 0, 0, 0)),
        "{row:?}"
    );
    assert!(book.worksheet_formula(&name).unwrap().is_empty());
    assert_eq!(metric(&service, "export_rows_total{format=\"xlsx\"}"), 250.0);
}

fn students_renamed_meanwhile_are_in_the_file_once(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let [first] = &office.register(&["first@example.org"])[..] else { panic!() };
    fill(database, 40_000);
    let [last] = &office.register(&["last@example.org"])[..] else { panic!() };
    wait(|| number(database, "SELECT COUNT(*) FROM student_search") == 40_002);
    let rename = |id: &str, version: u32, name: &str| {
        let tag = format!("\"{version}\"");
        let request = office.admin.request(Method::PATCH, &format!("/api/students/{id}"));
        let request = request.header("If-Match", tag).json(&json!({"last_name": name}));
        assert_eq!(request.send().unwrap().status(), 200);
    };
    rename(first, 1, "Aaron");
    rename(last, 1, "Zuse");
    let response = open(&office.admin, "/api/students.csv?sort=name&column=email");
    rename(first, 2, "Zweig");
    rename(last, 2, "Abel");
    assert_eq!(number(database, "SELECT COUNT(*) FROM journal WHERE action = 'export_ended'"), 0);
    let file = response.text().unwrap();
    let lines: std::collections::BTreeSet<_> = file.lines().collect();
    assert_eq!((file.lines().count(), lines.len()), (40_003, 40_003));
}

fn no_delimiter_makes_a_formula_of_a_name(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let name = "x;=1,+1\t@1;\"=1,\"\"=1|-1\n=1";
    database.execute(&format!("INSERT INTO students (public_id, first_name, last_name, email, email_key, created_at) VALUES (X'0199041c0f7b70018001000000000001', '{name}', '{name}', 'a@example.org', 'a@example.org', '2026-09-01 09:00:00.000000')"));
    for query in ["", "?style=excel&lang=it", "?column=last_name&column=first_name"] {
        let file = open(&office.admin, &format!("/api/students.csv{query}")).text().unwrap();
        for delimiter in [b',', b';', b'\t', b'|'] {
            let mut reader = csv::ReaderBuilder::new();
            let reader = reader.has_headers(false).flexible(true).delimiter(delimiter);
            let mut reader = reader.from_reader(file.as_bytes());
            for cell in reader.records().flat_map(|row| {
                let row = row.unwrap();
                row.iter().map(str::to_owned).collect::<Vec<_>>()
            }) {
                let bare = cell.trim_start_matches('"');
                assert!(!bare.starts_with(['=', '+', '-', '@', '\t']), "{cell:?} in {file:?}");
            }
        }
    }
}

fn a_search_that_does_not_find_everyone_is_no_file(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    fill(database, 10_001);
    wait(|| number(database, "SELECT COUNT(*) FROM student_search") == 10_001);
    let refused = office.admin.request(Method::GET, "/api/students.csv?q=bronte").send().unwrap();
    assert_eq!(problem(refused)["code"], "list_incomplete");
    let page = office.admin.open("/desk/students/export?q=bronte").text().unwrap();
    assert!(page.contains("The search does not find everyone") && !page.contains("formaction"));
    let page = office.admin.open("/desk/students/export").text().unwrap();
    assert!(page.contains("10,001 students of the list are exported"), "{page}");
    let file = open(&office.admin, "/api/students.csv").text().unwrap();
    assert_eq!(file.lines().count(), 10_002);
}

fn what_is_no_export_is_refused(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    for (query, parameter) in [
        ("column=shoe", "column"),
        ("style=pretty", "style"),
        ("safe=maybe", "safe"),
        ("limit=5", "limit"),
        ("cursor=00", "cursor"),
        ("stauts=pending", "unknown"),
        ("column=id&column=id", "column"),
        ("columns=chosen", "column"),
        ("columns=all", "columns"),
        ("safe=false&safe=true", "safe"),
        ("style=excel&style=machine", "style"),
    ] {
        for format in ["csv", "xlsx"] {
            let path = format!("/api/students.{format}?{query}");
            let refused = problem(office.admin.request(Method::GET, &path).send().unwrap());
            let expected = (&json!("invalid_filter"), &json!(parameter));
            assert_eq!((&refused["code"], &refused["parameter"]), expected, "{path}");
        }
    }
    let head = office.admin.request(Method::HEAD, "/api/students.csv?column=id").send().unwrap();
    assert_eq!((head.status().as_u16(), head.headers().get("content-length")), (200, None));
    let old = office.admin.request(Method::GET, "/api/students.csv").version(Version::HTTP_10);
    let refused = old.send().unwrap();
    assert_eq!(refused.status(), 505);
    assert_eq!(problem(refused)["code"], "http_version");
    assert_eq!(number(database, "SELECT COUNT(*) FROM journal WHERE action = 'exported'"), 0);
}

fn a_printed_list_is_recorded(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    fill(database, 450);
    wait(|| number(database, "SELECT COUNT(*) FROM student_search") == 450);
    let viewer = office.person("viewer");
    let page = viewer.open("/desk/students/print").text().unwrap();
    assert_eq!(page.matches("Brontë Zoë").count(), 450, "more than two pages of the list");
    let page = viewer.open("/desk/students/print?q=filled00007&shown=yes&lines=2&email=on");
    let page = page.text().unwrap();
    assert!(page.contains("filled00007@example.org") && page.contains(">3</td>"));
    assert!(!page.contains("Signature"));
    assert_eq!(viewer.open("/desk/students/print?shown=yes&lines=x").status(), 422);
    assert_eq!(viewer.open("/desk/students/print?stauts=pending").status(), 422);
    let journal = office.admin.read("/api/journal?action=printed");
    let details: Vec<_> =
        journal["items"].as_array().unwrap().iter().map(|entry| &entry["detail"]).collect();
    let whole = json!({"format": "paper", "rows": "450", "sort": "name"});
    let one = json!({"format": "paper", "rows": "1", "sort": "name", "searched": "yes"});
    assert_eq!(details, [&whole, &one, &whole]);
}

fn the_command_line_exports_as_the_office_does(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    fill(database, 450);
    let command = |arguments: &[&str]| {
        let mut command = Command::new(BINARY);
        command.env_clear().env("DATABASE_URL", database.url()).arg("export").args(arguments);
        command
    };
    let output = command(&[]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let file = open(&office.admin, "/api/students.csv").bytes().unwrap();
    assert_eq!(output.stdout, file);
    let by_system = "SELECT COUNT(*) FROM journal WHERE action LIKE 'export%' AND actor_kind = 4";
    assert_eq!(number(database, by_system), 2, "its begin and its end");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.xlsx");
    let path = path.to_str().unwrap();
    std::fs::write(path, "of yesterday").unwrap();
    let status = command(&["--format", "xlsx", "--output", path]).status().unwrap();
    assert!(status.success());
    let mut workbook: Xlsx<_> = calamine::open_workbook(path).unwrap();
    let sheet = workbook.worksheet_range_at(0).unwrap().unwrap();
    assert_eq!(sheet.rows().count(), 451);
    assert_eq!(folder.path().read_dir().unwrap().count(), 1, "no other file is left");

    let nowhere = folder.path().join("nowhere/list.csv");
    let refused = command(&["--output", nowhere.to_str().unwrap()]).output().unwrap();
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(1) && error.contains("nowhere/list.csv: "), "{error}");
    let full = File::options().write(true).open("/dev/full").unwrap();
    let refused = command(&[]).stdout(full).output().unwrap();
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    let expected = "the file could not be written: No space left on device";
    assert!(refused.status.code() == Some(1) && error.contains(expected), "{error}");
}
