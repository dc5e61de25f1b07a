//! People, students and what happened to them.

use chrono::{DateTime, TimeDelta, Utc};
use registration_domain::{
    Action, Actor, ApiToken, EmailAddress, JournalEntry, JournalRow, Note, Origin, PerField, Role,
    RosterPage, RowId, Scopes, SecretHash, Session, Source, StaffId, StaffMember, Status,
    StoredNote, StudentId, StudentRecord, Task, TaskId, TaskState, TaskTemplate, TaskTitle,
    TemplateId, TokenId, TraceId, Version,
};

pub(super) fn now() -> DateTime<Utc> {
    "2026-09-01T08:41:00Z".parse().unwrap()
}

pub(super) fn minutes_ago(minutes: i64) -> DateTime<Utc> {
    now() - TimeDelta::minutes(minutes)
}

pub(super) fn person(number: u8, name: &str, role: Role) -> StaffMember {
    let local = name.split(' ').next().unwrap().to_lowercase();
    StaffMember {
        id: StaffId::new(minutes_ago(90_000), [number; 10]),
        email: EmailAddress::parse(&format!("{local}@school.example")).unwrap(),
        name: if number == 4 { String::new() } else { name.to_owned() },
        role,
        has_password: number != 4,
        shortcuts: true,
        created_at: minutes_ago(90_000),
        disabled_at: (number == 5).then(|| minutes_ago(20_000)),
        version: Version::new(u32::from(number)).unwrap(),
    }
}

pub(super) fn staff() -> Vec<StaffMember> {
    vec![
        person(1, "Ada Lovelace", Role::Admin),
        person(2, "Rosa Bianchi", Role::Registrar),
        person(3, "Grace Hopper-Wellington of Saint Mary’s", Role::Viewer),
        person(4, "Nuovo Collega", Role::Registrar),
        person(5, "Emil Ende", Role::Admin),
    ]
}

pub(super) fn student(number: u8, first: &str, last: &str, status: Status) -> StudentRecord {
    let at = minutes_ago(i64::from(number) * 37);
    let email = format!("{}.{}@example.org", first.to_lowercase(), last.to_lowercase());
    let ascii: String = email.chars().filter(char::is_ascii).filter(|c| *c != ' ').collect();
    StudentRecord {
        id: StudentId::new(at, [number.wrapping_mul(37); 10]),
        texts: PerField { first_name: first.into(), last_name: last.into(), email: ascii },
        status,
        version: Version::new(3).unwrap(),
        origin: Origin {
            source: Source::ALL[usize::from(number) % 4],
            trace_id: TraceId::from_bytes([number; 16]),
        },
        created_at: at,
        updated_at: (status != Status::Pending).then(|| minutes_ago(5)),
    }
}

pub(super) fn zoe() -> StudentRecord {
    student(1, "Zoë", "Brontë", Status::Pending)
}

pub(super) fn roster(rows: u8) -> RosterPage {
    let names = [
        ("Zoë", "Brontë"),
        ("Łukasz", "Wiśniewski"),
        ("Sinéad", "O’Neil"),
        ("محمد", "العربي"),
        ("Wolfeschlegelsteinhausenbergerdorff", "Hubert Blaine"),
        ("明", "王"),
        ("María José", "García Márquez de la Vega"),
        ("<b>Bobby</b>", "Tables & Sons"),
    ];
    let row = |number: u8| {
        let (first, last) = names[usize::from(number) % names.len()];
        let status = if number % 4 == 3 {
            Status::ALL[usize::from(number / 4) % 6]
        } else {
            Status::Pending
        };
        (RowId(i64::from(number)), student(number, first, last, status))
    };
    RosterPage { students: (0..rows).map(row).collect(), ..RosterPage::default() }
}

pub(super) fn notes() -> Vec<StoredNote> {
    let note = |text: &str| Note::parse(text).unwrap().unwrap();
    let author = staff()[1].id;
    vec![
        StoredNote {
            author: Some(author),
            note: note("The mother called:\nthe birth certificate follows."),
            at: minutes_ago(12),
        },
        StoredNote { author: None, note: note("Imported."), at: minutes_ago(30) },
    ]
}

