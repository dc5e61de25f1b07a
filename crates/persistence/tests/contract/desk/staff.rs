//! People of the office, their links, sessions and tokens.

use libtest_mimic::Trial;
use registration_contract::fixtures::now;
use registration_domain::{
    ApiToken, EmailAddress, PasswordHash, Role, Scopes, SecretHash, Session, StaffId, StaffLink,
    StaffMember, TokenId, Version,
};
use registration_testkit::{TestDatabase, on_every_backend};

use super::{OpenDesk, later};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![
        a_person_is_found_as_stored_and_changed_once_a_version,
        links_replace_each_other_and_work_once,
        sessions_end_alone_and_together,
        a_token_is_found_as_stored_until_it_is_revoked,
        two_administrators_cannot_disable_each_other,
    ]
}

pub(super) fn member(number: u8, role: Role) -> StaffMember {
    StaffMember {
        id: StaffId::new(now(), [number; 10]),
        email: EmailAddress::parse(&format!("Person{number}@school.example")).unwrap(),
        name: format!("Ünïcode {number}"),
        role,
        has_password: false,
        shortcuts: true,
        created_at: now(),
        disabled_at: None,
        version: Version::FIRST,
    }
}

fn a_person_is_found_as_stored_and_changed_once_a_version(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let [ada, bob] = [member(1, Role::Admin), member(2, Role::Viewer)];
    assert!(desk.write(|desk| desk.insert_staff(&bob)));
    assert!(desk.write(|desk| desk.insert_staff(&ada)));
    let taken = StaffMember { id: StaffId::new(now(), [3; 10]), ..ada.clone() };
    assert!(!desk.write(|desk| desk.insert_staff(&taken)));
    assert_eq!(desk.read(|desk| desk.staff()), [ada.clone(), bob.clone()]);
    assert_eq!(desk.read(|desk| desk.find_staff(ada.id)), Some(ada.clone()));
    assert_eq!(desk.read(|desk| desk.find_staff(taken.id)), None);

    let hash = PasswordHash("$argon2id$v=19$x".to_owned());
    desk.write(|desk| desk.set_password(ada.id, &hash));
    let with_password = StaffMember { has_password: true, ..ada.clone() };
    let found = desk.read(|desk| desk.find_staff_by_email("person1@school.example"));
    assert_eq!(found, Some((with_password.clone(), Some(hash))));
    assert_eq!(desk.write(|desk| desk.lock_staff(ada.id)), found);
    assert_eq!(desk.write(|desk| desk.lock_staff(bob.id)), Some((bob.clone(), None)));
    assert_eq!(desk.write(|desk| desk.lock_staff(taken.id)), None);
    let found = desk.read(|desk| desk.find_staff_by_email("person2@school.example"));
    assert_eq!(found, Some((bob, None)));

    let changed = StaffMember {
        name: "Ada".to_owned(),
        role: Role::Registrar,
        shortcuts: false,
        disabled_at: Some(later(5)),
        version: ada.version.next(),
        ..with_password
    };
    assert!(desk.write(|desk| desk.update_staff(&changed)));
    assert!(!desk.write(|desk| desk.update_staff(&changed)), "the version before is gone");
    assert_eq!(desk.read(|desk| desk.find_staff(ada.id)), Some(changed));
}

fn links_replace_each_other_and_work_once(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let staff = member(1, Role::Admin).id;
    let link = |secret| StaffLink { hash: SecretHash::of(secret), staff, expires_at: later(60) };
    let [first, second] = [link("one"), link("two")];
    desk.write(|desk| desk.insert_link(&first));
    desk.write(|desk| desk.insert_link(&second));
    assert_eq!(desk.read(|desk| desk.find_link(first.hash)), None);
    assert_eq!(desk.read(|desk| desk.find_link(second.hash)), Some(second.clone()));
    let delete = || desk.write(|desk| desk.delete_link(second.hash));
    assert_eq!([delete(), delete()], [true, false]);
    desk.write(|desk| desk.insert_link(&first));
    assert_eq!(desk.write(|desk| desk.delete_old_sessions(later(60))), 0);
    assert_eq!(desk.write(|desk| desk.delete_old_sessions(later(61))), 1);
}

