//! The texts of imports.

mod en;
mod it;

use registration_domain::{
    CellErrorCode, Conflict, Delimiter, ErrorCode, Field, ImportColumn, ImportState, PlannedRow,
    UnreadableReason, Verdict,
};

pub(super) use self::{en::EN, it::IT};
use crate::i18n::Messages;

/// The texts of imports.
#[derive(Debug)]
pub(crate) struct ImportMessages {
    pub(crate) link: &'static str,
    pub(crate) heading: &'static str,
    pub(crate) introduction: &'static str,
    pub(crate) file: &'static str,
    pub(crate) file_hint: &'static str,
    pub(crate) upload: &'static str,
    pub(crate) no_file: &'static str,
    pub(crate) latest: &'static str,
    pub(crate) none: &'static str,
    pub(crate) uploaded: &'static str,
    pub(crate) by: &'static str,
    pub(crate) step: &'static str,
    states: [&'static str; 7],
    /// How the file is read.
    pub(crate) reading: &'static str,
    pub(crate) reading_hint: &'static str,
    pub(crate) guessed: &'static str,
    pub(crate) encoding: &'static str,
    pub(crate) delimiter: &'static str,
    delimiters: [&'static str; 4],
    pub(crate) sheet: &'static str,
    pub(crate) has_header: &'static str,
    pub(crate) read_again: &'static str,
    pub(crate) columns: &'static str,
    pub(crate) columns_hint: &'static str,
    pub(crate) column: &'static str,
    pub(crate) left_out: &'static str,
    pub(crate) first_rows: &'static str,
    pub(crate) choices: &'static str,
    pub(crate) update_existing: &'static str,
    pub(crate) update_existing_hint: &'static str,
    pub(crate) overwrite_changed: &'static str,
    pub(crate) overwrite_changed_hint: &'static str,
    pub(crate) all_or_nothing: &'static str,
    pub(crate) all_or_nothing_hint: &'static str,
    pub(crate) plan: &'static str,
    pub(crate) twice: &'static str,
    pub(crate) no_key: &'static str,
    /// The plan.
    pub(crate) planning: &'static str,
    pub(crate) planning_hint: &'static str,
    pub(crate) planned: &'static str,
    pub(crate) same_file: &'static str,
    verdicts: [&'static str; 6],
    pub(crate) all_rows: &'static str,
    pub(crate) rows: &'static str,
    pub(crate) no_rows: &'static str,
    pub(crate) line: &'static str,
    pub(crate) who: &'static str,
    pub(crate) what: &'static str,
    pub(crate) why: &'static str,
    pub(crate) more: &'static str,
    pub(crate) from_formula: &'static str,
    pub(crate) same_as: &'static str,
    pub(crate) changed_since: &'static str,
    pub(crate) store_none: &'static str,
    pub(crate) store_one: &'static str,
    pub(crate) store_many: &'static str,
    pub(crate) stays_out_one: &'static str,
    pub(crate) stays_out_many: &'static str,
    pub(crate) all_refused: &'static str,
    pub(crate) all_too_many: &'static str,
    pub(crate) can_be_undone: &'static str,
    pub(crate) change_reading: &'static str,
    pub(crate) cancel: &'static str,
    /// The result.
    pub(crate) running: &'static str,
    pub(crate) running_count: &'static str,
    pub(crate) refresh: &'static str,
    pub(crate) done: &'static str,
    pub(crate) created_none: &'static str,
    pub(crate) created_one: &'static str,
    pub(crate) created_many: &'static str,
    pub(crate) updated_one: &'static str,
    pub(crate) updated_many: &'static str,
    pub(crate) download_one: &'static str,
    pub(crate) download_many: &'static str,
    pub(crate) undo: &'static str,
    pub(crate) cancelled: &'static str,
    pub(crate) failed: &'static str,
    pub(crate) failed_hint: &'static str,
    pub(crate) where_line: &'static str,
    pub(crate) where_column: &'static str,
    unreadable: [&'static str; 17],
    conflicts: [&'static str; 7],
    pub(crate) number: &'static str,
    pub(crate) date: &'static str,
    pub(crate) error: &'static str,
    pub(crate) not_an_id: &'static str,
    pub(crate) not_a_version: &'static str,
    pub(crate) not_a_status: &'static str,
    pub(crate) too_many_cells: &'static str,
}

impl ImportMessages {
    /// How far an import has come.
    pub(crate) fn state(&self, state: ImportState) -> &'static str {
        of(ImportState::ALL, self.states, state)
    }

    /// What a delimiter is called.
    pub(crate) fn delimiter(&self, delimiter: Delimiter) -> &'static str {
        of(Delimiter::ALL, self.delimiters, delimiter)
    }

    /// What rows of a verdict do.
    pub(crate) fn verdict(&self, verdict: Verdict) -> &'static str {
        of(Verdict::ALL, self.verdicts, verdict)
    }

    /// Why a file cannot be read.
    pub(crate) fn unreadable(&self, reason: UnreadableReason) -> &'static str {
        of(UnreadableReason::ALL, self.unreadable, reason)
    }

    fn conflict(&self, conflict: Conflict) -> &'static str {
        of(Conflict::ALL, self.conflicts, conflict)
    }

