//! Spans, and the trees that they make.

use std::{collections::BTreeMap, fmt::Write as _};

use super::Attributes;

/// A span that has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// The trace, in hexadecimal.
    pub trace_id: String,
    /// The span, in hexadecimal.
    pub span_id: String,
    /// The span above, in hexadecimal; empty for a trace's first.
    pub parent_id: String,
    /// Its name.
    pub name: String,
    /// `server`, `internal`, `client` and so on.
    pub kind: String,
    /// When it began, in nanoseconds since 1970.
    pub start_time_ns: u64,
    /// Whether its status is error.
    pub failed: bool,
    /// What it says.
    pub attributes: Attributes,
    /// What happened meanwhile.
    pub events: Vec<Event>,
    /// The spans that it is linked to.
    pub links: Vec<Link>,
    /// Who says it.
    pub resource: Attributes,
}

/// Something that happened during a span.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// What it says.
    pub attributes: Attributes,
}

/// Another span, of any trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its trace, in hexadecimal.
    pub trace_id: String,
    /// The span itself, in hexadecimal.
    pub span_id: String,
}

/// The spans of each trace, by trace id.
#[must_use]
pub fn traces(spans: &[Span]) -> BTreeMap<String, Vec<Span>> {
    let mut traces: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    for span in spans {
        traces.entry(span.trace_id.clone()).or_default().push(span.clone());
    }
    traces
}

/// The shape of one trace: a line for each span, below and behind its parent, with kind, failure,
/// the names of its attributes and its events. What varies from run to run is left out.
///
/// ```text
/// POST /register server {http.request.method, url.path}
///   db_insert_student internal {}
/// ```
#[must_use]
pub fn trace_outline(spans: &[Span]) -> String {
    let is_root = |span: &&Span| !spans.iter().any(|other| other.span_id == span.parent_id);
    let mut text = String::new();
    let mut roots: Vec<_> = spans.iter().filter(is_root).collect();
    roots.sort_by_key(|span| span.start_time_ns);
    for root in roots {
        describe(root, spans, 0, &mut text);
    }
    text
}

fn describe(span: &Span, spans: &[Span], depth: usize, text: &mut String) {
    let names = |attributes: &Attributes| attributes.keys().cloned().collect::<Vec<_>>().join(", ");
    let failed = if span.failed { " ERROR" } else { "" };
    let (indent, kind) = ("  ".repeat(depth), &span.kind);
    writeln!(text, "{indent}{} {kind}{failed} {{{}}}", span.name, names(&span.attributes)).unwrap();
    for event in &span.events {
        writeln!(text, "{indent}  ! {} {{{}}}", event.name, names(&event.attributes)).unwrap();
    }
    let mut children: Vec<_> =
        spans.iter().filter(|child| child.parent_id == span.span_id).collect();
    children.sort_by_key(|child| child.start_time_ns);
    for child in children {
        describe(child, spans, depth + 1, text);
    }
}
