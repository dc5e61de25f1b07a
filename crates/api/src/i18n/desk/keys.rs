//! Texts of the keys of the list.

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

pub(super) const EN: KeyMessages = KeyMessages {
    heading: "Keys for the list",
    introduction: "They work while the list has the focus: Tab brings you there.",
    search: "go to the search box, from anywhere",
    next: "next student",
    previous: "previous student",
    within: "to the buttons of the student, and back",
    open: "open the student",
    confirm: "confirm the place",
    waitlist: "put on the waiting list",
    reject: "do not accept: choose the reason",
    help: "show these keys",
    tick: "tick the row",
    tick_range: "tick up to the row",
    undo: "undo the last decision",
    escape: "close, or leave the list",
    close: "Close",
    switch_off: "Switch the keys off in your profile",
};

pub(super) const IT: KeyMessages = KeyMessages {
    heading: "Tasti per l’elenco",
    introduction: "Funzionano mentre il cursore è nell’elenco: ci arrivi con il tasto Tab.",
    search: "va alla casella di ricerca, da ovunque",
    next: "studente successivo",
    previous: "studente precedente",
    within: "ai pulsanti dello studente, e ritorno",
    open: "apre lo studente",
    confirm: "conferma il posto",
    waitlist: "mette in lista d’attesa",
    reject: "non accoglie: si sceglie il motivo",
    help: "mostra questi tasti",
    tick: "seleziona la riga",
    tick_range: "seleziona fino alla riga",
    undo: "annulla l’ultima decisione",
    escape: "chiude, o lascia l’elenco",
    close: "Chiudi",
    switch_off: "Disattiva i tasti nel tuo profilo",
};
