//! The one table of rights: which role and which scope of a token allow what.

use std::str::FromStr;

use crate::student::UnknownName;

/// What a person of the office may do, each role more than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Looks, and changes nothing.
    Viewer,
    /// Works with the list.
    Registrar,
    /// Also manages people, tokens and privacy.
    Admin,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Registrar, Self::Admin];

    /// The name used in JSON, in forms and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Registrar => "registrar",
            Self::Admin => "admin",
        }
    }

    /// Whether the role allows it.
    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        self >= permission.least_role()
    }
}

impl FromStr for Role {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|role| role.as_str() == name).ok_or(UnknownName)
    }
}

/// Something that is not allowed to everyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See the list and single students, and search.
    StudentsRead,
    /// See notes and history.
    NotesRead,
    /// Create and edit students.
    StudentsWrite,
    /// Change the status of applications.
    StudentsDecide,
    /// See the checklist.
    TasksRead,
    /// Tick and change items of the checklist.
    TasksWrite,
    /// Export students to files.
    ExportsRead,
    /// Import students from files.
    ImportsWrite,
    /// Enrol a student whose items are open.
    Override,
    /// Change the templates of the checklist.
    SettingsManage,
    /// Undo what colleagues have done.
    UndoOthers,
    /// See the whole journal.
    AuditRead,
    /// Erase students.
    PrivacyManage,
    /// Have tokens of one's own.
    OwnTokens,
    /// Invite and change staff, and see every token.
    StaffManage,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 15] = [
        Self::StudentsRead,
        Self::NotesRead,
        Self::StudentsWrite,
        Self::StudentsDecide,
        Self::TasksRead,
        Self::TasksWrite,
        Self::ExportsRead,
        Self::ImportsWrite,
        Self::Override,
        Self::SettingsManage,
        Self::UndoOthers,
        Self::AuditRead,
        Self::PrivacyManage,
        Self::OwnTokens,
        Self::StaffManage,
    ];

    /// The table: the least role, and the scope of a token; `None` where no token allows it.
    const fn rule(self) -> (Role, Option<&'static str>) {
        match self {
            Self::StudentsRead => (Role::Viewer, Some("students:read")),
            Self::NotesRead => (Role::Registrar, Some("notes:read")),
            Self::StudentsWrite => (Role::Registrar, Some("students:write")),
            Self::StudentsDecide => (Role::Registrar, Some("students:decide")),
            Self::TasksRead => (Role::Viewer, Some("tasks:read")),
            Self::TasksWrite => (Role::Registrar, Some("tasks:write")),
            Self::ExportsRead => (Role::Registrar, Some("exports:read")),
            Self::ImportsWrite => (Role::Registrar, Some("imports:write")),
            Self::Override => (Role::Admin, None),
            Self::SettingsManage => (Role::Admin, Some("settings:manage")),
            Self::UndoOthers => (Role::Admin, None),
            Self::AuditRead => (Role::Admin, Some("audit:read")),
            Self::PrivacyManage => (Role::Admin, Some("privacy:manage")),
            Self::OwnTokens => (Role::Registrar, None),
            Self::StaffManage => (Role::Admin, None),
        }
    }

    /// The least role that allows it.
    #[must_use]
    pub const fn least_role(self) -> Role {
        self.rule().0
    }

    /// The scope that allows it to a token.
    #[must_use]
    pub const fn scope(self) -> Option<&'static str> {
        self.rule().1
    }

    /// What a token needs besides, to do it: notes are those of students.
    #[must_use]
    pub const fn also_needs(self) -> Option<Self> {
        match self {
            Self::NotesRead => Some(Self::StudentsRead),
            _ => None,
        }
    }

    /// Whether it changes nothing: a registrar's token may have such scopes only.
    #[must_use]
    pub fn is_reading(self) -> bool {
        self.scope().is_some_and(|scope| scope.ends_with(":read"))
    }
}

/// The scopes of a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(Vec<Permission>);

impl Scopes {
    /// The scopes that a person with this role may give to a token: what the role allows, and below an
    /// administrator only what reads.
    pub fn offered_to(role: Role) -> impl Iterator<Item = (Permission, &'static str)> {
        Self::all().filter(move |(permission, _)| {
            role.may(*permission) && (role == Role::Admin || permission.is_reading())
        })
    }

    /// The permissions with a scope.
    fn all() -> impl Iterator<Item = (Permission, &'static str)> {
        let scoped = |permission: Permission| permission.scope().map(|scope| (permission, scope));
        Permission::ALL.into_iter().filter_map(scoped)
    }

    /// Reads names of scopes, each once.
    ///
    /// # Errors
    ///
    /// One of them is unknown.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownName> {
        let mut scopes = Vec::new();
        for name in names {
            let found = Self::all().find(|(_, scope)| *scope == name).ok_or(UnknownName)?.0;
            if !scopes.contains(&found) {
                scopes.push(found);
            }
        }
        Ok(Self(scopes))
    }

    /// The permissions.
    #[must_use]
    pub fn permissions(&self) -> &[Permission] {
        &self.0
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().filter_map(|permission| permission.scope())
    }

    /// Whether they allow it.
    #[must_use]
    pub fn allow(&self, permission: Permission) -> bool {
        self.0.contains(&permission)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_what_the_table_says() {
        use Permission::{
            AuditRead, ExportsRead, ImportsWrite, NotesRead, OwnTokens, PrivacyManage, StaffManage,
            StudentsDecide, StudentsRead, StudentsWrite, TasksRead, TasksWrite,
        };
        let allowed = |role: Role| -> Vec<_> {
            Permission::ALL.into_iter().filter(|permission| role.may(*permission)).collect()
        };
        assert_eq!(allowed(Role::Viewer), [StudentsRead, TasksRead]);
        let registrar = [
            StudentsRead,
            NotesRead,
            StudentsWrite,
            StudentsDecide,
            TasksRead,
            TasksWrite,
            ExportsRead,
            ImportsWrite,
            OwnTokens,
        ];
        assert_eq!(allowed(Role::Registrar), registrar);
        assert_eq!(allowed(Role::Admin), Permission::ALL);
        let reading: Vec<_> = Permission::ALL.into_iter().filter(|p| p.is_reading()).collect();
        assert_eq!(reading, [StudentsRead, NotesRead, TasksRead, ExportsRead, AuditRead]);
        assert_eq!((StaffManage.scope(), PrivacyManage.scope()), (None, Some("privacy:manage")));
    }

    #[test]
    fn scopes_are_read_back_and_allow_themselves_alone() {
        let scopes = Scopes::parse(["students:read", "notes:read", "students:read"]).unwrap();
        assert_eq!(scopes.names().collect::<Vec<_>>(), ["students:read", "notes:read"]);
        assert!(scopes.allow(Permission::NotesRead) && !scopes.allow(Permission::StudentsWrite));
        assert_eq!(Scopes::parse(["students:force"]), Err(UnknownName));
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
    }
}
