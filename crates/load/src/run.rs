//! A whole run: reaches the service, starts the workers, watches them, and says what came of it.

use std::{
    fs::File,
    io::{self, BufWriter, Write as _},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    runtime,
    signal::unix::{Signal, SignalKind, signal},
    task::JoinSet,
};

use crate::{
    arguments::Arguments,
    client::{Client, Target},
    people::People,
    progress::Progress,
    report::Report,
    schedule::Schedule,
    tally::{SharedTally, Tally},
    worker::{Run, Worker},
};

/// How often the progress bar moves.
const TICK: Duration = Duration::from_millis(100);

/// Runs until everything is sent, the time is over or somebody stops it (Ctrl-C, SIGTERM).
///
/// # Errors
///
/// A sentence, where the service cannot be reached at all or a file cannot be written.
pub(crate) fn run(arguments: &Arguments) -> Result<Report, String> {
    // Before anything is sent, of which nothing would be known otherwise.
    let file = arguments.acknowledged.as_deref().map(File::create).transpose();
    let file = file.map_err(|error| format!("cannot write --acknowledged: {error}"))?;
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(arguments.threads())
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start: {error}"))?;
    let first = runtime
        .block_on(reach(arguments))
        .map_err(|error| format!("cannot reach {}: {error}", arguments.host))?;
    let (run, elapsed) = runtime
        .block_on(send(arguments, first))
        .map_err(|error| format!("cannot start: {error}"))?;
    let tally = run.tally.locked();
    if let Some(file) = file {
        list(&run.people, tally.acknowledged.people(), file)
            .map_err(|error| format!("cannot write --acknowledged: {error}"))?;
    }
    Ok(Report::new(arguments, elapsed, &tally))
}

/// A client whose connection is open.
async fn reach(arguments: &Arguments) -> io::Result<Client> {
    let mut client = Client::new(Target {
        addresses: arguments.host.resolve()?.into(),
        authority: arguments.host.header()?,
        patience: arguments.timeout,
    });
    client.connect().await?;
    Ok(client)
}

async fn send(arguments: &Arguments, first: Client) -> io::Result<(Arc<Run>, Duration)> {
    let progress = Progress::new(arguments.extent()).map_err(io::Error::other)?;
    let mut stop = [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?];
    let workers = arguments.workers();
    let begun = Instant::now();
    let run = Arc::new(Run {
        schedule: Schedule::new(begun, arguments.pace(), arguments.extent(), workers),
        mix: arguments.mix.clone(),
        people: People::new(arguments.seed_prefix.clone().unwrap_or_else(unique_prefix)),
        tally: SharedTally::new(Tally::new().map_err(io::Error::other)?),
    });
    let others: Vec<_> = (1..workers).map(|_| first.another()).collect();
    let mut running = JoinSet::new();
    for (number, client) in std::iter::once(first).chain(others).enumerate() {
        running.spawn(Worker::new(number, Arc::clone(&run), client).work());
    }
    // Where it does not end by itself, it ends with the program.
    let clock = Arc::clone(&run);
    std::thread::Builder::new().spawn(move || clock.schedule.keep_time())?;
    watch(&run, &mut running, &progress, &mut stop).await;
    Ok((run, begun.elapsed()))
}

/// Waits for the workers. On Ctrl-C or SIGTERM it stops them, and whatever is under way then has no
/// outcome.
async fn watch(run: &Run, running: &mut JoinSet<()>, progress: &Progress, stop: &mut [Signal; 2]) {
    let [interrupt, terminate] = stop;
    let mut ticks = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            ended = running.join_next() => match ended {
                None => return,
                Some(Ok(())) => {}
                Some(Err(error)) => if let Ok(panic) = error.try_into_panic() {
                    std::panic::resume_unwind(panic);
                },
            },
            _ = interrupt.recv() => return running.shutdown().await,
            _ = terminate.recv() => return running.shutdown().await,
            _ = ticks.tick() => progress.show(run.tally.locked().requests()),
        }
    }
}

/// One that no other run has: a process has one run, and its number is free again later.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the time of day")]
fn unique_prefix() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    format!("{:x}-{:x}", now.unwrap_or_default().as_millis(), std::process::id())
}

fn list(people: &People, numbers: &[u64], file: File) -> io::Result<()> {
    let mut file = BufWriter::new(file);
    for number in numbers {
        writeln!(file, "{}", people.email(*number))?;
    }
    file.flush()
}
