//! Texts of the page with the numbers of the last day.

use registration_domain::ErrorCode;

/// The texts in one language.
#[derive(Debug)]
pub(crate) struct TodayMessages {
    pub(crate) heading: &'static str,
    pub(crate) counted: &'static str,
    pub(crate) refresh: &'static str,
    pub(crate) registered: &'static str,
    pub(crate) pending: &'static str,
    pub(crate) waitlisted: &'static str,
    pub(crate) lacking: &'static str,
    pub(crate) behind: &'static str,
    pub(crate) per_hour: &'static str,
    pub(crate) hour: &'static str,
    pub(crate) registrations: &'static str,
    pub(crate) failures: &'static str,
    pub(crate) failures_hint: &'static str,
    pub(crate) no_failures: &'static str,
    pub(crate) field: &'static str,
    pub(crate) error: &'static str,
    pub(crate) times: &'static str,
    pub(crate) by_others: &'static str,
    pub(crate) none_by_others: &'static str,
    pub(crate) of_several: &'static str,
    pub(crate) erased: &'static str,
    errors: [&'static str; 6],
}

impl TodayMessages {
    /// What is wrong with a field, in a few words.
    pub(crate) const fn error(&self, code: ErrorCode) -> &'static str {
        let [kind, required, too_long, characters, email, registered] = self.errors;
        match code {
            ErrorCode::Type => kind,
            ErrorCode::Required => required,
            ErrorCode::TooLong => too_long,
            ErrorCode::InvalidCharacters => characters,
            ErrorCode::InvalidEmail => email,
            ErrorCode::AlreadyRegistered => registered,
        }
    }
}

pub(super) const EN: TodayMessages = TodayMessages {
    heading: "Today",
    counted: "Counted {at}.",
    refresh: "Count again",
    registered: "registered since {at}",
    pending: "to decide",
    waitlisted: "on the waiting list",
    lacking: "with items missing",
    behind: "The search does not find the newest {count} students yet.",
    per_hour: "Registrations per hour",
    hour: "Hour from",
    registrations: "Registrations",
    failures: "What applicants get wrong",
    failures_hint: "Registrations refused since {at}, by field; up to five seconds late.",
    no_failures: "No registration was refused because of a field.",
    field: "Field",
    error: "Problem",
    times: "Times",
    by_others: "Latest changes by colleagues",
    none_by_others: "No colleague has changed anything yet.",
    of_several: "{count} students",
    erased: "a student erased since",
    errors: [
        "is not text",
        "is missing",
        "is too long",
        "has unusual characters",
        "is not an email address",
        "is registered already",
    ],
};

pub(super) const IT: TodayMessages = TodayMessages {
    heading: "Oggi",
    counted: "Conteggio: {at}.",
    refresh: "Conta di nuovo",
    registered: "iscrizioni da {at}",
    pending: "da decidere",
    waitlisted: "in lista d’attesa",
    lacking: "con adempimenti mancanti",
    behind: "La ricerca non trova ancora gli ultimi {count} studenti.",
    per_hour: "Iscrizioni per ora",
    hour: "Ora, dalle",
    registrations: "Iscrizioni",
    failures: "Che cosa sbaglia chi si iscrive",
    failures_hint: "Iscrizioni rifiutate da {at}, per campo; con al massimo cinque secondi di ritardo.",
    no_failures: "Nessuna iscrizione è stata rifiutata per un campo.",
    field: "Campo",
    error: "Problema",
    times: "Volte",
    by_others: "Ultime modifiche dei colleghi",
    none_by_others: "Nessun collega ha ancora modificato nulla.",
    of_several: "{count} studenti",
    erased: "uno studente poi cancellato",
    errors: [
        "non è un testo",
        "manca",
        "è troppo lungo",
        "ha caratteri insoliti",
        "non è un indirizzo email",
        "è già iscritto",
    ],
};
