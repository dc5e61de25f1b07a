//! Standard output: a bounded queue of lines, written in batches by a thread of its own.

use std::{
    fs::File,
    io::{self, ErrorKind, Write},
    os::fd::AsFd as _,
    sync::Arc,
    thread,
    time::Duration,
};

use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};

use crate::export_queue::QueueBudget;

/// Maximum number of queued lines. Further lines are dropped and counted, so that a slow reader of
/// standard output neither blocks requests nor uses up memory.
const QUEUE_CAPACITY: usize = 8_192;

/// The number of bytes that are written at once, as soon as a line reaches it.
const BATCH_BYTES: usize = 64 * 1024;

/// How long the thread collects further lines after it has written a batch.
const BATCH_DELAY: Duration = Duration::from_millis(5);

/// Standard output, and the thread that writes to it.
pub(crate) struct Stdout {
    pub(crate) lines: LineQueue,
    /// Ends the thread when dropped, after the queued lines are written.
    pub(crate) guard: WorkerGuard,
}

impl Stdout {
    pub(crate) fn open() -> Self {
        match io::stdout().as_fd().try_clone_to_owned() {
            Ok(fd) => Self::to(File::from(fd)),
            Err(_) => Self::to(io::stdout()),
        }
    }

    fn to(output: impl Write + Send + 'static) -> Self {
        let destination = "standard output".to_owned();
        let budget = Arc::new(QueueBudget::new("stdout", destination, QUEUE_CAPACITY));
        let batch = LineBatch::new(output, Arc::clone(&budget));
        let builder = NonBlockingBuilder::default().buffered_lines_limit(QUEUE_CAPACITY);
        let (queue, guard) = builder.finish(batch);
        Self { lines: LineQueue { queue, budget }, guard }
    }
}

/// The queue of lines for standard output. Cheap to clone.
#[derive(Clone)]
pub(crate) struct LineQueue {
    queue: NonBlocking,
    budget: Arc<QueueBudget>,
}

impl LineQueue {
    /// Queues a line, which ends with a line break; drops and counts it if the queue is full.
    pub(crate) fn write(&self, line: &[u8]) {
        if self.budget.try_acquire(line.len()) {
            // Cannot fail: the budget is as large as the queue.
            let _ = self.queue.clone().write_all(line);
        }
    }
}

/// The thread's end of the queue: collects lines and writes them together.
struct LineBatch<W> {
    output: W,
    budget: Arc<QueueBudget>,
    lines: Vec<u8>,
    /// Their number.
    count: usize,
    /// Whether the last write ended within a line.
    is_cut: bool,
}

impl<W: Write> LineBatch<W> {
    fn new(output: W, budget: Arc<QueueBudget>) -> Self {
        Self { output, budget, lines: Vec::new(), count: 0, is_cut: false }
    }

    /// Writes the collected lines. Those that the output refuses are dropped and counted.
    fn write_batch(&mut self) {
        if self.lines.is_empty() {
            return;
        }
        // Ends a line that was cut, so that the next one can be parsed.
        if self.is_cut && self.output.write_all(b"\n").is_ok() {
            self.is_cut = false;
        }
        let (written, result) = write_until_error(&mut self.output, &self.lines);
        let (kept, lost) = self.lines.split_at(written);
        self.is_cut |= kept.last().is_some_and(|byte| *byte != b'\n');
        self.budget.release(self.count, self.lines.len());
        self.budget.record_result(count_lines(lost), result.map_err(|error| error.to_string()));
        self.lines.clear();
        self.count = 0;
    }
}

impl<W: Write> Write for LineBatch<W> {
    /// Called with one line.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.count += 1;
        self.lines.extend_from_slice(line);
        if self.lines.len() >= BATCH_BYTES {
            self.write_batch();
        }
        Ok(line.len())
    }

    /// Called when the queue is empty. Sleeping here saves the threads that log a wake-up for each line.
    #[expect(
        clippy::disallowed_methods,
        reason = "a delay, not a wait: lines are queued meanwhile"
    )]
    fn flush(&mut self) -> io::Result<()> {
        self.write_batch();
        thread::sleep(BATCH_DELAY);
        Ok(())
    }
}

/// Writes all bytes, or as many as the output accepts before it fails; returns how many.
fn write_until_error(output: &mut impl Write, bytes: &[u8]) -> (usize, io::Result<()>) {
    let mut written = 0;
    while written < bytes.len() {
        match output.write(&bytes[written..]) {
            Ok(0) => return (written, Err(ErrorKind::WriteZero.into())),
            Ok(count) => written += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return (written, Err(error)),
        }
    }
    (written, output.flush())
}

fn count_lines(lines: &[u8]) -> usize {
    lines.iter().filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use parking_lot::Mutex;

    use super::*;

    /// An output that accepts this number of bytes, then fails.
    #[derive(Clone, Default)]
    struct Output(Arc<Mutex<(Vec<u8>, usize)>>);

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut output = self.0.lock();
            let count = bytes.len().min(output.1);
            if count == 0 {
                return Err(ErrorKind::StorageFull.into());
            }
            output.1 -= count;
            output.0.extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn refused_lines_are_released_and_the_next_begins_on_a_line_of_its_own() {
        let output = Output::default();
        let budget = Arc::new(QueueBudget::new("stdout", String::new(), 9));
        let mut batch = LineBatch::new(output.clone(), Arc::clone(&budget));
        let mut write = |lines: &[&[u8]], room: usize| {
            output.0.lock().1 = room;
            for line in lines {
                assert!(budget.try_acquire(line.len()));
                batch.write_all(line).unwrap();
            }
            batch.write_batch();
            assert_eq!(budget.queued(), 0);
            String::from_utf8(output.0.lock().0.clone()).unwrap()
        };
        assert_eq!(write(&[b"one\n"], 99), "one\n");
        assert_eq!(write(&[b"two\n", b"three\n"], 6), "one\ntwo\nth");
        assert_eq!(write(&[b"four\n"], 0), "one\ntwo\nth");
        assert_eq!(write(&[b"five\n"], 99), "one\ntwo\nth\nfive\n");
    }

    #[test]
    fn lines_are_counted_where_they_end() {
        assert_eq!([&b""[..], b"a\n", b"a\nb\n", b"cut\nb\n"].map(count_lines), [0, 1, 2, 2]);
    }
}
