//! A form that is carried through signing in.

/// A form that was posted after its session had ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Carried {
    /// The person who typed it; `None` if the session's record was deleted.
    pub(crate) staff: Option<String>,
    /// Where it was posted to.
    pub(crate) path: String,
    /// The form, as posted.
    pub(crate) form: String,
}

impl Carried {
    /// The value of a hidden field: none of the parts holds a space.
    pub(crate) fn to_field(&self) -> String {
        format!("{} {} {}", self.staff.as_deref().unwrap_or("-"), self.path, self.form)
    }

    /// Reads [`Carried::to_field`]; `None` for other text.
    pub(crate) fn of_field(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ' ');
        let (staff, path, form) = (parts.next()?, parts.next()?, parts.next()?);
        let staff = (staff != "-").then(|| staff.to_owned());
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-".contains(&byte);
        let is_desk = path.starts_with("/desk/") && path.bytes().all(is_plain);
        is_desk.then(|| Self { staff, path: path.to_owned(), form: form.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_carried_form_survives_its_field_and_leads_to_the_desk_alone() {
        let carried = Carried {
            staff: Some("0190163d-8694-739b-aea5-966c26f8ad91".to_owned()),
            path: "/desk/students/new".to_owned(),
            form: "first_name=Zo%C3%AB&note=a+b".to_owned(),
        };
        assert_eq!(Carried::of_field(&carried.to_field()), Some(carried.clone()));
        let unknown = Carried { staff: None, ..carried };
        assert_eq!(Carried::of_field(&unknown.to_field()), Some(unknown));
        for other in
            ["", "x", "- /desk/x", "- /register a=b", "- //evil.example/ x", "- /desk/../x?y a"]
        {
            assert_eq!(Carried::of_field(other), None, "{other}");
        }
    }
}
