//! The texts of the office's pages. Placeholders are in braces; `{at}` is where a time is put.

pub(super) mod en;
pub(super) mod it;
mod operations;
mod review;

use registration_domain::{Field, PasswordError, PerField, ReasonCode, Role, Source, Status};

pub(crate) use self::{operations::OperationMessages, review::ReviewMessages};
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
    pub(crate) students: &'static str,
    pub(crate) review: &'static str,
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

/// Decisions, their reasons and what is wrong with them.
#[derive(Debug)]
pub(crate) struct DecideMessages {
    pub(crate) heading: &'static str,
    pub(crate) confirm: &'static str,
    pub(crate) confirm_short: &'static str,
    pub(crate) waitlist: &'static str,
    pub(crate) waitlist_short: &'static str,
    pub(crate) enrol: &'static str,
    pub(crate) unenrol: &'static str,
    pub(crate) withdraw: &'static str,
    pub(crate) reset: &'static str,
    pub(crate) reopen: &'static str,
    pub(crate) reject: &'static str,
    pub(crate) reject_short: &'static str,
    pub(crate) reject_heading: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) incomplete: &'static str,
    pub(crate) not_eligible: &'static str,
    pub(crate) duplicate: &'static str,
    pub(crate) no_place: &'static str,
    pub(crate) other: &'static str,
    pub(crate) note: &'static str,
    pub(crate) note_hint: &'static str,
    pub(crate) add_note: &'static str,
    pub(crate) reason_required: &'static str,
    pub(crate) reason_not_allowed: &'static str,
    pub(crate) note_required: &'static str,
    pub(crate) note_too_long: &'static str,
}

impl DecideMessages {
    /// The words for a reason.
    pub(crate) const fn reason_text(&self, reason: ReasonCode) -> &'static str {
        match reason {
            ReasonCode::Incomplete => self.incomplete,
            ReasonCode::NotEligible => self.not_eligible,
            ReasonCode::Duplicate => self.duplicate,
            ReasonCode::NoPlace => self.no_place,
            ReasonCode::Other => self.other,
        }
    }
}

/// The list of students.
#[derive(Debug)]
pub(crate) struct ListMessages {
    pub(crate) heading: &'static str,
    pub(crate) caption: &'static str,
    pub(crate) filters: &'static str,
    pub(crate) all: &'static str,
    pub(crate) apply: &'static str,
    pub(crate) in_force: &'static str,
    pub(crate) searched: &'static str,
    pub(crate) from: &'static str,
    pub(crate) until: &'static str,
    pub(crate) registered_from: &'static str,
    pub(crate) registered_to: &'static str,
    pub(crate) remove: &'static str,
    pub(crate) name: &'static str,
    pub(crate) email: &'static str,
    pub(crate) registered: &'static str,
    pub(crate) decision: &'static str,
    pub(crate) sort_ascending: &'static str,
    pub(crate) sort_descending: &'static str,
    pub(crate) rows: &'static str,
    pub(crate) rows_known: &'static str,
    pub(crate) one_row: &'static str,
    pub(crate) previous: &'static str,
    pub(crate) next: &'static str,
    pub(crate) pages: &'static str,
    pub(crate) no_students: &'static str,
    pub(crate) no_students_hint: &'static str,
    pub(crate) to_form: &'static str,
    pub(crate) nothing_found: &'static str,
    pub(crate) nothing_found_for: &'static str,
    pub(crate) search_hint: &'static str,
    pub(crate) without_filters: &'static str,
    pub(crate) all_students: &'static str,
    pub(crate) too_long: &'static str,
    pub(crate) cut: &'static str,
    pub(crate) behind_one: &'static str,
    pub(crate) behind_many: &'static str,
    // Used by the script only.
    pub(crate) loading: &'static str,
    pub(crate) unreachable: &'static str,
    pub(crate) not_possible: &'static str,
}

