//! A change of an outdated version: the current student, and who changed it.

use chrono::{DateTime, Utc};
use registration_domain::{
    Actor, DeskTransaction, JournalQuery, RepositoryError, StaffId, StudentRecord, Version,
};

/// Most entries that are looked through for the changes since.
const MAX_ENTRIES: usize = 100;

/// A change of a version that is not the current one.
#[derive(Clone, Debug)]
pub struct StaleChange {
    /// The student as it is.
    pub current: StudentRecord,
    /// The name of the person who changed it last, where it was a person.
    pub changed_by: Option<String>,
    /// When it was changed last.
    pub changed_at: Option<DateTime<Utc>>,
    /// The fields that changed since the version that the caller saw; `status` for the status.
    pub changed_fields: Vec<String>,
}

/// What has happened to `current` since the version `seen`.
pub(super) fn since(
    desk: &mut dyn DeskTransaction,
    current: StudentRecord,
    seen: Version,
) -> Result<StaleChange, RepositoryError> {
    let subject = Some(*current.id.as_bytes());
    let query = JournalQuery { subject, limit: MAX_ENTRIES, ..JournalQuery::default() };
    let mut stale = StaleChange {
        changed_at: current.updated_at,
        changed_by: None,
        changed_fields: vec![],
        current,
    };
    for row in desk.entries(&query)? {
        let detail = &row.entry.detail;
        let version: Option<u32> = detail.get("version").and_then(|text| text.parse().ok());
        let Some(version) = version else { continue };
        if version <= seen.get() {
            break;
        }
        if version == stale.current.version.get()
            && let Actor::Staff(id) = row.entry.actor
        {
            stale.changed_by = name(desk, id)?;
        }
        let fields = detail.get("fields").map_or("status", String::as_str);
        for field in fields.split(',').map(str::to_owned) {
            if !stale.changed_fields.contains(&field) {
                stale.changed_fields.push(field);
            }
        }
    }
    Ok(stale)
}

fn name(desk: &mut dyn DeskTransaction, id: StaffId) -> Result<Option<String>, RepositoryError> {
    Ok(desk.find_staff(id)?.map(|staff| staff.display_name().to_owned()))
}
