//! A receiver of OTLP for benchmarks, drills and browser tests: prints its endpoints, and behaves as
//! told until it is killed. `print` takes everything and prints each span as a line of JSON.
//!
//! ```text
//! otlp-receiver print|discard|unavailable|hang|close
//! ```
#![expect(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, reason = "a tool")]

use std::{net::TcpListener, process::ExitCode, thread, time::Duration};

use registration_testkit::telemetry::{OtlpReceiver, ReceiverMode, Span};
use serde_json::{Value, json};

fn main() -> ExitCode {
    let behaviour = match std::env::args().nth(1).as_deref() {
        Some("print") => ReceiverMode::Accept,
        Some("discard") => ReceiverMode::Discard,
        Some("unavailable") => ReceiverMode::Unavailable,
        Some("hang") => ReceiverMode::Hang,
        // Takes connections, and hangs up on each.
        Some("close") => {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            println!("http://{}", listener.local_addr().unwrap());
            listener.incoming().for_each(drop);
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("usage: otlp-receiver print|discard|unavailable|hang|close");
            return ExitCode::from(2);
        }
    };
    let receiver = OtlpReceiver::start();
    receiver.set_mode(behaviour);
    println!("{}\n{} (grpc)", receiver.http_endpoint(), receiver.grpc_endpoint());
    let mut printed = 0;
    loop {
        for span in receiver.spans().split_off(printed) {
            println!("{}", line(&span));
            printed += 1;
        }
        thread::park_timeout(Duration::from_millis(50));
    }
}

fn line(span: &Span) -> Value {
    json!({
        "service": span.resource["service.name"],
        "trace_id": span.trace_id,
        "span_id": span.span_id,
        "parent_id": span.parent_id,
        "name": span.name,
        "kind": span.kind,
    })
}
