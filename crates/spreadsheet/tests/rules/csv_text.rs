//! CSV: delimiters, quotes, line ends, and where a file breaks.

use registration_domain::{Delimiter, Reading, Unreadable, UnreadableReason as Reason};
use registration_spreadsheet::{inspect, inspect_as};

use crate::support::{Rows, file_rows, guessed, rows, texts, utf_8};

fn comma(bytes: &str) -> Result<Rows, Unreadable> {
    file_rows(bytes.as_bytes(), &utf_8(Delimiter::Comma, false)).map(texts)
}

fn delimiter(text: &str) -> Delimiter {
    match inspect(text.as_bytes()).unwrap().reading {
        Reading::Csv { delimiter, .. } => delimiter,
        Reading::Xlsx { .. } => panic!("no CSV"),
    }
}

#[test]
fn lines_are_those_of_the_file_with_every_line_end() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["a,b", "", "\"c", "", "d\",e", " , ", "f"].join(end);
        let note = format!("c{end}{end}d");
        let expected = rows(&[(1, &["a", "b"]), (3, &[&note, "e"]), (7, &["f"])]);
        assert_eq!(comma(&text), Ok(expected.clone()), "{end:?}");
        assert_eq!(comma(&(text + end + end)), Ok(expected), "{end:?}");
    }
    assert_eq!(comma("a\r\r\nb\n\rc"), Ok(rows(&[(1, &["a"]), (3, &["b"]), (5, &["c"])])));
    assert_eq!(comma("\n\n a \n"), Ok(rows(&[(3, &[" a "])])));
}

#[test]
fn the_line_that_names_the_delimiter_is_no_row() {
    let expected = rows(&[(2, &["a,x", "b"]), (3, &["c", "d"])]);
    for end in ["\n", "\r\n", "\r"] {
        let text = ["sep=;", "a,x;b", "c;d"].join(end);
        assert_eq!(guessed(text.as_bytes()).unwrap(), expected);
        let chosen = utf_8(Delimiter::Semicolon, false);
        assert_eq!(file_rows(text.as_bytes(), &chosen).map(texts).unwrap(), expected);
    }
    assert_eq!(delimiter("sep=\t\na,b\n"), Delimiter::Tab);
    assert_eq!(delimiter("sep=#\na|b\n"), Delimiter::Bar);
    assert_eq!(comma("sep=ab\n"), Ok(rows(&[(1, &["sep=ab"])])));
}

#[test]
fn the_delimiter_is_the_one_that_cuts_rows_alike() {
    assert_eq!(delimiter("a,b\nc,d\n"), Delimiter::Comma);
    assert_eq!(delimiter("a;b\nc,x;d\n"), Delimiter::Semicolon);
    assert_eq!(delimiter("a\tb\nc, x\td\n"), Delimiter::Tab);
    assert_eq!(delimiter("a|b\nc;x|d\n"), Delimiter::Bar);
    assert_eq!(delimiter("\"a;b\",c\n\"d;e\",f\n"), Delimiter::Comma);
    assert_eq!(delimiter("a,b;c;d\ne,f;g;h\n"), Delimiter::Semicolon);
    assert_eq!(delimiter("alone\nalone\n"), Delimiter::Comma);
    assert_eq!(delimiter("note; one\n\na,b,c\nd,e,f\n"), Delimiter::Comma);
    let late = format!("{}{}", "a,b\n".repeat(20), "x;y\n".repeat(40));
    assert_eq!(delimiter(&late), Delimiter::Comma);
}

#[test]
fn quotes_enclose_cells_and_stand_in_them() {
    assert_eq!(comma("\"a\"\"b\",\",\"\n"), Ok(rows(&[(1, &["a\"b", ","])])));
    assert_eq!(comma("5\" disk,b \"c\" d\n"), Ok(rows(&[(1, &["5\" disk", "b \"c\" d"])])));
    assert_eq!(comma("\"a\""), Ok(rows(&[(1, &["a"])])));
}

#[test]
fn a_quote_without_an_end_is_refused_where_its_row_begins() {
    let refused = |line| Err(Unreadable { line: Some(line), ..Reason::UnclosedQuote.into() });
    for end in ["\n", "\r\n", "\r"] {
        assert_eq!(comma(&["a", "b,\"c", "d", ""].join(end)), refused(2));
    }
    assert_eq!(comma("\""), refused(1));
    assert_eq!(comma("\"a\"\""), refused(1));
    assert_eq!(comma(&format!("a\n\"{}", "b,\n".repeat(60_000))), refused(2));
}

#[test]
fn the_guard_of_formulas_is_taken_away() {
    assert_eq!(
        comma("'=1,'+2,'t Hart,\"'-3;'=4\"\n"),
        Ok(rows(&[(1, &["=1", "+2", "'t Hart", "-3;=4"])]))
    );
}

#[test]
fn headings_are_guessed_or_chosen() {
    let text = b"\nEmail;Nome\n\n;\na@example.org;A\n";
    let seen = inspect(text).unwrap();
    assert_eq!(seen.header.clone().map(|row| row.line), Some(2));
    assert_eq!(texts(seen.rows), rows(&[(5, &["a@example.org", "A"])]));
    let seen = inspect_as(text, &utf_8(Delimiter::Semicolon, false)).unwrap();
    assert_eq!(seen.header, None);
    assert_eq!(seen.rows.len(), 2);
    let many = "a,b@example.org\n".repeat(9);
    let seen = inspect(many.as_bytes()).unwrap();
    assert_eq!((seen.header.is_some(), seen.rows.len()), (false, 5));
    let seen = inspect(format!("Nome,Email\n{many}").as_bytes()).unwrap();
    assert_eq!((seen.header.is_some(), seen.rows.len()), (true, 5));
    let only = inspect(b"First name,Email\n").unwrap();
    assert_eq!((only.header.is_some(), only.rows.len()), (true, 0));
    assert_eq!(guessed(b"First name,Email\n"), Ok(vec![]));
}

#[test]
fn settings_for_another_kind_of_file_are_replaced_by_guesses() {
    let reading = Reading::Xlsx { sheet: "One".to_owned(), has_header: false };
    assert_eq!(inspect_as(b"Email;Nome\na;b", &reading), inspect(b"Email;Nome\na;b"));
    assert_eq!(file_rows(b"Email;Nome\na;b", &reading).map(texts), Ok(rows(&[(2, &["a", "b"])])));
}