fn sessions_end_alone_and_together(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let ada = member(1, Role::Admin);
    desk.write(|desk| desk.insert_staff(&ada));
    let session = |secret: &str, seconds| Session {
        hash: SecretHash::of(secret),
        staff: ada.id,
        created_at: now(),
        seen_at: later(seconds),
        ended_at: None,
        label: "Firefox, Linux".to_owned(),
    };
    let [one, two, three] = [session("1", 1), session("2", 2), session("3", 3)];
    for session in [&one, &two, &three] {
        desk.write(|desk| desk.insert_session(session));
    }
    assert_eq!(desk.read(|desk| desk.find_session(one.hash)), Some((one.clone(), ada.clone())));
    assert_eq!(desk.read(|desk| desk.find_session(SecretHash::of("4"))), None);
    desk.write(|desk| desk.touch_session(one.hash, later(9)));
    desk.write(|desk| desk.touch_session(one.hash, later(8)));
    let one = Session { seen_at: later(9), ..one };
    let of = |staff| desk.read(|desk| desk.sessions_of(staff));
    assert_eq!(of(ada.id), [one.clone(), three.clone(), two.clone()]);
    let active = |now| desk.read(|desk| desk.count_active_sessions(now));
    assert_eq!((active(now()), active(later(3) + Session::IDLE)), (3, 1));

    let end = || desk.write(|desk| desk.end_session(ada.id, two.hash, later(10)));
    assert_eq!([end(), end()], [true, false]);
    let strangers = desk.write(|desk| desk.end_session(member(2, Role::Admin).id, one.hash, now()));
    assert!(!strangers);
    let ended = desk.read(|desk| desk.find_session(two.hash)).unwrap().0;
    assert_eq!(ended.ended_at, Some(later(10)));
    assert_eq!(desk.write(|desk| desk.end_sessions(ada.id, Some(one.hash), later(11))), 1);
    assert_eq!(of(ada.id), [one]);
    assert_eq!(desk.write(|desk| desk.end_sessions(ada.id, None, later(12))), 1);
    assert_eq!(active(now()), 0);
    let delete = |cutoff| desk.write(|desk| desk.delete_old_sessions(cutoff));
    assert_eq!((delete(now()), delete(later(1))), (0, 3));
}

fn a_token_is_found_as_stored_until_it_is_revoked(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let ada = member(1, Role::Admin);
    desk.write(|desk| desk.insert_staff(&ada));
    let token = |number| ApiToken {
        id: TokenId::new(now(), [number; 10]),
        name: format!("Token {number}"),
        visible: "srt_12345678".to_owned(),
        hash: SecretHash::of(&number.to_string()),
        scopes: Scopes::parse(["students:read", "students:decide"]).unwrap(),
        staff: ada.id,
        created_at: now(),
        used_at: None,
        expires_at: later(100),
        revoked_at: None,
    };
    let [one, two] = [token(1), token(2)];
    desk.write(|desk| desk.insert_token(&one));
    desk.write(|desk| desk.insert_token(&two));
    assert_eq!(desk.read(|desk| desk.find_token(one.hash)), Some((one.clone(), ada.clone())));
    desk.write(|desk| desk.touch_token(one.id, later(7)));
    let one = ApiToken { used_at: Some(later(7)), ..one };
    let stranger = member(2, Role::Admin).id;
    assert_eq!(desk.read(|desk| desk.tokens(None)), [two.clone(), one.clone()]);
    assert_eq!(desk.read(|desk| desk.tokens(Some(ada.id))), [two.clone(), one.clone()]);
    assert_eq!(desk.read(|desk| desk.tokens(Some(stranger))), []);
    let revoke = |id, staff, at| desk.write(|desk| desk.revoke_token(id, staff, at));
    assert!(!revoke(one.id, Some(stranger), later(8)));
    assert!(revoke(one.id, Some(ada.id), later(8)));
    assert!(!revoke(one.id, None, later(9)), "revoked before");
    assert!(!revoke(two.id, None, later(100)), "expired before");
    assert!(revoke(two.id, None, later(9)));
    let found = desk.read(|desk| desk.find_token(one.hash)).unwrap().0;
    assert_eq!(found, ApiToken { revoked_at: Some(later(8)), ..one });
}

/// Each disables the other where it sees that another administrator is active.
fn two_administrators_cannot_disable_each_other(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let admins = [member(1, Role::Admin), member(2, Role::Admin)];
    for admin in &admins {
        assert!(desk.write(|desk| desk.insert_staff(admin)));
        desk.write(|desk| desk.set_password(admin.id, &PasswordHash("hash".to_owned())));
    }
    assert!(desk.write(|desk| desk.insert_staff(&member(3, Role::Admin))), "has not joined");
    assert_eq!(desk.write(|desk| desk.lock_active_admins()).len(), 2);
    let disable = |admin: &StaffMember| {
        desk.write(|desk| {
            let active = desk.lock_active_admins()?;
            let disabled = StaffMember {
                disabled_at: Some(now()),
                version: admin.version.next(),
                ..admin.clone()
            };
            Ok(active.iter().any(|id| *id != admin.id) && desk.update_staff(&disabled)?)
        })
    };
    let barrier = std::sync::Barrier::new(2);
    let disabled = std::thread::scope(|scope| {
        let run = |admin| {
            let (barrier, disable) = (&barrier, &disable);
            scope.spawn(move || {
                barrier.wait();
                disable(admin)
            })
        };
        let threads: Vec<_> = admins.iter().map(run).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).filter(|done| *done).count()
    });
    assert_eq!(disabled, 1);
    assert_eq!(desk.write(|desk| desk.lock_active_admins()).len(), 1);
}
