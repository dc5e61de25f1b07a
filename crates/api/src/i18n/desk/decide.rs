//! Texts of decisions.

use registration_domain::ReasonCode;

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

pub(super) const EN: DecideMessages = DecideMessages {
    heading: "Decision",
    confirm: "Confirm the place",
    confirm_short: "Confirm",
    waitlist: "Put on the waiting list",
    waitlist_short: "Waiting list",
    enrol: "Mark as enrolled",
    unenrol: "Back to place confirmed",
    withdraw: "Mark as withdrawn",
    reset: "Back to received",
    reopen: "Reopen the application",
    reject: "Do not accept",
    reject_short: "Reject…",
    reject_heading: "Do not accept this application",
    reason: "Why is it not accepted?",
    incomplete: "Papers or answers are missing",
    not_eligible: "The conditions are not met",
    duplicate: "There is another application of the same person",
    no_place: "Every place is taken",
    other: "Another reason: write it in the note",
    note: "Note",
    note_hint: "For colleagues; at most 2,000 characters. A person may ask to see what is \
         written about them.",
    add_note: "Add a note to this decision",
    reason_required: "Choose why the application is not accepted",
    reason_not_allowed: "Only an application that is not accepted has a reason",
    note_required: "Write the reason in the note",
    note_too_long: "The note must be 2,000 characters or fewer",
};

pub(super) const IT: DecideMessages = DecideMessages {
    heading: "Decisione",
    confirm: "Conferma il posto",
    confirm_short: "Conferma",
    waitlist: "Metti in lista d’attesa",
    waitlist_short: "Lista d’attesa",
    enrol: "Completa l’iscrizione",
    unenrol: "Riporta a posto confermato",
    withdraw: "Segna come ritirata",
    reset: "Riporta a ricevuta",
    reopen: "Riapri la domanda",
    reject: "Non accogliere",
    reject_short: "Non accogliere…",
    reject_heading: "Non accogliere questa domanda",
    reason: "Perché non è accolta?",
    incomplete: "Mancano documenti o risposte",
    not_eligible: "Le condizioni non sono soddisfatte",
    duplicate: "La stessa persona ha un’altra domanda",
    no_place: "Tutti i posti sono occupati",
    other: "Un altro motivo: scrivilo nella nota",
    note: "Nota",
    note_hint: "Per i colleghi; al massimo 2.000 caratteri. Ogni persona può chiedere di \
         vedere che cosa è scritto su di lei.",
    add_note: "Aggiungi una nota alla decisione",
    reason_required: "Scegli perché la domanda non è accolta",
    reason_not_allowed: "Solo una domanda non accolta ha un motivo",
    note_required: "Scrivi il motivo nella nota",
    note_too_long: "La nota può avere al massimo 2.000 caratteri",
};
