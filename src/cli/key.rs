//! `guichet key`: keys. The text of one is printed once, when it is made; its hash alone is kept.

use std::collections::BTreeSet;

use anyhow::bail;
use clap::{Args, Subcommand};
use serde_json::json;

use super::desk::{At, Desk, list_of, shown, told_at};
use super::entries::{self, Verb};
use super::rule;
use super::whence::Work;
use crate::access::{
    Action, Change, Key, KeyId, KeyKind, KeyText, Name, OVERLAP_DAYS, Record, Scopes,
};

/// `guichet key`
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum KeyVerb {
    /// Make a key and print it, once
    Add {
        #[allow(missing_docs)]
        #[command(flatten)]
        new: NewKey,
        #[allow(missing_docs)]
        #[command(flatten)]
        at: At,
    },
    /// Make a key for the configuration: prints it, once, and on standard error the [[key]] block to paste; writes nothing
    New {
        #[allow(missing_docs)]
        #[command(flatten)]
        new: NewKey,
        #[allow(missing_docs)]
        #[command(flatten)]
        at: At,
    },
    /// Make the successor of a key and print it, once; both hold for some days
    Rotate {
        /// Id of the key
        id: KeyId,
        /// Days for which both hold, 30 at most
        #[arg(long, default_value_t = OVERLAP_DAYS, value_name = "DAYS", value_parser = clap::value_parser!(u8).range(0..=30))]
        overlap: u8,
        #[allow(missing_docs)]
        #[command(flatten)]
        at: At,
    },
    #[allow(missing_docs)]
    #[command(flatten)]
    Common(Verb),
}

/// `guichet key add`
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct NewKey {
    /// Whose it is
    #[arg(long, value_name = "ID")]
    pub organisation: String,
    /// Whose among the members
    #[arg(long, value_name = "ID")]
    pub member: Option<String>,
    /// What it is for
    #[arg(long)]
    pub label: String,
    /// For web pages, where everybody can read it
    #[arg(long)]
    pub browser: bool,
    /// Narrow it to these collections, with commas
    #[arg(long, value_name = "IDS")]
    pub layers: Option<String>,
    /// Narrow it to these actions, with commas: discover, tiles, items, export …
    #[arg(long, value_name = "WORDS")]
    pub actions: Option<String>,
    /// A profile that must hold besides
    #[arg(long, value_name = "ID")]
    pub profile: Option<String>,
    /// Last zoom of its tiles
    #[arg(long, value_name = "ZOOM")]
    pub max_zoom: Option<u8>,
    /// An origin from which browsers may use it; may be given several times
    #[arg(long = "origin", value_name = "URL")]
    pub origins: Vec<String>,
    /// A network from which it may be used, such as 192.0.2.0/24; may be given several times
    #[arg(long = "network", value_name = "NETWORK")]
    pub networks: Vec<String>,
    /// First day
    #[arg(long, value_name = "DAY")]
    pub from: Option<String>,
    /// Last day
    #[arg(long, value_name = "DAY")]
    pub until: Option<String>,
}

impl NewKey {
    fn key(self, desk: &Desk, text: &KeyText) -> anyhow::Result<Key> {
        let set =
            |text: &String| anyhow::Ok(list_of(text)?.into_iter().collect::<BTreeSet<String>>());
        let actions =
            |text: &String| anyhow::Ok(list_of(text)?.into_iter().collect::<BTreeSet<Action>>());
        Ok(Key {
            id: text.id(),
            sha256: text.sha256(),
            scopes: Scopes {
                layers: self.layers.as_ref().map(set).transpose()?,
                actions: self.actions.as_ref().map(actions).transpose()?,
                profile: self.profile,
                max_zoom: self.max_zoom,
            },
            from_us: desk.instant_of(self.from.as_deref(), false)?,
            until_us: desk.instant_of(self.until.as_deref(), true)?,
            organisation: self.organisation,
            member: self.member,
            label: self.label,
            kind: if self.browser {
                KeyKind::Browser
            } else {
                KeyKind::Secret
            },
            origins: self.origins.into_iter().collect(),
            networks: self.networks,
            replaced_by: None,
            revoked: false,
        })
    }
}

/// Carries out a verb.
pub(super) fn run(verb: KeyVerb) -> anyhow::Result<()> {
    match verb {
        KeyVerb::Common(verb) => entries::common(verb, "key"),
        KeyVerb::Add { new, at } => {
            let desk = Desk::open(&at, Work::Change)?;
            let text = generate()?;
            let key = new.key(&desk, &text)?;
            desk.change(&Change::Create(Record::Key(key)))?;
            print(&desk, &text, None)
        }
        KeyVerb::New { new, at } => {
            let desk = Desk::open(&at, Work::Look)?;
            let text = generate()?;
            let key = new.key(&desk, &text)?;
            Record::Key(key.clone())
                .check()
                .map_err(|refusal| anyhow::anyhow!(super::policy::explained(&refusal)))?;
            desk.print(
                &json!({ "key": text.reveal(), "block": block(&key) }),
                [text.reveal().to_owned()],
            )?;
            if !desk.json() {
                eprintln!(
                    "The line above is the key, for its holder alone: it is not shown again. What follows is for the configuration:\n\n{}",
                    block(&key)
                );
            }
            Ok(())
        }
        KeyVerb::Rotate { id, overlap, at } => rotate(&Desk::open(&at, Work::Rescue)?, id, overlap),
    }
}

