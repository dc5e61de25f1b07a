//! Every port in memory, for tests of what lies above the ports.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use registration_domain::{
    Completion, Fingerprint, IdempotencyKey, IdempotencyKeyRepository, InsertFuture, InsertOutcome,
    KeyDecision, NewRegistration, Origin, Readiness, RegistrationStore, RepositoryError, StoredKey,
    Student, StudentId, StudentInsert, StudentRepository, StudentWriter, Transaction,
    Unavailability, UnitOfWork, Work,
};

/// A store in memory. Clones share it. Transactions run one at a time; one that uses the store itself
/// instead of its transaction never ends.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Arc<Mutex<State>>);

#[derive(Clone, Debug, Default)]
struct State {
    students: HashMap<StudentId, Student>,
    emails: HashMap<String, StudentId>,
    keys: HashMap<String, StoredKey>,
    unavailable: Option<Unavailability>,
}

impl MemoryStore {
    /// Makes every operation fail for this reason, or work again.
    pub fn set_unavailable(&self, reason: Option<Unavailability>) {
        self.0.lock().unavailable = reason;
    }

    /// Runs `operation`, unless the store is unavailable.
    fn with<T>(
        &self,
        operation: impl FnOnce(&mut State) -> Result<T, RepositoryError>,
    ) -> Result<T, RepositoryError> {
        let mut state = self.0.lock();
        match state.unavailable {
            Some(reason) => Err(RepositoryError::unavailable(reason, "set by a test")),
            None => operation(&mut state),
        }
    }
}

impl State {
    fn insert_registration(
        &mut self,
        NewRegistration { student, key, origin }: &NewRegistration,
    ) -> Result<InsertOutcome, RepositoryError> {
        if let Some(key) = key
            && let Some(stored) = self.find(key)?
        {
            match stored.decide(student) {
                KeyDecision::Replay(student) => return Ok(InsertOutcome::Replayed(student)),
                KeyDecision::Reused => return Ok(InsertOutcome::KeyReused),
                KeyDecision::Expired => self.delete(key, &stored)?,
            }
        }
        if StudentWriter::insert(self, student, *origin)? == StudentInsert::EmailTaken {
            return Ok(InsertOutcome::AlreadyRegistered);
        }
        if let Some(key) = key {
            let fingerprint = student.applicant().fingerprint();
            IdempotencyKeyRepository::insert(self, key, student, fingerprint)?;
        }
        Ok(InsertOutcome::Created)
    }
}

impl RegistrationStore for MemoryStore {
    fn insert(&self, registration: NewRegistration) -> InsertFuture {
        let store = self.clone();
        Box::pin(async move { store.with(|state| state.insert_registration(&registration)) })
    }

    fn delete_expired_keys(&self, cutoff: DateTime<Utc>) -> Result<usize, RepositoryError> {
        self.with(|state| {
            let before = state.keys.len();
            state.keys.retain(|_, stored| stored.created_at > cutoff);
            Ok(before - state.keys.len())
        })
    }
}

impl StudentRepository for MemoryStore {
    fn registered_at(&self, id: StudentId) -> Result<Option<DateTime<Utc>>, RepositoryError> {
        self.with(|state| Ok(state.students.get(&id).map(Student::created_at)))
    }
}

impl Readiness for MemoryStore {
    fn check(&self) -> Result<(), RepositoryError> {
        self.with(|_| Ok(()))
    }
}

impl UnitOfWork for MemoryStore {
    fn execute(&self, work: &mut Work<'_>) -> Result<(), RepositoryError> {
        self.with(|state| {
            let mut changed = state.clone();
            if work(&mut changed)? == Completion::Commit {
                *state = changed;
            }
            Ok(())
        })
    }
}

impl Transaction for State {
    fn students(&mut self) -> &mut dyn StudentWriter {
        self
    }

    fn idempotency_keys(&mut self) -> &mut dyn IdempotencyKeyRepository {
        self
    }
}

impl StudentWriter for State {
    fn insert(&mut self, student: &Student, _: Origin) -> Result<StudentInsert, RepositoryError> {
        let (id, email) = (student.id(), student.applicant().email.key());
        match (self.students.contains_key(&id), self.emails.get(&email)) {
            (true, Some(stored)) if *stored == id => Ok(StudentInsert::StoredBefore),
            (_, Some(_)) => Ok(StudentInsert::EmailTaken),
            (true, None) => Err(RepositoryError::unexpected("the student's id is taken")),
            (false, None) => {
                self.emails.insert(email, id);
                self.students.insert(id, student.clone());
                Ok(StudentInsert::Inserted)
            }
        }
    }
}

impl IdempotencyKeyRepository for State {
    fn find(&mut self, key: &IdempotencyKey) -> Result<Option<StoredKey>, RepositoryError> {
        Ok(self.keys.get(key.as_str()).copied())
    }

    fn insert(
        &mut self,
        key: &IdempotencyKey,
        student: &Student,
        fingerprint: Fingerprint,
    ) -> Result<bool, RepositoryError> {
        if self.keys.contains_key(key.as_str()) {
            return Ok(false);
        }
        let (created_at, student_id) = (student.created_at(), Some(student.id()));
        let store_time = DateTime::<Utc>::MAX_UTC;
        let stored = StoredKey { created_at, store_time, student_id, fingerprint };
        self.keys.insert(key.as_str().to_owned(), stored);
        Ok(true)
    }

    fn delete(&mut self, key: &IdempotencyKey, found: &StoredKey) -> Result<(), RepositoryError> {
        if self.keys.get(key.as_str()) == Some(found) {
            self.keys.remove(key.as_str());
        }
        Ok(())
    }
}
