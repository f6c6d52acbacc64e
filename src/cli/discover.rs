//! Serving without a configuration: every layer of the folders and files named, open to all.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::publish::Plan;
use crate::catalog::{Access, Publication, TileSettings};
use crate::ingest::{self, Format, IngestLimits, SourceSpec};
use crate::model::metadata::Metadata;

/// Folders below this depth are not searched: a wrong path must not read a whole disk.
const MAX_DEPTH: usize = 4;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) plans: Vec<Plan>,
    /// Files that are no layer after all, with the reason.
    pub(super) skipped: Vec<String>,
}

/// The layers of `paths`, in the order of their names. A file that was named itself must be readable; one that was found in a folder may
/// turn out to be something else.
pub(super) fn discover(
    paths: &[PathBuf],
    limits: &IngestLimits,
    most: u64,
) -> anyhow::Result<Found> {
    let mut found = Found::default();
    let mut ids = BTreeSet::new();
    for path in paths {
        let metadata =
            fs::metadata(path).with_context(|| format!("{} cannot be read", path.display()))?;
        if metadata.is_dir() {
            let mut files = Vec::new();
            search(path, 0, &mut files)?;
            files.sort();
            for file in files {
                if let Err(e) = add(&file, limits, &mut ids, &mut found) {
                    found.skipped.push(e.to_string());
                }
            }
        } else {
            add(path, limits, &mut ids, &mut found)?;
        }
        if found.plans.len() as u64 > most {
            bail!(
                "{} holds more than {most} layers; raise limits.layers in a configuration if that is meant",
                path.display()
            );
        }
    }
    if found.plans.is_empty() {
        let names: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
        bail!(
            "no layer was found in {}: put FlatGeobuf, GeoJSON or GeoPackage files there, or name them",
            names.join(", ")
        );
    }
    Ok(found)
}

fn search(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    // A folder with a configuration says who may see what; serving it open to all would undo that.
    let config = folder.join("guichet.toml");
    if config.exists() {
        bail!(
            "{} says who may see which layer of its folder: serve it with --config {}, or name single files",
            config.display(),
            config.display()
        );
    }
    let entries = fs::read_dir(folder)
        .with_context(|| format!("the folder {} cannot be read", folder.display()))?;
    for entry in entries {
        let entry =
            entry.with_context(|| format!("the folder {} cannot be read", folder.display()))?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() {
            if depth < MAX_DEPTH {
                search(&path, depth + 1, files)?;
            }
        } else if Format::is_candidate(&path) {
            files.push(path);
        }
    }
    Ok(())
}

fn add(
    path: &Path,
    limits: &IngestLimits,
    ids: &mut BTreeSet<String>,
    found: &mut Found,
) -> anyhow::Result<()> {
    let names = ingest::layer_names(path, limits)?;
    let stem = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let stem = stem.strip_suffix(".gz").unwrap_or(&stem);
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    let lone = names.len() == 1;
    for name in names {
        let title = match &name {
            Some(name) if !lone => format!("{stem} – {name}"),
            _ => stem.to_owned(),
        };
        let id = unused(&slug(&title), ids);
        found.plans.push(Plan {
            publication: Publication {
                id,
                organisation: None,
                access: Access::Open,
                metadata: Metadata {
                    title,
                    ..Metadata::default()
                },
                time: None,
                tiles: TileSettings::default(),
            },
            source: SourceSpec {
                path: path.to_owned(),
                layer: name,
                ..SourceSpec::default()
            },
            feature_id: None,
            fields: Vec::new(),
        });
    }
    Ok(())
}

/// An id out of a file's name: lower-case ASCII letters and digits, the rest as single hyphens.
fn slug(text: &str) -> String {
    let mut id = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        match unaccented(c) {
            c if c.is_ascii_alphanumeric() || (c == '_' && !id.is_empty()) => id.push(c),
            _ if !id.is_empty() && !id.ends_with('-') => id.push('-'),
            _ => {}
        }
    }
    let id = id.trim_end_matches('-');
    if id.is_empty() {
        "layer".to_owned()
    } else {
        id.to_owned()
    }
}

/// The letters of French file names without their accents.
fn unaccented(c: char) -> char {
    match c {
        'à' | 'â' | 'ä' => 'a',
        'ç' => 'c',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' => 'i',
        'ô' | 'ö' => 'o',
        'ù' | 'û' | 'ü' => 'u',
        c => c,
    }
}

fn unused(id: &str, ids: &mut BTreeSet<String>) -> String {
    let mut candidate = id.to_owned();
    let mut n = 2;
    while !ids.insert(candidate.clone()) {
        candidate = format!("{id}-{n}");
        n += 1;
    }
    candidate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_from_names() {
        assert_eq!(slug("Réseau d'eau (2024)"), "reseau-d-eau-2024");
        assert_eq!(slug("communes_paca"), "communes_paca");
        assert_eq!(slug("日本"), "layer");
    }

    #[test]
    fn names_alike_stay_apart() {
        let mut ids = BTreeSet::new();
        assert_eq!(unused("a", &mut ids), "a");
        assert_eq!(unused("a", &mut ids), "a-2");
        assert_eq!(unused("a", &mut ids), "a-3");
    }
}
