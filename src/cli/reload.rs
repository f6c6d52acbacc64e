//! `guichet reload`: asks the running server to read its configuration and changed files again, and waits for the outcome.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};

use super::state;

/// Longest wait for an answer: a reload reads as much as a start.
const PATIENCE: Duration = Duration::from_mins(10);
/// How often it is looked whether the server can still write its answer.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Reloads the server whose state lies in `folder`; gives its words, or an error if it refused.
pub(super) fn reload(folder: &Path) -> anyhow::Result<String> {
    let Some(pid) = state::running(folder).and_then(Pid::from_raw) else {
        bail!(
            "no server runs with the state folder {}: start it with `guichet serve`, or name its configuration with --config",
            folder.display()
        );
    };
    state::check_room(folder).context("nothing is reloaded")?;
    // A reload that runs already may have read files before they were changed: its outcome is not the answer.
    let before = state::read_reloads(folder).started;
    kill_process(pid, Signal::HUP)?;
    let start = Instant::now();
    let mut looked = start;
    while start.elapsed() < PATIENCE {
        let ended = state::read_reloads(folder).ended;
        if let Some(outcome) = ended.filter(|o| o.number > before) {
            if outcome.accepted {
                return Ok(outcome.message);
            }
            bail!(
                "refused, the server goes on as before:\n{}",
                outcome.message
            );
        }
        if state::running(folder).is_none() {
            bail!("the server stopped during the reload");
        }
        if looked.elapsed() > LOOK_AGAIN {
            looked = Instant::now();
            state::check_room(folder).context(
                "how the reload went cannot be told, only the log of the server says it",
            )?;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    bail!(
        "the server has not answered within {} seconds; its log may say why",
        PATIENCE.as_secs()
    )
}
