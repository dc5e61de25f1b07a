//! Hashes passwords with Argon2id, two at a time: each takes memory and a processor.

use std::{sync::Arc, time::Duration};

use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use registration_domain::{Password, PasswordHash, RepositoryError};

use super::DeskError;
use crate::threads::{Priority, Threads};

/// Memory in KiB, passes and lanes: the first choice of OWASP's Password Storage Cheat Sheet.
const PARAMETERS: (u32, u32, u32) = (19 * 1024, 2, 1);
/// Passwords that are hashed at once.
const THREADS: usize = 2;
/// Passwords that wait for a thread; more are refused.
const QUEUED: usize = 16;
/// How long hashing may take, the wait included.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Hashes and verifies passwords on threads of its own.
pub struct PasswordHasher {
    argon2: Argon2<'static>,
    threads: Threads,
    /// A dummy hash, verified for unknown people so that the response time discloses nothing.
    decoy: PasswordHash,
}

impl PasswordHasher {
    /// Starts the threads.
    ///
    /// # Errors
    ///
    /// The operating system cannot start a thread.
    pub fn start() -> std::io::Result<Arc<Self>> {
        let (memory, passes, lanes) = PARAMETERS;
        let parameters = Params::new(memory, passes, lanes, None).map_err(std::io::Error::other)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
        let decoy = hash(&argon2, b"", &[0; 16]).map_err(std::io::Error::other)?;
        let threads = Threads::start("passwords", THREADS, QUEUED, TIMEOUT, Priority::Low)?;
        Ok(Arc::new(Self { argon2, threads, decoy }))
    }

    /// Hashes a password with this salt.
    ///
    /// # Errors
    ///
    /// Too many passwords are being hashed.
    pub async fn hash(
        self: &Arc<Self>,
        password: Password,
        salt: [u8; 16],
    ) -> Result<PasswordHash, DeskError> {
        let this = Arc::clone(self);
        let hashed =
            self.threads.run(move || hash(&this.argon2, password.as_bytes(), &salt)).await?;
        Ok(hashed.map_err(RepositoryError::unexpected)?)
    }

    /// Whether the password is the stored one. Takes as long where none is stored.
    ///
    /// # Errors
    ///
    /// Too many passwords are being hashed.
    pub async fn verify(
        self: &Arc<Self>,
        password: Password,
        stored: Option<PasswordHash>,
    ) -> Result<bool, DeskError> {
        let this = Arc::clone(self);
        let verify = move || {
            let hash = stored.as_ref().unwrap_or(&this.decoy);
            let is_equal = this.argon2.verify_password(password.as_bytes(), hash.0.as_str());
            is_equal.is_ok() && stored.is_some()
        };
        Ok(self.threads.run(verify).await?)
    }
}

fn hash(
    argon2: &Argon2<'_>,
    password: &[u8],
    salt: &[u8],
) -> Result<PasswordHash, argon2::password_hash::Error> {
    Ok(PasswordHash(argon2.hash_password_with_salt(password, salt)?.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_verified_against_its_own_hash_alone() {
        let hasher = PasswordHasher::start().unwrap();
        let password = |text| Password::typed(text).unwrap();
        let hash = hasher.hash(password("correct horse"), [7; 16]).await.unwrap();
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.0);
        let verify = |text, stored| hasher.verify(password(text), stored);
        assert!(verify("correct horse", Some(hash.clone())).await.unwrap());
        assert!(!verify("wrong horse", Some(hash)).await.unwrap());
        assert!(!verify("", None).await.unwrap(), "the decoy's own password");
    }
}
