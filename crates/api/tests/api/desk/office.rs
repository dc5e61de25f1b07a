//! People of the office, as browsers and programs.

use std::process::Command;

use registration_testkit::{Service, TestDatabase};
use reqwest::{
    Method,
    blocking::{Client, RequestBuilder, Response},
};
use serde_json::{Value, json};

use crate::description::checked;
use crate::support::{BINARY, BROWSER, client, header, post, registration};

/// The password of every person.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A service with an administrator who is signed in.
pub(crate) struct Office<'a> {
    pub(crate) service: &'a Service,
    pub(crate) admin: Person,
}

/// A client of the office with a session, with a token, or anonymous.
#[derive(Clone)]
pub(crate) struct Person {
    client: Client,
    base: String,
    pub(crate) cookie: Option<String>,
    pub(crate) token: Option<String>,
}

impl<'a> Office<'a> {
    /// Invites the administrator by the command line.
    pub(crate) fn open(service: &'a Service, database: &TestDatabase) -> Self {
        let link = invite_by_command(database, "ada@school.example", "admin");
        let anonymous = Person::anonymous(service);
        anonymous.join(&link, "Ada Lovelace");
        Self { service, admin: anonymous.sign_in("ada@school.example", PASSWORD) }
    }

    /// A client that is not signed in.
    pub(crate) fn anonymous(&self) -> Person {
        Person::anonymous(self.service)
    }

    /// A person with this role, who has been invited by the administrator.
    pub(crate) fn person(&self, role: &str) -> Person {
        let email = format!("{role}@school.example");
        let page = self.admin.submit("/desk/staff", &[("email", &email), ("role", role)]);
        assert_eq!(page.status(), 200);
        let page = page.text().unwrap();
        let (_, link) = page.split_once("/desk/welcome?token=").unwrap();
        let secret: String = link.chars().take_while(char::is_ascii_hexdigit).collect();
        let anonymous = self.anonymous();
        anonymous.join(&secret, &format!("Name of {role}"));
        anonymous.sign_in(&email, PASSWORD)
    }

    /// A program with a token of the administrator's with these scopes.
    pub(crate) fn program(&self, scopes: &[&str]) -> Person {
        self.admin.program(scopes)
    }

    /// Registers applicants by the public API, and returns their ids.
    pub(crate) fn register(&self, emails: &[&str]) -> Vec<String> {
        let register = |email: &&str| {
            let response = post(self.service, &registration(email));
            assert_eq!(response.status(), 201);
            response.json::<Value>().unwrap()["id"].as_str().unwrap().to_owned()
        };
        emails.iter().map(register).collect()
    }
}

impl Person {
    pub(crate) fn anonymous(service: &Service) -> Self {
        Self { client: client(), base: service.url(""), cookie: None, token: None }
    }

    /// The same session or token at another instance.
    pub(crate) fn at(&self, service: &Service) -> Self {
        Self { base: service.url(""), ..self.clone() }
    }

    /// Sets name and password by a link's secret.
    pub(crate) fn join(&self, secret: &str, name: &str) {
        self.join_with(secret, name, PASSWORD);
    }

    /// Sets name and this password.
    pub(crate) fn join_with(&self, secret: &str, name: &str, password: &str) {
        let form = [("token", secret), ("name", name), ("password", password)];
        let joined = self.submit("/desk/welcome", &form);
        assert_eq!(joined.status(), 303, "{}", joined.text().unwrap());
    }

    /// Signs in, which must be possible.
    pub(crate) fn sign_in(&self, email: &str, password: &str) -> Self {
        let answer = self.submit("/desk/sign-in", &[("email", email), ("password", password)]);
        assert_eq!(answer.status(), 303, "{}", answer.text().unwrap());
        self.with_cookie_of(&answer)
    }

    /// The same person with the cookie that an answer sets.
    pub(crate) fn with_cookie_of(&self, answer: &Response) -> Self {
        let cookie = header(answer, "set-cookie").split(';').next().unwrap().to_owned();
        Self { cookie: Some(cookie), ..self.clone() }
    }

    /// A program with a token of this person's with these scopes.
    pub(crate) fn program(&self, scopes: &[&str]) -> Self {
        let mut form = vec![("name", "Test"), ("days", "7")];
        form.extend(scopes.iter().map(|scope| ("scopes", *scope)));
        let page = self.submit("/desk/tokens", &form).text().unwrap();
        let at = page.find("srt_").unwrap_or_else(|| panic!("{page}"));
        let token: String =
            page[at..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        assert_eq!(token.len(), 50);
        Self { cookie: None, token: Some(token), ..self.clone() }
    }

    /// A request as this person's browser or program sends it.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let is_safe = method == Method::GET || method == Method::HEAD;
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            return request.bearer_auth(token);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        if is_safe { request } else { request.header("sec-fetch-site", "same-origin") }
    }

    /// Opens a page.
    pub(crate) fn open(&self, path: &str) -> Response {
        self.request(Method::GET, path).header("accept", BROWSER).send().unwrap()
    }

    /// Posts a form.
    pub(crate) fn submit(&self, path: &str, form: &[(&str, &str)]) -> Response {
        let request = self.request(Method::POST, path).header("accept", BROWSER);
        request.form(form).send().unwrap()
    }

    /// Reads JSON, which must be there.
    pub(crate) fn read(&self, path: &str) -> Value {
        let response = checked(&Method::GET, self.request(Method::GET, path).send().unwrap());
        assert_eq!(response.status(), 200, "{path}");
        response.json().unwrap()
    }

    /// Sends JSON with the version that the person saw, where there is one.
    pub(crate) fn send(
        &self,
        method: &Method,
        path: &str,
        version: Option<u64>,
        body: &Value,
    ) -> Response {
        let mut request = self.request(method.clone(), path);
        if let Some(version) = version {
            request = request.header("if-match", format!("\"{version}\""));
        }
        let request = if body.is_null() { request } else { request.json(body) };
        checked(method, request.send().unwrap())
    }

    /// Decides on an application.
    pub(crate) fn decide(&self, id: &str, version: u64, to: &str) -> Response {
        let path = format!("/api/students/{id}/transitions");
        self.send(&Method::POST, &path, Some(version), &json!({"to": to}))
    }
}

/// The secret of the link that the command line prints.
pub(crate) fn invite_by_command(database: &TestDatabase, email: &str, role: &str) -> String {
    let mut command = Command::new(BINARY);
    let command = command.env_clear().env("DATABASE_URL", database.url());
    let output = command.args(["staff", "add", email, "--role", role]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    text.trim().rsplit_once("token=").unwrap().1.to_owned()
}
