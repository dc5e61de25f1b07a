//! The text of a cell, as a spreadsheet shows it, without the guard that a CSV file had before.

use calamine::{DataRef, ExcelDateTime};
use registration_domain::{Cell, Doubt, unguarded};

/// The cell. The result of a formula is the one with which the file was saved.
pub(super) fn shown(value: &DataRef<'_>, is_formula: bool) -> Cell {
    let (text, doubt) = match value {
        DataRef::Empty => (String::new(), None),
        DataRef::String(text) => (unguarded(text), None),
        DataRef::SharedString(text) => (unguarded(text), None),
        DataRef::Int(number) => (number.to_string(), Some(Doubt::Number)),
        // Without an exponent, and without decimals if there are none.
        DataRef::Float(number) => (number.to_string(), Some(Doubt::Number)),
        DataRef::Bool(value) => (value.to_string().to_uppercase(), Some(Doubt::Number)),
        DataRef::DateTime(time) => (date(*time), Some(Doubt::Date)),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            (text.clone(), Some(Doubt::Date))
        }
        DataRef::Error(error) => (error.to_string(), Some(Doubt::Error)),
    };
    let doubt =
        if is_formula && doubt != Some(Doubt::Error) { Some(Doubt::Formula) } else { doubt };
    Cell { text, doubt }
}

/// A date, a time or both (ISO 8601), or the hours, minutes and seconds of a duration.
fn date(time: ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    if time.is_duration() {
        let hours = time.as_f64().abs().floor() * 24.0 + f64::from(hour);
        return format!("{hours:02}:{minute:02}:{second:02}");
    }
    let clock = format!("{hour:02}:{minute:02}:{second:02}");
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (time.as_f64() < 1.0, clock.as_str()) {
        (true, _) => clock,
        (false, "00:00:00") => date,
        (false, _) => format!("{date}T{clock}"),
    }
}
