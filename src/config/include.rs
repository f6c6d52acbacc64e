//! `include`: which files a list of patterns means.

use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};

use super::state::beside;

/// A star crosses no folder and, as in a shell, no hidden file.
const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

/// The files that `pattern` of the configuration file `from` means, sorted by path: a file, the `*.toml` of a folder, or whatever a
/// glob matches. A glob may match nothing, its folder must exist: a folder that was misspelt would be dropped in silence.
pub(super) fn expand(from: &Path, pattern: &str) -> Result<Vec<PathBuf>, String> {
    let path = beside(from, pattern);
    if path.is_file() {
        return Ok(vec![path]);
    }
    if path.is_dir() {
        return matches(&Pattern::escape(&text(&path)?), "*.toml");
    }
    let wild = |c: char| matches!(c, '*' | '?' | '[');
    let Some(first) = pattern.find(wild) else {
        return Err(format!("{} does not exist", path.display()));
    };
    let fixed = pattern[..first]
        .rfind('/')
        .map_or("", |slash| &pattern[..=slash]);
    let folder = beside(from, fixed);
    // `Path::new("")` is the current folder.
    if !folder.as_os_str().is_empty() && !folder.is_dir() {
        return Err(format!("the folder {} does not exist", folder.display()));
    }
    matches(&Pattern::escape(&text(&folder)?), &pattern[fixed.len()..])
}

fn text(path: &Path) -> Result<String, String> {
    let text = path.to_str().map(str::to_owned);
    text.ok_or_else(|| format!("the path {} is not UTF-8", path.display()))
}

fn matches(folder: &str, pattern: &str) -> Result<Vec<PathBuf>, String> {
    let whole = match folder {
        "" => pattern.to_owned(),
        folder => format!("{}/{pattern}", folder.trim_end_matches('/')),
    };
    let entries =
        glob::glob_with(&whole, OPTIONS).map_err(|e| format!("not a pattern: {}", e.msg))?;
    let mut files = Vec::new();
    for entry in entries {
        let path =
            entry.map_err(|e| format!("{} cannot be read: {}", e.path().display(), e.error()))?;
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        root
    }

    fn names(root: &Path, pattern: &str) -> Result<Vec<String>, String> {
        let files = expand(&root.join("guichet.toml"), pattern)?;
        let relative = |f: PathBuf| f.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        Ok(files.into_iter().map(relative).collect())
    }

    #[test]
    fn globs_files_and_folders_are_sorted_and_relative() {
        let root = folder(&[
            "orgs/b.toml",
            "orgs/a.toml",
            "orgs/.hidden.toml",
            "orgs/note.md",
            "orgs/sub/c.toml",
            "one.toml",
        ]);
        let root = root.path();
        assert_eq!(
            names(root, "orgs/*.toml").unwrap(),
            ["orgs/a.toml", "orgs/b.toml"]
        );
        assert_eq!(names(root, "orgs").unwrap(), ["orgs/a.toml", "orgs/b.toml"]);
        assert_eq!(
            names(root, "orgs/").unwrap(),
            ["orgs/a.toml", "orgs/b.toml"]
        );
        assert_eq!(names(root, "orgs/*/c.toml").unwrap(), ["orgs/sub/c.toml"]);
        assert_eq!(names(root, "one.toml").unwrap(), ["one.toml"]);
        assert_eq!(names(root, "o?e.toml").unwrap(), ["one.toml"]);
        assert!(names(root, "orgs/z*.toml").unwrap().is_empty());
    }

    #[test]
    fn what_does_not_exist_is_said() {
        let root = folder(&["orgs/a.toml"]);
        assert!(
            names(root.path(), "org/*.toml")
                .unwrap_err()
                .contains("does not exist")
        );
        assert!(
            names(root.path(), "two.toml")
                .unwrap_err()
                .contains("does not exist")
        );
        assert!(
            names(root.path(), "orgs/[.toml")
                .unwrap_err()
                .contains("not a pattern")
        );
    }

    #[test]
    fn brackets_in_the_folder_are_letters() {
        let root = folder(&["[x]/orgs/a.toml"]);
        let inner = root.path().join("[x]");
        assert_eq!(names(&inner, "orgs/*.toml").unwrap(), ["orgs/a.toml"]);
    }
}
