//! Texts of the review: applications one after the other.

/// The texts in one language.
#[derive(Debug)]
pub(crate) struct ReviewMessages {
    pub(crate) heading: &'static str,
    pub(crate) left_one: &'static str,
    pub(crate) left_many: &'static str,
    pub(crate) decided: &'static str,
    pub(crate) skip: &'static str,
    pub(crate) open: &'static str,
    pub(crate) queue: &'static str,
    pub(crate) last: &'static str,
    pub(crate) keys: &'static str,
    pub(crate) nothing: &'static str,
    pub(crate) all_seen: &'static str,
    pub(crate) again: &'static str,
}

pub(super) const EN: ReviewMessages = ReviewMessages {
    heading: "Review",
    left_one: "One left.",
    left_many: "{count} left.",
    decided: "Decided by you today: {count}",
    skip: "Skip",
    open: "Open the student",
    queue: "Next",
    last: "This is the last one.",
    keys: "a confirms, w puts on the waiting list, r and a number reject, s skips, n adds a note, u undoes",
    nothing: "There is nothing to decide.",
    all_seen: "You have seen everyone; those you skipped are left.",
    again: "Begin again",
};

pub(super) const IT: ReviewMessages = ReviewMessages {
    heading: "Esame delle domande",
    left_one: "Ne resta una.",
    left_many: "Ne restano {count}.",
    decided: "Decise da te oggi: {count}",
    skip: "Salta",
    open: "Apri lo studente",
    queue: "Prossime",
    last: "Questa è l’ultima.",
    keys: "a conferma, w mette in lista d’attesa, r e un numero rifiuta, s salta, n aggiunge una nota, u annulla",
    nothing: "Non c’è nulla da decidere.",
    all_seen: "Le hai viste tutte; restano quelle saltate.",
    again: "Ricomincia",
};
