//! Italian.

use super::{ErrorPageWords, FieldWords, FormWords, Problems, RegisteredWords, Text, Words};

pub(super) const WORDS: Words = Words {
    site: "Iscrizione studenti",
    description: "Iscriviti come studente con nome, cognome e indirizzo email.",
    choose_language: "Lingua",
    footer: "Questo sito non usa cookie e non carica nulla da altri siti.",
    form: FormWords {
        heading: "Iscriviti come studente",
        introduction: "Tre brevi risposte, circa un minuto. Sono tutte obbligatorie.",
        register: "Iscriviti",
        error_prefix: "Errore: ",
        there_is_a_problem: "C’è un problema",
        leave_empty: "Lascia vuoto questo campo",
        used_again: "Questo modulo ha già iscritto qualcuno, con altre risposte. Per iscrivere \
             un’altra persona, controlla le risposte e premi di nuovo Iscriviti.",
        reference: "Codice di riferimento per l’assistenza:",
        sending: "Invio dell’iscrizione in corso…",
        unreachable: "Non riusciamo a raggiungere il servizio di iscrizione. Quello che hai scritto è \
             ancora qui. Controlla la connessione e riprova.",
        offline: "Sei offline. Quello che hai scritto è ancora qui e sarà inviato quando tornerai online.",
        retrying: "Riproveremo automaticamente tra {seconds} secondi. Puoi anche premere subito Iscriviti.",
    },
    registered: RegisteredWords {
        message: "Iscrizione completata.",
        heading: "Iscrizione completata",
        thanks: "Grazie. Conserva il numero di iscrizione: annotalo, o stampa questa pagina.",
        number: "Numero di iscrizione",
        since: "Data di iscrizione",
        reference: "Riferimento breve, per eventuali domande",
        another: "Iscrivi un altro studente",
        months: [
            "gennaio",
            "febbraio",
            "marzo",
            "aprile",
            "maggio",
            "giugno",
            "luglio",
            "agosto",
            "settembre",
            "ottobre",
            "novembre",
            "dicembre",
        ],
    },
    error_page: ErrorPageWords {
        error: "Errore",
        reference: "Riferimento",
        give_reference: "Comunica questo riferimento se chiedi aiuto alla scuola.",
        back: "Torna al modulo",
    },
    first_name: FieldWords {
        label: "Nome",
        hint: None,
        required: "Inserisci il nome",
        not_text: "Il nome deve essere un testo",
        too_long: "Il nome può avere al massimo 100 caratteri",
        invalid: "Il nome deve avere almeno una lettera e nessun carattere nascosto o di controllo",
    },
    last_name: FieldWords {
        label: "Cognome",
        hint: None,
        required: "Inserisci il cognome",
        not_text: "Il cognome deve essere un testo",
        too_long: "Il cognome può avere al massimo 100 caratteri",
        invalid: "Il cognome deve avere almeno una lettera e nessun carattere nascosto o di controllo",
    },
    email: FieldWords {
        label: "Indirizzo email",
        hint: Some("Per esempio, nome@example.com"),
        required: "Inserisci l’indirizzo email",
        not_text: "L’indirizzo email deve essere un testo",
        too_long: "L’indirizzo email può avere al massimo 254 caratteri",
        invalid: "Inserisci un indirizzo email nel formato corretto, come nome@example.com",
    },
    already_registered: "Questo indirizzo email è già registrato. Se l’hai fatto tu, non devi fare altro",
    problems: Problems {
        malformed: "La richiesta non è leggibile",
        not_whole: "Il corpo della richiesta è incompleto.",
        not_an_object: "Il corpo della richiesta deve essere un oggetto JSON.",
        bad_json: "Il corpo della richiesta non è JSON valido in UTF-8, o contiene due volte lo stesso campo.",
        bad_form: "Il modulo non è in UTF-8 valido, o contiene due volte lo stesso campo.",
        bad_key: "Una Idempotency-Key ha da 1 a 255 caratteri ASCII visibili e va data una volta sola.",
        bad_spans: "Questi non sono gli span che il modulo invia.",
        bad_request: Text {
            title: "Richiesta non valida",
            detail: "La richiesta non può essere elaborata.",
        },
        not_found: Text {
            title: "Pagina non trovata",
            detail: "A questo indirizzo non c’è nulla. Controllalo, o riparti dal modulo.",
        },
        method_not_allowed: Text {
            title: "Metodo non ammesso",
            detail: "Questo indirizzo non accetta quel metodo; l’intestazione Allow elenca quelli ammessi.",
        },
        request_timeout: Text {
            title: "La richiesta ha impiegato troppo tempo ad arrivare",
            detail: "La richiesta non è arrivata per intero in tempo. Controlla la connessione e riprova.",
        },
        already_registered: Text {
            title: "Già registrato",
            detail: "Questo indirizzo email è già registrato. Ogni indirizzo può essere usato una sola volta. Se l’hai fatto tu, non devi fare altro.",
        },
        in_progress: Text {
            title: "L’iscrizione è ancora in corso",
            detail: "Stiamo ancora lavorando a questa iscrizione. Riprova tra un momento: nessuno \
                 viene iscritto due volte.",
        },
        content_too_large: Text {
            title: "La richiesta è troppo grande",
            detail: "Un’iscrizione è di 16 KiB al massimo.",
        },
        unsupported_media_type: Text {
            title: "Tipo di contenuto non supportato",
            detail: "Invia application/json o application/x-www-form-urlencoded in UTF-8, non compresso.",
        },
        invalid_fields: Text {
            title: "L’iscrizione non è valida",
            detail: "Alcuni campi vanno corretti.",
        },
        key_reused: Text {
            title: "La chiave indica un’altra iscrizione",
            detail: "Questa Idempotency-Key ha già iscritto qualcuno con altre risposte. Usa una \
                 chiave nuova per ogni iscrizione.",
        },
        please_confirm: Text {
            title: "Invia il modulo ancora una volta",
            detail: "Controlla le risposte e premi di nuovo Iscriviti.",
        },
        rate_limited: Text {
            title: "Troppe iscrizioni in una volta",
            detail: "Dalla tua connessione, o per questo indirizzo email, sono arrivate troppe \
                 iscrizioni in poco tempo.",
        },
        retry_in_seconds: "Puoi riprovare tra {seconds} secondi.",
        retry_in_minutes: "Puoi riprovare tra {minutes} minuti.",
        foreign_origin: Text {
            title: "Richiesta da un altro sito",
            detail: "Questo indirizzo accetta richieste solo dalle pagine di questo sito.",
        },
        unavailable: Text {
            title: "Le iscrizioni non sono disponibili",
            detail: "In questo momento le iscrizioni non sono disponibili. Riprova tra un momento: \
                 nessuno viene iscritto due volte.",
        },
        not_ready: Text {
            title: "Il servizio non è pronto",
            detail: "Il servizio non può accettare iscrizioni adesso; i motivi sono elencati.",
        },
        timeout: Text {
            title: "L’iscrizione ha impiegato troppo tempo",
            detail: "Non sappiamo ancora se l’iscrizione è stata registrata. Riprova: nessuno viene \
                 iscritto due volte.",
        },
        unexpected: Text {
            title: "Qualcosa è andato storto",
            detail: "È un errore nostro. Riprova più tardi; se rimane, il riferimento ci aiuta a trovarlo.",
        },
    },
};
