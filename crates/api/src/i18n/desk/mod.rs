//! The texts of the office's pages. Placeholders are in braces; `{at}` is where a time is put.

mod checklist;
mod decide;
pub(super) mod en;
mod export;
mod imports;
pub(super) mod it;
mod keys;
mod list;
mod operations;
mod print;
mod review;
mod staff;
mod today;
mod tokens;

use registration_domain::{Field, PasswordError, PerField, Source, Status};

pub(crate) use self::{
    checklist::ChecklistMessages, decide::DecideMessages, keys::KeyMessages, list::ListMessages,
    operations::OperationMessages, review::ReviewMessages, staff::StaffMessages,
    tokens::TokenMessages,
};
pub(crate) use self::{
    export::ExportMessages, imports::ImportMessages, print::PrintMessages, today::TodayMessages,
};
use super::problem_text::ProblemText;

/// Every text of the office's pages in one language.
#[derive(Debug)]
pub(crate) struct DeskMessages {
    pub(crate) frame: FrameMessages,
    pub(crate) sign_in: SignInMessages,
    pub(crate) welcome: WelcomeMessages,
    pub(crate) passwords: PasswordMessages,
    pub(crate) statuses: StatusMessages,
    pub(crate) sources: SourceMessages,
    pub(crate) decide: DecideMessages,
    pub(crate) list: ListMessages,
    pub(crate) keys: KeyMessages,
    pub(crate) operations: OperationMessages,
    pub(crate) checklist: ChecklistMessages,
    pub(crate) export: ExportMessages,
    pub(crate) imports: ImportMessages,
    pub(crate) print: PrintMessages,
    pub(crate) today: TodayMessages,
    pub(crate) review: ReviewMessages,
    pub(crate) student: StudentMessages,
    pub(crate) history: HistoryMessages,
    pub(crate) edit: EditMessages,
    pub(crate) stale: StaleMessages,
    pub(crate) erase: EraseMessages,
    pub(crate) staff: StaffMessages,
    pub(crate) tokens: TokenMessages,
    pub(crate) profile: ProfileMessages,
    pub(crate) pages: MessagePageMessages,
    pub(crate) problems: DeskProblemMessages,
    pub(crate) banners: BannerMessages,
}

/// The header and the foot of every page.
#[derive(Debug)]
pub(crate) struct FrameMessages {
    pub(crate) office: &'static str,
    pub(crate) skip: &'static str,
    pub(crate) search_label: &'static str,
    pub(crate) search: &'static str,
    pub(crate) search_hint: &'static str,
    pub(crate) pages: &'static str,
    pub(crate) today: &'static str,
    pub(crate) students: &'static str,
    pub(crate) review: &'static str,
    pub(crate) checklist: &'static str,
    pub(crate) new_student: &'static str,
    pub(crate) profile: &'static str,
    pub(crate) tokens: &'static str,
    pub(crate) staff: &'static str,
    pub(crate) sign_out: &'static str,
    pub(crate) tools: &'static str,
    pub(crate) footer: &'static str,
    pub(crate) and: &'static str,
    /// Between the digits of thousands.
    pub(crate) thousands: char,
    pub(crate) cancel: &'static str,
    pub(crate) copy: &'static str,
    pub(crate) copied: &'static str,
}

/// The page to sign in.
#[derive(Debug)]
pub(crate) struct SignInMessages {
    pub(crate) heading: &'static str,
    pub(crate) email: &'static str,
    pub(crate) button: &'static str,
    pub(crate) wrong: &'static str,
    pub(crate) wait_one: &'static str,
    pub(crate) wait_many: &'static str,
    pub(crate) too_busy: &'static str,
    pub(crate) signed_out: &'static str,
    pub(crate) typed_is_kept: &'static str,
    pub(crate) expired: &'static str,
    pub(crate) fresh: &'static str,
    pub(crate) password_set: &'static str,
    pub(crate) help: &'static str,
}

/// The page on which a person sets name and password.
#[derive(Debug)]
pub(crate) struct WelcomeMessages {
    pub(crate) heading: &'static str,
    pub(crate) introduction: &'static str,
    pub(crate) name: &'static str,
    pub(crate) name_hint: &'static str,
    pub(crate) name_required: &'static str,
    pub(crate) name_too_long: &'static str,
    pub(crate) password: &'static str,
    pub(crate) button: &'static str,
}

/// The rule for passwords.
#[derive(Debug)]
pub(crate) struct PasswordMessages {
    pub(crate) rule: &'static str,
    pub(crate) too_short: &'static str,
    pub(crate) too_long: &'static str,
    pub(crate) common: &'static str,
}

