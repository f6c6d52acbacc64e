//! Reads a configuration file and the files it includes into one draft.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::basemap::{self, Basemap};
use super::document::Document;
use super::fault::{ConfigError, Fault};
use super::grant::{self, Grant};
use super::include;
use super::key::{self, Key};
use super::layer::{self, Layer};
use super::limits::{self, Limits};
use super::member::{self, Member};
use super::names::Names;
use super::organisation::{self, Organisation};
use super::platform::{self, Platform};
use super::profile::{self, Profile};
use super::server::{self, Server};
use super::state::beside;
use super::table::Table;
use super::terms::{self, TermsText};
use super::tokens::{self, Tokens};

/// Bytes of one configuration file: ten thousand layers take some 10 MB; a data file that was named by mistake is larger.
const FILE_BYTES_MAX: u64 = 32 << 20;
/// Files of one configuration: a pattern that matches a whole disk must end somewhere.
const FILES_MAX: usize = 10_000;
/// Files that include one another in a row: each costs stack, and nobody finds a setting below that.
const DEPTH_MAX: usize = 16;

/// What the files have said so far.
pub(super) struct Loader {
    pub(super) platform: Platform,
    pub(super) server: Server,
    pub(super) limits: Limits,
    pub(super) basemap: Basemap,
    pub(super) organisations: Vec<Organisation>,
    pub(super) layers: Vec<Layer>,
    pub(super) profiles: Vec<Profile>,
    pub(super) grants: Vec<Grant>,
    pub(super) members: Vec<Member>,
    pub(super) keys: Vec<Key>,
    pub(super) terms: Vec<TermsText>,
    pub(super) tokens: Option<Tokens>,
    /// The files, in the order in which they were read.
    pub(super) files: Vec<PathBuf>,
    /// The same, canonical: a file is read once, however many patterns match it.
    seen: Vec<PathBuf>,
    /// The files that are being read, each included by the one before.
    open: Vec<(PathBuf, PathBuf)>,
    pub(super) faults: Vec<Fault>,
    /// True if a file could not be read: what it defines is unknown, and uses of it are no faults.
    pub(super) broken: bool,
    pub(super) names: RefCell<Names>,
}

impl Loader {
    pub(super) fn new(state: PathBuf) -> Self {
        Self {
            platform: Platform::default(),
            server: Server::with_state(state),
            limits: Limits::default(),
            basemap: Basemap::default(),
            organisations: Vec::new(),
            layers: Vec::new(),
            profiles: Vec::new(),
            grants: Vec::new(),
            members: Vec::new(),
            keys: Vec::new(),
            terms: Vec::new(),
            tokens: None,
            files: Vec::new(),
            seen: Vec::new(),
            open: Vec::new(),
            faults: Vec::new(),
            broken: false,
            names: RefCell::default(),
        }
    }

    /// Reads the file and all that it includes.
    pub(super) fn read_root(&mut self, path: &Path) -> Result<(), ConfigError> {
        let text = read_text(path).map_err(|why| ConfigError::of_file(path, why))?;
        let canonical = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        self.read_file(path, canonical, text);
        Ok(())
    }

    /// Reads a text as if it were the file `path`, and all that it includes.
    pub(super) fn read_file(&mut self, path: &Path, canonical: PathBuf, text: String) {
        let root = self.open.is_empty();
        self.files.push(path.to_owned());
        self.seen.push(canonical.clone());
        self.open.push((path.to_owned(), canonical));
        let names = std::mem::take(&mut self.names);
        let document = Document::new(path, text, &names);
        let mut includes = Vec::new();
        if let Some(tree) = document.parse() {
            let table = Table::new(
                &document,
                "the file".to_owned(),
                tree.span(),
                tree.get_ref(),
            );
            includes = self.read_tables(table, root);
        } else {
            self.broken = true;
        }
        let faults = document.into_faults();
        self.faults.extend(faults);
        self.names = names;
        for (fault, file) in includes {
            self.include(fault, &file);
        }
        self.open.pop();
    }

