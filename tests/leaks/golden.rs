//! Tables that are reviewed by eye: a test compares them with what is so, `GUICHET_LEAKS_WRITE=1` writes them anew.

use crate::table;

/// Compares a text with the file of that name.
#[track_caller]
pub fn compare(name: &str, text: &str) {
    let path = table::path(name);
    if std::env::var_os("GUICHET_LEAKS_WRITE").is_some() {
        std::fs::write(&path, text).expect("a writable file");
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let (was, is): (Vec<_>, Vec<_>) = (kept.lines().collect(), text.lines().collect());
    let only = |a: &[&str], b: &[&str]| {
        let lines = a.iter().filter(|l| !b.contains(l)).copied();
        lines.collect::<Vec<_>>().join("\n  ")
    };
    assert!(
        kept == text,
        "{name} is no longer so. Reviewed:\n  {}\nnow:\n  {}\nIf that is meant: GUICHET_LEAKS_WRITE=1 cargo test --test leaks golden",
        only(&was, &is),
        only(&is, &was),
    );
}
