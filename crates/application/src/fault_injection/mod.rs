//! Faults injected for drills, in front of the registration store alone.

mod injector;
mod plan;

pub use self::{
    injector::FaultInjector,
    plan::{FaultPlan, allowed_in},
};
