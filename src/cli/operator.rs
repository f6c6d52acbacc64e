//! Whoever works at the machine itself: may write the store's files, and so may do everything.

use std::env;

/// How audits name the operator: by the account, before `sudo` if that was used. It is no proof: whoever can write the store's files can
/// call himself as he likes.
pub(super) fn name() -> String {
    let account = ["SUDO_USER", "USER", "LOGNAME"]
        .iter()
        .find_map(|key| env::var(key).ok())
        .filter(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_graphic()));
    match account {
        Some(account) => format!("operator:{account}"),
        None => format!("operator:uid-{}", rustix::process::getuid().as_raw()),
    }
}
