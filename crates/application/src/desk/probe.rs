//! Probes every write of the office: a missing grant shows only on a write.

use chrono::{DateTime, TimeDelta};
use registration_domain::{
    Action, Actor, ApiAnswer, ApiRequest, ApiToken, Applicant, ApplicantForm, DeskStore,
    DeskTransaction, EmailAddress, FileRow, Fingerprint, IdempotencyKey, Import, ImportChoices,
    ImportSettings, ImportState, KeyHash, Note, OperationId, Origin, PlannedRow, RawField, Reading,
    RepositoryError, Role, Scopes, SecretHash, Session, Source, StaffId, StaffLink, StaffMember,
    Status, Student, StudentId, StudentRecord, TokenId, Verdict, Version, write,
};

use super::RequestContext;

/// A reserved address, which no person has (RFC 2606).
const ADDRESS: &str = "probe@office.invalid";

/// Inserts, changes and deletes one of each thing in a transaction that is rolled back.
///
/// # Errors
///
/// The first that the store refuses.
pub fn check_rights(desk: &dyn DeskStore, context: RequestContext) -> Result<(), RepositoryError> {
    let tried = write(desk, |transaction| {
        try_students(transaction, context)?;
        try_staff(transaction, context)?;
        try_imports(transaction, context)?;
        Ok(Err::<(), _>(()))
    })?;
    debug_assert!(tried.is_err(), "rolled back");
    Ok(())
}

fn try_students(
    desk: &mut dyn DeskTransaction,
    context: RequestContext,
) -> Result<(), RepositoryError> {
    let (id, now) = (StudentId::new(context.now, context.id_bytes()), context.now);
    let form = ApplicantForm {
        email: RawField::from(ADDRESS),
        ..ApplicantForm::from_fn(|_| RawField::from("Probe"))
    };
    let applicant = Applicant::parse(&form).map_err(RepositoryError::unexpected)?;
    let origin = Origin { source: Source::Desk, trace_id: None };
    let record = StudentRecord::new(&Student::new(id, applicant, now), origin);
    desk.insert_record(&record)?;
    let mut changed = record.with_status(Status::Confirmed, now);
    changed.texts.first_name = "Probed".to_owned();
    desk.update_record(&record, &changed)?;
    desk.salt(id, context.salt())?;
    if let Ok(Some(note)) = Note::parse("probe") {
        desk.insert_note(id, None, &note, now)?;
    }
    let request = ApiRequest {
        owner: *id.as_bytes(),
        key: KeyHash::of(&IdempotencyKey::parse("probe").map_err(RepositoryError::unexpected)?),
        fingerprint: Fingerprint::from_bytes([0; 32]),
    };
    desk.claim_request(&request, id, now)?;
    let answer = ApiAnswer { student: id, version: Version::FIRST, body: Vec::new() };
    desk.keep_answer(&request, &answer)?;
    desk.append(&context.entry(Actor::System, Action::Erased, *id.as_bytes()))?;
    desk.erase_records(&[id]).map(drop)
}

fn try_imports(
    desk: &mut dyn DeskTransaction,
    context: RequestContext,
) -> Result<(), RepositoryError> {
    let reading = Reading::Xlsx { sheet: String::new(), has_header: false };
    let import = Import {
        id: OperationId::new(context.now, context.other_id_bytes()),
        actor: Actor::System,
        file_name: "probe".to_owned(),
        sha256: [0; 32],
        settings: ImportSettings {
            reading,
            columns: Vec::new(),
            choices: ImportChoices::default(),
        },
        revision: 0,
        state: ImportState::Cancelled,
        problem: None,
        stored_line: 0,
        created: 0,
        updated: 0,
        at: DateTime::UNIX_EPOCH,
        trace_id: None,
        finished_at: None,
    };
    desk.insert_import(&import)?;
    desk.update_import(&Import { revision: 1, ..import.clone() })?;
    desk.append_to_file(import.id, 0, b"probe")?;
    let row = PlannedRow {
        row: FileRow { line: 1, cells: Vec::new() },
        verdict: Verdict::Create,
        student: None,
        seen: None,
        email_key: None,
        same_as: None,
        reasons: Vec::new(),
        changes: Vec::new(),
        has_changed: false,
    };
    desk.insert_import_rows(import.id, &[row])?;
    desk.keep_changed_rows(import.id, &[1])?;
    // It is the oldest of all.
    desk.delete_old_imports(DateTime::UNIX_EPOCH + TimeDelta::seconds(1)).map(drop)
}

fn try_staff(
    desk: &mut dyn DeskTransaction,
    context: RequestContext,
) -> Result<(), RepositoryError> {
    let (id, now) = (StaffId::new(context.now, context.other_id_bytes()), context.now);
    let email = EmailAddress::parse(ADDRESS)
        .map_err(|_| RepositoryError::unexpected("the probe's address is invalid"))?;
    let member = StaffMember {
        id,
        email,
        name: String::new(),
        role: Role::Viewer,
        has_password: false,
        shortcuts: true,
        created_at: now,
        disabled_at: None,
        version: Version::FIRST,
    };
    desk.insert_staff(&member)?;
    desk.update_staff(&StaffMember { version: member.version.next(), ..member })?;
    let hash = SecretHash::of(ADDRESS);
    desk.insert_link(&StaffLink { hash, staff: id, expires_at: now })?;
    desk.delete_link(hash)?;
    let label = String::new();
    let session = Session { hash, staff: id, created_at: now, seen_at: now, ended_at: None, label };
    desk.insert_session(&session)?;
    desk.end_session(id, hash, now)?;
    let token = ApiToken {
        id: TokenId::new(now, context.id_bytes()),
        name: "probe".to_owned(),
        visible: "probe".to_owned(),
        hash,
        scopes: Scopes::default(),
        staff: id,
        created_at: now,
        used_at: None,
        expires_at: now,
        revoked_at: None,
    };
    desk.insert_token(&token)?;
    desk.revoke_token(token.id, None, now).map(drop)
}
