//! Any bytes: reading them ends with rows or with a reason.

use std::{fs, path::Path};

use proptest::{collection::vec, prelude::*, sample::Index};
use registration_domain::{Delimiter, Reading};
use registration_spreadsheet::{inspect, inspect_as, read};

use crate::support::{archive, sheet_part, text_cell};

/// Reads it in every way. It must not panic, and what is read twice must be the same.
fn read_in_every_way(bytes: &[u8]) {
    let seen = inspect(bytes);
    assert_eq!(seen, inspect(bytes));
    if let Ok(seen) = seen {
        let again = inspect_as(bytes, &seen.reading).unwrap();
        assert_eq!((&seen.header, &seen.rows), (&again.header, &again.rows));
        let _ = read(bytes, &seen.reading, |row| if row.is_empty() { Err(row) } else { Ok(()) })
            .map(Result::unwrap);
    }
    for encoding in ["UTF-16LE", "macintosh", "Shift_JIS"] {
        let delimiter = Delimiter::Tab;
        let reading = Reading::Csv { encoding: encoding.to_owned(), delimiter, has_header: true };
        let _ = inspect_as(bytes, &reading);
    }
}

/// Small files of the corpus.
fn corpus() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let files = fs::read_dir(folder).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap());
    files.filter(|bytes| bytes.len() < 20_000).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..300)) {
        read_in_every_way(&bytes);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[a\"\\PC;,|\t\r\n\u{FEFF}=\0]{0,80}") {
        read_in_every_way(text.as_bytes());
    }

    /// The parts are changed before they are packed, so that the checksums are right.
    #[test]
    fn any_sheet_is_read_or_refused(
        changes in vec((any::<Index>(), "[<>/a-zA-Z0-9=\" &;:]"), 1..6),
    ) {
        let cells = text_cell("A1", "a &amp; b")
            + r#"<c r="B1" s="1"><f t="shared" ref="B1:B2" si="0">1</f><v>45.5</v></c>"#
            + r#"<c r="C1" t="s"><v>0</v></c><c r="D1" t="e"><v>#REF!</v></c>"#;
        let mut parts = [
            ("_rels/.rels", r#"<Relationships><Relationship Id="r" Type="/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#.to_owned()),
            ("xl/workbook.xml", r#"<workbook><workbookPr date1904="1"/><sheets><sheet name="One" r:id="r1"/></sheets></workbook>"#.to_owned()),
            ("xl/_rels/workbook.xml.rels", r#"<Relationships><Relationship Id="r1" Type="/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#.to_owned()),
            ("xl/worksheets/sheet1.xml", sheet_part(&format!(r#"<dimension ref="A1:D2"/><row r="1">{cells}</row>"#))),
            ("xl/sharedStrings.xml", r#"<sst count="1" uniqueCount="1"><si><t>x</t></si></sst>"#.to_owned()),
            ("xl/styles.xml", r#"<styleSheet><numFmts><numFmt numFmtId="170" formatCode="yyyy"/></numFmts><cellXfs><xf/><xf numFmtId="170"/></cellXfs></styleSheet>"#.to_owned()),
        ];
        for (place, letter) in changes {
            let part = &mut parts[place.index(6)].1;
            let at = place.index(part.len());
            part.replace_range(at..=at, &letter);
        }
        let parts: Vec<_> = parts.iter().map(|(name, part)| (*name, part.as_str())).collect();
        read_in_every_way(&archive(&parts));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn damaged_files_are_read_or_refused(
        file in any::<Index>(),
        changes in vec((any::<Index>(), any::<u8>()), 1..8),
        end in any::<Option<Index>>(),
    ) {
        let corpus = corpus();
        let mut bytes = file.get(&corpus).clone();
        prop_assume!(!bytes.is_empty());
        for (place, byte) in changes {
            *place.get_mut(&mut bytes) = byte;
        }
        if let Some(end) = end {
            bytes.truncate(end.index(bytes.len()));
        }
        read_in_every_way(&bytes);
    }
}
