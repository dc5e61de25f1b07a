//! Workbooks: sheets, cells, dates, formulas, and damaged files.

use registration_domain::{Doubt, Reading, Unreadable, UnreadableReason as Reason};
use registration_spreadsheet::{Inspection, inspect, inspect_as};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

use crate::support::{
    cells, file_rows, guessed, package, rows, sheet, sheet_part, text_cell, texts,
};

fn sheet_names(states: &[(&str, &str, bool)]) -> Result<Inspection, Unreadable> {
    let sheets: String = (1..)
        .zip(states)
        .map(|(n, (name, state, _))| format!(r#"<sheet name="{name}" {state} r:id="r{n}"/>"#))
        .collect();
    let book = format!("<workbook><sheets>{sheets}</sheets></workbook>");
    let parts: Vec<(String, String)> = (1..)
        .zip(states)
        .map(|(n, (name, _, is_used))| {
            let cell =
                if *is_used { text_cell("A1", name) } else { r#"<c r="A1" s="3"/>"#.to_owned() };
            (format!("xl/worksheets/sheet{n}.xml"), sheet_part(&cell))
        })
        .collect();
    let mut all: Vec<_> = parts.iter().map(|(name, part)| (name.as_str(), part.as_str())).collect();
    all.push(("xl/workbook.xml", &book));
    inspect(&package(&all))
}

#[test]
fn visible_sheets_with_a_cell_can_be_chosen() {
    let names = |states: &[_]| sheet_names(states).map(|seen| seen.sheets);
    let (hidden, very_hidden) = (r#"state="hidden""#, r#"state="veryHidden""#);
    assert_eq!(names(&[("A", "", false), ("B", "", true), ("C", "", true)]).unwrap(), ["B", "C"]);
    assert_eq!(names(&[("A", hidden, true), ("B", "", true)]).unwrap(), ["B"]);
    assert_eq!(
        names(&[("A", hidden, true), ("B", "", false), ("C", very_hidden, true)]).unwrap(),
        ["A", "C"]
    );
    assert_eq!(names(&[("A", "", false)]), Err(Reason::Empty.into()));
}

#[test]
fn the_first_sheet_is_chosen_unless_there_is_another_of_the_name() {
    let mut workbook = Workbook::new();
    for name in ["A", "B"] {
        workbook.add_worksheet().set_name(name).unwrap().write(0, 0, name).unwrap();
    }
    let bytes = workbook.save_to_buffer().unwrap();
    let guess = inspect(&bytes).unwrap();
    assert_eq!(guess.reading, Reading::Xlsx { sheet: "A".to_owned(), has_header: false });
    assert!(guess.is_certain);
    for (name, expected) in [("B", "B"), ("A", "A"), ("none", "A")] {
        let reading = Reading::Xlsx { sheet: name.to_owned(), has_header: false };
        let seen = inspect_as(&bytes, &reading).unwrap();
        assert_eq!(texts(seen.rows), rows(&[(1, &[expected])]));
        assert_eq!(seen.sheets, ["A", "B"]);
        assert_eq!(file_rows(&bytes, &reading).map(texts), Ok(rows(&[(1, &[expected])])));
    }
}

#[test]
fn cells_are_as_a_spreadsheet_shows_them() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let format = |code: &str| Format::new().set_num_format(code);
    let day = ExcelDateTime::from_ymd(2026, 9, 1).unwrap();
    let noon = ExcelDateTime::from_ymd(2026, 9, 1).unwrap().and_hms(14, 30, 0).unwrap();
    sheet.write(0, 0, " '=text ").unwrap();
    sheet.write(0, 1, 7).unwrap();
    sheet.write(0, 2, 1.9e18).unwrap();
    sheet.write(0, 3, 0.25).unwrap();
    sheet.write(0, 4, true).unwrap();
    sheet.write_with_format(0, 5, &day, &format("d/m/yy")).unwrap();
    sheet.write_with_format(0, 6, &noon, &format("yyyy-mm-dd hh:mm")).unwrap();
    sheet.write_with_format(0, 7, 0.604_166_666_666_667, &format("hh:mm")).unwrap();
    sheet.write_with_format(0, 8, 1.5, &format("[h]:mm")).unwrap();
    sheet.write(0, 9, Formula::new("=1+1").set_result("2")).unwrap();
    sheet.write(0, 10, Formula::new("=\"a\"&\"b\"").set_result("ab")).unwrap();
    sheet.write_with_format(0, 11, 7, &format("000")).unwrap();
    let (number, date) = (Some(Doubt::Number), Some(Doubt::Date));
    let expected = [
        (" '=text ", None),
        ("7", number),
        ("1900000000000000000", number),
        ("0.25", number),
        ("TRUE", number),
        ("2026-09-01", date),
        ("2026-09-01T14:30:00", date),
        ("14:30:00", date),
        ("36:00:00", date),
        ("2", Some(Doubt::Formula)),
        ("ab", Some(Doubt::Formula)),
        ("7", number),
    ];
    let read = cells(&workbook.save_to_buffer().unwrap());
    assert_eq!(read, expected.map(|(text, doubt)| (text.to_owned(), doubt)));
}

#[test]
fn dates_are_counted_from_1904_where_the_workbook_says_so() {
    let styles =
        r#"<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#;
    for (property, expected) in
        [("", "1900-01-31"), (r#"<workbookPr date1904="1"/>"#, "1904-02-01")]
    {
        let book = format!(
            r#"<workbook>{property}<sheets><sheet name="One" r:id="r1"/></sheets></workbook>"#
        );
        let part = sheet_part(r#"<c r="A1" s="1"><v>31</v></c>"#);
        let bytes = package(&[
            ("xl/worksheets/sheet1.xml", &part),
            ("xl/styles.xml", styles),
            ("xl/workbook.xml", &book),
        ]);
        assert_eq!(cells(&bytes), [(expected.to_owned(), Some(Doubt::Date))]);
    }
}

#[test]
fn a_formula_without_a_result_is_in_doubt_and_an_error_is_an_error() {
    let bytes = sheet(concat!(
        r#"<row r="1"><c r="A1" t="str"><v>x</v></c><c r="B1"><f>C1</f></c><c r="C1" t="e"><f>1/0</f><v>#DIV/0!</v></c>"#,
        r##"<c r="D1" t="e"><v>#REF!</v></c><c r="E1"><f t="shared" si="4000000000"/><v>7</v></c></row>"##,
        r#"<row r="2"><c r="A2"><f>C1</f></c></row>"#,
    ));
    let (formula, error) = (Some(Doubt::Formula), Some(Doubt::Error));
    let expected =
        [("x", None), ("", formula), ("#DIV/0!", error), ("#REF!", error), ("7", formula)];
    assert_eq!(cells(&bytes), expected.map(|(text, doubt)| (text.to_owned(), doubt)));
}

#[test]
fn skipped_cells_are_empty_and_skipped_rows_are_none() {
    let bytes = sheet(&format!(
        r#"<row r="3">{}{}<c r="D3" s="1"/></row><row r="5">{}</row><row r="9">{}</row>"#,
        text_cell("A3", "a"),
        text_cell("C3", "c"),
        text_cell("A5", " "),
        text_cell("B9", "b"),
    ));
    assert_eq!(guessed(&bytes), Ok(rows(&[(3, &["a", "", "c"]), (9, &["", "b"])])));
}

#[test]
fn positions_that_cannot_be_are_damage() {
    let damaged = |cells: &str| {
        let bytes = sheet(cells);
        let error = inspect(&bytes).map(|seen| seen.rows).unwrap_err();
        assert!(matches!(error.reason, Reason::Damaged | Reason::TooManyColumns), "{error}");
    };
    damaged(&(text_cell("A7", "x") + &text_cell("A3", "y")));
    // Of two students in one place, one would be lost.
    damaged(&(text_cell("A2", "x") + &text_cell("B2", "y") + &text_cell("A2", "z")));
    damaged(&(text_cell("A2", "x") + &text_cell("A2", "z")));
    damaged(&text_cell("A1048577", "x"));
    damaged(&text_cell("AAAAAAAAAA1", "x"));
    damaged(&text_cell("A99999999999", "x"));
    damaged(&text_cell("Ä1", "x"));
    damaged(r#"<c r="A1" t="s"><v>0</v></c>"#);
    damaged(r#"<c r="A1"><v>1"#);
}
