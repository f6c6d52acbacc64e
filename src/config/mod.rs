//! The configuration file `guichet.toml`, parsed into plain values.
//!
//! Everything is read, checked and located before anything is used: an unknown key, a value of the wrong type, an id given
//! twice or a reference to nothing refuses the configuration whole, with every fault named by its file and line. Only `main` and
//! `cli` read this; they hand plain values to the floors.
//!
//! A table is read by asking for its keys (`table.rs`); what nobody asked for is unknown. So the keys of a table stand in one
//! place: the function that reads it.

mod agree;
mod area;
mod basemap;
mod document;
mod fault;
mod field;
mod grant;
mod include;
mod key;
mod layer;
mod limits;
mod load;
mod member;
mod names;
mod network;
mod node;
mod organisation;
mod platform;
mod profile;
mod salvage;
mod server;
mod size;
mod source;
mod state;
mod suggest;
mod table;
mod terms;
#[cfg(test)]
mod tests;
mod tokens;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

pub use area::Area;
pub use basemap::Basemap;
pub use fault::{ConfigError, Fault, Place};
pub use field::{Field, FieldType};
pub use grant::{Action, Grant, Subject};
pub use key::{Key, KeyKind, Scopes};
pub use layer::{Access, Discovery, Layer, LayerState, Tiles};
pub use limits::Limits;
pub use member::{Member, Role};
pub use names::{Guest, is_id};
pub use network::{Network, parse_listen};
pub use organisation::Organisation;
pub use platform::{Language, Platform};
pub use profile::{Aggregate, AreaMode, Attributes, Derived, Precision, Profile, ProfileArea};
pub use server::{DEFAULT_LISTEN, Server};
pub use source::Source;
pub use state::cache_folder;
pub use terms::TermsText;
pub use tokens::{KeySet, Tokens};

use load::Loader;

/// A whole configuration. Every id is unique, every reference has its definition.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The files it was read from, the first first; empty if there was none.
    pub files: Vec<PathBuf>,
    /// The instance.
    pub platform: Platform,
    /// The process.
    pub server: Server,
    /// The ceilings.
    pub limits: Limits,
    /// The background of the pages' maps.
    pub basemap: Basemap,
    /// Publishers and partners, in the order of the files.
    pub organisations: Vec<Organisation>,
    /// Owners of layers that none of the files defines.
    pub guests: Vec<Guest>,
    /// Data sets, in the order of the files.
    pub layers: Vec<Layer>,
    /// Named restrictions, in the order of the files.
    pub profiles: Vec<Profile>,
    /// Permissions, in the order of the files.
    pub grants: Vec<Grant>,
    /// Who acts for organisations, in the order of the files.
    pub members: Vec<Member>,
    /// Keys, in the order of the files.
    pub keys: Vec<Key>,
    /// Terms of use, in the order of the files.
    pub terms: Vec<TermsText>,
    /// The identity provider whose tokens are believed.
    pub tokens: Option<Tokens>,
}

