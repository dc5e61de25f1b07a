//! The buttons for the next statuses, and the choice of a reason.

use registration_domain::{DecisionError, ReasonCode, Status};

use super::errors::FormErrors;
use crate::i18n::desk::DeskMessages;

/// A button for a status.
pub(super) struct DecisionButton {
    pub(super) to: &'static str,
    pub(super) label: &'static str,
}

/// A reason that can be chosen.
pub(super) struct ReasonOption {
    pub(super) value: &'static str,
    pub(super) label: &'static str,
    pub(super) is_chosen: bool,
}

/// Why a decision was not taken as it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecisionFormError {
    Decision(DecisionError),
    NoteTooLong,
}

/// A decision as it was sent, to be shown again with what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RefusedDecision {
    pub(crate) error: DecisionFormError,
    pub(crate) reason: Option<ReasonCode>,
    pub(crate) note: String,
}

/// The possible next statuses but `rejected`, which has a form of its own.
pub(super) fn buttons(from: Status, text: &DeskMessages) -> Vec<DecisionButton> {
    let next = from.allowed().iter().filter(|to| **to != Status::Rejected);
    let mut next: Vec<_> = next.copied().collect();
    next.sort_by_key(|to| importance(*to));
    next.into_iter()
        .map(|to| DecisionButton { to: to.as_str(), label: label(from, to, text) })
        .collect()
}

/// The quick buttons of a row: for applications that wait for a decision.
pub(super) fn quick_buttons(from: Status, text: &DeskMessages) -> Vec<DecisionButton> {
    let decide = &text.decide;
    let confirm = (Status::Confirmed, decide.confirm_short);
    let waitlist = (Status::Waitlisted, decide.waitlist_short);
    let offered = match from {
        Status::Pending => vec![confirm, waitlist],
        Status::Waitlisted => vec![confirm],
        Status::Confirmed | Status::Enrolled | Status::Rejected | Status::Withdrawn => vec![],
    };
    let button = |(to, label): (Status, _)| DecisionButton { to: to.as_str(), label };
    offered.into_iter().map(button).collect()
}

fn importance(to: Status) -> usize {
    use Status::{Confirmed, Enrolled, Pending, Rejected, Waitlisted, Withdrawn};
    let order = [Enrolled, Confirmed, Waitlisted, Pending, Rejected, Withdrawn];
    order.iter().position(|status| *status == to).unwrap_or_default()
}

fn label(from: Status, to: Status, text: &DeskMessages) -> &'static str {
    let decide = &text.decide;
    match (from, to) {
        (Status::Enrolled, Status::Confirmed) => decide.unenrol,
        (_, Status::Confirmed) => decide.confirm,
        (_, Status::Waitlisted) => decide.waitlist,
        (_, Status::Enrolled) => decide.enrol,
        (_, Status::Withdrawn) => decide.withdraw,
        (_, Status::Rejected) => decide.reject,
        (Status::Rejected | Status::Withdrawn, Status::Pending) => decide.reopen,
        (_, Status::Pending) => decide.reset,
    }
}

/// The reasons for a rejection.
pub(super) fn reasons(chosen: Option<ReasonCode>, text: &DeskMessages) -> Vec<ReasonOption> {
    let option = |reason: ReasonCode| ReasonOption {
        value: reason.as_str(),
        label: text.decide.reason_text(reason),
        is_chosen: chosen == Some(reason),
    };
    ReasonCode::ALL.into_iter().map(option).collect()
}

/// The error of a decision, at the element that it concerns.
pub(super) fn errors(refused: Option<&RefusedDecision>, text: &DeskMessages) -> FormErrors {
    let decide = &text.decide;
    let Some(refused) = refused else { return FormErrors::default() };
    let (id, error) = match refused.error {
        DecisionFormError::Decision(DecisionError::ReasonRequired) => {
            ("reason", decide.reason_required)
        }
        DecisionFormError::Decision(DecisionError::ReasonNotAllowed) => {
            ("reason", decide.reason_not_allowed)
        }
        DecisionFormError::Decision(DecisionError::NoteRequired) => ("note", decide.note_required),
        DecisionFormError::NoteTooLong => ("note", decide.note_too_long),
    };
    FormErrors::one(id, Some(error))
}
