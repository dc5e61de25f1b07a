//! From the answer to a registration to the search that finds it.

use std::time::{Duration, Instant};

use registration_applicants::Applicant;

use super::registrars::{Latencies, Registrars, pause};
use crate::running::Running;

const REGISTRATIONS: u64 = 20;
/// Between two searches.
const INTERVAL: Duration = Duration::from_millis(20);
const TIMEOUT: Duration = Duration::from_secs(60);

/// Registers one applicant after the other and searches for each.
pub(crate) fn measure(running: &mut Running<'_>, registrars: &Registrars) -> Latencies {
    let mut client = registrars.client();
    let mut found = |number: u64| {
        let last_name = format!("Quexworth{}", char::from(b'a' + number as u8));
        let email = format!("quexworth{number}@bench.example");
        let applicant = Applicant { last_name: last_name.clone(), ..Applicant::new(email.clone()) };
        client.post("/register", "", &applicant.json_text()).expect_status(201);
        running.add_acknowledged(1);
        let begun = Instant::now();
        while !client.get(&format!("/api/students?q={last_name}")).body.contains(&email) {
            assert!(begun.elapsed() < TIMEOUT, "{last_name} is not found");
            pause(INTERVAL);
        }
        begun.elapsed().as_secs_f64() * 1e3
    };
    Latencies((0..REGISTRATIONS).map(&mut found).collect())
}
