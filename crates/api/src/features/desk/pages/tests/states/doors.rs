//! Signing in.

use registration_domain::{PasswordError, Role};

use super::{
    super::{
        super::{
            Here, MessagePage, NameError, SignInError, SignInNotice, SignInPage, WelcomeErrors,
            WelcomePage,
        },
        samples::person,
    },
    Pages,
};

pub(super) fn add(pages: &mut Pages) {
    let text = &pages.locale.messages().desk;
    let here = Here::Elsewhere;
    let page = |pages: &Pages, email, carried: Option<&str>, notice, error| {
        let layout = pages.layout(here, None);
        SignInPage::new(
            layout,
            email,
            Some("/desk/students".into()),
            carried.map(Into::into),
            notice,
            error,
        )
    };
    let empty = page(pages, "", None, None, None);
    pages.add("sign-in", &empty, &["autocomplete=\"username\"", "name=\"next\""]);
    let out = page(pages, "", None, Some(SignInNotice::SignedOut), None);
    pages.add("sign-in-signed-out", &out, &[text.sign_in.signed_out]);
    let kept = page(pages, "", Some("opaque"), Some(SignInNotice::TypedIsKept), None);
    pages.add("sign-in-carried", &kept, &[text.sign_in.typed_is_kept, "value=\"opaque\""]);
    let wrong = Some(SignInError::Wrong { wait: Some(8) });
    let wrong = page(pages, "ada@school.example", None, None, wrong);
    pages.add("sign-in-wrong", &wrong, &["ada@school.example", " 8 "]);
    let busy = page(pages, "", None, Some(SignInNotice::Fresh), Some(SignInError::TooBusy));
    pages.add("sign-in-busy", &busy, &[text.sign_in.too_busy]);
    let new = person(4, "Nuovo", Role::Registrar);
    let errors =
        WelcomeErrors { name: Some(NameError::Missing), password: Some(PasswordError::Common) };
    for (name, errors) in [("welcome", WelcomeErrors::default()), ("welcome-errors", errors)] {
        let layout = pages.layout(here, None);
        let page = WelcomePage::new(layout, &new, "secret".into(), "", errors);
        pages.add(name, &page, &["value=\"secret\"", text.passwords.rule]);
    }
    let gone = MessagePage::link_expired(pages.layout(here, None));
    pages.add("welcome-expired", &gone, &[text.pages.link_expired]);
}