/// The keys of the list.
#[derive(Debug)]
pub(crate) struct KeyMessages {
    pub(crate) heading: &'static str,
    pub(crate) introduction: &'static str,
    pub(crate) search: &'static str,
    pub(crate) next: &'static str,
    pub(crate) previous: &'static str,
    pub(crate) within: &'static str,
    pub(crate) open: &'static str,
    pub(crate) confirm: &'static str,
    pub(crate) waitlist: &'static str,
    pub(crate) reject: &'static str,
    pub(crate) help: &'static str,
    pub(crate) tick: &'static str,
    pub(crate) tick_range: &'static str,
    pub(crate) undo: &'static str,
    pub(crate) escape: &'static str,
    pub(crate) close: &'static str,
    pub(crate) switch_off: &'static str,
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

/// The people of the office.
#[derive(Debug)]
pub(crate) struct StaffMessages {
    pub(crate) heading: &'static str,
    pub(crate) viewer: &'static str,
    pub(crate) registrar: &'static str,
    pub(crate) admin: &'static str,
    pub(crate) role: &'static str,
    pub(crate) role_viewer: &'static str,
    pub(crate) role_registrar: &'static str,
    pub(crate) role_admin: &'static str,
    pub(crate) you: &'static str,
    pub(crate) active: &'static str,
    pub(crate) invited: &'static str,
    pub(crate) disabled: &'static str,
    pub(crate) manage: &'static str,
    pub(crate) save_role: &'static str,
    pub(crate) disable: &'static str,
    pub(crate) enable: &'static str,
    pub(crate) new_link: &'static str,
    pub(crate) end_sessions: &'static str,
    pub(crate) invite: &'static str,
    pub(crate) invite_hint: &'static str,
    pub(crate) invite_button: &'static str,
    pub(crate) email_taken: &'static str,
    pub(crate) role_required: &'static str,
    pub(crate) link_heading: &'static str,
    pub(crate) link_once: &'static str,
    pub(crate) link: &'static str,
}

impl StaffMessages {
    /// The name of a role.
    pub(crate) const fn role_name(&self, role: Role) -> &'static str {
        match role {
            Role::Viewer => self.viewer,
            Role::Registrar => self.registrar,
            Role::Admin => self.admin,
        }
    }

    /// What a role may do.
    pub(crate) const fn role_text(&self, role: Role) -> &'static str {
        match role {
            Role::Viewer => self.role_viewer,
            Role::Registrar => self.role_registrar,
            Role::Admin => self.role_admin,
        }
    }
}

/// The tokens of programs.
#[derive(Debug)]
pub(crate) struct TokenMessages {
    pub(crate) heading: &'static str,
    pub(crate) introduction: &'static str,
    pub(crate) none: &'static str,
    pub(crate) owner: &'static str,
    pub(crate) begins: &'static str,
    pub(crate) scopes: &'static str,
    pub(crate) created: &'static str,
    pub(crate) used: &'static str,
    pub(crate) never_used: &'static str,
    pub(crate) expires: &'static str,
    pub(crate) expired: &'static str,
    pub(crate) revoked: &'static str,
    pub(crate) revoke: &'static str,
    pub(crate) make: &'static str,
    pub(crate) name: &'static str,
    pub(crate) name_hint: &'static str,
    pub(crate) days: &'static str,
    pub(crate) days_hint: &'static str,
    pub(crate) make_button: &'static str,
    pub(crate) name_required: &'static str,
    pub(crate) name_too_long: &'static str,
    pub(crate) scopes_required: &'static str,
    pub(crate) scope_not_allowed: &'static str,
    pub(crate) days_invalid: &'static str,
    pub(crate) secret_heading: &'static str,
    pub(crate) secret_once: &'static str,
    pub(crate) secret: &'static str,
    pub(crate) students_read: &'static str,
    pub(crate) notes_read: &'static str,
    pub(crate) students_write: &'static str,
    pub(crate) students_decide: &'static str,
    pub(crate) audit_read: &'static str,
    pub(crate) privacy_manage: &'static str,
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
