//! The state folder of a server that has no configuration file: in the user's cache directory, never among the data.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A folder for `name` in the user's cache directory; `None` if the environment does not tell where that is.
pub fn cache_folder(name: &str) -> Option<PathBuf> {
    Some(
        cache_home(|key| env::var_os(key))?
            .join("guichet")
            .join(name),
    )
}

/// The name of the state folder for a set of paths: two servers of different folders must not share a lock, the same folder must find
/// its snapshots again.
pub(super) fn name_of(paths: &[PathBuf]) -> String {
    let mut hasher = blake3::Hasher::new();
    for path in paths {
        let absolute = path.canonicalize().or_else(|_| std::path::absolute(path));
        let path = absolute.as_deref().unwrap_or(path);
        hasher.update(path.as_os_str().as_encoded_bytes());
        hasher.update(&[0]);
    }
    format!("paths-{}", &hasher.finalize().to_hex()[..16])
}

/// The XDG base directory specification, then the habits of macOS and Windows. Relative values are ignored, as the specification asks.
fn cache_home(var: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |key: &str| var(key).map(PathBuf::from).filter(|p| p.is_absolute());
    let in_home = |below: &str| folder("HOME").map(|home| home.join(below));
    let system = if cfg!(target_os = "macos") {
        in_home("Library/Caches")
    } else if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else {
        in_home(".cache")
    };
    folder("XDG_CACHE_HOME").or(system)
}

/// `path` as seen from the folder of `file`.
pub(super) fn beside(file: &Path, path: &str) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).join(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_directory_follows_the_environment() {
        let home = |key: &str| (key == "HOME").then(|| OsString::from("/home/u"));
        let xdg = |key: &str| (key == "XDG_CACHE_HOME").then(|| OsString::from("/c"));
        let relative = |key: &str| (key == "XDG_CACHE_HOME").then(|| OsString::from("c"));
        assert!(cache_home(home).unwrap().starts_with("/home/u"));
        assert_eq!(cache_home(xdg), Some(PathBuf::from("/c")));
        assert_eq!(cache_home(relative), None);
        assert_eq!(cache_home(|_| None), None);
    }

    #[test]
    fn each_set_of_paths_has_its_own_state() {
        let (a, b) = (PathBuf::from("/a"), PathBuf::from("/b"));
        assert_eq!(
            name_of(std::slice::from_ref(&a)),
            name_of(&[PathBuf::from("/a")])
        );
        assert_ne!(name_of(std::slice::from_ref(&a)), name_of(&[a, b]));
    }

    #[test]
    fn paths_are_relative_to_their_file() {
        assert_eq!(beside(Path::new("a/g.toml"), "x.fgb"), Path::new("a/x.fgb"));
        assert_eq!(beside(Path::new("g.toml"), "/x.fgb"), Path::new("/x.fgb"));
    }
}
