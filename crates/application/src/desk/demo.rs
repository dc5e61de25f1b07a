//! Database work for demonstrations. It never touches a student.

use std::convert::Infallible;

use registration_domain::{DeskTransaction, SecretHash, StaffId, StaffLink};

use super::{DeskError, Office, RequestContext};

/// Makes a record and removes it, in one transaction.
///
/// # Errors
///
/// The store gave no answer.
pub async fn make_and_remove(office: &Office, context: RequestContext) -> Result<(), DeskError> {
    let work = move |desk: &mut dyn DeskTransaction| {
        let hash = SecretHash::of(&format!("{:?}", context.secret()));
        let staff = StaffId::new(context.now, context.id_bytes());
        let link = StaffLink { hash, staff, expires_at: context.now };
        tracing::info_span!("make_record").in_scope(|| desk.insert_link(&link))?;
        tracing::info_span!("remove_record").in_scope(|| desk.delete_link(hash))?;
        Ok(Ok::<_, Infallible>(()))
    };
    let Ok(()) = office.write(work).await?;
    Ok(())
}

/// How many items the checklist has.
///
/// # Errors
///
/// The store gave no answer.
pub async fn count_items(office: &Office) -> Result<usize, DeskError> {
    Ok(office.read(|desk| desk.templates()).await?.len())
}
