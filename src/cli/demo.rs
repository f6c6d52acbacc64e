//! The demonstration: the files of `data/`, embedded in the binary and unpacked into the user's cache directory.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// The configuration of the demonstration.
pub(super) const CONFIG: &str = include_str!("../../data/guichet.toml");

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../data/", $name)))),*]
    };
}

/// The layers that it names.
const FILES: &[(&str, &[u8])] = files![
    "adresses.fgb",
    "bassins-communaux-paca.fgb",
    "canalisations.fgb",
    "capteurs.fgb",
    "communes-paca-points.geojson",
    "departements-paca.geojson",
    "parcelles.fgb",
];

/// The background of its maps, which the configuration names as `../styles/…`.
const STYLE: (&str, &[u8]) = (
    "provence.json",
    include_bytes!("../../styles/provence.json"),
);

/// Unpacks the demonstration below `folder`; gives the path where its configuration would stand. Files that are there already and hold
/// the same bytes are left alone, so that their snapshots stay good.
pub(super) fn unpack(folder: &Path) -> anyhow::Result<PathBuf> {
    fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    for (name, bytes) in FILES {
        keep(folder, name, bytes)?;
    }
    let styles = folder.with_file_name("styles");
    keep(&styles, STYLE.0, STYLE.1)?;
    Ok(folder.join("guichet.toml"))
}

fn keep(folder: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let path = folder.join(name);
    if fs::read(&path).is_ok_and(|old| old == *bytes) {
        return Ok(());
    }
    fs::create_dir_all(folder)
        .and_then(|()| write(folder, &path, bytes))
        .with_context(|| format!("{} cannot be written", path.display()))
}

fn write(folder: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}