impl Config {
    /// Reads a configuration file and the files it includes.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        Self::load_with(path, None)
    }

    /// The same; `listen`, if given, takes the place of the file's address before that is checked against `url`.
    pub fn load_with(path: &Path, listen: Option<SocketAddr>) -> Result<Self, ConfigError> {
        let mut loader = Loader::new(state::beside(path, "var"));
        loader.read_root(path)?;
        Self::assemble(loader, listen)
    }

    /// Reads a configuration from memory. `path` stands in faults, and relative paths start from its folder; `state` is the state
    /// folder where the text names none.
    pub fn from_text(
        text: &str,
        path: &Path,
        state: PathBuf,
        listen: Option<SocketAddr>,
    ) -> Result<Self, ConfigError> {
        let mut loader = Loader::new(state);
        loader.read_file(path, path.to_owned(), text.to_owned());
        Self::assemble(loader, listen)
    }

    /// The configuration of a server that has none and serves `paths`: defaults, no organisation, no layer of its own. The state
    /// lies in the user's cache directory, one folder for each set of paths.
    pub fn for_paths(paths: &[PathBuf], listen: Option<SocketAddr>) -> Result<Self, ConfigError> {
        let Some(state) = cache_folder(&state::name_of(paths)) else {
            return Err(ConfigError::of_file(
                Path::new(""),
                "no folder for the server's state: set HOME or XDG_CACHE_HOME, or write a guichet.toml with state under [server]",
            ));
        };
        Self::assemble(Loader::new(state), listen)
    }

    /// What can be read of a faulty configuration, and its faults: for commands that need its store and little else. An error if nobody can
    /// tell where that is.
    pub fn salvage(path: &Path) -> Result<(Self, ConfigError), ConfigError> {
        let default = state::beside(path, "var");
        let mut loader = Loader::new(default.clone());
        let text = load::read_text(path).map_err(|why| ConfigError::of_file(path, why))?;
        let named = salvage::state_of(&text).map_err(|why| ConfigError::of_file(path, why))?;
        loader.read_root(path)?;
        loader.server.state = named.map_or(default, |folder| state::beside(path, &folder));
        let faults = Self::faults(&mut loader, None);
        let faults = ConfigError::new(faults, &loader.files);
        Ok((Self::build(loader), faults))
    }

    /// Checks what concerns several tables, and builds the whole.
    fn assemble(mut loader: Loader, listen: Option<SocketAddr>) -> Result<Self, ConfigError> {
        let faults = Self::faults(&mut loader, listen);
        if !faults.is_empty() {
            return Err(ConfigError::new(faults, &loader.files));
        }
        Ok(Self::build(loader))
    }

    fn faults(loader: &mut Loader, listen: Option<SocketAddr>) -> Vec<Fault> {
        loader.server.listen = listen.unwrap_or(loader.server.listen);
        if !loader.broken {
            let unresolved = loader.names.borrow().unresolved();
            loader.faults.extend(unresolved);
        }
        let mut faults = std::mem::take(&mut loader.faults);
        faults.extend(agree::faults(loader));
        faults.extend(unreachable_base(loader));
        faults.extend(closed_background(loader));
        faults
    }

    fn build(loader: Loader) -> Self {
        Self {
            guests: loader.names.borrow().guests(),
            files: loader.files,
            platform: loader.platform,
            server: loader.server,
            limits: loader.limits,
            basemap: loader.basemap,
            organisations: loader.organisations,
            layers: loader.layers,
            profiles: loader.profiles,
            grants: loader.grants,
            members: loader.members,
            keys: loader.keys,
            terms: loader.terms,
            tokens: loader.tokens,
        }
    }
}

/// Links that others follow need a public address: that of the socket is only right on this machine, and the `Host` that a caller
/// sends must not be believed.
fn unreachable_base(loader: &Loader) -> Option<Fault> {
    let listen = loader.server.listen;
    if loader.platform.url.is_some() || listen.ip().to_canonical().is_loopback() {
        return None;
    }
    let file = loader.files.first().map_or(Path::new(""), PathBuf::as_path);
    Some(Fault {
        place: Place::whole(file),
        message: format!(
            "on {listen} others can reach the server, and its links need a public address: \
             set url under [platform] in the configuration, or listen on 127.0.0.1"
        ),
    })
}

/// The background of pages that everybody may open consists of layers that everybody may see.
fn closed_background(loader: &Loader) -> Vec<Fault> {
    let Basemap::Layers(background) = &loader.basemap else {
        return Vec::new();
    };
    let layers = loader.layers.iter();
    let closed =
        layers.filter(|l| l.access == Access::Restricted && background.contains(&l.collection));
    let fault = |layer: &Layer| Fault {
        place: layer.place.clone(),
        message: format!(
            "the restricted layer {:?} cannot be part of [basemap]",
            layer.collection
        ),
    };
    closed.map(fault).collect()
}