    /// Reads every table of a file; returns the files it includes, each with the fault to report should it not be readable.
    fn read_tables(&mut self, t: Table<'_>, root: bool) -> Vec<(Fault, PathBuf)> {
        let file = t.doc.file().to_owned();
        let resolve = |path: &str| beside(&file, path);
        if root {
            self.read_settings(&t, &resolve);
        }
        let organisations = t
            .tables("organisation")
            .into_iter()
            .filter_map(organisation::read);
        self.organisations.extend(organisations);
        let deepest = self.limits.tile_max_zoom;
        let zone = self.platform.timezone.clone();
        let layers = t.tables("layer").into_iter();
        self.layers
            .extend(layers.filter_map(|t| layer::read(t, resolve, &zone, deepest)));
        let profiles = t.tables("profile").into_iter();
        self.profiles
            .extend(profiles.filter_map(|t| profile::read(t, deepest)));
        let grants = t.tables("grant").into_iter();
        self.grants
            .extend(grants.filter_map(|t| grant::read(t, &zone)));
        let members = t.tables("member").into_iter();
        self.members
            .extend(members.filter_map(|t| member::read(t, &zone)));
        let keys = t.tables("key").into_iter();
        self.keys
            .extend(keys.filter_map(|t| key::read(t, &zone, deepest)));
        let terms = t.tables("terms").into_iter();
        self.terms.extend(terms.filter_map(terms::read));
        let includes = read_includes(&t);
        t.finish_with(|key| {
            let setting = !root && ["platform", "server", "limits", "basemap", "tokens"].contains(&key);
            setting.then(|| format!(": [{key}] belongs in the file that the server is started with, not in an included one"))
        });
        includes
    }

    /// Reads the tables that only the first file has.
    fn read_settings(&mut self, t: &Table<'_>, resolve: &impl Fn(&str) -> PathBuf) {
        if let Some(t) = t.table("platform", "[platform]") {
            self.platform = platform::read(t);
        }
        if let Some(t) = t.table("server", "[server]") {
            self.server = server::read(t, resolve, self.server.clone());
        }
        if let Some(t) = t.table("limits", "[limits]") {
            self.limits = limits::read(t);
        }
        if let Some(t) = t.table("basemap", "[basemap]") {
            self.basemap = basemap::read(t, resolve);
        }
        if let Some(t) = t.table("tokens", "[tokens]") {
            self.tokens = tokens::read(t, resolve);
        }
    }

    /// Reads an included file, unless it was read before; `fault` is the place to blame.
    fn include(&mut self, fault: Fault, file: &Path) {
        let blame = |why: String| Fault {
            message: format!("\"include\": {why}"),
            ..fault
        };
        let canonical = file.canonicalize().unwrap_or_else(|_| file.to_owned());
        if self.open.iter().any(|(_, open)| *open == canonical) {
            let chain = self
                .open
                .iter()
                .map(|(name, _)| name.as_path())
                .chain([file]);
            let chain: Vec<String> = chain.map(|name| name.display().to_string()).collect();
            self.faults.push(blame(format!(
                "the files include each other: {}",
                chain.join(" → ")
            )));
            return;
        }
        if self.seen.contains(&canonical) {
            return;
        }
        if self.files.len() >= FILES_MAX || self.open.len() >= DEPTH_MAX {
            self.faults.push(blame(format!(
                "more than {FILES_MAX} files, or more than {DEPTH_MAX} that include one another, are refused"
            )));
            return;
        }
        match read_text(file) {
            Ok(text) => self.read_file(file, canonical, text),
            Err(why) => {
                self.broken = true;
                self.faults.push(blame(format!("{} {why}", file.display())));
            }
        }
    }
}

fn read_includes(t: &Table<'_>) -> Vec<(Fault, PathBuf)> {
    let mut files = Vec::new();
    for node in t.get("include").and_then(|n| n.list()).unwrap_or_default() {
        let Some(pattern) = node.string() else {
            continue;
        };
        match include::expand(t.doc.file(), &pattern) {
            Ok(found) => files.extend(found.into_iter().map(|file| {
                let fault = Fault {
                    place: node.place(),
                    message: String::new(),
                };
                (fault, file)
            })),
            Err(why) => node.fault(format!("\"include\": {why}")),
        }
    }
    files
}

/// The text of a file. One byte more than the ceiling is asked for, so that a file that grows meanwhile is refused too.
pub(super) fn read_text(path: &Path) -> Result<String, String> {
    let cannot = |e: std::io::Error| format!("cannot be read: {e}");
    if fs::metadata(path).map_err(cannot)?.is_dir() {
        return Err("is a folder: name the configuration file in it".to_owned());
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(cannot)?;
    file.take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(cannot)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(format!(
            "is larger than {FILE_BYTES_MAX} bytes: is it a configuration file?"
        ));
    }
    let text = String::from_utf8(bytes).map_err(|_| "is not UTF-8 text".to_owned())?;
    // Editors of some systems begin a file with a byte order mark.
    Ok(text
        .strip_prefix('\u{feff}')
        .map(str::to_owned)
        .unwrap_or(text))
}
