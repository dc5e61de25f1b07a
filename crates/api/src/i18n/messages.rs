//! The type of all texts in one language: a missing translation does not compile.

use registration_domain::{ErrorCode, Field, PerField};

use super::{desk::DeskMessages, problem_text::ProblemText};

/// Every text in one language. `{seconds}` and `{minutes}` are placeholders for numbers.
#[derive(Debug)]
pub(crate) struct Messages {
    pub(crate) site: &'static str,
    pub(crate) description: &'static str,
    pub(crate) choose_language: &'static str,
    pub(crate) footer: &'static str,
    pub(crate) form: FormMessages,
    pub(crate) confirmation: ConfirmationMessages,
    pub(crate) error_page: ErrorPageMessages,
    pub(crate) fields: PerField<FieldMessages>,
    pub(crate) already_registered: &'static str,
    pub(crate) problems: ProblemMessages,
    pub(crate) desk: DeskMessages,
}

/// The form.
#[derive(Debug)]
pub(crate) struct FormMessages {
    pub(crate) heading: &'static str,
    pub(crate) introduction: &'static str,
    pub(crate) register: &'static str,
    pub(crate) error_prefix: &'static str,
    pub(crate) there_is_a_problem: &'static str,
    /// The label of the honeypot.
    pub(crate) leave_empty: &'static str,
    pub(crate) used_again: &'static str,
    pub(crate) reference: &'static str,
    // Used by the script only.
    pub(crate) sending: &'static str,
    pub(crate) unreachable: &'static str,
    pub(crate) offline: &'static str,
    pub(crate) retrying: &'static str,
}

