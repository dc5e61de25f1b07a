//! Staff, tokens and profile.

use askama::Template as _;
use registration_domain::{PasswordError, Role, SecretHash};

use super::{
    super::{
        super::{
            Banner, Here, InviteError, InviteForm, NameError, Names, Outcome, ProfileError,
            ProfilePage, ShownLink, StaffPage, TokenForm, TokenFormError, TokensPage,
        },
        samples::{minutes_ago, now, sessions, staff, tokens},
    },
    Pages,
};
use crate::web::hex;

pub(super) fn add(pages: &mut Pages) {
    let text = &pages.locale.messages().desk;
    let (staff, tokens, sessions) = (staff(), tokens(), sessions());
    let me = staff[0].id;
    let page = StaffPage::new(pages.admin(Here::Staff), &staff, me, &InviteForm::default(), None);
    pages.add("staff", &page, &[text.staff.invited, text.staff.role_admin]);
    let link = ShownLink {
        email: "new@school.example".into(),
        url: "https://school.example/desk/welcome?token=3f9c0c7be4c1a2d97c52b8e6".into(),
        expires_at: minutes_ago(-60),
    };
    let taken = InviteForm {
        email: "ada@school.example".into(),
        role: None,
        errors: vec![InviteError::EmailTaken, InviteError::RoleMissing],
    };
    let page =
        StaffPage::new(pages.admin(Here::Staff), &staff, me, &InviteForm::default(), Some(link));
    pages.add("staff-link", &page, &["token=3f9c", "new@school.example"]);
    let banner = Banner::of(pages.locale, Outcome::LastAdmin, Some("Ada Lovelace"));
    let layout = pages.admin(Here::Staff).with_banner(Some(banner));
    let page = StaffPage::new(layout, &staff, me, &taken, None);
    pages.add("staff-errors", &page, &[text.staff.email_taken, text.banners.last_admin]);
    let names = Names::new(&staff, &tokens);
    let form = TokenForm::default();
    let secret = Some("srt_a1b2c3d4_5NnVq2yGJ0rW8mZtKpXcLhBd7QeUoIaS".to_owned());
    for (name, list, secret) in [
        ("tokens", &tokens[..], None),
        ("tokens-new", &tokens[..1], secret),
        ("tokens-none", &[], None),
    ] {
        let page = TokensPage::new(
            pages.admin(Here::Tokens),
            list,
            &names,
            Role::Admin,
            &form,
            secret,
            now(),
        );
        pages.add(name, &page, &[text.tokens.privacy_manage]);
    }
    let form = TokenForm {
        errors: vec![
            TokenFormError::Name(NameError::Missing),
            TokenFormError::ScopesMissing,
            TokenFormError::DaysInvalid,
        ],
        days: "400".into(),
        ..form
    };
    let rosa = pages.layout(Here::Tokens, Some(&staff[1]));
    let page = TokensPage::new(rosa, &tokens[..1], &names, Role::Registrar, &form, None, now());
    assert!(!page.render().unwrap().contains("students:write"), "a registrar's token only reads");
    pages.add("tokens-errors", &page, &[text.tokens.scopes_required, "400"]);
    let current = SecretHash::of("this");
    for (name, error) in [
        ("profile", None),
        ("profile-wrong", Some(ProfileError::WrongCurrentPassword)),
        ("profile-short", Some(ProfileError::NewPassword(PasswordError::TooShort))),
        ("profile-name", Some(ProfileError::Name(NameError::Missing))),
    ] {
        let layout = pages.admin(Here::Profile);
        let page = ProfilePage::new(layout, &staff[0], &sessions, current, None, error, now());
        pages.add(
            name,
            &page,
            &[text.profile.this_one, &hex::encode(SecretHash::of("other").as_bytes())],
        );
    }
}
