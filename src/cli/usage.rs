//! `guichet memory`: what a running server holds in memory, by layer and view. It is told through the state folder, which the operator
//! alone may read: no address of the server says anything of layers or views to whoever may not see them.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use clap::Args;
use serde::{Deserialize, Serialize};

use super::memory::Resident;
use super::state;
use super::whence::Whence;
use crate::catalog::Memory;

/// `guichet memory`
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Usage {
    #[allow(missing_docs)]
    #[command(flatten)]
    pub whence: Whence,
    /// Tell it as JSON, with every view
    #[arg(long)]
    pub json: bool,
}

/// What is held, in bytes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Told {
    /// What the process may take.
    budget: u64,
    /// What it wrote that is in memory.
    anonymous: u64,
    /// What it mapped that is in memory.
    file: u64,
    tiles: u64,
    views: u64,
    views_at_most: u64,
    layers: Vec<ToldLayer>,
}

/// What is held of a layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct ToldLayer {
    id: String,
    bytes: u64,
    mapped: u64,
    views: Vec<ToldView>,
}

/// What is held of a view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct ToldView {
    id: String,
    bytes: u64,
}

impl Told {
    pub(super) fn of(budget: u64, now: Option<Resident>, tiles: u64, memory: Memory) -> Self {
        let layers = memory.layers.into_iter().map(|layer| ToldLayer {
            id: layer.id,
            bytes: layer.bytes,
            mapped: layer.mapped,
            views: layer
                .views
                .into_iter()
                .map(|(view, bytes)| ToldView {
                    id: format!("{:032x}", view.0),
                    bytes,
                })
                .collect(),
        });
        Self {
            budget,
            anonymous: now.map_or(0, |r| r.anonymous),
            file: now.map_or(0, |r| r.file),
            tiles,
            views: memory.views.0,
            views_at_most: memory.views.1,
            layers: layers.collect(),
        }
    }

    fn lines(&self) -> Vec<String> {
        let mib = |bytes: u64| format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20));
        let mut lines = vec![
            format!(
                "{} of {}: {} of its own, {} of mapped files",
                mib(self.anonymous + self.file),
                mib(self.budget),
                mib(self.anonymous),
                mib(self.file)
            ),
            format!("tiles: {}", mib(self.tiles)),
            format!("views: {} of {}", mib(self.views), mib(self.views_at_most)),
        ];
        lines.extend(self.layers.iter().map(|layer| {
            let views: u64 = layer.views.iter().map(|v| v.bytes).sum();
            format!(
                "{}: {}, {} of them mapped; {} views: {}",
                layer.id,
                mib(layer.bytes),
                mib(layer.mapped),
                layer.views.len(),
                mib(views)
            )
        }));
        lines
    }
}

/// The file whose being there asks.
const ASKED: &str = "memory.ask";
/// The answer.
const ANSWER: &str = "memory.json";

/// Answers, if somebody asks.
pub(super) fn answer(folder: &Path, told: impl FnOnce() -> Told) -> io::Result<()> {
    match fs::remove_file(folder.join(ASKED)) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    }
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&serde_json::to_vec(&told())?)?;
    file.persist(folder.join(ANSWER))?;
    Ok(())
}

/// Longest wait for an answer: a server looks every second, unless the machine has no moment for it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks the server whose state lies in `folder`; gives what is to be printed.
pub(super) fn ask(folder: &Path, json: bool) -> anyhow::Result<String> {
    if state::running(folder).is_none() {
        bail!(
            "no server runs with the state folder {}: start it with `guichet serve`, or name its configuration with --config",
            folder.display()
        );
    }
    let answer = folder.join(ANSWER);
    if let Err(e) = fs::remove_file(&answer)
        && e.kind() != io::ErrorKind::NotFound
    {
        return Err(e).with_context(|| format!("{} cannot be removed", answer.display()));
    }
    fs::write(folder.join(ASKED), "").context("the server cannot be asked")?;
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Ok(text) = fs::read_to_string(&answer) {
            let _gone = fs::remove_file(&answer);
            let told: Told = serde_json::from_str(&text).context("the server's answer")?;
            return Ok(if json {
                serde_json::to_string(&told)?
            } else {
                told.lines().join("\n")
            });
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    bail!(
        "the server has not answered within {} seconds; its log may say why",
        PATIENCE.as_secs()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{LayerMemory, ViewId};

    #[test]
    fn it_answers_who_asks_and_nobody_else() {
        let folder = tempfile::tempdir().unwrap();
        let memory = || Memory {
            layers: vec![LayerMemory {
                id: "a".to_owned(),
                bytes: 3 << 20,
                mapped: 2 << 20,
                views: vec![(ViewId(7), 1 << 20)],
            }],
            views: (1 << 20, 4 << 20),
        };
        let told = || Told::of(8 << 20, None, 0, memory());
        answer(folder.path(), told).unwrap();
        assert!(!folder.path().join(ANSWER).exists());
        fs::write(folder.path().join(ASKED), "").unwrap();
        answer(folder.path(), told).unwrap();
        let text = fs::read_to_string(folder.path().join(ANSWER)).unwrap();
        let read: Told = serde_json::from_str(&text).unwrap();
        assert_eq!(read, told());
        assert!(!folder.path().join(ASKED).exists());
        let lines = read.lines();
        assert_eq!(lines[2], "views: 1.0 MiB of 4.0 MiB");
        assert_eq!(
            lines[3],
            "a: 3.0 MiB, 2.0 MiB of them mapped; 1 views: 1.0 MiB"
        );
    }
}
