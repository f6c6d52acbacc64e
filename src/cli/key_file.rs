//! The file of an identity provider's keys: read at the start, at each reload, and whenever it changes, so that whoever fetches it (a
//! timer with `curl`) need tell nobody.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, bail};

use super::fetch::KEY_SET_BYTES_MAX;
use crate::access::TokenKeys;

/// A file of keys, and what it was when they were read.
pub(super) struct KeyFile {
    path: PathBuf,
    /// What the file was when it was last looked at, whether or not it could be read; `Some(None)` if it was not there.
    #[expect(
        clippy::option_option,
        reason = "not looked at is not the same as not there"
    )]
    seen: Option<Option<Stamp>>,
}

#[derive(PartialEq, Eq)]
struct Stamp(Option<SystemTime>, u64);

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self(metadata.modified().ok(), metadata.len()))
    }
}

impl KeyFile {
    /// The file at that path; nothing has been read yet.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, seen: None }
    }

    /// Its keys, if it changed since it was looked at. What is wrong with it is said once.
    pub(super) fn look(&mut self) -> anyhow::Result<Option<TokenKeys>> {
        let stamp = Stamp::of(&self.path);
        if self.seen.as_ref() == Some(&stamp) {
            return Ok(None);
        }
        let name = || format!("tokens.jwks: {}", self.path.display());
        let too_long = stamp.as_ref().is_some_and(|s| s.1 > KEY_SET_BYTES_MAX);
        self.seen = Some(stamp);
        if too_long {
            bail!("{}: more than {KEY_SET_BYTES_MAX} bytes", name());
        }
        let text = fs::read(&self.path).with_context(name)?;
        let keys = TokenKeys::parse(&text).with_context(name)?;
        Ok(Some(keys))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

    #[test]
    fn the_keys_are_read_whenever_the_file_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        let mut file = KeyFile::new(path.clone());
        assert!(file.look().is_err());
        fs::write(&path, SET).unwrap();
        assert!(!file.look().unwrap().unwrap().is_empty());
        assert!(file.look().unwrap().is_none());
        fs::write(&path, format!("{SET} ")).unwrap();
        assert!(file.look().unwrap().is_some());
        fs::write(&path, "{}").unwrap();
        assert!(file.look().is_err());
        // Said once, until it changes again.
        assert!(file.look().unwrap().is_none());
        fs::write(&path, SET).unwrap();
        assert!(file.look().unwrap().is_some());
    }
}
