//! Reads every file of the corpus as its manifest describes it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeSet, fs, path::PathBuf};

use registration_domain::{
    Delimiter, Doubt, FileRow, ImportColumn, Reading, Unreadable, guess_columns,
};
use registration_spreadsheet::{Inspection, inspect, inspect_as, read};
use serde::Deserialize;

#[derive(Deserialize)]
struct Manifest {
    file: Vec<Described>,
}

/// A file, as the manifest describes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    name: String,
    program: String,
    #[serde(rename = "about")]
    _about: String,
    format: Option<String>,
    encoding: Option<String>,
    delimiter: Option<char>,
    header: Option<bool>,
    line_of_first: Option<u32>,
    rows: Option<usize>,
    columns: Option<Vec<String>>,
    list: Option<String>,
    first: Option<Vec<String>>,
    #[serde(default)]
    flags: BTreeSet<String>,
    #[serde(default)]
    ask: BTreeSet<String>,
    unreadable: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
}

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

fn manifest() -> Vec<Described> {
    let text = fs::read_to_string(corpus().join("manifest.toml")).unwrap();
    toml::from_str::<Manifest>(&text).unwrap().file
}

fn rows(bytes: &[u8], reading: &Reading) -> Result<Vec<FileRow>, Unreadable> {
    let mut rows = Vec::new();
    let all: Result<(), ()> = read(bytes, reading, |row| {
        rows.push(row);
        Ok(())
    })?;
    all.unwrap();
    Ok(rows)
}

fn texts(row: &FileRow) -> Vec<&str> {
    row.cells.iter().map(|cell| cell.text.as_str()).collect()
}

/// Files whose encoding is taken for another one, in which all or most of the letters are the same.
const TAKEN_FOR: [(&str, &str); 3] =
    [("ISO-8859-15", "windows-1252"), ("KOI8-R", "KOI8-U"), ("gb18030", "GBK")];

/// What differs from the description.
fn differences(file: &Described) -> Vec<String> {
    let mut found = Vec::new();
    let mut compare = |what: &str, is: String, should: Option<String>| {
        if let Some(should) = should.filter(|should| *should != is) {
            found.push(format!("{}: {what} is {is}, should be {should}", file.name));
        }
    };
    let bytes = fs::read(corpus().join(&file.name)).unwrap();
    let read = look(&bytes, file).and_then(|seen| Ok((rows(&bytes, &seen.reading)?, seen)));
    let (rows, seen): (Vec<FileRow>, Inspection) = match read {
        Ok(read) => read,
        Err(Unreadable { reason, line, column }) => {
            let unreadable = file.unreadable.clone().unwrap_or_else(|| "readable".to_owned());
            compare("reason", reason.as_str().to_owned(), Some(unreadable));
            compare("line", format!("{line:?}"), Some(format!("{:?}", file.line)));
            compare("column", format!("{column:?}"), Some(format!("{:?}", file.column)));
            return found;
        }
    };
    compare("reason", "none".to_owned(), file.unreadable.clone());
    compare("format", seen.reading.format().to_owned(), file.format.clone());
    if let Reading::Csv { encoding, delimiter, .. } = &seen.reading {
        let delimiter = char::from(Delimiter::byte(*delimiter));
        compare("encoding", encoding.clone(), file.encoding.clone());
        compare("delimiter", delimiter.to_string(), file.delimiter.map(|one| one.to_string()));
    }
    let show = |value: bool| format!("{value}");
    compare("ask encoding", show(!seen.is_certain), Some(show(file.ask.contains("encoding"))));
    compare("rows shown", format!("{:?}", seen.rows), Some(format!("{:?}", shown(&rows))));
    if file.ask.contains("header") {
        return found;
    }
    compare("header", show(seen.header.is_some()), file.header.map(show));
    compare("rows", rows.len().to_string(), file.rows.map(|rows| rows.to_string()));
    let first = rows.first();
    compare(
        "line of first",
        format!("{:?}", first.map(|row| row.line)),
        file.line_of_first.map(|line| format!("{:?}", Some(line))),
    );
    compare(
        "first",
        format!("{:?}", first.map(texts)),
        file.first.as_ref().map(|first| format!("{:?}", Some(first))),
    );
    let columns = guess_columns(seen.header.as_ref(), &seen.rows);
    let columns = columns.into_iter().map(|column| column.map_or("", ImportColumn::as_str));
    let described = file.columns.as_ref().map(|columns| columns.iter().map(String::as_str));
    compare("columns", known(file, columns), described.map(|columns| known(file, columns)));
    if file.format.as_deref() == Some("xlsx") {
        let flags: BTreeSet<&str> = file.flags.iter().map(String::as_str).collect();
        let (of_fields, of_all) = (doubts(&rows, &fields(file)), doubts(&rows, &|_| true));
        let fits = of_fields.is_subset(&flags) && flags.is_subset(&(&of_all | &["ragged"].into()));
        compare("doubts", format!("{of_fields:?}"), (!fits).then(|| format!("{flags:?}")));
    }
    found
}