    /// Why a row is left out, in sentences.
    pub(crate) fn why_left_out(&self, planned: &PlannedRow, messages: &Messages) -> String {
        if planned.has_changed {
            return self.changed_since.to_owned();
        }
        if let Some(line) = planned.same_as {
            return self.same_as.replace("{line}", &line.to_string());
        }
        let sentences = planned.reasons.iter().map(|reason| self.reason(reason, messages));
        sentences.collect::<Vec<_>>().join(". ")
    }

    fn reason(&self, reason: &str, messages: &Messages) -> String {
        let conflict = Conflict::ALL.into_iter().find(|conflict| conflict.as_str() == reason);
        if let Some(conflict) = conflict {
            return self.conflict(conflict).to_owned();
        }
        let (column, code) = reason.split_once(':').unwrap_or(("", reason));
        let column: Option<ImportColumn> = column.parse().ok();
        if let Some(ImportColumn::Field(field)) = column
            && let Some(code) = field_code(field, code)
        {
            return messages.message(field, code).to_owned();
        }
        let codes = [
            (CellErrorCode::Number, self.number),
            (CellErrorCode::Date, self.date),
            (CellErrorCode::Error, self.error),
            (CellErrorCode::NotAnId, self.not_an_id),
            (CellErrorCode::NotAVersion, self.not_a_version),
            (CellErrorCode::NotAStatus, self.not_a_status),
            (CellErrorCode::TooManyCells, self.too_many_cells),
        ];
        let found = codes.iter().find(|(known, _)| known.as_str() == code);
        let sentence = found.map_or(reason, |(_, sentence)| *sentence);
        let heading =
            column.map(|column| crate::web::export::import_heading(column, &messages.desk));
        sentence.replace("{column}", heading.unwrap_or_default())
    }
}

fn field_code(field: Field, name: &str) -> Option<ErrorCode> {
    field.codes().iter().copied().find(|code| code.as_str() == name)
}

/// The text of one of several values.
fn of<T: Copy + PartialEq, const N: usize>(
    values: [T; N],
    texts: [&'static str; N],
    value: T,
) -> &'static str {
    values.iter().position(|one| *one == value).map_or("", |index| texts[index])
}

#[cfg(test)]
mod tests {
    use registration_domain::{FileRow, row_values};

    use crate::i18n::Language;

    use super::*;

    #[test]
    fn words_of_statuses_and_headings_are_read_back_in_every_language() {
        for language in Language::ALL {
            let text = &language.messages().desk;
            for status in registration_domain::Status::ALL {
                let row = FileRow { line: 1, cells: vec![text.statuses.of(status).into()] };
                let values = row_values(&row, &[Some(ImportColumn::Status)]).unwrap();
                assert_eq!(values.status, Some(status), "{language:?}");
            }
            for column in ImportColumn::ALL {
                let heading = crate::web::export::import_heading(column, text);
                assert_eq!(ImportColumn::of_heading(heading), Some(column), "{heading}");
            }
        }
    }

    #[test]
    fn every_reason_has_a_sentence() {
        let messages = Language::ALL[0].messages();
        let text = &messages.desk.imports;
        let sentence = |reason: &str| text.reason(reason, messages);
        for conflict in Conflict::ALL {
            assert!(!sentence(conflict.as_str()).contains('_'), "{conflict:?}");
        }
        assert_eq!(
            sentence("first_name:number_in_text_column"),
            "First name is a number: Excel may have changed what was typed"
        );
        assert_eq!(sentence("first_name:too_long"), "First name must be 100 characters or fewer");
        assert_eq!(sentence("too_many_cells"), text.too_many_cells);
        assert_eq!(sentence("status:not_a_status"), "Status is not a status");
    }
}
