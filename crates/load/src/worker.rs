//! A worker: one connection, one request at a time.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Request,
    header::{CONTENT_TYPE, USER_AGENT},
};
use registration_applicants::Applicant;

use crate::{
    client::Client,
    counters::Counters,
    mix::{Mix, RequestKind},
    planned_request::PlannedRequest,
    schedule::Schedule,
};

/// Backoff after a failed connection attempt, doubled each time: a restarted service is found soon,
/// and a stopped one is not flooded.
const MIN_BACKOFF: Duration = Duration::from_millis(10);
const MAX_BACKOFF: Duration = Duration::from_millis(200);

/// What the workers of a run share.
pub(crate) struct Run {
    pub(crate) schedule: Schedule,
    pub(crate) mix: Mix,
    /// Part of each address, unique to the run.
    pub(crate) series: String,
    pub(crate) counters: Mutex<Counters>,
}

impl Run {
    pub(crate) fn counters(&self) -> MutexGuard<'_, Counters> {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends over one connection until the schedule ends.
    pub(crate) async fn work(self: Arc<Self>, mut client: Client) {
        let mut backoff = MIN_BACKOFF;
        while let Some(slot) = self.schedule.next().await {
            let planned = match self.mix.kind(slot.number) {
                kind @ (RequestKind::Duplicate | RequestKind::Repeat) => {
                    self.counters().acknowledged.plan(kind, slot.number)
                }
                kind => PlannedRequest::new(kind, slot.number),
            };
            let connected = client.connect().await.is_ok();
            let outcome = match self.request(&planned) {
                Ok(request) if connected => client.send(request).await,
                _ => Err("connection"),
            };
            self.counters().record(&planned, &outcome, slot.start.elapsed());
            if connected {
                backoff = MIN_BACKOFF;
            } else {
                tokio::time::sleep(backoff).await;
                backoff = MAX_BACKOFF.min(backoff * 2);
            }
        }
    }

    fn request(&self, planned: &PlannedRequest) -> hyper::http::Result<Request<Full<Bytes>>> {
        let mut applicant = Applicant::numbered(planned.applicant, &self.series);
        let mut request = Request::post("/register").header(USER_AGENT, "registration-load");
        if matches!(planned.kind, RequestKind::Keyed | RequestKind::Repeat) {
            request = request.header("idempotency-key", &applicant.email);
        }
        if planned.kind == RequestKind::Invalid {
            applicant.email.retain(|letter| letter != '@');
        }
        let (content_type, body) = match planned.kind {
            RequestKind::Form => ("application/x-www-form-urlencoded", applicant.form()),
            _ => ("application/json", applicant.json_text()),
        };
        request.header(CONTENT_TYPE, content_type).body(Full::from(body))
    }
}
