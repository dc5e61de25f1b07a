//! Limits: bytes, rows, columns, and what unpacks to more.

use registration_domain::{Delimiter, Unreadable, UnreadableReason as Reason};
use registration_spreadsheet::{
    MAX_BYTES, MAX_COLUMNS, MAX_ROW_BYTES, MAX_ROWS, MAX_WORKBOOK_BYTES, inspect, read,
};

use crate::support::{file_rows, package, sheet, sheet_part, text_cell, utf_8};

fn at(reason: Reason, line: u32) -> Unreadable {
    Unreadable { line: Some(line), ..reason.into() }
}

/// How many rows it has.
fn count(text: &str, has_header: bool) -> Result<usize, Unreadable> {
    file_rows(text.as_bytes(), &utf_8(Delimiter::Comma, has_header)).map(|rows| rows.len())
}

#[test]
fn files_have_a_size() {
    let mut text = vec![b'\n'; MAX_BYTES];
    assert_eq!(inspect(&text), Err(Reason::Empty.into()));
    text.push(b'\n');
    assert_eq!(inspect(&text), Err(Reason::TooLarge.into()));
    let mut archive = sheet(&text_cell("A1", "x"));
    archive.resize(MAX_WORKBOOK_BYTES + 1, 0);
    assert_eq!(inspect(&archive), Err(Reason::TooLarge.into()));
}

#[test]
fn rows_are_counted_without_headings_and_empty_ones() {
    let text = format!("Email\n,\n{}", "a\n,\n".repeat(MAX_ROWS));
    assert_eq!(count(&text, true), Ok(MAX_ROWS));
    let line = u32::try_from(2 * MAX_ROWS + 1).unwrap();
    assert_eq!(count(&text, false), Err(at(Reason::TooManyRows, line)));
    assert_eq!(count(&(text + "a\n"), true), Err(at(Reason::TooManyRows, line + 2)));
}

#[test]
fn columns_are_counted_up_to_the_last_text() {
    let most = format!("x\n{}a", ",".repeat(MAX_COLUMNS - 1));
    assert_eq!(count(&most, false), Ok(2));
    assert_eq!(count(&format!("{most}{}\n", ", ".repeat(20_000)), false), Ok(2));
    assert_eq!(count(&format!("{most},a\n"), false), Err(at(Reason::TooManyColumns, 2)));
    let cells = |column: &str| sheet(&format!("<row>{}</row>", text_cell(column, "x")));
    assert!(inspect(&cells("CV7")).is_ok());
    assert_eq!(inspect(&cells("CW7")), Err(at(Reason::TooManyColumns, 7)));
}

#[test]
fn rows_have_a_length() {
    let most = format!("x\n\"{}\n\",b", "a".repeat(MAX_ROW_BYTES - 2));
    assert_eq!(count(&most, false), Ok(2));
    assert_eq!(count(&format!("{most}\r\n"), false), Ok(2));
    assert_eq!(count(&format!("{most}b\n"), false), Err(at(Reason::RowTooLong, 2)));
    assert_eq!(count(&format!("x\n{}", ",".repeat(90_000)), false), Err(at(Reason::RowTooLong, 2)));
    let half = "a".repeat(MAX_ROW_BYTES / 2);
    let row = |last| text_cell("A3", &half) + &text_cell("B3", &format!("{half}{last}"));
    assert!(inspect(&sheet(&row(""))).is_ok());
    assert_eq!(inspect(&sheet(&row("a"))), Err(at(Reason::RowTooLong, 3)));
}

#[test]
fn a_workbook_unpacks_to_no_more_than_it_may() {
    let too_large = Err(Reason::TooLarge.into());
    let cell = text_cell("A1", "x");
    let styles = |content: &str| {
        let styles = format!("<styleSheet>{content}</styleSheet>");
        package(&[("xl/worksheets/sheet1.xml", &sheet_part(&cell)), ("xl/styles.xml", &styles)])
    };
    assert!(inspect(&styles(r#"<fonts><font><name val="Aptos"/></font></fonts>"#)).is_ok());
    let name = "a".repeat(3000);
    let named = styles(&format!(r#"<fonts><font><name val="{name}"/></font></fonts>"#));
    assert_eq!(inspect(&named), too_large);
    assert_eq!(
        inspect(&styles(&format!("<cellXfs>{}</cellXfs>", "<xf/>".repeat(70_000)))),
        too_large
    );
    let strings = |content: &str| {
        let sheet = sheet_part(&cell);
        package(&[("xl/worksheets/sheet1.xml", &sheet), ("xl/sharedStrings.xml", content)])
    };
    assert!(inspect(&strings(r#"<sst count="9" uniqueCount="7"></sst>"#)).is_ok());
    for claim in [
        r#"<sst uniqueCount="999999999999"></sst>"#,
        r#"<sst uniqueCount="18446744073709551615"></sst>"#,
        r#"<sst uniqueCount="99999999999999999999999"></sst>"#,
        r#"<sst count="1" count="1" uniqueCount = '999999999999'></sst>"#,
        r#"<a><x:sst a b="" uniqueCount="999999999999"/></a>"#,
    ] {
        assert_eq!(inspect(&strings(claim)), too_large, "{claim}");
    }
    assert_eq!(inspect(&strings(&format!("<sst>{}</sst>", "<si/>".repeat(2_000_001)))), too_large);
    let parts: Vec<String> = (0..1001).map(|number| number.to_string()).collect();
    let parts: Vec<_> = parts.iter().map(|name| (name.as_str(), "")).collect();
    assert_eq!(inspect(&package(&parts)), too_large);
}

#[test]
fn one_part_is_no_thousand_sheets() {
    let book = |sheets: usize| {
        let sheets = r#"<sheet name="x" r:id="r1"/>"#.repeat(sheets);
        let book = format!("<workbook><sheets>{sheets}</sheets></workbook>");
        let rows: String =
            (1..20_000).map(|row| format!(r#"<row r="{row}" ht="{row}"/>"#)).collect();
        package(&[("xl/worksheets/sheet1.xml", &sheet_part(&rows)), ("xl/workbook.xml", &book)])
    };
    assert_eq!(inspect(&book(1)), Err(Reason::Empty.into()));
    assert_eq!(inspect(&book(1000)), Err(Reason::Damaged.into()));
}

#[test]
fn rows_with_styles_alone_are_none() {
    let styled: String = (8..20_000)
        .map(|row| format!(r#"<row r="{row}"><c r="A{row}" s="1"/><c r="B{row}" s="1"/></row>"#))
        .collect();
    let rows = format!("<row>{}</row>{styled}", text_cell("A7", "x"));
    let bytes = sheet(&rows);
    let seen = inspect(&bytes).unwrap();
    assert_eq!(file_rows(&bytes, &seen.reading).unwrap().len(), 1);
}

#[test]
fn reading_ends_where_the_reader_fails() {
    let mut lines = Vec::new();
    let result = read(b"a\nb\nc\n\"", &utf_8(Delimiter::Comma, false), |row| {
        lines.push(row.line);
        if row.line == 2 { Err("enough") } else { Ok(()) }
    });
    assert_eq!((result, lines), (Ok(Err("enough")), vec![1, 2]));
}
