//! Texts of the people of the office.

use registration_domain::Role;

/// The people of the office.
#[derive(Debug)]
pub(crate) struct StaffMessages {
    pub(crate) heading: &'static str,
    pub(crate) viewer: &'static str,
    pub(crate) registrar: &'static str,
    pub(crate) admin: &'static str,
    pub(crate) role: &'static str,
    pub(crate) role_viewer: &'static str,
    pub(crate) role_registrar: &'static str,
    pub(crate) role_admin: &'static str,
    pub(crate) you: &'static str,
    pub(crate) active: &'static str,
    pub(crate) invited: &'static str,
    pub(crate) disabled: &'static str,
    pub(crate) manage: &'static str,
    pub(crate) save_role: &'static str,
    pub(crate) disable: &'static str,
    pub(crate) enable: &'static str,
    pub(crate) new_link: &'static str,
    pub(crate) end_sessions: &'static str,
    pub(crate) invite: &'static str,
    pub(crate) invite_hint: &'static str,
    pub(crate) invite_button: &'static str,
    pub(crate) email_taken: &'static str,
    pub(crate) role_required: &'static str,
    pub(crate) link_heading: &'static str,
    pub(crate) link_once: &'static str,
    pub(crate) link: &'static str,
}

impl StaffMessages {
    /// The name of a role.
    pub(crate) const fn role_name(&self, role: Role) -> &'static str {
        match role {
            Role::Viewer => self.viewer,
            Role::Registrar => self.registrar,
            Role::Admin => self.admin,
        }
    }

    /// What a role may do.
    pub(crate) const fn role_text(&self, role: Role) -> &'static str {
        match role {
            Role::Viewer => self.role_viewer,
            Role::Registrar => self.role_registrar,
            Role::Admin => self.role_admin,
        }
    }
}

pub(super) const EN: StaffMessages = StaffMessages {
    heading: "Staff of the office",
    viewer: "Viewer",
    registrar: "Registrar",
    admin: "Administrator",
    role: "Role",
    role_viewer: "Sees the list and each student",
    role_registrar: "Also enters, edits and decides, and sees notes and history",
    role_admin: "Also manages staff and tokens, and erases students",
    you: "you",
    active: "Active",
    invited: "Invited, has not set a password yet",
    disabled: "Switched off since {at}",
    manage: "Change",
    save_role: "Save the role",
    disable: "Switch off",
    enable: "Switch on",
    new_link: "Create a new sign-in link",
    end_sessions: "End all sessions",
    invite: "Invite a colleague",
    invite_hint: "You get a link to hand over. Nothing is sent by email.",
    invite_button: "Create the invitation",
    email_taken: "A colleague has this email address already",
    role_required: "Choose a role",
    link_heading: "Link for {email}",
    link_once: "Copy the link now and hand it over: it is not shown again. It works once, \
         until {at}.",
    link: "Invitation link",
};

pub(super) const IT: StaffMessages = StaffMessages {
    heading: "Personale della segreteria",
    viewer: "Sola lettura",
    registrar: "Lavoro di segreteria",
    admin: "Amministrazione",
    role: "Ruolo",
    role_viewer: "Vede l’elenco e ogni studente",
    role_registrar: "Inoltre inserisce, modifica e decide, e vede note e cronologia",
    role_admin: "Inoltre gestisce personale e token, e cancella studenti",
    you: "sei tu",
    active: "Attivo",
    invited: "Invito non ancora usato",
    disabled: "Disattivato dal {at}",
    manage: "Modifica l’account",
    save_role: "Salva il ruolo",
    disable: "Disattiva",
    enable: "Riattiva",
    new_link: "Crea un nuovo link di accesso",
    end_sessions: "Termina tutte le sessioni",
    invite: "Invita una persona",
    invite_hint: "Ricevi un link da consegnare. Non viene inviata nessuna email.",
    invite_button: "Crea l’invito",
    email_taken: "Una persona della segreteria ha già questo indirizzo email",
    role_required: "Scegli un ruolo",
    link_heading: "Link per {email}",
    link_once: "Copia il link adesso e consegnalo: non sarà mostrato di nuovo. Funziona una \
         volta, fino al {at}.",
    link: "Link dell’invito",
};
