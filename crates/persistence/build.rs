//! Builds again when a migration is added: embedding alone notices only those that change.

fn main() {
    println!("cargo::rerun-if-changed=../../database/migrations");
}
