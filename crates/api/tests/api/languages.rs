//! Every page and every problem, in every language.

use libtest_mimic::Trial;
use registration_testkit::{Applicant, Service, trials};
use reqwest::blocking::Response;
use serde_json::json;

use crate::support::{
    BROWSER, client, get, header, problem, registration, sqlite, sqlite_with, text_of,
};

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        a_page_is_in_the_requested_language,
        the_chosen_language_is_kept,
        problems_are_in_the_requested_language,
        a_failure_has_the_reference_of_its_trace_and_log,
    ]
}

fn page(service: &Service, path: &str, languages: &str) -> Response {
    let request = client().get(service.url(path)).header("accept", BROWSER);
    request.header("accept-language", languages).send().unwrap()
}

fn a_page_is_in_the_requested_language() {
    let (_database, service) = sqlite();
    for (path, languages, language) in [
        ("/", "it", "it"),
        ("/", "de, it;q=0.5, en;q=0.4", "it"),
        ("/", "de", "en"),
        ("/?lang=it", "en", "it"),
        ("/?lang=en", "it", "en"),
        ("/nowhere", "it", "it"),
    ] {
        let response = page(&service, path, languages);
        assert_eq!(header(&response, "content-language"), language, "{path} {languages}");
        assert_eq!(header(&response, "vary"), "Accept, Accept-Language");
        let text = response.text().unwrap();
        assert!(text.contains(&format!("<html lang=\"{language}\">")));
        let english = text.contains("Student registration");
        assert_eq!(english, language == "en", "{path} {languages}");
    }
    // Programs that ask for a line of text get the one that they know.
    let line = client().get(service.url("/")).header("accept-language", "it").send().unwrap();
    assert_eq!(line.text().unwrap(), "Student Registration API is running 🚀");
}

fn the_chosen_language_is_kept() {
    let (_database, service) = sqlite();
    let form = page(&service, "/?lang=it", "en").text().unwrap();
    assert!(form.contains("action=\"/register?lang=it\"") && form.contains("href=\"/?lang=en\""));
    let created = client().post(service.url("/register?lang=it"));
    let created = created.form(&registration("zoe@example.org")).send().unwrap();
    let location = header(&created, "location");
    assert!(location.ends_with("?lang=it"), "{location}");
    let registered = page(&service, location, "en").text().unwrap();
    assert!(
        registered.contains("Iscrizione completata") && registered.contains("href=\"/?lang=it\"")
    );
    // The API's own address of a student is the same for everybody.
    let created = client().post(service.url("/register?lang=it"));
    let created = created.json(&registration("b@example.org")).send().unwrap();
    assert!(!header(&created, "location").contains('?'));
    assert_eq!(created.json::<serde_json::Value>().unwrap()["message"], "Iscrizione completata.");
}

fn problems_are_in_the_requested_language() {
    let (_database, service) = sqlite_with(&[("RATE_LIMIT", "client=6/3600,email=off")]);
    let send = |body: &str, kind: &str| {
        let request = client().post(service.url("/register")).header("accept-language", "it");
        let answer = request.header("content-type", kind).body(body.to_owned()).send().unwrap();
        let spoken = header(&answer, "content-language") == "it";
        assert!(spoken, "{answer:?}");
        problem(answer)
    };
    let json = "application/json";
    assert_eq!(send("{", json)["title"], "La richiesta non è leggibile");
    assert_eq!(send("", "text/plain")["title"], "Tipo di contenuto non supportato");
    let [first_name, last_name] = ["1", ""].map(str::to_owned);
    let invalid = Applicant { first_name, last_name, ..Applicant::new("@") };
    let invalid = send(&invalid.json_text(), json);
    let messages: Vec<_> =
        invalid["errors"].as_array().unwrap().iter().map(|e| &e["message"]).collect();
    assert_eq!(
        messages,
        [
            "Il nome deve contenere almeno una lettera e nessun carattere invisibile",
            "Inserisci il cognome. Se hai un solo nome, scrivilo in entrambi i campi",
            "Inserisci un indirizzo email nel formato corretto, come nome@example.com",
        ]
    );
    let body = registration("zoe@example.org").to_string();
    send_ok(&service, &body);
    let taken = send(&body, json);
    assert_eq!(
        taken["errors"][0]["message"],
        "Questo indirizzo email è già stato usato per un’iscrizione. Se l’iscrizione è tua, non devi fare altro."
    );
    assert_eq!(send("{}", json)["title"], "L’iscrizione non è valida");
    assert_eq!(send("{}", json)["title"], "Troppi tentativi");
    let nowhere = client().get(service.url("/nowhere")).header("accept-language", "it");
    assert_eq!(problem(nowhere.send().unwrap())["title"], "Pagina non trovata");
}

fn send_ok(service: &Service, body: &str) {
    let request =
        client().post(service.url("/register")).header("content-type", "application/json");
    assert_eq!(request.body(body.to_owned()).send().unwrap().status(), 201);
}

fn a_failure_has_the_reference_of_its_trace_and_log() {
    let (_database, service) = sqlite();
    let refused = problem(crate::support::post(&service, &json!({})));
    let trace_id = refused["trace_id"].as_str().unwrap();
    let reference = refused["reference"].as_str().unwrap();
    assert_eq!(reference.replace('-', ""), trace_id[..12]);
    let line = service.wait_for_log(|line| line["attributes"]["reference"] == reference);
    assert_eq!(line["trace_id"], trace_id);

    let error = get(&service.url("/nowhere"), BROWSER).text().unwrap();
    let shown = text_of(&error, "reference");
    let _ = service.wait_for_log(|line| line["attributes"]["reference"] == shown);

    let created = crate::support::post(&service, &registration("zoe@example.org"));
    let page = get(&service.url(header(&created, "location")), BROWSER).text().unwrap();
    let line = service.wait_for_log(|line| line["attributes"]["status"] == 201);
    let reference = line["attributes"]["reference"].as_str().unwrap();
    assert!(page.contains(&format!(">{reference}<")), "the registration number");
}
