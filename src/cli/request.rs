//! `guichet request`: requests for access, and what becomes of them.

use anyhow::Context as _;
use clap::Subcommand;

use super::desk::{At, Desk, document, list_of, told_at};
use super::effect;
use super::whence::Work;
use crate::access::{
    AccessRequest, Action, Change, Decision, Entry, Grant, PolicyStore as _, RequestState, Subject,
    Terms,
};

/// `guichet request`
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum RequestVerb {
    /// List those that wait for an answer, the latest first
    List {
        /// Those that were answered, too
        #[arg(long)]
        all: bool,
        #[allow(missing_docs)]
        #[command(flatten)]
        at: At,
    },
    /// Answer one with a grant that ends
    Approve {
        /// Id of the request
        id: String,
        /// The profile that restricts the grant
        #[arg(long, value_name = "ID")]
        profile: String,
        /// What it allows, with commas
        #[arg(
            long,
            value_name = "WORDS",
            default_value = "discover,tiles,items,export"
        )]
        actions: String,
        /// Last day, no later than was asked for [default: what was asked for]
        #[arg(long, value_name = "DAY")]
        until: Option<String>,
        /// The terms that the organisation must have accepted
        #[arg(long, value_name = "TERMS")]
        terms: Option<Terms>,
        /// Say what it would change, and change nothing
        #[arg(long)]
        dry_run: bool,
        #[allow(missing_docs)]
        #[command(flatten)]
        at: At,
    },
    /// Refuse one
    Refuse {
        /// Id of the request
        id: String,
        /// Why, for whoever asked
        #[arg(long)]
        reason: String,
        #[allow(missing_docs)]
        #[command(flatten)]
        at: At,
    },
}

/// Carries out a verb.
pub(super) fn run(verb: RequestVerb) -> anyhow::Result<()> {
    match verb {
        RequestVerb::List { all, at } => list(&Desk::open(&at, Work::Find)?, all),
        RequestVerb::Refuse { id, reason, at } => {
            let desk = Desk::open(&at, Work::Change)?;
            let sentence = format!("request {id} is refused");
            let changed = desk.change(&Change::Decide {
                request: id,
                decision: Decision::Refuse { reason },
            })?;
            desk.done(&changed, format!("{sentence} (epoch {})", changed.epoch))
        }
        RequestVerb::Approve {
            id,
            profile,
            actions,
            until,
            terms,
            dry_run,
            at,
        } => {
            let work = if dry_run { Work::Look } else { Work::Change };
            let desk = Desk::open(&at, work)?;
            let request = find(&desk, &id)?;
            let until_us = desk.instant_of(until.as_deref(), true)?;
            let grant = Grant {
                id: String::new(),
                subject: Subject::Organisation(request.organisation),
                layers: std::iter::once(request.layer).collect(),
                profile,
                actions: list_of::<Action>(&actions)?.into_iter().collect(),
                from_us: None,
                until_us: Some(until_us.unwrap_or(request.until_us)),
                terms,
            };
            let change = Change::Decide {
                request: id,
                decision: Decision::Approve(Box::new(grant)),
            };
            effect::carry_out(&desk, &change, dry_run)
        }
    }
}

fn all(desk: &Desk) -> anyhow::Result<Vec<AccessRequest>> {
    desk.store.requests(None, None).map_err(super::desk::told)
}

fn find(desk: &Desk, id: &str) -> anyhow::Result<AccessRequest> {
    let mut found = all(desk)?.into_iter().filter(|r| r.id == id);
    found.next().with_context(|| {
        format!("there is no request {id:?}; `guichet request list` shows those there are")
    })
}

fn list(desk: &Desk, answered: bool) -> anyhow::Result<()> {
    let mut requests = all(desk)?;
    requests.retain(|r| answered || r.state == RequestState::Open);
    let lines: Vec<String> = requests.iter().map(line).collect();
    let documents: Vec<_> = requests
        .into_iter()
        .map(|r| document(&Entry::Request(r).to_json()?))
        .collect::<anyhow::Result<_>>()?;
    desk.print(&documents.into(), lines)
}

/// Texts of callers are quoted: a terminal obeys what it is shown.
fn line(r: &AccessRequest) -> String {
    format!(
        "{}  {} {} asks for {} until {}: {:?}",
        r.id,
        r.state,
        r.organisation,
        r.layer,
        told_at(r.until_us),
        r.purpose
    )
}
