//! Texts of printed lists.

/// The texts in one language.
#[derive(Debug)]
pub(crate) struct PrintMessages {
    pub(crate) link: &'static str,
    pub(crate) heading: &'static str,
    pub(crate) default_title: &'static str,
    pub(crate) title: &'static str,
    pub(crate) lines: &'static str,
    pub(crate) lines_invalid: &'static str,
    pub(crate) with_email: &'static str,
    pub(crate) with_status: &'static str,
    pub(crate) with_signature: &'static str,
    pub(crate) show: &'static str,
    pub(crate) how: &'static str,
    pub(crate) more: &'static str,
    pub(crate) number: &'static str,
    pub(crate) signature: &'static str,
    pub(crate) printed_by: &'static str,
    pub(crate) students_one: &'static str,
    pub(crate) students_many: &'static str,
}

pub(super) const EN: PrintMessages = PrintMessages {
    link: "Print this list",
    heading: "Print",
    default_title: "Class list",
    title: "Title",
    lines: "Empty lines at the end, up to 50",
    lines_invalid: "Enter a number from 0 to 50",
    with_email: "with email addresses",
    with_status: "with the status",
    with_signature: "with a column for signatures",
    show: "Show",
    how: "This page is printed as it is, by your browser: Ctrl+P. The journal records who printed.",
    more: "Only the first 3,000 students are shown. Filter the list, or export it.",
    number: "No.",
    signature: "Signature",
    printed_by: "{who}, {at}",
    students_one: "1 student",
    students_many: "{count} students",
};

pub(super) const IT: PrintMessages = PrintMessages {
    link: "Stampa questo elenco",
    heading: "Stampa",
    default_title: "Elenco della classe",
    title: "Titolo",
    lines: "Righe vuote alla fine, al massimo 50",
    lines_invalid: "Scrivi un numero da 0 a 50",
    with_email: "con gli indirizzi email",
    with_status: "con lo stato",
    with_signature: "con una colonna per le firme",
    show: "Mostra",
    how: "Il browser stampa questa pagina così com’è: Ctrl+P. Il registro conserva chi ha stampato.",
    more: "Sono mostrati solo i primi 3.000 studenti. Filtra l’elenco, oppure esportalo.",
    number: "N.",
    signature: "Firma",
    printed_by: "{who} – {at}",
    students_one: "1 studente",
    students_many: "{count} studenti",
};
