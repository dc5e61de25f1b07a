//! Replays the corpus of a fuzz target. A file of several crates' unit tests.

use std::{fs, path::Path};

/// Runs `target` on each file of its corpus, `fuzz/corpus/NAME`.
pub(crate) fn replay(name: &str, target: fn(&[u8])) {
    let corpus = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus")).join(name);
    let mut replayed = 0;
    for entry in fs::read_dir(&corpus).unwrap() {
        let input = entry.unwrap().path();
        println!("{}", input.display()); // shown where the target panics
        target(&fs::read(&input).unwrap());
        replayed += 1;
    }
    assert!(replayed > 0, "{} is empty", corpus.display());
}
