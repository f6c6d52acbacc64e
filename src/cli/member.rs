//! `guichet member`: people who act for organisations.

use clap::Args;

use super::desk::Desk;
use super::entries::New;
use crate::access::{Member, Record, Role};

/// `guichet member add`
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct NewMember {
    /// Its id
    pub id: String,
    /// For which organisation
    #[arg(long, value_name = "ID")]
    pub organisation: String,
    /// reader, editor, publisher or admin; each includes those before it
    #[arg(long)]
    pub role: Role,
    /// A group; may be given several times
    #[arg(long = "group", value_name = "ID")]
    pub groups: Vec<String>,
    /// What an identity provider's tokens say in "iss"
    #[arg(long, requires = "subject", value_name = "URL")]
    pub issuer: Option<String>,
    /// What they say in "sub"
    #[arg(long, requires = "issuer", value_name = "ID")]
    pub subject: Option<String>,
    /// Last day of the membership
    #[arg(long, value_name = "DAY")]
    pub until: Option<String>,
}

impl New for NewMember {
    const KIND: &'static str = "member";

    fn record(self, desk: &Desk) -> anyhow::Result<Record> {
        Ok(Record::Member(Member {
            until_us: desk.instant_of(self.until.as_deref(), true)?,
            id: self.id,
            organisation: self.organisation,
            role: self.role,
            groups: self.groups.into_iter().collect(),
            identity: self.issuer.zip(self.subject),
        }))
    }
}
