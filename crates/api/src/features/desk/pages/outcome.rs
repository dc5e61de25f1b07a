//! Outcomes whose message is one sentence.

use crate::i18n::desk::BannerMessages;

/// What was done, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    StudentErased,
    StaffRoleChanged,
    StaffDisabled,
    StaffEnabled,
    StaffSessionsEnded,
    StaffStale,
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
        matches!(self, Self::LastAdmin | Self::StaffStale)
    }
}

impl BannerMessages {
    /// The sentence.
    pub(super) const fn of(&self, outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::StudentErased => self.erased,
            Outcome::StaffRoleChanged => self.staff_role,
            Outcome::StaffDisabled => self.staff_disabled,
            Outcome::StaffEnabled => self.staff_enabled,
            Outcome::StaffSessionsEnded => self.staff_sessions,
            Outcome::StaffStale => self.staff_stale,
            Outcome::LastAdmin => self.last_admin,
            Outcome::TokenRevoked => self.token_revoked,
            Outcome::ProfileSaved => self.profile_saved,
            Outcome::PasswordChanged => self.password_changed,
            Outcome::SessionEnded => self.session_ended,
            Outcome::OtherSessionsEnded => self.others_ended,
            Outcome::SignedIn => self.signed_in,
        }
    }
}
