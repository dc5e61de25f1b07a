//! The page to sign in.

use askama::Template;

use super::{errors::FormErrors, layout::DeskLayout, paths, text_field::TextField};

/// Why signing in failed. A wrong password, an unknown address and a disabled account are one error:
/// the answer does not disclose which addresses have an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignInError {
    /// Wrong address or password; with the seconds until the next attempt is allowed.
    Wrong { wait: Option<u64> },
    /// Too many passwords are being verified.
    TooBusy,
}

/// Why the page is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignInNotice {
    SignedOut,
    /// The session had ended when a form arrived, which the page carries.
    TypedIsKept,
    Expired,
    /// The change needs a fresh sign-in.
    Fresh,
    PasswordSet,
}

/// The page.
#[derive(Template)]
#[template(path = "desk/sign_in.html")]
pub(crate) struct SignInPage {
    layout: DeskLayout,
    errors: FormErrors,
    notice: Option<&'static str>,
    action: String,
    email: TextField,
    password: TextField,
    next: Option<String>,
    carried: Option<String>,
}

impl SignInPage {
    /// The page with the address as typed. `next` is where to go, `carried` the form that is kept.
    pub(crate) fn new(
        layout: DeskLayout,
        email: &str,
        next: Option<String>,
        carried: Option<String>,
        notice: Option<SignInNotice>,
        error: Option<SignInError>,
    ) -> Self {
        let text = &layout.text.sign_in;
        let notice = notice.map(|notice| match notice {
            SignInNotice::SignedOut => text.signed_out,
            SignInNotice::TypedIsKept => text.typed_is_kept,
            SignInNotice::Expired => text.expired,
            SignInNotice::Fresh => text.fresh,
            SignInNotice::PasswordSet => text.password_set,
        });
        let error = error.map(|error| match error {
            SignInError::TooBusy => text.too_busy.to_owned(),
            SignInError::Wrong { wait: None } => text.wrong.to_owned(),
            SignInError::Wrong { wait: Some(1) } => format!("{} {}", text.wrong, text.wait_one),
            SignInError::Wrong { wait: Some(seconds) } => {
                let wait = text.wait_many.replace("{seconds}", &seconds.to_string());
                format!("{} {wait}", text.wrong)
            }
        });
        let no_errors = FormErrors::default();
        let email = TextField::new("email", text.email, &no_errors).value(email);
        let password = TextField::new("password", "Password", &no_errors);
        Self {
            action: layout.href(paths::SIGN_IN),
            email: email.input("email", "username"),
            password: password.input("password", "current-password"),
            errors: FormErrors::one("email", error),
            notice,
            next,
            carried,
            layout,
        }
    }
}
