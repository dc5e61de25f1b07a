//! XLSX.

mod cell;
mod guard;
mod rows;
mod source;
mod unpacked;

use calamine::{Reader as _, Sheet, SheetType, SheetVisible, Xlsx};
use registration_domain::{Reading, Unreadable, UnreadableReason};

use self::{guard::calamine, rows::SheetRows, source::Source};
use crate::preview::{Inspection, Preview};

/// A workbook.
pub(crate) struct Workbook<'a> {
    file: Xlsx<Source<'a>>,
}

impl<'a> Workbook<'a> {
    /// Opens it, after a look at what it unpacks to.
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, Unreadable> {
        unpacked::check(bytes)?;
        let file = calamine(|| Xlsx::new(Source::new(bytes)))?;
        Ok(Self { file })
    }

    /// The sheets to choose from.
    fn sheets(&mut self) -> Result<Vec<String>, Unreadable> {
        let sheets: Vec<Sheet> = self.file.sheets_metadata().to_vec();
        let (mut visible, mut hidden) = (Vec::new(), Vec::new());
        for sheet in sheets.into_iter().filter(|sheet| sheet.typ == SheetType::WorkSheet) {
            if self.rows(&sheet.name)?.next().is_none() {
                continue;
            }
            match sheet.visible {
                SheetVisible::Visible => visible.push(sheet.name),
                SheetVisible::Hidden | SheetVisible::VeryHidden => hidden.push(sheet.name),
            }
        }
        Ok(if visible.is_empty() { hidden } else { visible })
    }

    /// The sheet, or the first one if there is none of this name.
    pub(crate) fn sheet(&mut self, name: &str) -> Result<String, Unreadable> {
        choose(&self.sheets()?, Some(name))
    }

    /// The rows of the sheet that are not empty, headings included.
    pub(crate) fn rows(&mut self, sheet: &str) -> Result<SheetRows<'_, 'a>, Unreadable> {
        calamine(|| self.file.worksheet_cells_reader(sheet)).map(SheetRows::new)
    }
}

fn choose(sheets: &[String], name: Option<&str>) -> Result<String, Unreadable> {
    let named = sheets.iter().find(|sheet| name == Some(sheet));
    named.or(sheets.first()).cloned().ok_or(UnreadableReason::Empty.into())
}

/// The sheets of the workbook, and the first rows of one.
pub(crate) fn inspect(
    workbook: &mut Workbook<'_>,
    sheet: Option<&str>,
    has_header: Option<bool>,
) -> Result<Inspection, Unreadable> {
    let sheets = workbook.sheets()?;
    let sheet = choose(&sheets, sheet)?;
    let Preview { header, rows } = Preview::read(workbook.rows(&sheet)?, has_header)?;
    let reading = Reading::Xlsx { sheet, has_header: header.is_some() };
    Ok(Inspection { reading, is_certain: true, sheets, header, rows })
}
