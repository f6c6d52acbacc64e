//! Readers of formats may panic on damaged bytes: that is a fault of the file, told in the report, not one of the program.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`; `None` if it panicked.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    let outer = CAUGHT.replace(true);
    // What a panic leaves half-done is taken back by the caller.
    let done = catch_unwind(AssertUnwindSafe(work));
    CAUGHT.set(outer);
    done.ok()
}

/// True if a panic of this thread is on its way to be caught and reported: nobody needs its message.
pub fn is_caught() -> bool {
    CAUGHT.get()
}
