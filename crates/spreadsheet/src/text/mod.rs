//! CSV.

mod binary;
mod csv_file;
mod delimiter;
mod encoding;
mod place;
mod records;

use registration_domain::{Reading, Unreadable};

use crate::preview::{Inspection, Preview};
pub(crate) use csv_file::CsvFile;
pub use encoding::ENCODINGS;

/// The first rows of the file.
pub(crate) fn inspect(
    file: &CsvFile<'_>,
    has_header: Option<bool>,
) -> Result<Inspection, Unreadable> {
    let Preview { header, rows } = Preview::read(file.records(), has_header)?;
    let reading = Reading::Csv {
        encoding: file.encoding().to_owned(),
        delimiter: file.delimiter(),
        has_header: header.is_some(),
    };
    Ok(Inspection { reading, is_certain: file.is_certain(), sheets: Vec::new(), header, rows })
}
