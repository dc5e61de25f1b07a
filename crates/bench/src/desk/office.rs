//! Signs in as a registrar's program: an invitation by the command line, a password, a token.

use std::path::Path;

use registration_testkit::TestDatabase;

use super::client::{Client, encoded};
use crate::process::{command, output};

const EMAIL: &str = "bench@school.example";
const PASSWORD: &str = "correct horse battery";

/// What opens the office: a token that may read students and decide on them, and the cookie of a session.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) token: String,
    pub(crate) cookie: String,
}

/// Signs in, and makes a token.
pub(crate) fn sign_in(program: &Path, database: &TestDatabase, address: &str) -> Credentials {
    let mut invite = command(program);
    invite.env("DATABASE_URL", database.url()).args(["staff", "add", EMAIL, "--role", "admin"]);
    let link = output(&mut invite);
    let (_, secret) = link.trim().rsplit_once("token=").expect("no link in the output");
    let password = encoded(PASSWORD);

    let mut anyone = Client::anonymous(address);
    let form = format!("token={secret}&name=Bench&password={password}");
    anyone.submit("/desk/welcome", &form).expect_status(303);
    let form = format!("email={}&password={password}", encoded(EMAIL));
    let signed_in = anyone.submit("/desk/sign-in", &form);
    signed_in.expect_status(303);
    let cookie = signed_in.header("set-cookie").expect("no cookie").split(';').next().unwrap();

    let form = "name=Bench&days=7&scopes=students%3Aread&scopes=students%3Adecide\
                &scopes=exports%3Aread&scopes=imports%3Awrite";
    let page = Client::with_cookie(address, cookie).submit("/desk/tokens", form);
    page.expect_status(200);
    let (_, token) = page.body.split_once("srt_").expect("no token on the page");
    let end = token.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(token.len());
    Credentials { token: format!("srt_{}", &token[..end]), cookie: cookie.to_owned() }
}
