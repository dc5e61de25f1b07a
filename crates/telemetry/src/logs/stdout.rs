//! Standard output, written in batches by a thread of its own.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    os::fd::AsFd as _,
    thread,
    time::Duration,
};

use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};

/// Maximum number of queued lines. Further lines are dropped and counted, so that a slow reader of
/// standard output neither blocks requests nor uses up memory.
const QUEUE_CAPACITY: usize = 8_192;

/// Maximum number of bytes in one write.
const BUFFER_SIZE: usize = 64 * 1024;

/// How long the thread collects further lines after it has written a batch.
const BATCH_DELAY: Duration = Duration::from_millis(1);

/// The writer that log lines go to, and the thread behind it.
pub(crate) struct Stdout {
    pub(crate) writer: NonBlocking,
    /// Counts lines that were dropped because the queue was full.
    pub(crate) dropped_lines: ErrorCounter,
    /// Ends the thread when dropped, after the queued lines are written.
    pub(crate) guard: WorkerGuard,
}

impl Stdout {
    pub(crate) fn open() -> Self {
        let (writer, guard) = match io::stdout().as_fd().try_clone_to_owned() {
            Ok(fd) => queue(BatchedStdout(BufWriter::with_capacity(BUFFER_SIZE, fd.into()))),
            Err(_) => queue(io::stdout()),
        };
        Self { dropped_lines: writer.error_counter(), writer, guard }
    }
}

fn queue(output: impl Write + Send + 'static) -> (NonBlocking, WorkerGuard) {
    NonBlockingBuilder::default().buffered_lines_limit(QUEUE_CAPACITY).finish(output)
}

/// Standard output with a buffer for several lines.
struct BatchedStdout(BufWriter<File>);

impl Write for BatchedStdout {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write(line)
    }

    /// Called when the queue is empty. Sleeping here saves the threads that log a wake-up for each line.
    #[expect(
        clippy::disallowed_methods,
        reason = "a delay, not a wait: lines are queued meanwhile"
    )]
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()?;
        thread::sleep(BATCH_DELAY);
        Ok(())
    }
}
