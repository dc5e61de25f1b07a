//! The errors of refused registrations, counted by hour.

mod queries;
mod repository;
