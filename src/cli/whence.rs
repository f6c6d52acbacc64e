//! Which configuration a command works on: the one that is named, the one in this folder, or the demonstration's. It says which, and changes
//! that of the demonstration only where it is asked to.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;

use super::demo;
use crate::config::{self, Config};

/// Which configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Whence {
    /// Configuration file of the server [default: ./guichet.toml; without it, what changes nothing looks at the demonstration]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The demonstration, whatever stands in this folder
    #[arg(long, conflicts_with = "config")]
    pub demo: bool,
}

/// What a command does: how sure it must be of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// Looks at what rules.
    Look,
    /// Looks up what is there, also under a faulty configuration: whoever takes something away needs its id.
    Find,
    /// Changes something.
    Change,
    /// Takes something away, or gives back what was suspended; also under a faulty configuration, since it needs little but the store.
    Rescue,
}

impl Work {
    fn changes(self) -> bool {
        matches!(self, Self::Change | Self::Rescue)
    }

    pub(super) fn minds_faults(self) -> bool {
        matches!(self, Self::Look | Self::Change)
    }
}

/// A configuration, and what is wrong with it.
pub(super) struct Found {
    pub(super) config: Config,
    /// Nothing, but for work that does not mind.
    pub(super) faults: Vec<String>,
}

impl Whence {
    /// The configuration for some work. Its first line on standard error says which it is.
    pub(super) fn find(&self, work: Work) -> anyhow::Result<Found> {
        let Some(file) = self.file() else {
            if work.changes() && !self.demo {
                bail!(
                    "there is no guichet.toml in this folder: name the configuration of the server with --config, or say --demo for the demonstration"
                );
            }
            let config = demonstration(None)?;
            let why = if self.demo {
                ""
            } else {
                ", as there is no guichet.toml in this folder"
            };
            say(&format!("the demonstration{why}"), &config);
            return Ok(Found {
                config,
                faults: Vec::new(),
            });
        };
        let name = file.display().to_string();
        match Config::load(&file) {
            Ok(config) => {
                say(&name, &config);
                Ok(Found {
                    config,
                    faults: Vec::new(),
                })
            }
            Err(faults) if work.minds_faults() => Err(faults.into()),
            Err(_) => {
                let (config, faults) = Config::salvage(&file)?;
                say(&name, &config);
                let store = config.server.state.join("policy.sqlite");
                if !store.is_file() {
                    return Err(faults)
                        .with_context(|| format!("there is no store {}", store.display()));
                }
                let faults = faults.faults.iter().map(ToString::to_string).collect();
                Ok(Found { config, faults })
            }
        }
    }

    /// The state folder, for what asks the server that runs there.
    pub(super) fn state(&self, work: Work) -> anyhow::Result<PathBuf> {
        Ok(self.find(work)?.config.server.state)
    }

    fn file(&self) -> Option<PathBuf> {
        if self.demo {
            return None;
        }
        named(self.config.as_deref())
    }
}

fn named(file: Option<&Path>) -> Option<PathBuf> {
    let here = Path::new("guichet.toml");
    let file = file.or_else(|| here.exists().then_some(here));
    file.map(Path::to_owned)
}

fn say(what: &str, config: &Config) {
    eprintln!(
        "guichet: on {what} (state folder {})",
        config.server.state.display()
    );
}

/// The configuration of a server: the file named, else the one in this folder, else the demonstration.
pub(super) fn to_serve(file: Option<&Path>, listen: Option<SocketAddr>) -> anyhow::Result<Config> {
    match named(file) {
        Some(file) => Ok(Config::load_with(&file, listen)?),
        None => demonstration(listen),
    }
}

fn demonstration(listen: Option<SocketAddr>) -> anyhow::Result<Config> {
    let folder = config::cache_folder("demonstration").context(
        "no folder for the demonstration: set HOME or XDG_CACHE_HOME, or name what to serve",
    )?;
    let path = demo::unpack(&folder.join("data"))?;
    let state = folder.join("var");
    Ok(Config::from_text(demo::CONFIG, &path, state, listen)?)
}
