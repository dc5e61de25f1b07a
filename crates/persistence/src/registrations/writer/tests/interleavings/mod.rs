//! The queue under random interleavings of its threads: the same source, over a model of locks and time.

use std::sync::atomic::{AtomicUsize, Ordering};

use shuttle::{
    Config, Runner,
    rand::{Rng as _, thread_rng},
    scheduler::RandomScheduler,
    sync::{Arc, mpsc},
    thread,
};

use self::queue::{QueueItem, QueueLimits, Work, WriteQueue};
use crate::registrations::writer::multi_insert;

#[allow(dead_code, reason = "what the tests of the real module use")]
#[allow(clippy::duplicate_mod, reason = "over another `sync`")]
#[path = "../../queue.rs"]
mod queue;
mod sync;

const PRODUCERS: usize = 2;
const ITEMS_EACH: usize = 3;

/// Runs `test` under this many interleavings; the seed makes failures repeatable.
fn check(interleavings: usize, test: fn()) {
    let scheduler = RandomScheduler::new_from_seed(1, interleavings);
    Runner::new(scheduler, Config::default()).run(test);
}

#[derive(Debug)]
struct Item(usize);

impl QueueItem for Item {
    fn size(&self) -> usize {
        1
    }
}

/// Takes work until the queue is closed, and sends the items that are done. Requeues some once.
fn work(queue: &WriteQueue<Item>, in_flight: &AtomicUsize, max: usize, done: &mpsc::Sender<usize>) {
    let send = |items: Vec<Item>| items.into_iter().for_each(|Item(item)| done.send(item).unwrap());
    while let Some(work) = queue.next() {
        let mut batch = match work {
            Work::Expired(items) => {
                send(items);
                continue;
            }
            Work::Write(batch) => batch,
        };
        assert!(in_flight.fetch_add(1, Ordering::SeqCst) < max, "too many batches in flight");
        thread::yield_now();
        let items = std::mem::take(&mut batch.items);
        assert!((1..=2).contains(&items.len()));
        let requeues = items.len() > 1 && thread_rng().gen_bool(0.2);
        match thread_rng().gen_range(0..2) {
            0 if requeues => queue.requeue(items),
            1 if requeues => queue.requeue_alone(items),
            _ => send(items),
        }
        in_flight.fetch_sub(1, Ordering::SeqCst);
        drop(batch);
    }
}

/// Queues items from several threads, waits until all are done, then closes. A thread that waits for
/// ever is a deadlock, which fails the run.
fn every_item_is_handed_out_once(max_in_flight: usize) {
    sync::start_clock();
    let limits = QueueLimits {
        queue_capacity: 4,
        max_queue_bytes: 4,
        max_batch_size: 2,
        max_in_flight,
        max_wait: std::time::Duration::from_millis(25),
    };
    let queue = Arc::new(WriteQueue::new(limits));
    let in_flight = Arc::new(AtomicUsize::new(0));
    let (done, results) = mpsc::channel();
    // As the writer has: a thread for each connection, and one more.
    let workers: Vec<_> = (0..=max_in_flight)
        .map(|_| {
            let (queue, in_flight, done) =
                (Arc::clone(&queue), Arc::clone(&in_flight), done.clone());
            thread::spawn(move || work(&queue, &in_flight, max_in_flight, &done))
        })
        .collect();
    let producers: Vec<_> = (0..PRODUCERS)
        .map(|producer| {
            let queue = Arc::clone(&queue);
            let items = producer * ITEMS_EACH..(producer + 1) * ITEMS_EACH;
            thread::spawn(move || {
                let accepted = |item: &usize| queue.push(Item(*item)).is_ok();
                items.filter(accepted).collect::<Vec<_>>()
            })
        })
        .collect();
    let accepted: Vec<_> = producers.into_iter().flat_map(|p| p.join().unwrap()).collect();
    let mut handed_out: Vec<_> = accepted.iter().map(|_| results.recv().unwrap()).collect();
    queue.close();
    assert!(queue.push(Item(99)).is_err());
    workers.into_iter().for_each(|worker| worker.join().unwrap());
    handed_out.extend(results.try_iter());
    handed_out.sort_unstable();
    assert_eq!(handed_out, accepted);
}

#[test]
fn one_batch_at_a_time() {
    check(2_000, || every_item_is_handed_out_once(1));
}

#[test]
fn batches_beside_each_other() {
    check(2_000, || every_item_is_handed_out_once(2));
}

#[test]
fn a_queue_that_is_closed_meanwhile_hands_out_the_rest() {
    check(2_000, || {
        sync::start_clock();
        let limits = QueueLimits {
            queue_capacity: 4,
            max_queue_bytes: 4,
            max_batch_size: 2,
            max_in_flight: 1,
            max_wait: std::time::Duration::from_secs(1),
        };
        let queue = Arc::new(WriteQueue::new(limits));
        let (done, results) = mpsc::channel();
        let worker = thread::spawn({
            let queue = Arc::clone(&queue);
            move || work(&queue, &AtomicUsize::new(0), 1, &done)
        });
        let closer = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.close()
        });
        let accepted: Vec<_> = (0..3).filter(|item| queue.push(Item(*item)).is_ok()).collect();
        closer.join().unwrap();
        worker.join().unwrap();
        let mut handed_out: Vec<_> = results.iter().collect();
        handed_out.sort_unstable();
        assert_eq!(handed_out, accepted);
    });
}
