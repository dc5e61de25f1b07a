//! What is written as CSV is read as it was.

use csv::{QuoteStyle, Terminator, WriterBuilder};
use proptest::{collection::vec, prelude::*, sample::select};
use registration_domain::{Delimiter, Reading, guarded};

use crate::support::{Rows, file_rows, texts};

const ENCODINGS: [&str; 3] = ["UTF-8", "UTF-16LE", "UTF-16BE"];
const LINE_ENDS: [&str; 3] = ["\n", "\r\n", "\r"];

/// A cell as a program writes it: formulas are guarded.
fn cell() -> impl Strategy<Value = String> {
    "[a-zë山😀 \"',;|=+\t\r\n]{0,6}"
}

fn encoded(text: &str, encoding: &str, is_marked: bool) -> Vec<u8> {
    let text = if is_marked { format!("\u{FEFF}{text}") } else { text.to_owned() };
    match encoding {
        "UTF-16LE" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "UTF-16BE" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        _ => text.into_bytes(),
    }
}

/// How many lines the text ends: an own count, over the text without CRLF.
fn lines(text: &str) -> u32 {
    let text = text.replace("\r\n", "\n");
    u32::try_from(text.chars().filter(|c| ['\r', '\n'].contains(c)).count()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn rows_are_read_as_they_were_written(
        written in vec(vec(cell(), 1..5), 1..8),
        delimiter in select(&Delimiter::ALL[..]),
        end in select(&LINE_ENDS[..]),
        encoding in select(&ENCODINGS[..]),
        is_marked in any::<bool>(),
        is_named in any::<bool>(),
        style in select(vec![QuoteStyle::Necessary, QuoteStyle::Always]),
    ) {
        let mut text = String::new();
        if is_named {
            text += &format!("sep={}{end}", char::from(delimiter.byte()));
        }
        let mut expected: Rows = Vec::new();
        for row in &written {
            let mut writer = WriterBuilder::new()
                .delimiter(delimiter.byte())
                .quote_style(style)
                .terminator(Terminator::Any(b'\n'))
                .from_writer(Vec::new());
            writer.write_record(row.iter().map(|cell| guarded(cell))).unwrap();
            let line = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let number = lines(&text) + 1;
            text += line.strip_suffix('\n').unwrap();
            text += end;
            if row.iter().any(|cell| !cell.trim().is_empty()) {
                expected.push((number, row.clone()));
            }
        }
        prop_assume!(!expected.is_empty());
        let reading =
            Reading::Csv { encoding: encoding.to_owned(), delimiter, has_header: false };
        let read = file_rows(&encoded(&text, encoding, is_marked), &reading).map(texts);
        prop_assert_eq!(read, Ok(expected), "{:?}", text);
    }
}