/// The file as a person sees it who answers what the manifest says must be asked.
fn look(bytes: &[u8], file: &Described) -> Result<Inspection, Unreadable> {
    let mut seen = inspect(bytes)?;
    if let (Reading::Csv { encoding, .. }, Some(answer)) = (&mut seen.reading, &file.encoding)
        && TAKEN_FOR.contains(&(answer, encoding))
    {
        encoding.clone_from(answer);
        let is_certain = seen.is_certain;
        return Ok(Inspection { is_certain, ..inspect_as(bytes, &seen.reading)? });
    }
    Ok(seen)
}

/// The columns without those that must be asked, and without the last ones that hold nothing.
fn known<'a>(file: &Described, columns: impl Iterator<Item = &'a str>) -> String {
    let mut columns: Vec<&str> =
        columns.map(|name| if file.ask.contains(name) { "" } else { name }).collect();
    columns.truncate(columns.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1));
    format!("{columns:?}")
}

fn shown(rows: &[FileRow]) -> &[FileRow] {
    &rows[..rows.len().min(5)]
}

/// Whether a column holds names or addresses.
fn fields(file: &Described) -> impl Fn(usize) -> bool {
    let names = ["first_name", "last_name", "email"];
    let columns = file.columns.clone().unwrap_or_default();
    move |at| columns.get(at).is_some_and(|name| names.contains(&name.as_str()))
}

fn doubts(rows: &[FileRow], of_column: &dyn Fn(usize) -> bool) -> BTreeSet<&'static str> {
    let cells = rows.iter().flat_map(|row| row.cells.iter().enumerate());
    let doubts = cells.filter(|(at, _)| of_column(*at)).filter_map(|(_, cell)| cell.doubt);
    let name = |doubt| match doubt {
        Doubt::Number => "number",
        Doubt::Date => "date",
        Doubt::Formula => "formula",
        Doubt::Error => "error",
    };
    doubts.map(name).collect()
}

#[test]
fn every_file_is_read_as_described() {
    let differences: Vec<String> = manifest().iter().flat_map(differences).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn lists_of_the_same_students_are_read_alike() {
    for list in ["people", "western"] {
        let files = manifest()
            .into_iter()
            .filter(|file| file.list.as_deref() == Some(list) && !file.ask.contains("header"));
        let lists: Vec<(String, BTreeSet<String>)> =
            files.map(|file| (file.name.clone(), addresses(&file))).collect();
        let (_, expected) = &lists[0];
        for (name, addresses) in &lists {
            assert_eq!(addresses, expected, "{name}");
        }
    }
}

fn addresses(file: &Described) -> BTreeSet<String> {
    let bytes = fs::read(corpus().join(&file.name)).unwrap();
    let rows = rows(&bytes, &look(&bytes, file).unwrap().reading).unwrap();
    let columns = file.columns.as_ref().unwrap();
    let column = columns.iter().position(|name| name == "email").unwrap();
    rows.iter().map(|row| row.cells[column].text.trim().to_owned()).collect()
}

#[test]
fn the_corpus_is_large_and_written_by_programs() {
    let (files, by_hand): (Vec<_>, Vec<_>) =
        manifest().into_iter().partition(|file| file.program != "by hand");
    assert!(files.len() + by_hand.len() >= 60);
    assert!(files.len() >= 25);
}
