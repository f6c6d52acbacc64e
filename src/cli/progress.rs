//! What people see while layers load: bars on a terminal, plain lines elsewhere.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::publish;
use crate::ingest::Report;

/// How loading is shown.
#[derive(Debug, Clone, Copy)]
pub(super) enum Progress {
    /// A bar for the layer at work, then one line for each.
    Bars,
    /// One line a layer.
    Lines,
    /// Nothing.
    Silent,
}

impl Progress {
    /// Bars if someone watches, else lines.
    pub(super) fn for_terminal() -> Self {
        if std::io::stderr().is_terminal() {
            Self::Bars
        } else {
            Self::Lines
        }
    }

    /// Starts a layer.
    pub(super) fn layer(self, id: &str) -> LayerProgress {
        let bar = match self {
            Self::Bars => {
                let bar = ProgressBar::new_spinner();
                let style = ProgressStyle::with_template(
                    "{spinner} {msg}: {human_pos} features, {per_sec}",
                );
                bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
                bar.set_message(id.to_owned());
                bar.enable_steady_tick(Duration::from_millis(100));
                bar
            }
            Self::Lines | Self::Silent => ProgressBar::hidden(),
        };
        LayerProgress {
            mode: self,
            id: id.to_owned(),
            bar,
            start: Instant::now(),
        }
    }
}

/// Progress of one layer.
#[derive(Debug)]
pub(super) struct LayerProgress {
    mode: Progress,
    id: String,
    bar: ProgressBar,
    start: Instant,
}

impl LayerProgress {
    /// More features were met.
    pub(super) fn add(&self, features: u64) {
        self.bar.inc(features);
    }

    /// The layer is there.
    pub(super) fn done(&self, report: &Report, from_snapshot: bool) {
        self.bar.finish_and_clear();
        if matches!(self.mode, Progress::Silent) {
            return;
        }
        let origin = if from_snapshot {
            " from its snapshot"
        } else {
            ""
        };
        eprintln!(
            "{}: {}{origin}, {:.0?}",
            self.id,
            publish::summary(report),
            self.start.elapsed()
        );
    }
}

impl Drop for LayerProgress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
