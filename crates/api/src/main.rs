//! The `student-registration` program.

/// Requests allocate many small values on one thread and free them on another, which mimalloc does
/// faster than the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    student_registration::run(std::env::args_os())
}
