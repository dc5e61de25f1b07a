//! Files and what is read from them.

use std::io::{Cursor, Write as _};

use registration_domain::{Delimiter, Doubt, FileRow, Reading, Unreadable};
use registration_spreadsheet::{inspect, read};
use zip::{ZipWriter, write::SimpleFileOptions};

/// The lines and texts of the rows.
pub(crate) type Rows = Vec<(u32, Vec<String>)>;

pub(crate) fn utf_8(delimiter: Delimiter, has_header: bool) -> Reading {
    Reading::Csv { encoding: "UTF-8".to_owned(), delimiter, has_header }
}

pub(crate) fn file_rows(bytes: &[u8], reading: &Reading) -> Result<Vec<FileRow>, Unreadable> {
    let mut rows = Vec::new();
    let result: Result<(), ()> = read(bytes, reading, |row| {
        rows.push(row);
        Ok(())
    })?;
    result.unwrap();
    Ok(rows)
}

/// The rows as they are guessed.
pub(crate) fn guessed(bytes: &[u8]) -> Result<Rows, Unreadable> {
    file_rows(bytes, &inspect(bytes)?.reading).map(texts)
}

pub(crate) fn texts(rows: Vec<FileRow>) -> Rows {
    let texts = |row: FileRow| row.cells.into_iter().map(|cell| cell.text).collect();
    rows.into_iter().map(|row| (row.line, texts(row))).collect()
}

/// What the rows should be.
pub(crate) fn rows(rows: &[(u32, &[&str])]) -> Rows {
    let owned = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
    rows.iter().map(|(line, cells)| (*line, owned(cells))).collect()
}

/// The texts and doubts of the only row.
pub(crate) fn cells(bytes: &[u8]) -> Vec<(String, Option<Doubt>)> {
    let rows = file_rows(bytes, &inspect(bytes).unwrap().reading).unwrap();
    let [row] = rows.as_slice() else { panic!("{} rows", rows.len()) };
    row.cells.iter().map(|cell| (cell.text.clone(), cell.doubt)).collect()
}

/// A workbook by its parts; those that every workbook needs are added.
pub(crate) fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    const DOCUMENT: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let root = format!(
        r#"<Relationships><Relationship Id="r" Type="{DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
    );
    let sheets: String = (1..=3)
        .map(|n| {
            format!(r#"<Relationship Id="r{n}" Type="{DOCUMENT}/worksheet" Target="worksheets/sheet{n}.xml"/>"#)
        })
        .collect();
    let book = r#"<workbook><sheets><sheet name="One" r:id="r1"/></sheets></workbook>"#;
    let relationships = format!("<Relationships>{sheets}</Relationships>");
    let needed = [
        ("_rels/.rels", root.as_str()),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", relationships.as_str()),
    ];
    let missing = needed.iter().filter(|(name, _)| parts.iter().all(|(given, _)| given != name));
    archive(&missing.chain(parts).copied().collect::<Vec<_>>())
}

/// A workbook of one sheet, with this in `<sheetData>`.
pub(crate) fn sheet(rows: &str) -> Vec<u8> {
    package(&[("xl/worksheets/sheet1.xml", &sheet_part(rows))])
}

pub(crate) fn sheet_part(rows: &str) -> String {
    format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")
}

/// A cell with text.
pub(crate) fn text_cell(reference: &str, text: &str) -> String {
    format!(r#"<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

pub(crate) fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}
