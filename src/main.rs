//! The `guichet` command.

use std::process::ExitCode;

use guichet::cli;

/// Ingest makes and drops hundreds of megabytes; this allocator gives them back to the system within moments.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run(cli::args::Line::parse_command())
}
