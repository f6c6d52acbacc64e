//! Serving without a configuration: every layer of the folders and files named, open to all.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::publish::Plan;
use crate::catalog::{Access, Publication};
use crate::ingest::{self, Format, IngestLimits, SourceSpec};
use crate::model::metadata::Metadata;

/// Folders below this depth are not searched: a wrong path must not read a whole disk.
const MAX_DEPTH: usize = 4;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) plans: Vec<Plan>,
    /// Files of folders that are no layer after all.
    pub(super) skipped: Vec<Skipped>,
}

/// A file of a folder that is no layer after all.
#[derive(Debug)]
pub(super) struct Skipped {
    pub(super) path: PathBuf,
    /// In words, the path among them.
    pub(super) reason: String,
    /// Its name promises a layer: that it is none is a fault.
    pub(super) fault: bool,
}

/// What has been taken so far.
#[derive(Default)]
struct Taken {
    ids: BTreeSet<String>,
    /// Canonical paths: a file is served once, however many links lead to it.
    files: BTreeSet<PathBuf>,
}

/// The layers of `paths`, in the order of their names. A file that was named itself must be readable; one that was found in a folder may
/// turn out to be something else.
pub(super) fn discover(
    paths: &[PathBuf],
    limits: &IngestLimits,
    most: u64,
) -> anyhow::Result<Found> {
    let mut found = Found::default();
    let mut taken = Taken::default();
    for path in paths {
        let metadata =
            fs::metadata(path).with_context(|| format!("{} cannot be read", path.display()))?;
        if metadata.is_dir() {
            refuse_configured(path)?;
            let mut files = Vec::new();
            search(path, 0, &mut files)?;
            // Of a file and the links to it, the shortest path names the layer.
            files.sort_by_cached_key(|f| (f.components().count(), f.clone()));
            for file in files {
                let added = if is_other_json(&file) {
                    Err(anyhow::anyhow!("{}: another kind of JSON", file.display()))
                } else {
                    add(&file, limits, &mut taken, &mut found)
                };
                if let Err(e) = added {
                    found.skipped.push(Skipped {
                        fault: promises_layer(&file),
                        reason: format!("{e:#}"),
                        path: file,
                    });
                }
            }
        } else {
            add(path, limits, &mut taken, &mut found)?;
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
    refuse_configuration_in(folder)?;
    let entries = fs::read_dir(folder)
        .with_context(|| format!("the folder {} cannot be read", folder.display()))?;
    for entry in entries {
        let entry =
            entry.with_context(|| format!("the folder {} cannot be read", folder.display()))?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let is_folder = path.is_dir();
        let is_wanted = is_folder || Format::is_candidate(&path);
        if is_wanted && path.is_symlink() {
            // What a link leads to may lie below another configuration.
            refuse_configured(&path)?;
        }
        if is_folder {
            if depth < MAX_DEPTH {
                search(&path, depth + 1, files)?;
            }
        } else if is_wanted {
            files.push(path);
        }
    }
    Ok(())
}

/// Refuses a path that has a configuration above it: what that says of the folder would be undone.
fn refuse_configured(path: &Path) -> anyhow::Result<()> {
    // A link that leads nowhere is told when it is opened.
    let Ok(real) = fs::canonicalize(path) else {
        return Ok(());
    };
    real.ancestors()
        .skip(1)
        .try_for_each(refuse_configuration_in)
}

/// A folder with a configuration says who may see what; serving it open to all would undo that.
fn refuse_configuration_in(folder: &Path) -> anyhow::Result<()> {
    let config = folder.join("guichet.toml");
    if !config.exists() {
        return Ok(());
    }
    let config = config.display();
    bail!(
        "{config} says who may see which layer of its folder and of those below: serve it with --config {config}, \
         name single files, or copy what is open to a folder outside"
    );
}

/// True for a name that only layers have, unlike `.json`.
fn promises_layer(path: &Path) -> bool {
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let extension = name.rsplit_once('.').map_or("", |(_, e)| e);
    extension == "fgb" || extension == "gpkg" || extension.starts_with("geojson")
}

/// Bytes of a `.json` file that are looked at: GeoJSON says what it is long before.
const JSON_HEAD: u64 = 64 << 10;

/// True for a `.json` file of a folder that holds something else: settings, a style, a list.
fn is_other_json(path: &Path) -> bool {
    use std::io::Read as _;
    let named = path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("json"));
    if !named || !path.is_file() {
        return false;
    }
    let mut head = Vec::new();
    let read = fs::File::open(path).and_then(|f| f.take(JSON_HEAD).read_to_end(&mut head));
    let text = String::from_utf8_lossy(&head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let words = [
        "\"Feature",
        "\"features\"",
        "\"coordinates\"",
        "\"geometries\"",
    ];
    read.is_ok() && text.starts_with(['{', '[']) && !words.iter().any(|w| text.contains(w))
}

fn add(
    path: &Path,
    limits: &IngestLimits,
    taken: &mut Taken,
    found: &mut Found,
) -> anyhow::Result<()> {
    let unreadable = || format!("{} cannot be read", path.display());
    let real = fs::canonicalize(path).with_context(unreadable)?;
    // Opening a pipe waits for somebody to write into it.
    if !fs::metadata(&real).with_context(unreadable)?.is_file() {
        bail!(
            "{} is no regular file: name a file that holds data",
            path.display()
        );
    }
    if !taken.files.insert(real) {
        return Ok(());
    }
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
        let id = unused(&slug(&title), &mut taken.ids);
        found.plans.push(Plan {
            publication: Publication {
                id,
                access: Access::Open,
                metadata: Metadata {
                    title,
                    ..Metadata::default()
                },
                ..Publication::default()
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

    const POINT: &str = r#"{"type":"Point","coordinates":[5,43]}"#;

    fn found_in(folder: &Path) -> anyhow::Result<Found> {
        discover(&[folder.to_owned()], &IngestLimits::default(), 100)
    }

    #[test]
    fn a_configuration_above_the_folder_is_respected() {
        let root = tempfile::tempdir().unwrap();
        let (inner, outer) = (root.path().join("owned/inner"), root.path().join("free"));
        fs::create_dir_all(&inner).unwrap();
        fs::create_dir(&outer).unwrap();
        let secret = inner.join("secret.geojson");
        fs::write(&secret, POINT).unwrap();
        fs::write(outer.join("open.geojson"), POINT).unwrap();
        assert_eq!(found_in(&inner).unwrap().plans.len(), 1);
        fs::write(root.path().join("owned/guichet.toml"), "").unwrap();
        let refusal = found_in(&inner).unwrap_err().to_string();
        assert!(refusal.contains("owned/guichet.toml"), "{refusal}");
        assert!(refusal.contains("--config"), "{refusal}");
        assert_eq!(found_in(&outer).unwrap().plans.len(), 1);
        std::os::unix::fs::symlink(&secret, outer.join("link.geojson")).unwrap();
        assert!(found_in(&outer).is_err());
        let named = discover(&[secret], &IngestLimits::default(), 100);
        assert_eq!(named.unwrap().plans.len(), 1);
    }

    #[test]
    fn a_file_is_served_once_whatever_leads_to_it() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("a.geojson");
        fs::write(&file, POINT).unwrap();
        std::os::unix::fs::symlink(root.path(), root.path().join("again")).unwrap();
        std::os::unix::fs::symlink(&file, root.path().join("z.geojson")).unwrap();
        let found = found_in(root.path()).unwrap();
        let ids: Vec<&str> = found.plans.iter().map(|p| &*p.publication.id).collect();
        assert_eq!(ids, ["a"]);
    }

    #[test]
    fn a_pipe_is_skipped_without_waiting() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("a.geojson"), POINT).unwrap();
        let pipe = root.path().join("b.geojson");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let found = found_in(root.path()).unwrap();
        assert_eq!(found.plans.len(), 1);
        assert!(found.skipped[0].reason.contains("no regular file"));
        assert!(discover(&[pipe], &IngestLimits::default(), 100).is_err());
    }
}
