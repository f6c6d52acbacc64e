//! Who read what of restricted data, and how much of every layer: `journal.sqlite`.
//!
//! Reads are summed up in memory, by caller, view, layer, route and hour, and written every few seconds and at the end; a process that is
//! killed loses what it summed up since. Exports are written one by one, with the time and the address, which is cut after a week.
//! Everything that names a caller is deleted after a set term; daily totals of layers name nobody and stay.

mod answer;
mod file;
mod sums;

use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::access::{Read, ReadJournal, StoreError};
use file::File;
use sums::{Shards, Sums};

pub use answer::{Answer, Export, Hour, JournalFile, Question, Usage};

/// What a journal is told at its start.
#[derive(Debug, Clone)]
pub struct JournalOptions {
    /// How often sums are written.
    pub every: Duration,
    /// Days after which what names a caller is deleted.
    pub keep_days: u32,
    /// The zone of days.
    pub zone: TimeZone,
    /// The clock: microseconds since 1970.
    pub now_us: fn() -> i64,
}

/// A journal that is being kept. It ends, and writes what it has, when it is dropped.
#[derive(Debug)]
pub struct Journal {
    shared: Arc<Shared>,
    orders: SyncSender<Order>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    shards: Shards,
    fault: Mutex<Option<String>>,
}

enum Order {
    /// Write now, and say when it is done.
    Flush(SyncSender<()>),
    Stop,
}

/// How often old rows are looked for.
const TIDY_EVERY_US: i64 = 3_600 * 1_000_000;

impl Journal {
    /// Opens (or makes) the journal in a state folder and begins to keep it.
    pub fn start(folder: &Path, options: JournalOptions) -> Result<Self, StoreError> {
        let file = File::open(&JournalFile::path(folder))?;
        let shared = Arc::new(Shared {
            shards: Shards::default(),
            fault: Mutex::default(),
        });
        let (orders, received) = mpsc::sync_channel(16);
        let writer = Writer {
            file,
            options,
            pending: Sums::default(),
            tidied_us: None,
            shared: Arc::clone(&shared),
        };
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run(&received))
            .map_err(|e| StoreError::Broken(format!("no thread for the journal: {e}")))?;
        Ok(Self {
            shared,
            orders,
            thread: Some(thread),
        })
    }

    /// Writes what was summed up so far, and waits for it.
    pub fn flush(&self) {
        let (done, wait) = mpsc::sync_channel(1);
        if self.orders.send(Order::Flush(done)).is_ok() {
            let _stopped = wait.recv();
        }
    }

    /// Why the last sums could not be written; they are kept and written later.
    pub fn fault(&self) -> Option<String> {
        let fault = self.shared.fault.lock();
        fault.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ReadJournal for Journal {
    fn record(&self, read: Read<'_>) {
        self.shared.shards.add(&read);
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        let _stopped = self.orders.send(Order::Stop);
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

struct Writer {
    file: File,
    options: JournalOptions,
    /// What was taken from the shards and is not written yet.
    pending: Sums,
    tidied_us: Option<i64>,
    shared: Arc<Shared>,
}

impl Writer {
    fn run(mut self, orders: &mpsc::Receiver<Order>) {
        loop {
            match orders.recv_timeout(self.options.every) {
                Ok(Order::Flush(done)) => {
                    self.write();
                    let _gone = done.send(());
                }
                Err(RecvTimeoutError::Timeout) => self.write(),
                Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => {
                    self.write();
                    return;
                }
            }
        }
    }

    fn write(&mut self) {
        self.shared.shards.take(&mut self.pending);
        let done = self.write_pending();
        let now = done.err().map(|e| e.to_string());
        let mut fault = self
            .shared
            .fault
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(why) = now.as_ref().filter(|why| fault.as_ref() != Some(why)) {
            tracing::error!("who read what cannot be written, and is kept in memory: {why}");
        }
        *fault = now;
    }

    fn write_pending(&mut self) -> Result<(), StoreError> {
        if !self.pending.is_empty() {
            self.file.write(&self.pending, &self.options.zone)?;
            self.pending = Sums::default();
        }
        let now_us = (self.options.now_us)();
        let due = |at: i64| now_us < at || now_us - at >= TIDY_EVERY_US;
        if self.tidied_us.is_none_or(due) {
            self.file.tidy(now_us, self.options.keep_days)?;
            self.tidied_us = Some(now_us);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