impl PasswordMessages {
    /// What is wrong with a password.
    pub(crate) const fn error(&self, error: PasswordError) -> &'static str {
        match error {
            PasswordError::TooShort => self.too_short,
            PasswordError::TooLong => self.too_long,
            PasswordError::Common => self.common,
        }
    }
}

/// The statuses of an application.
#[derive(Debug)]
pub(crate) struct StatusMessages {
    pub(crate) label: &'static str,
    pub(crate) pending: &'static str,
    pub(crate) waitlisted: &'static str,
    pub(crate) confirmed: &'static str,
    pub(crate) enrolled: &'static str,
    pub(crate) rejected: &'static str,
    pub(crate) withdrawn: &'static str,
}

impl StatusMessages {
    /// The words for a status.
    pub(crate) const fn of(&self, status: Status) -> &'static str {
        match status {
            Status::Pending => self.pending,
            Status::Waitlisted => self.waitlisted,
            Status::Confirmed => self.confirmed,
            Status::Enrolled => self.enrolled,
            Status::Rejected => self.rejected,
            Status::Withdrawn => self.withdrawn,
        }
    }
}

/// Where students were registered.
#[derive(Debug)]
pub(crate) struct SourceMessages {
    pub(crate) label: &'static str,
    pub(crate) any: &'static str,
    pub(crate) form: &'static str,
    pub(crate) api: &'static str,
    pub(crate) desk: &'static str,
    pub(crate) import: &'static str,
}

impl SourceMessages {
    /// The words for a source.
    pub(crate) const fn of(&self, source: Source) -> &'static str {
        match source {
            Source::Form => self.form,
            Source::Api => self.api,
            Source::Desk => self.desk,
            Source::Import => self.import,
        }
    }
}

/// The page of a student.
#[derive(Debug)]
pub(crate) struct StudentMessages {
    pub(crate) title: &'static str,
    pub(crate) facts: &'static str,
    pub(crate) number: &'static str,
    pub(crate) registered: &'static str,
    pub(crate) version: &'static str,
    pub(crate) changed: &'static str,
    pub(crate) never_changed: &'static str,
    pub(crate) notes: &'static str,
    pub(crate) no_notes: &'static str,
    pub(crate) support: &'static str,
    pub(crate) trace: &'static str,
    pub(crate) no_trace: &'static str,
    pub(crate) open_trace: &'static str,
    pub(crate) open_logs: &'static str,
    pub(crate) edit: &'static str,
    pub(crate) erase: &'static str,
    pub(crate) back: &'static str,
    pub(crate) look_only: &'static str,
    pub(crate) ask_one: &'static str,
    pub(crate) ask_many: &'static str,
    pub(crate) ask_someone: &'static str,
}

/// What happened to a student.
#[derive(Debug)]
pub(crate) struct HistoryMessages {
    pub(crate) heading: &'static str,
    pub(crate) who: &'static str,
    pub(crate) what: &'static str,
    pub(crate) when: &'static str,
    pub(crate) seal: &'static str,
    pub(crate) sealed: &'static str,
    pub(crate) not_sealed: &'static str,
    pub(crate) in_journal: &'static str,
    pub(crate) empty: &'static str,
    pub(crate) applicant: &'static str,
    pub(crate) system: &'static str,
    pub(crate) program: &'static str,
    pub(crate) former_colleague: &'static str,
    pub(crate) registered: &'static str,
    pub(crate) created: &'static str,
    pub(crate) edited: &'static str,
    pub(crate) status_changed: &'static str,
    pub(crate) erased: &'static str,
    pub(crate) viewed: &'static str,
    pub(crate) other: &'static str,
}

/// The forms to edit a student and to enter one.
#[derive(Debug)]
pub(crate) struct EditMessages {
    pub(crate) heading: &'static str,
    pub(crate) save: &'static str,
    pub(crate) new_heading: &'static str,
    pub(crate) new_introduction: &'static str,
    pub(crate) note_hint: &'static str,
    pub(crate) create: &'static str,
    pub(crate) taken: &'static str,
    pub(crate) open_taken: &'static str,
}

/// Changes of two people at once.
#[derive(Debug)]
pub(crate) struct StaleMessages {
    pub(crate) heading: &'static str,
    pub(crate) changed: &'static str,
    pub(crate) nothing_lost: &'static str,
    pub(crate) yours: &'static str,
    pub(crate) theirs: &'static str,
    pub(crate) both: &'static str,
    pub(crate) choose: &'static str,
    pub(crate) the_record: &'static str,
    pub(crate) the_status: &'static str,
    pub(crate) the_fields: PerField<&'static str>,
}

