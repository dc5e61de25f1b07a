//! Outcomes whose message is one sentence.

use crate::i18n::desk::DeskMessages;

/// What was done, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    StudentErased,
    StaffRoleChanged,
    StaffDisabled,
    StaffEnabled,
    StaffSessionsEnded,
    StaffStale,
    ChecklistSaved,
    TaskStale,
    TaskGone,
    LastAdmin,
    TokenRevoked,
    ProfileSaved,
    PasswordChanged,
    SessionEnded,
    OtherSessionsEnded,
    SignedIn,
}

impl Outcome {
    /// Whether it is a refusal.
    pub(super) const fn is_problem(self) -> bool {
        matches!(self, Self::LastAdmin | Self::StaffStale | Self::TaskStale | Self::TaskGone)
    }
}

impl DeskMessages {
    /// The sentence.
    pub(super) const fn of(&self, outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::ChecklistSaved => self.checklist.saved,
            Outcome::TaskStale => self.checklist.stale,
            Outcome::TaskGone => self.checklist.gone,
            Outcome::StudentErased => self.banners.erased,
            Outcome::StaffRoleChanged => self.banners.staff_role,
            Outcome::StaffDisabled => self.banners.staff_disabled,
            Outcome::StaffEnabled => self.banners.staff_enabled,
            Outcome::StaffSessionsEnded => self.banners.staff_sessions,
            Outcome::StaffStale => self.banners.staff_stale,
            Outcome::LastAdmin => self.banners.last_admin,
            Outcome::TokenRevoked => self.banners.token_revoked,
            Outcome::ProfileSaved => self.banners.profile_saved,
            Outcome::PasswordChanged => self.banners.password_changed,
            Outcome::SessionEnded => self.banners.session_ended,
            Outcome::OtherSessionsEnded => self.banners.others_ended,
            Outcome::SignedIn => self.banners.signed_in,
        }
    }
}