/// The page that confirms a registration.
#[derive(Debug)]
pub(crate) struct ConfirmationMessages {
    /// The message in the API's response.
    pub(crate) message: &'static str,
    pub(crate) heading: &'static str,
    pub(crate) thanks: &'static str,
    pub(crate) number: &'static str,
    pub(crate) since: &'static str,
    pub(crate) another: &'static str,
    pub(crate) months: [&'static str; 12],
}

/// The page for an error that does not concern the form.
#[derive(Debug)]
pub(crate) struct ErrorPageMessages {
    pub(crate) error: &'static str,
    pub(crate) reference: &'static str,
    pub(crate) give_reference: &'static str,
    pub(crate) back: &'static str,
}

/// A field's label, hint and error messages.
#[derive(Debug)]
pub(crate) struct FieldMessages {
    pub(crate) label: &'static str,
    pub(crate) hint: Option<&'static str>,
    pub(crate) required: &'static str,
    pub(crate) not_text: &'static str,
    pub(crate) too_long: &'static str,
    pub(crate) invalid: &'static str,
}

/// The texts of problems.
#[derive(Debug)]
pub(crate) struct ProblemMessages {
    pub(crate) malformed: &'static str,
    pub(crate) not_whole: &'static str,
    pub(crate) not_an_object: &'static str,
    pub(crate) bad_json: &'static str,
    pub(crate) bad_form: &'static str,
    pub(crate) no_file: &'static str,
    pub(crate) bad_key: &'static str,
    pub(crate) bad_spans: &'static str,
    pub(crate) token_in_url: &'static str,
    pub(crate) bad_request: ProblemText,
    pub(crate) not_found: ProblemText,
    pub(crate) method_not_allowed: ProblemText,
    pub(crate) not_acceptable: ProblemText,
    pub(crate) request_timeout: ProblemText,
    pub(crate) uri_too_long: ProblemText,
    pub(crate) head_too_large: ProblemText,
    pub(crate) already_registered: ProblemText,
    pub(crate) in_progress: ProblemText,
    pub(crate) content_too_large: ProblemText,
    pub(crate) unsupported_media_type: ProblemText,
    pub(crate) invalid_fields: ProblemText,
    pub(crate) key_reused: ProblemText,
    pub(crate) please_confirm: ProblemText,
    pub(crate) rate_limited: ProblemText,
    pub(crate) email_limited: &'static str,
    pub(crate) reads_limited: &'static str,
    pub(crate) sign_ins_limited: &'static str,
    pub(crate) requests_limited: &'static str,
    pub(crate) retry_in_seconds: &'static str,
    pub(crate) retry_in_minutes: &'static str,
    pub(crate) foreign_origin: ProblemText,
    pub(crate) unauthenticated: ProblemText,
    pub(crate) invalid_token: ProblemText,
    pub(crate) forbidden: ProblemText,
    pub(crate) insufficient_scope: ProblemText,
    pub(crate) fresh_sign_in_needed: ProblemText,
    pub(crate) wrong_password: ProblemText,
    pub(crate) insecure_connection: ProblemText,
    pub(crate) link_expired: ProblemText,
    pub(crate) erased: ProblemText,
    pub(crate) precondition_required: ProblemText,
    pub(crate) precondition_failed: ProblemText,
    pub(crate) illegal_transition: ProblemText,
    pub(crate) too_many_students: ProblemText,
    pub(crate) tasks_open: ProblemText,
    pub(crate) list_incomplete: ProblemText,
    pub(crate) too_many_rows: ProblemText,
    pub(crate) file_not_written: ProblemText,
    pub(crate) http_version: ProblemText,
    pub(crate) outbound_failed: ProblemText,
    pub(crate) too_many_tasks: ProblemText,
    pub(crate) task_of_template: ProblemText,
    pub(crate) changed_since: ProblemText,
    pub(crate) undo_expired: ProblemText,
    /// A file cannot be imported.
    pub(crate) unreadable_file: ProblemText,
    pub(crate) mapping: ProblemText,
    pub(crate) wrong_import_state: ProblemText,
    pub(crate) rows_left_out: ProblemText,
    pub(crate) too_many_for_one: ProblemText,
    pub(crate) unknown_field: ProblemText,
    pub(crate) invalid_filter: ProblemText,
    pub(crate) invalid_cursor: ProblemText,
    pub(crate) email_taken: ProblemText,
    pub(crate) last_admin: ProblemText,
    pub(crate) too_busy: ProblemText,
    pub(crate) unavailable: ProblemText,
    pub(crate) not_ready: ProblemText,
    pub(crate) timeout: ProblemText,
    pub(crate) desk_timeout: ProblemText,
    pub(crate) unexpected: ProblemText,
}

impl ProblemMessages {
    /// When to try again, in seconds or minutes.
    pub(crate) fn retry_in(&self, seconds: u64) -> String {
        if seconds < 120 {
            // At least two: these texts are plurals.
            self.retry_in_seconds.replace("{seconds}", &seconds.max(2).to_string())
        } else {
            self.retry_in_minutes.replace("{minutes}", &seconds.div_ceil(60).to_string())
        }
    }
}

impl Messages {
    /// The message for an invalid field.
    pub(crate) const fn message(&self, field: Field, code: ErrorCode) -> &'static str {
        let messages = self.fields.get(field);
        match code {
            ErrorCode::Required => messages.required,
            ErrorCode::Type => messages.not_text,
            ErrorCode::TooLong => messages.too_long,
            ErrorCode::InvalidCharacters | ErrorCode::InvalidEmail => messages.invalid,
            ErrorCode::AlreadyRegistered => self.already_registered,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::i18n::Language;

    /// Every text of a language, taken from its derived `Debug` output.
    fn texts(language: Language) -> Vec<String> {
        let all = format!("{:#?}", language.messages());
        let quoted = all.lines().filter_map(|line| line.split_once('"'));
        quoted.map(|(_, text)| text.rsplit_once('"').unwrap().0.to_owned()).collect()
    }

    /// The names in braces.
    fn placeholders(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
    }

    #[test]
    fn nothing_is_left_untranslated() {
        let [english, italian] = Language::ALL.map(texts);
        assert_eq!(english.len(), italian.len());
        assert!(english.len() > 90);
        for (one, other) in english.iter().zip(&italian) {
            assert!(!one.trim().is_empty() && !other.trim().is_empty(), "{one:?}, {other:?}");
            assert_ne!(one, other);
            assert_eq!(placeholders(one), placeholders(other), "{one}");
        }
        let distinct: BTreeSet<_> = italian.iter().collect();
        assert!(distinct.len() > 80, "texts repeat");
    }
}
