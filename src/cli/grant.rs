//! `guichet grant`: who may do what with which layers, until when.

use clap::{Args, Subcommand};

use super::desk::{At, Desk, list_of};
use super::effect;
use super::entries::{self, Verb};
use super::whence::Work;
use crate::access::{Action, Change, Grant, Record, Subject, Terms};

/// `guichet grant`
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum GrantVerb {
    /// Make one; says first what it would change
    Add {
        #[allow(missing_docs)]
        #[command(flatten)]
        new: NewGrant,
        /// Say what it would change, and change nothing
        #[arg(long)]
        dry_run: bool,
        #[allow(missing_docs)]
        #[command(flatten)]
        at: At,
    },
    #[allow(missing_docs)]
    #[command(flatten)]
    Common(Verb),
}

/// `guichet grant add`
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct NewGrant {
    /// For whom: public, authenticated, organisation:ID, group:ID or key:ID
    #[arg(long, value_name = "SUBJECT")]
    pub to: Subject,
    /// Which collections, with commas
    #[arg(long, value_name = "IDS")]
    pub layers: String,
    /// The profile that restricts it
    #[arg(long, value_name = "ID")]
    pub profile: String,
    /// What it allows, with commas: discover, tiles, items, export, create, replace, update, delete
    #[arg(long, value_name = "WORDS")]
    pub actions: String,
    /// First day
    #[arg(long, value_name = "DAY")]
    pub from: Option<String>,
    /// Last day
    #[arg(long, value_name = "DAY")]
    pub until: Option<String>,
    /// The terms that the organisation must have accepted, such as licence-fonciere@3
    #[arg(long, value_name = "TERMS")]
    pub terms: Option<Terms>,
}

impl NewGrant {
    fn grant(self, desk: &Desk) -> anyhow::Result<Grant> {
        Ok(Grant {
            id: String::new(),
            layers: list_of::<String>(&self.layers)?.into_iter().collect(),
            actions: list_of::<Action>(&self.actions)?.into_iter().collect(),
            from_us: desk.instant_of(self.from.as_deref(), false)?,
            until_us: desk.instant_of(self.until.as_deref(), true)?,
            subject: self.to,
            profile: self.profile,
            terms: self.terms,
        })
    }
}

/// Carries out a verb.
pub(super) fn run(verb: GrantVerb) -> anyhow::Result<()> {
    match verb {
        GrantVerb::Common(verb) => entries::common(verb, "grant"),
        GrantVerb::Add { new, dry_run, at } => {
            let work = if dry_run { Work::Look } else { Work::Change };
            let desk = Desk::open(&at, work)?;
            let change = Change::Create(Record::Grant(new.grant(&desk)?));
            effect::carry_out(&desk, &change, dry_run)
        }
    }
}
