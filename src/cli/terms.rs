//! `guichet terms`: versions of terms of use, and who accepted them.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::desk::{At, Desk};
use super::entries::{self, Entries, New};
use super::whence::Work;
use crate::access::{Change, Record, Terms, TermsText, sha256};

/// `guichet terms`
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum TermsVerb {
    #[allow(missing_docs)]
    #[command(flatten)]
    Entries(Entries<NewTerms>),
    /// Note that an organisation accepted terms, as on paper
    Accept {
        /// The organisation's id
        organisation: String,
        /// Which terms, such as licence-fonciere@3
        terms: Terms,
        #[allow(missing_docs)]
        #[command(flatten)]
        at: At,
    },
}

/// `guichet terms add`
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct NewTerms {
    /// Id and version, such as licence-fonciere@3
    pub terms: Terms,
    /// Title for people
    #[arg(long)]
    pub title: String,
    /// The organisation that makes them; without one they are the operator's
    #[arg(long, value_name = "ID")]
    pub organisation: Option<String>,
    /// Where the text stands
    #[arg(long)]
    pub url: Option<String>,
    /// The text itself: its hash is kept, so that it cannot be changed unnoticed
    #[arg(long, value_name = "PATH")]
    pub file: Option<PathBuf>,
}

impl New for NewTerms {
    const KIND: &'static str = "terms";

    fn record(self, _desk: &Desk) -> anyhow::Result<Record> {
        let hash = |path: &PathBuf| {
            let text = std::fs::read(path).with_context(|| path.display().to_string())?;
            anyhow::Ok(sha256(&text))
        };
        Ok(Record::Terms(TermsText {
            sha256: self.file.as_ref().map(hash).transpose()?,
            terms: self.terms,
            organisation: self.organisation,
            title: self.title,
            url: self.url,
        }))
    }
}

/// Carries out a verb.
pub(super) fn run(verb: TermsVerb) -> anyhow::Result<()> {
    match verb {
        TermsVerb::Entries(entries) => entries::run(entries),
        TermsVerb::Accept {
            organisation,
            terms,
            at,
        } => {
            let desk = Desk::open(&at, Work::Change)?;
            let sentence = format!("{organisation} accepted {terms}");
            let changed = desk.change(&Change::AcceptTerms {
                organisation,
                terms,
            })?;
            desk.done(&changed, format!("{sentence} (epoch {})", changed.epoch))
        }
    }
}