impl StaleMessages {
    /// A field as part of a sentence.
    pub(crate) const fn the_field(&self, field: Field) -> &'static str {
        self.the_fields.get(field)
    }
}

/// The page that asks before a student is erased.
#[derive(Debug)]
pub(crate) struct EraseMessages {
    pub(crate) heading: &'static str,
    pub(crate) what: &'static str,
    pub(crate) journal_kept: &'static str,
    pub(crate) label: &'static str,
    pub(crate) hint: &'static str,
    pub(crate) differs: &'static str,
    pub(crate) button: &'static str,
}

/// A person's own page.
#[derive(Debug)]
pub(crate) struct ProfileMessages {
    pub(crate) heading: &'static str,
    pub(crate) shortcuts: &'static str,
    pub(crate) shortcuts_hint: &'static str,
    pub(crate) save: &'static str,
    pub(crate) password_heading: &'static str,
    pub(crate) current: &'static str,
    pub(crate) new: &'static str,
    pub(crate) change_password: &'static str,
    pub(crate) wrong_current: &'static str,
    pub(crate) sessions_heading: &'static str,
    pub(crate) sessions_hint: &'static str,
    pub(crate) this_one: &'static str,
    pub(crate) signed_in: &'static str,
    pub(crate) last_used: &'static str,
    pub(crate) end: &'static str,
    pub(crate) end_others: &'static str,
    pub(crate) unknown_browser: &'static str,
}

/// Pages that say one thing.
#[derive(Debug)]
pub(crate) struct MessagePageMessages {
    pub(crate) no_permission: &'static str,
    pub(crate) needs: &'static str,
    pub(crate) link_expired: &'static str,
    pub(crate) link_expired_detail: &'static str,
    pub(crate) erased: &'static str,
    pub(crate) erased_detail: &'static str,
    pub(crate) resume: &'static str,
    pub(crate) resume_detail: &'static str,
    pub(crate) resume_button: &'static str,
    pub(crate) back: &'static str,
    pub(crate) to_sign_in: &'static str,
    pub(crate) give_reference: &'static str,
    pub(crate) right_students_read: &'static str,
    pub(crate) right_notes_read: &'static str,
    pub(crate) right_students_write: &'static str,
    pub(crate) right_students_decide: &'static str,
    pub(crate) right_exports_read: &'static str,
    pub(crate) right_imports_write: &'static str,
    pub(crate) right_tasks_read: &'static str,
    pub(crate) right_tasks_write: &'static str,
    pub(crate) right_override: &'static str,
    pub(crate) right_settings_manage: &'static str,
    pub(crate) right_undo_others: &'static str,
    pub(crate) right_audit_read: &'static str,
    pub(crate) right_privacy_manage: &'static str,
    pub(crate) right_own_tokens: &'static str,
    pub(crate) right_staff_manage: &'static str,
}

/// Problems whose public text is for applicants.
#[derive(Debug)]
pub(crate) struct DeskProblemMessages {
    pub(crate) not_found: ProblemText,
    pub(crate) method_not_allowed: ProblemText,
    pub(crate) unavailable: ProblemText,
    pub(crate) timeout: ProblemText,
    pub(crate) unexpected: ProblemText,
}

impl DeskProblemMessages {
    /// The text for a problem with this code, where it differs from the public one.
    pub(crate) fn of(&self, code: &str) -> Option<ProblemText> {
        match code {
            "not_found" => Some(self.not_found),
            "method_not_allowed" => Some(self.method_not_allowed),
            "unavailable" => Some(self.unavailable),
            "timeout" => Some(self.timeout),
            "internal_error" => Some(self.unexpected),
            _ => None,
        }
    }
}

/// What was done, or why it was not.
#[derive(Debug)]
pub(crate) struct BannerMessages {
    pub(crate) done: &'static str,
    pub(crate) problem: &'static str,
    pub(crate) look: &'static str,
    pub(crate) created: &'static str,
    pub(crate) edited: &'static str,
    pub(crate) unchanged: &'static str,
    pub(crate) erased: &'static str,
    pub(crate) stale: &'static str,
    pub(crate) illegal: &'static str,
    pub(crate) illegal_none: &'static str,
    pub(crate) staff_role: &'static str,
    pub(crate) staff_disabled: &'static str,
    pub(crate) staff_enabled: &'static str,
    pub(crate) staff_sessions: &'static str,
    pub(crate) staff_stale: &'static str,
    pub(crate) last_admin: &'static str,
    pub(crate) token_revoked: &'static str,
    pub(crate) profile_saved: &'static str,
    pub(crate) password_changed: &'static str,
    pub(crate) session_ended: &'static str,
    pub(crate) others_ended: &'static str,
    pub(crate) signed_in: &'static str,
}
