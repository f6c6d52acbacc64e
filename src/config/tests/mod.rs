//! Whole configurations, right and wrong.

mod demonstration;
mod includes;
mod keys;
mod people;
mod references;
mod values;
mod whole;

use std::fs;
use std::path::{Path, PathBuf};

use super::{Config, ConfigError};

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::from_text(
        text,
        Path::new("guichet.toml"),
        PathBuf::from("state"),
        None,
    )
}

/// The faults of a text, each as it is printed.
fn faults(text: &str) -> Vec<String> {
    let error = parse(text).expect_err("the configuration is faulty");
    error.to_string().lines().map(str::to_owned).collect()
}

/// The one fault of a text.
fn fault(text: &str) -> String {
    let mut all = faults(text);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

/// The faults of `guichet.toml` in a folder, with paths relative to it.
fn faults_in(root: &Path) -> Vec<String> {
    let error = Config::load(&root.join("guichet.toml")).expect_err("the configuration is faulty");
    let prefix = format!("{}/", root.display());
    let text = error.to_string().replace(&prefix, "");
    text.lines().map(str::to_owned).collect()
}

fn open_layer(id: &str) -> String {
    format!("[[layer]]\nid = \"{id}\"\nsource = \"{id}.fgb\"\naccess = \"open\"\n")
}

const PROFILE: &str = "[[profile]]\nid = \"p\"\nrows = \"TRUE\"\nattributes = \"*\"\n";
