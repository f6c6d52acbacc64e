//! One thread cuts the file, the others read, project and clean: chunks come out in the order of the file.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::report::{Code, Report};
use super::row::RowBuilder;
use crate::layer::Chunk;

/// Batches in flight: memory is bounded by them, not by the file.
const IN_FLIGHT: usize = 4;

/// Nobody listens any more.
#[derive(Debug)]
pub(super) struct Stop;

/// Where the cutting thread puts its batches.
pub(super) struct Batches<'a, W> {
    to: SyncSender<(u64, W, Report)>,
    next: u64,
    progress: &'a (dyn Fn(u64) + Sync),
}

impl<W> Batches<'_, W> {
    /// Hands over a batch of `features` that are still to be read.
    pub(super) fn send(&mut self, batch: W, features: u64) -> Result<(), Stop> {
        (self.progress)(features);
        self.send_with(batch, Report::default())
    }

    fn send_with(&mut self, batch: W, report: Report) -> Result<(), Stop> {
        self.next += 1;
        self.to.send((self.next, batch, report)).map_err(|_| Stop)
    }
}

impl Batches<'_, Chunk> {
    /// Hands over features that are read already.
    pub(super) fn send_read(&mut self, row: RowBuilder) -> Result<(), Stop> {
        (self.progress)(row.report.read);
        self.send_with(row.chunk, row.report)
    }
}

/// Runs `cut` on this thread and `work` on `workers` others. Gives the chunks in order, the joined report, and what `cut` gave.
pub(super) fn run<W: Send, T>(
    workers: usize,
    progress: &(dyn Fn(u64) + Sync),
    cut: impl FnOnce(&mut Batches<'_, W>) -> T,
    work: impl Fn(W, &mut Report) -> Chunk + Sync,
) -> (Vec<Chunk>, Report, T) {
    let (to, from) = sync_channel(IN_FLIGHT);
    let from = Mutex::new(from);
    let done = Mutex::new(Vec::new());
    let cut_result = thread::scope(|scope| {
        for _ in 0..workers.max(1) {
            scope.spawn(|| {
                while let Some((place, batch, mut report)) = next(&from) {
                    let chunk = catch_unwind(AssertUnwindSafe(|| work(batch, &mut report)))
                        .unwrap_or_else(|_| {
                            report.add(Code::Unreadable, 0, || {
                                "a batch of features made its reader fail".into()
                            });
                            Chunk::default()
                        });
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done.push((place, chunk, report));
                }
            });
        }
        let mut batches = Batches {
            to,
            next: 0,
            progress,
        };
        let result = cut(&mut batches);
        drop(batches); // the workers end with the last batch
        result
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(place, ..)| *place);
    let mut report = Report::default();
    let chunks = done
        .into_iter()
        .map(|(_, chunk, part)| {
            report.merge(&part);
            chunk
        })
        .collect();
    (chunks, report, cut_result)
}

fn next<W>(from: &Mutex<Receiver<W>>) -> Option<W> {
    from.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .recv()
        .ok()
}
