//! A receiver of OTLP for benchmarks and drills: prints its endpoints, and behaves as told until
//! it is killed.
//!
//! ```text
//! otlp-receiver discard|unavailable|hang|close
//! ```
#![expect(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, reason = "a tool")]

use std::{net::TcpListener, process::ExitCode, thread};

use registration_testkit::telemetry::{Behaviour, OtlpReceiver};

fn main() -> ExitCode {
    let behaviour = match std::env::args().nth(1).as_deref() {
        Some("discard") => Behaviour::Discard,
        Some("unavailable") => Behaviour::Unavailable,
        Some("hang") => Behaviour::Hang,
        // Takes connections, and hangs up on each.
        Some("close") => {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            println!("http://{}", listener.local_addr().unwrap());
            listener.incoming().for_each(drop);
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("usage: otlp-receiver discard|unavailable|hang|close");
            return ExitCode::from(2);
        }
    };
    let receiver = OtlpReceiver::start();
    receiver.behave(behaviour);
    println!("{}\n{} (grpc)", receiver.http_endpoint(), receiver.grpc_endpoint());
    loop {
        thread::park();
    }
}
