//! Nothing: its dependencies matter. See `Cargo.toml`.