/// Makes the text of a key.
pub(super) fn generate() -> anyhow::Result<KeyText> {
    let mut failed = None;
    let text = KeyText::generate(|bytes| {
        if let Err(e) = getrandom::fill(bytes) {
            // The loop that draws digits must end.
            bytes.fill(0);
            failed = Some(e);
        }
    });
    match failed {
        None => Ok(text),
        Some(e) => bail!("no random numbers: {e}"),
    }
}

fn print(desk: &Desk, text: &KeyText, old_until: Option<i64>) -> anyhow::Result<()> {
    let mut document = json!({ "id": text.id().to_string(), "key": text.reveal() });
    if let Some(until) = old_until {
        document["old_until"] = shown(until).into();
    }
    // Nothing but the key, so that it can go to a file or another program without being looked at.
    desk.print(&document, [text.reveal().to_owned()])?;
    if !desk.json() {
        eprintln!(
            "This is the only time that the key is shown; its id is {}.",
            text.id()
        );
        if let Some(until) = old_until {
            eprintln!("The old key holds until {}.", told_at(until));
        }
    }
    Ok(())
}

fn rotate(desk: &Desk, id: KeyId, overlap: u8) -> anyhow::Result<()> {
    let old = desk.stored()?.parts.keys.remove(&id);
    let Some(old) = old else {
        if desk.files.entry(&Name::Key(id)).is_some() {
            bail!(
                "key {id} stands in the configuration: `guichet key new` makes another one to paste"
            );
        }
        bail!("there is no key {id}; `guichet key list` shows those there are");
    };
    let text = generate()?;
    let new = Key {
        id: text.id(),
        sha256: text.sha256(),
        replaced_by: None,
        ..old.clone()
    };
    const DAY_US: i64 = 86_400 * 1_000_000;
    let overlap_until_us = rule::now_us() + i64::from(overlap) * DAY_US;
    desk.change(&Change::RotateKey {
        old: id,
        new: Box::new(new),
        overlap_until_us,
    })?;
    let until = old
        .until_us
        .map_or(overlap_until_us, |u| u.min(overlap_until_us));
    print(desk, &text, Some(until))
}

/// The block of a key in the configuration.
fn block(key: &Key) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let list = |texts: Vec<String>| {
        format!(
            "[{}]",
            texts
                .iter()
                .map(|t| quoted(t))
                .collect::<Vec<_>>()
                .join(", ")
        )
    };
    let mut lines = vec![
        "[[key]]".to_owned(),
        format!("id = {}", quoted(&key.id.to_string())),
        format!(
            "sha256 = {}",
            quoted(&blake3::Hash::from_bytes(key.sha256).to_hex())
        ),
        format!("organisation = {}", quoted(&key.organisation)),
    ];
    lines.extend(
        key.member
            .as_ref()
            .map(|m| format!("member = {}", quoted(m))),
    );
    lines.push(format!("label = {}", quoted(&key.label)));
    lines.push(format!("kind = {}", quoted(key.kind.word())));
    let scopes = &key.scopes;
    let mut narrowed = Vec::new();
    narrowed.extend(
        scopes
            .layers
            .as_ref()
            .map(|l| format!("layers = {}", list(l.iter().cloned().collect()))),
    );
    narrowed.extend(scopes.actions.as_ref().map(|a| {
        format!(
            "actions = {}",
            list(a.iter().map(ToString::to_string).collect())
        )
    }));
    narrowed.extend(
        scopes
            .profile
            .as_ref()
            .map(|p| format!("profile = {}", quoted(p))),
    );
    narrowed.extend(scopes.max_zoom.map(|z| format!("max_zoom = {z}")));
    if !narrowed.is_empty() {
        lines.push(format!("scopes = {{ {} }}", narrowed.join(", ")));
    }
    if !key.origins.is_empty() {
        lines.push(format!(
            "origins = {}",
            list(key.origins.iter().cloned().collect())
        ));
    }
    if !key.networks.is_empty() {
        lines.push(format!("networks = {}", list(key.networks.clone())));
    }
    lines.extend(key.from_us.map(|us| format!("from = {}", shown(us))));
    lines.extend(key.until_us.map(|us| format!("until = {}", shown(us))));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::config::Config;

    #[test]
    fn the_block_is_read_back() {
        let text = generate().unwrap();
        let key = Key {
            id: text.id(),
            organisation: "eau".to_owned(),
            member: Some("alice".to_owned()),
            label: "le \"poste\" d'Alice".to_owned(),
            sha256: text.sha256(),
            kind: KeyKind::Browser,
            scopes: Scopes {
                layers: Some(BTreeSet::new()),
                actions: Some(BTreeSet::from([Action::Tiles, Action::Discover])),
                profile: None,
                max_zoom: Some(9),
            },
            origins: BTreeSet::from(["https://carte.example.org".to_owned()]),
            networks: vec!["192.0.2.0/24".to_owned()],
            from_us: Some(1_700_000_000_000_000),
            until_us: Some(1_800_000_000_000_000),
            replaced_by: None,
            revoked: false,
        };
        let config = format!(
            "[[organisation]]\nid = 'eau'\n[[member]]\nid = 'alice'\norganisation = 'eau'\nrole = 'reader'\n{}",
            block(&key)
        );
        let path = Path::new("guichet.toml");
        let config = Config::from_text(&config, path, PathBuf::from("state"), None).unwrap();
        let files = super::super::policy::files(&config).unwrap();
        assert_eq!(files.parts().keys[&text.id()], key);
    }
}
