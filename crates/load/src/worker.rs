//! A worker: takes what is due, sends it, counts what comes back; one request at a time.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::BytesMut;
use hyper::header::HeaderValue;

use crate::{
    acknowledged::Order,
    client::{Answer, Client, Failure},
    mix::{Kind, Mix},
    people::People,
    schedule::Schedule,
    tally::SharedTally,
};

/// How long a worker waits after it could not connect: twice as long each time, so that a service
/// that restarts is found soon and one that is gone is not beset.
const SHORTEST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// What all workers of a run share.
pub(crate) struct Run {
    pub(crate) schedule: Schedule,
    pub(crate) mix: Mix,
    pub(crate) people: People,
    pub(crate) tally: SharedTally,
}

/// One worker and its connection.
pub(crate) struct Worker {
    number: usize,
    run: Arc<Run>,
    client: Client,
    buffer: BytesMut,
    json: HeaderValue,
    form: HeaderValue,
    pause: Duration,
}

impl Worker {
    pub(crate) fn new(number: usize, run: Arc<Run>, client: Client) -> Self {
        Self {
            number,
            run,
            client,
            buffer: BytesMut::new(),
            json: HeaderValue::from_static("application/json"),
            form: HeaderValue::from_static("application/x-www-form-urlencoded"),
            pause: SHORTEST_PAUSE,
        }
    }

    /// Works until nothing is due any more.
    pub(crate) async fn work(mut self) {
        let run = Arc::clone(&self.run);
        while let Some(turn) = run.schedule.next(self.number).await {
            let order = self.order(turn.number);
            let connected = self.client.connect().await.is_ok();
            let begun = turn.planned.unwrap_or_else(Instant::now);
            let outcome =
                if connected { self.send(&order).await } else { Err(Failure::Connection) };
            run.tally.locked().record(&order, &outcome, begun.elapsed());
            if connected {
                self.pause = SHORTEST_PAUSE;
            } else {
                tokio::time::sleep(self.pause).await;
                self.pause = LONGEST_PAUSE.min(self.pause * 2);
            }
        }
    }

    fn order(&self, number: u64) -> Order {
        match self.run.mix.kind(number) {
            kind @ (Kind::Duplicate | Kind::Repeat) => {
                self.run.tally.locked().acknowledged.order(kind, number)
            }
            kind => Order { kind, person: number, location: None },
        }
    }

    async fn send(&mut self, order: &Order) -> Result<Answer, Failure> {
        let content_type = if order.kind == Kind::Form { &self.form } else { &self.json };
        let has_key = matches!(order.kind, Kind::Keyed | Kind::Repeat);
        let key = has_key.then(|| self.run.people.key(order.person));
        let key = key.and_then(|key| HeaderValue::try_from(key).ok());
        let body = self.run.people.body(order.kind, order.person, &mut self.buffer);
        self.client.post(content_type, key, body).await
    }
}
