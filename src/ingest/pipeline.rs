//! One thread cuts the file, the others read, project and clean: chunks come out in the order of the file.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::caught::caught;
use super::load::LoadOptions;
use super::report::{Code, Report};
use super::row::RowBuilder;
use crate::layer::Chunk;

/// Batches in flight: memory is bounded by them, not by the file.
const IN_FLIGHT: usize = 4;

/// Nobody listens any more.
#[derive(Debug)]
pub(super) struct Stop;

/// Features on their way from the cutting thread to a worker.
struct Batch<W> {
    /// Place among the batches.
    place: u64,
    /// Features in it.
    features: u64,
    work: W,
    report: Report,
}

/// Where the cutting thread puts its batches.
pub(super) struct Batches<'a, W> {
    to: SyncSender<Batch<W>>,
    next: u64,
    /// Features that may still come: beyond them the layer is refused, and reading on would only fill memory.
    left: u64,
    progress: &'a (dyn Fn(u64) + Sync),
}

impl<W> Batches<'_, W> {
    /// Hands over a batch of `features` that are still to be read.
    pub(super) fn send(&mut self, batch: W, features: u64) -> Result<(), Stop> {
        (self.progress)(features);
        self.send_with(batch, features, Report::default())
    }

    fn send_with(&mut self, work: W, features: u64, report: Report) -> Result<(), Stop> {
        self.next += 1;
        let batch = Batch {
            place: self.next,
            features,
            work,
            report,
        };
        self.to.send(batch).map_err(|_| Stop)?;
        // The batch that goes beyond is sent, so that the count tells.
        self.left = self.left.checked_sub(features).ok_or(Stop)?;
        Ok(())
    }
}

impl Batches<'_, Chunk> {
    /// Hands over features that are read already.
    pub(super) fn send_read(&mut self, row: RowBuilder) -> Result<(), Stop> {
        let features = row.report.read;
        (self.progress)(features);
        self.send_with(row.chunk, features, row.report)
    }
}

/// Runs `cut` on this thread and `work` on others, as many as `options` say. Gives the chunks in order, the joined report, and what `cut` gave.
pub(super) fn run<W: Send, T>(
    options: &LoadOptions<'_>,
    cut: impl FnOnce(&mut Batches<'_, W>) -> T,
    work: impl Fn(W, &mut Report) -> Chunk + Sync,
) -> (Vec<Chunk>, Report, T) {
    let (to, from) = sync_channel::<Batch<W>>(IN_FLIGHT);
    let from = Mutex::new(from);
    let done = Mutex::new(Vec::new());
    let cut_result = thread::scope(|scope| {
        for _ in 0..options.workers.max(1) {
            scope.spawn(|| {
                while let Some(batch) = next(&from) {
                    let mut report = batch.report;
                    let chunk = caught(|| work(batch.work, &mut report)).unwrap_or_else(|| {
                        // Which of them it was is not known: none is served, and all are counted.
                        report = Report {
                            read: batch.features,
                            ..Report::default()
                        };
                        for _ in 0..batch.features {
                            report.add(Code::Unreadable, 0, || {
                                "a batch of features made its reader fail".into()
                            });
                        }
                        Chunk::default()
                    });
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done.push((batch.place, chunk, report));
                }
            });
        }
        let mut batches = Batches {
            to,
            next: 0,
            left: options.limits.features,
            progress: options.progress,
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
