//! Italian.

use registration_domain::PerField;

use super::{
    messages::{
        ConfirmationMessages, ErrorPageMessages, FieldMessages, FormMessages, Messages,
        ProblemMessages,
    },
    problem_text::ProblemText,
};

pub(super) static MESSAGES: Messages = Messages {
    site: "Iscrizione studenti",
    description: "Iscriviti con nome, cognome e indirizzo email.",
    choose_language: "Lingua",
    footer: "Questo sito non usa cookie e non carica nulla da altri siti.",
    form: FormMessages {
        heading: "Modulo di iscrizione",
        introduction: "Tre brevi domande: ci vuole circa un minuto. Tutte le risposte sono \
             obbligatorie.",
        register: "Iscriviti",
        error_prefix: "Errore: ",
        there_is_a_problem: "C’è un problema",
        leave_empty: "Lascia vuoto questo campo",
        used_again: "Questo modulo è già stato usato per iscrivere un’altra persona. Per una \
             nuova iscrizione controlla le risposte e premi di nuovo Iscriviti.",
        reference: "Codice di riferimento per l’assistenza:",
        sending: "Invio dell’iscrizione in corso…",
        unreachable: "Non riusciamo a raggiungere il servizio di iscrizione. Quello che hai \
             scritto è ancora qui. Controlla la connessione e riprova.",
        offline: "Sei offline. Quello che hai scritto è ancora qui e sarà inviato quando \
             tornerai online.",
        retrying: "Riproveremo automaticamente tra {seconds} secondi. Puoi anche premere subito \
             Iscriviti.",
    },
    confirmation: ConfirmationMessages {
        message: "Iscrizione completata.",
        heading: "Iscrizione completata",
        thanks: "Grazie. Conserva il numero di iscrizione: annotalo o stampa questa pagina.",
        number: "Numero di iscrizione",
        since: "Data di iscrizione",
        another: "Iscrivi un’altra persona",
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
    error_page: ErrorPageMessages {
        error: "Errore",
        reference: "Codice di riferimento",
        give_reference: "Comunica questo codice se chiedi aiuto alla scuola.",
        back: "Torna al modulo",
    },
    fields: PerField {
        first_name: FieldMessages {
            label: "Nome",
            hint: None,
            required: "Inserisci il nome",
            not_text: "Il nome deve essere un testo",
            too_long: "Il nome può avere al massimo 100 caratteri",
            invalid: "Il nome deve contenere almeno una lettera e nessun carattere invisibile",
        },
        last_name: FieldMessages {
            label: "Cognome",
            hint: Some("Se hai un solo nome, scrivilo in entrambi i campi"),
            required: "Inserisci il cognome. Se hai un solo nome, scrivilo in entrambi i campi",
            not_text: "Il cognome deve essere un testo",
            too_long: "Il cognome può avere al massimo 100 caratteri",
            invalid: "Il cognome deve contenere almeno una lettera e nessun carattere invisibile. \
                 Se hai un solo nome, scrivilo in entrambi i campi",
        },
        email: FieldMessages {
            label: "Indirizzo email",
            hint: Some("Per esempio, nome@example.com"),
            required: "Inserisci l’indirizzo email",
            not_text: "L’indirizzo email deve essere un testo",
            too_long: "L’indirizzo email può avere al massimo 254 caratteri",
            invalid: "Inserisci un indirizzo email nel formato corretto, come nome@example.com",
        },
    },
    already_registered: "Questo indirizzo email è già stato usato per un’iscrizione. Se \
         l’iscrizione è tua, non devi fare altro.",
    problems: ProblemMessages {
        malformed: "La richiesta non è leggibile",
        not_whole: "Il corpo della richiesta è incompleto.",
        not_an_object: "Il corpo della richiesta deve essere un oggetto JSON.",
        bad_json: "Il corpo della richiesta non è JSON valido in UTF-8, o contiene due volte lo \
             stesso campo.",
        bad_form: "Il modulo non è UTF-8 valido o contiene due volte lo stesso campo.",
        no_file: "Il modulo non contiene una parte di nome file.",
        bad_key: "Una Idempotency-Key deve avere da 1 a 255 caratteri ASCII visibili e comparire \
             una sola volta.",
        bad_spans: "Questi non sono gli span che il modulo invia.",
        token_in_url: "Un token va nell’intestazione Authorization: un indirizzo finisce nei log. \
             Revoca questo token.",
        bad_request: ProblemText {
            title: "Richiesta non valida",
            detail: "La richiesta non può essere elaborata.",
        },
        not_found: ProblemText {
            title: "Pagina non trovata",
            detail: "A questo indirizzo non c’è nulla. Controlla l’indirizzo o torna al modulo.",
        },
        method_not_allowed: ProblemText {
            title: "Metodo non ammesso",
            detail: "Questa pagina non si può aprire così. Torna al modulo. Per i programmi: \
                 l’intestazione Allow elenca i metodi ammessi.",
        },
        not_acceptable: ProblemText {
            title: "Nessuna codifica accettabile",
            detail: "Questa pagina può essere inviata compressa con gzip o non compressa. \
                 L’intestazione Accept-Encoding della richiesta rifiuta entrambe.",
        },
        request_timeout: ProblemText {
            title: "Tempo scaduto",
            detail: "La richiesta non è arrivata completa entro il tempo previsto. Controlla la \
                 connessione e riprova.",
        },
        uri_too_long: ProblemText {
            title: "L’indirizzo è troppo lungo",
            detail: "Invia un indirizzo più corto.",
        },
        head_too_large: ProblemText {
            title: "Le intestazioni della richiesta sono troppo grandi",
            detail: "Invia intestazioni, cookie compresi, in numero minore o più corte.",
        },
        already_registered: ProblemText {
            title: "Indirizzo già registrato",
            detail: "Questo indirizzo email è già stato usato per un’iscrizione. Se l’iscrizione \
                 è tua, non devi fare altro.",
        },
        in_progress: ProblemText {
            title: "L’iscrizione è ancora in corso",
            detail: "Stiamo ancora elaborando l’iscrizione. Riprova tra poco: non risulterai due \
                 volte.",
        },
        content_too_large: ProblemText {
            title: "La richiesta è troppo grande",
            detail: "Può occupare al massimo {kibibytes} KiB.",
        },
        unsupported_media_type: ProblemText {
            title: "Tipo di contenuto non supportato",
            detail: "Invia application/json o application/x-www-form-urlencoded in UTF-8, senza \
                 compressione.",
        },
        invalid_fields: ProblemText {
            title: "L’iscrizione non è valida",
            detail: "Alcuni campi vanno corretti.",
        },
        key_reused: ProblemText {
            title: "Chiave già usata per un’altra iscrizione",
            detail: "Questa Idempotency-Key è già stata usata con altre risposte. Usa una chiave \
                 nuova per ogni iscrizione.",
        },
        please_confirm: ProblemText {
            title: "Invia il modulo ancora una volta",
            detail: "Controlla le risposte e premi di nuovo Iscriviti.",
        },
        rate_limited: ProblemText {
            title: "Troppi tentativi",
            detail: "Dalla tua connessione sono arrivate troppe iscrizioni in poco tempo.",
        },
        email_limited: "Ci sono stati troppi tentativi con questo indirizzo email in poco tempo.",
        reads_limited: "Dalla tua connessione sono state aperte troppe pagine in poco tempo.",
        sign_ins_limited: "Dalla tua connessione sono arrivati troppi tentativi di accesso.",
        requests_limited: "Sono arrivate troppe richieste in poco tempo.",
        retry_in_seconds: "Puoi riprovare tra {seconds} secondi.",
        retry_in_minutes: "Puoi riprovare tra {minutes} minuti.",
        foreign_origin: ProblemText {
            title: "Richiesta da un altro sito",
            detail: "Questo indirizzo accetta richieste solo dalle pagine di questo sito.",
        },
        unauthenticated: ProblemText {
            title: "Accedi prima",
            detail: "Non hai effettuato l’accesso, o la sessione è terminata.",
        },
        invalid_token: ProblemText {
            title: "Il token non è valido",
            detail: "Il token è sconosciuto, scaduto o revocato. Chiedine uno nuovo.",
        },
        forbidden: ProblemText {
            title: "Non hai questo permesso",
            detail: "Il tuo ruolo non lo permette. Un amministratore può dartene un altro.",
        },
        insufficient_scope: ProblemText {
            title: "Il token non ha questo permesso",
            detail: "Al token manca l’ambito necessario.",
        },
        fresh_sign_in_needed: ProblemText {
            title: "Accedi di nuovo",
            detail: "Questa azione non si può annullare. Accedi di nuovo e ripetila entro 15 minuti.",
        },
        wrong_password: ProblemText {
            title: "L’indirizzo o la password non sono corretti",
            detail: "Controllali e riprova.",
        },
        insecure_connection: ProblemText {
            title: "Serve una connessione sicura",
            detail: "Apri l’indirizzo che comincia con https://.",
        },
        link_expired: ProblemText {
            title: "Questo link non funziona più",
            detail: "È già stato usato, sostituito o è scaduto. Chiedine uno nuovo a un amministratore.",
        },
        erased: ProblemText {
            title: "I dati di questa persona sono stati cancellati",
            detail: "I dati sono stati eliminati definitivamente. Restano solo la data e chi li ha cancellati.",
        },
        precondition_required: ProblemText {
            title: "Manca la versione",
            detail: "Invia If-Match con la versione che hai letto, per esempio \"7\".",
        },
        precondition_failed: ProblemText {
            title: "Qualcuno l’ha modificato nel frattempo",
            detail: "Rileggi e ripeti la modifica.",
        },
        illegal_transition: ProblemText {
            title: "Lo stato non può cambiare così",
            detail: "Dallo stato attuale non si arriva lì; gli stati possibili sono elencati.",
        },
        list_incomplete: ProblemText {
            title: "La ricerca non trova tutti",
            detail: "La parola è troppo frequente, o gli ultimi iscritti non si trovano ancora. Scrivi \
                     altre lettere, oppure esporta senza ricerca.",
        },
        too_many_rows: ProblemText {
            title: "Troppi studenti per XLSX",
            detail: "Un foglio ha posto per 1.048.575. Scegli CSV, o filtra l’elenco.",
        },
        file_not_written: ProblemText {
            title: "Non è stato possibile scrivere il file",
            detail: "Forse al servizio manca lo spazio per i file temporanei. CSV non ne ha bisogno.",
        },
        outbound_failed: ProblemText {
            title: "Un altro servizio non ha risposto",
            detail: "Il servizio chiamato non è raggiungibile, oppure ha avuto un errore.",
        },
        http_version: ProblemText {
            title: "La connessione usa HTTP/1.0",
            detail: "Un file interrotto sembrerebbe completo. Imposta HTTP/1.1 nel proxy davanti al \
                     servizio.",
        },
        tasks_open: ProblemText {
            title: "Mancano ancora degli adempimenti",
            detail: "L’iscrizione si completa quando non manca nulla. Un amministratore può completarla comunque.",
        },
        too_many_tasks: ProblemText {
            title: "Gli adempimenti sono troppi",
            detail: "Possono essere 50 per tutti, compresi quelli non più usati, e 100 per uno studente.",
        },
        task_of_template: ProblemText {
            title: "Questo adempimento è di tutti",
            detail: "Non si può eliminare per uno studente. Indica che non serve.",
        },
        too_many_students: ProblemText {
            title: "Troppi in una volta",
            detail: "Un’operazione riguarda al massimo 10.000 studenti, e tutti quelli che una ricerca trova. Restringi il filtro o riprova fra un minuto.",
        },
        changed_since: ProblemText {
            title: "È cambiato nel frattempo",
            detail: "Qualcuno ha modificato ciò che vuoi annullare. Non è stato annullato nulla.",
        },
        undo_expired: ProblemText {
            title: "Troppo tardi per annullare",
            detail: "Le modifiche si possono annullare per 30 giorni.",
        },
        unreadable_file: ProblemText {
            title: "Il file non si può leggere",
            detail: "I membri why, line e column dicono che cosa non va e dove. Salvalo come .xlsx, o come CSV in UTF-8.",
        },
        mapping: ProblemText {
            title: "Le colonne non si possono usare",
            detail: "Ogni colonna si può scegliere una volta, e una deve essere l’indirizzo email o l’id.",
        },
        wrong_import_state: ProblemText {
            title: "Non è più questo il passo",
            detail: "L’importazione è ormai a un altro passo. Aprila di nuovo.",
        },
        rows_left_out: ProblemText {
            title: "Non tutte le righe si possono salvare",
            detail: "È stato scelto tutto o niente, e alcune righe resterebbero fuori. Non è stato salvato nulla.",
        },
        too_many_for_one: ProblemText {
            title: "Troppe righe per tutto o niente",
            detail: "Tutto o niente salva fino a 1.000 righe. Salva solo le righe valide, o dividi il file.",
        },
        unknown_field: ProblemText {
            title: "Campo sconosciuto",
            detail: "Un campo della richiesta non esiste. Non è stato modificato nulla.",
        },
        invalid_filter: ProblemText {
            title: "Filtro non valido",
            detail: "Un parametro dell’elenco è sconosciuto o non ha questo valore.",
        },
        invalid_cursor: ProblemText {
            title: "L’elenco è cambiato",
            detail: "Questa pagina dell’elenco non c’è più. Ricomincia dalla prima.",
        },
        email_taken: ProblemText {
            title: "L’indirizzo è già usato",
            detail: "Esiste già una persona con questo indirizzo.",
        },
        last_admin: ProblemText {
            title: "L’ultimo amministratore resta",
            detail: "Nomina prima un altro amministratore.",
        },
        too_busy: ProblemText {
            title: "Le pagine della segreteria sono occupate",
            detail: "Ci sono troppe richieste insieme. Riprova tra un momento: le iscrizioni non ne risentono.",
        },
        unavailable: ProblemText {
            title: "Le iscrizioni non sono disponibili",
            detail: "Al momento non è possibile iscriversi. Riprova tra poco: non risulterai due \
                 volte.",
        },
        not_ready: ProblemText {
            title: "Il servizio non è pronto",
            detail: "Al momento il servizio non può accettare iscrizioni; i motivi sono elencati.",
        },
        desk_timeout: ProblemText {
            title: "Ha richiesto troppo tempo",
            detail: "I dati da leggere erano troppi, oppure il database è lento. Se stavi modificando \
                     qualcosa, guarda prima se è stato salvato.",
        },
        timeout: ProblemText {
            title: "L’iscrizione ha richiesto troppo tempo",
            detail: "Non sappiamo ancora se l’iscrizione è andata a buon fine. Riprova: non \
                 risulterai due volte.",
        },
        unexpected: ProblemText {
            title: "Qualcosa è andato storto",
            detail: "È un errore nostro. Riprova più tardi; se il problema persiste, comunicaci \
                 il codice di riferimento: ci aiuterà a risolverlo.",
        },
    },
    desk: super::desk::it::MESSAGES,
};
