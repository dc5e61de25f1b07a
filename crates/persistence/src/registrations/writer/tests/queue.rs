//! The queue alone, on real threads.

use std::{thread, time::Duration};

use crate::registrations::writer::queue::{Batch, QueueItem, QueueLimits, Work, WriteQueue};

/// An item of its own number of bytes.
impl QueueItem for u32 {
    fn size(&self) -> usize {
        *self as usize
    }
}

const LIMITS: QueueLimits = QueueLimits {
    queue_capacity: 10,
    max_queue_bytes: 100,
    max_batch_size: 10,
    max_in_flight: 9,
    max_wait: Duration::from_secs(60),
};

fn queue(queue_capacity: usize, max_batch_size: usize) -> WriteQueue<u32> {
    WriteQueue::new(QueueLimits { queue_capacity, max_batch_size, ..LIMITS })
}

fn next(queue: &WriteQueue<u32>) -> Batch<'_, u32> {
    match queue.next() {
        Some(Work::Write(batch)) => batch,
        Some(Work::Expired(items)) => panic!("{items:?} expired"),
        None => panic!("closed"),
    }
}

#[test]
fn items_that_arrive_during_a_batch_are_the_next_one() {
    let queue = queue(10, 10);
    queue.push(1).unwrap();
    let first = next(&queue);
    assert_eq!(first.items, [1]);
    queue.push(2).unwrap();
    queue.push(3).unwrap();
    drop(first);
    assert_eq!(next(&queue).items, [2, 3]);
}

#[test]
fn a_full_queue_rejects_items_until_there_is_room() {
    let queue = queue(2, 10);
    assert_eq!([queue.push(1), queue.push(2), queue.push(3)], [Ok(()), Ok(()), Err(3)]);
    drop(next(&queue));
    assert_eq!(queue.push(4), Ok(()));
}

#[test]
fn a_queue_of_large_items_is_full_before_its_number_is_reached() {
    let queue = queue(10, 10);
    assert_eq!([queue.push(60), queue.push(41), queue.push(40)], [Ok(()), Err(41), Ok(())]);
    let mut batch = next(&queue);
    assert_eq!(queue.push(101), Err(101));
    assert_eq!(queue.push(100), Ok(()));
    // What is written already is queued again in any case, and takes room.
    queue.requeue(vec![batch.items.remove(0)]);
    queue.requeue_alone(std::mem::take(&mut batch.items));
    drop(batch);
    assert_eq!(queue.push(1), Err(1));
    let batches = [next(&queue), next(&queue)];
    assert_eq!(batches.each_ref().map(|batch| batch.items.clone()), [vec![40], vec![60, 100]]);
    assert_eq!(queue.push(100), Ok(()));
}

#[test]
fn an_item_does_not_wait_for_a_slow_batch_while_there_is_room_for_another() {
    let queue = WriteQueue::new(QueueLimits { max_in_flight: 2, ..LIMITS });
    queue.push(1).unwrap();
    let _slow = next(&queue);
    queue.push(2).unwrap();
    let second = next(&queue);
    queue.push(3).unwrap();
    thread::scope(|scope| {
        // It finds as many batches in flight as there may be, then one fewer.
        let watcher = scope.spawn(|| next(&queue).items.clone());
        while !queue.is_watched() {
            thread::yield_now();
        }
        drop(second);
        assert_eq!(watcher.join().unwrap(), [3]);
    });
}

#[test]
fn a_full_batch_is_started_at_once() {
    let queue = queue(10, 2);
    for item in 1..=5 {
        queue.push(item).unwrap();
    }
    let (first, second) = (next(&queue), next(&queue));
    assert_eq!([&first.items, &second.items], [&[1, 2], &[3, 4]]);
}

#[test]
fn a_slow_batch_does_not_delay_the_next_one() {
    let queue = queue(10, 10);
    queue.push(1).unwrap();
    let stuck = next(&queue);
    thread::scope(|scope| {
        // Both threads wait when the item arrives; the timed waiter takes it.
        let idle = [scope.spawn(|| queue.next()), scope.spawn(|| queue.next())];
        queue.push(2).unwrap();
        while !idle.iter().any(thread::ScopedJoinHandle::is_finished) {
            thread::yield_now();
        }
        queue.close();
        let taken = idle.map(|idle| match idle.join().unwrap() {
            Some(Work::Write(batch)) => batch.items.clone(),
            Some(Work::Expired(items)) => panic!("{items:?} expired"),
            None => vec![],
        });
        assert!(taken.contains(&vec![2]) && taken.contains(&vec![]), "{taken:?}");
    });
    drop(stuck);
}

#[test]
fn items_expire_while_every_connection_is_in_use() {
    let max_wait = Duration::from_millis(500);
    let queue = WriteQueue::new(QueueLimits { max_in_flight: 1, max_wait, ..LIMITS });
    queue.push(1).unwrap();
    let stuck = next(&queue);
    queue.push(2).unwrap();
    let Some(Work::Expired(expired)) = queue.next() else { panic!("a batch was started") };
    assert_eq!(expired, [2]);
    drop(stuck);
}

#[test]
fn requeued_items_come_first_and_those_alone_one_by_one() {
    let queue = queue(10, 10);
    queue.push(5).unwrap();
    queue.requeue(vec![3, 4]);
    queue.requeue_alone(vec![1, 2]);
    let batches = [next(&queue), next(&queue)];
    assert_eq!(batches.each_ref().map(|batch| batch.items.clone()), [[1], [2]]);
    drop(batches);
    assert_eq!(next(&queue).items, [3, 4, 5]);
}

#[test]
fn a_closed_queue_rejects_items_and_hands_out_the_rest() {
    let queue = queue(10, 10);
    queue.push(1).unwrap();
    queue.close();
    assert_eq!(queue.push(2), Err(2));
    assert_eq!(next(&queue).items, [1]);
    assert!(queue.next().is_none());
}