pub(super) fn template(number: u8, title: &str) -> TaskTemplate {
    TaskTemplate {
        id: TemplateId::new(minutes_ago(9_000), [number; 10]),
        title: TaskTitle::parse(title).unwrap(),
        position: u16::from(number),
        is_active: number != 3,
        changed_at: minutes_ago(9_000),
        version: Version::FIRST,
    }
}

pub(super) fn templates() -> Vec<TaskTemplate> {
    vec![
        template(1, "Birth certificate"),
        template(2, "Fee paid, with the receipt of the bank or of the municipality"),
        template(3, "Photograph"),
    ]
}

/// One item there, one missing, one not needed, and one of the student alone.
pub(super) fn tasks() -> Vec<Task> {
    let student = zoe().id;
    let of = |template: &TaskTemplate| Task::of_template(student, template, minutes_ago(500));
    let rosa = Actor::Staff(staff()[1].id);
    let [first, second, third] = &templates()[..] else { unreachable!() };
    let own = TaskTitle::parse("<i>Proof</i> of address").unwrap();
    let id = TaskId::new(now(), [5; 10]);
    vec![
        of(first).marked(TaskState::Done, rosa, minutes_ago(4)).unwrap(),
        of(second),
        of(third).marked(TaskState::Waived, rosa, minutes_ago(3)).unwrap(),
        Task::new(id, student, own, "2026-09-15".parse().ok(), minutes_ago(2)),
    ]
}

pub(super) fn history() -> Vec<JournalRow> {
    let student = zoe();
    let subject = Some(*student.id.as_bytes());
    let (ada, rosa) = (staff()[0].id, staff()[1].id);
    let entry =
        |minutes, actor, action| JournalEntry::new(minutes_ago(minutes), actor, action, subject);
    let rejected = entry(3, Actor::Staff(ada), Action::StatusChanged);
    let rejected =
        rejected.with("from", "pending").with("to", "rejected").with("reason", "no_place");
    let edited = entry(9, Actor::Staff(rosa), Action::Edited).with("fields", "first_name,email");
    let program = TokenId::from_bytes([9; 16]);
    let entries = [
        rejected,
        edited,
        entry(4, Actor::Staff(rosa), Action::TaskMarked)
            .with("task", tasks()[0].id.to_string())
            .with("to", "done"),
        entry(5, Actor::Staff(rosa), Action::TaskDeleted),
        entry(20, Actor::Token(program), Action::Viewed),
        entry(37, Actor::Applicant, Action::Registered),
    ];
    let row =
        |(index, entry)| JournalRow { id: index, entry, seal: (index > 0).then_some(120 - index) };
    (0..).zip(entries).map(row).collect()
}

pub(super) fn tokens() -> Vec<ApiToken> {
    let token = |number: u8, name: &str, scopes: &[&str]| ApiToken {
        id: TokenId::new(minutes_ago(900), [number; 10]),
        name: name.to_owned(),
        visible: format!("srt_a1b2c3d{number}"),
        hash: SecretHash::of(name),
        scopes: Scopes::parse(scopes.iter().copied()).unwrap(),
        staff: staff()[0].id,
        created_at: minutes_ago(900),
        used_at: (number == 1).then(|| minutes_ago(2)),
        expires_at: if number == 3 { minutes_ago(1) } else { minutes_ago(-90_000) },
        revoked_at: (number == 2).then(now),
    };
    vec![
        token(1, "Timetable program", &["students:read", "notes:read"]),
        token(2, "Old script", &["students:write"]),
        token(3, "Trial", &["students:read"]),
    ]
}

pub(super) fn sessions() -> Vec<Session> {
    let session = |secret: &str, label: &str, minutes| Session {
        hash: SecretHash::of(secret),
        staff: staff()[0].id,
        created_at: minutes_ago(minutes + 60),
        seen_at: minutes_ago(minutes),
        ended_at: None,
        label: label.to_owned(),
    };
    vec![
        session("this", "Firefox on Linux", 0),
        session("other", "Safari on iPhone", 45),
        session("unknown", "", 100),
    ]
}
