//! Parts of a policy that give nobody anything, because something in them is wrong.

use std::collections::HashMap;
use std::fmt;

use super::policy::{Grant, KeyId, PolicyParts, Subject, Target};
use super::profile::{Attributes, Profile};
use super::standing::Standings;
use crate::filter::{FaultKind, Limits, parse_text};
use crate::model::Words;

/// Something that does not hold, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inert {
    /// What.
    pub what: Part,
    /// Why.
    pub why: Flaw,
}

impl fmt::Display for Inert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.why)
    }
}

/// A part of a policy, by its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Part {
    Organisation(String),
    Member(String),
    Profile(String),
    Grant(String),
    Key(KeyId),
    Suspension(String),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organisation(id) => write!(f, "organisation {id:?}"),
            Self::Member(id) => write!(f, "member {id:?}"),
            Self::Profile(id) => write!(f, "profile {id:?}"),
            Self::Grant(id) => write!(f, "grant {id:?}"),
            Self::Key(id) => write!(f, "key {id}"),
            Self::Suspension(of) => write!(f, "suspension of {of}"),
        }
    }
}

/// What is wrong with a part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// It names an organisation that does not exist.
    #[error("there is no organisation {0:?}")]
    NoOrganisation(String),
    /// It names a member that does not exist.
    #[error("there is no member {0:?}")]
    NoMember(String),
    /// It names a member of another organisation.
    #[error("the member {0:?} belongs to another organisation")]
    OtherOrganisation(String),
    /// It names a key that does not exist.
    #[error("there is no key {0}")]
    NoKey(KeyId),
    /// It names a profile that does not exist.
    #[error("there is no profile {0:?}")]
    NoProfile(String),
    /// A parent is a child of its child.
    #[error("it is its own host, by way of {0:?}: it counts as hosted by nobody")]
    Circle(String),
    /// Two organisations have one number in the national register.
    #[error("several organisations have the siret {0:?}: it names none of them")]
    SiretTwice(String),
    /// A token names several members.
    #[error("a token that names it names another member too: it names none of them")]
    IdentityTwice,
    /// No layer, or no action: nobody is given anything.
    #[error("its list of {0} is empty: it allows nothing")]
    Empty(&'static str),
    /// It ends before it begins.
    #[error("it ends before it begins: it never holds")]
    Period,
    /// The filter of a profile is no CQL2.
    #[error("its row filter is no CQL2 text: {0:?}")]
    Filter(String),
    /// Cells take the place of rows: a profile cannot open both.
    #[error("it has a precision and properties: with a precision, attributes must be []")]
    PrecisionAndAttributes,
    /// A cell without a size, or a threshold of zero.
    #[error("its precision has a side or a minimal count of zero")]
    NoPrecision,
    /// First zoom above last zoom.
    #[error("its first zoom is above its last: it shows nothing in tiles")]
    Zooms,
}

impl Inert {
    /// For people.
    pub fn words(&self) -> Words {
        let what = match &self.what {
            Part::Organisation(id) => format!("organisation {id:?}"),
            Part::Member(id) => format!("membre {id:?}"),
            Part::Profile(id) => format!("profil {id:?}"),
            Part::Grant(id) => format!("autorisation {id:?}"),
            Part::Key(id) => format!("clé {id}"),
            Part::Suspension(of) => format!("suspension de {of}"),
        };
        Words::new(
            format!("{what} : {}", self.why.in_french()),
            self.to_string(),
        )
    }
}

impl Flaw {
    pub(crate) fn in_french(&self) -> String {
        match self {
            Self::NoOrganisation(id) => format!("il n’y a pas d’organisation {id:?}"),
            Self::NoMember(id) => format!("il n’y a pas de membre {id:?}"),
            Self::OtherOrganisation(id) => format!("le membre {id:?} est d’une autre organisation"),
            Self::NoKey(id) => format!("il n’y a pas de clé {id}"),
            Self::NoProfile(id) => format!("il n’y a pas de profil {id:?}"),
            Self::Circle(by) => {
                format!(
                    "elle s’héberge elle-même, par {by:?} : elle compte comme hébergée par personne"
                )
            }
            Self::SiretTwice(siret) => {
                format!("plusieurs organisations ont le SIRET {siret:?} : il n’en nomme aucune")
            }
            Self::IdentityTwice => {
                "un jeton qui le nomme nomme aussi un autre membre : il n’en nomme aucun".to_owned()
            }
            Self::Empty(list) => format!("sa liste {list} est vide : elle ne permet rien"),
            Self::Period => "elle finit avant de commencer : elle ne vaut jamais".to_owned(),
            Self::Filter(text) => format!("son filtre n’est pas un texte CQL2 : {text:?}"),
            Self::PrecisionAndAttributes => {
                "il a une précision et des attributs : avec une précision, attributes doit être []"
                    .to_owned()
            }
            Self::NoPrecision => "sa précision a un côté ou un effectif minimal nul".to_owned(),
            Self::Zooms => {
                "son premier zoom dépasse le dernier : il ne montre rien dans les tuiles".to_owned()
            }
        }
    }
}

/// All that is wrong, whatever the layer.
pub(super) fn of(
    parts: &PolicyParts,
    lineages: &HashMap<String, Vec<String>>,
    standings: &Standings,
) -> Vec<Inert> {
    let mut found = Vec::new();
    let mut add = |what: Part, why: Flaw| found.push(Inert { what, why });
    for (id, organisation) in &parts.organisations {
        let part = || Part::Organisation(id.clone());
        if let Some(parent) = &organisation.parent {
            if !parts.organisations.contains_key(parent) {
                add(part(), Flaw::NoOrganisation(parent.clone()));
            } else if lineages.get(id).is_none_or(|l| l.len() == 1) {
                add(part(), Flaw::Circle(parent.clone()));
            }
        }
        if let Some(siret) = organisation.siret.as_ref()
            && standings.is_claimed_twice(siret)
        {
            add(part(), Flaw::SiretTwice(siret.clone()));
        }
    }
    for (id, member) in &parts.members {
        if !parts.organisations.contains_key(&member.organisation) {
            add(
                Part::Member(id.clone()),
                Flaw::NoOrganisation(member.organisation.clone()),
            );
        }
        if standings.is_named_twice(parts, member) {
            add(Part::Member(id.clone()), Flaw::IdentityTwice);
        }
    }
    for (id, profile) in &parts.profiles {
        for flaw in flaws_of_profile(parts, profile) {
            add(Part::Profile(id.clone()), flaw);
        }
    }
    for (id, key) in &parts.keys {
        if standings.is_faulty(*id) {
            add(
                Part::Key(*id),
                flaw_of_key(parts, &key.organisation, key.member.as_deref()),
            );
        }
        if let Some(profile) = &key.scopes.profile
            && !parts.profiles.contains_key(profile)
        {
            add(Part::Key(*id), Flaw::NoProfile(profile.clone()));
        }
    }
    for grant in &parts.grants {
        for flaw in flaws_of_grant(parts, grant) {
            add(Part::Grant(grant.id.clone()), flaw);
        }
    }
    for suspension in &parts.suspensions {
        if let Some((of, flaw)) = flaw_of_target(parts, &suspension.target) {
            add(Part::Suspension(of), flaw);
        }
    }
    found
}

fn flaw_of_key(parts: &PolicyParts, organisation: &str, member: Option<&str>) -> Flaw {
    match member {
        _ if !parts.organisations.contains_key(organisation) => {
            Flaw::NoOrganisation(organisation.to_owned())
        }
        Some(member) if parts.members.contains_key(member) => {
            Flaw::OtherOrganisation(member.to_owned())
        }
        member => Flaw::NoMember(member.unwrap_or_default().to_owned()),
    }
}

fn flaws_of_profile(parts: &PolicyParts, profile: &Profile) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    if let Some(organisation) = &profile.organisation
        && !parts.organisations.contains_key(organisation)
    {
        flaws.push(Flaw::NoOrganisation(organisation.clone()));
    }
    if is_no_filter(&profile.rows) {
        flaws.push(Flaw::Filter(profile.rows.clone()));
    }
    if let Some(precision) = &profile.precision {
        let is_none = matches!(&profile.attributes, Attributes::Only(names) if names.is_empty());
        if !is_none {
            flaws.push(Flaw::PrecisionAndAttributes);
        }
        if precision.grid_m == 0 || precision.min_count == 0 {
            flaws.push(Flaw::NoPrecision);
        }
    }
    if profile.zooms.are_none() {
        flaws.push(Flaw::Zooms);
    }
    flaws
}

/// True of what no ceiling would make a filter: the ceilings are the layer's.
fn is_no_filter(text: &str) -> bool {
    let fault = parse_text(text, &Limits::default()).err();
    fault.is_some_and(|f| {
        !matches!(
            f.kind,
            FaultKind::TooLong(_)
                | FaultKind::TooDeep(_)
                | FaultKind::TooManyNodes(_)
                | FaultKind::TooManyVertices(_)
        )
    })
}

fn flaws_of_grant(parts: &PolicyParts, grant: &Grant) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    match &grant.subject {
        Subject::Organisation(id) if !parts.organisations.contains_key(id) => {
            flaws.push(Flaw::NoOrganisation(id.clone()));
        }
        Subject::Key(id) if !parts.keys.contains_key(id) => flaws.push(Flaw::NoKey(*id)),
        _ => {}
    }
    if !parts.profiles.contains_key(&grant.profile) {
        flaws.push(Flaw::NoProfile(grant.profile.clone()));
    }
    if grant.layers.is_empty() {
        flaws.push(Flaw::Empty("layers"));
    }
    if grant.actions.is_empty() {
        flaws.push(Flaw::Empty("actions"));
    }
    if grant
        .from_us
        .zip(grant.until_us)
        .is_some_and(|(from, until)| from >= until)
    {
        flaws.push(Flaw::Period);
    }
    flaws
}

/// A suspension of what does not exist may be one of something that does, misspelled.
fn flaw_of_target(parts: &PolicyParts, target: &Target) -> Option<(String, Flaw)> {
    match target {
        // Which layers exist is not known here.
        Target::Layer(_) => None,
        Target::Key(id) => {
            (!parts.keys.contains_key(id)).then(|| (id.to_string(), Flaw::NoKey(*id)))
        }
        Target::Member(id) => {
            (!parts.members.contains_key(id)).then(|| (id.clone(), Flaw::NoMember(id.clone())))
        }
        Target::Organisation(id) => (!parts.organisations.contains_key(id))
            .then(|| (id.clone(), Flaw::NoOrganisation(id.clone()))),
    }
}
