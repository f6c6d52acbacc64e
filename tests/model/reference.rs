//! The reference model: who sees what, feature by feature and atom by atom, straight from the semantics, the slow way. It looks
//! everything up again for every feature, knows no normal form, merges nothing and leaves nothing out.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::case::{
    ALL_ACTIONS, ALL_ZOOMS, Action, Area, Atom, Caller, Case, Cells, FIELDS, Face, Geometry, Grant,
    Ground, LAYER, Member, Mode, Profile, Role, Row, Rule, Scopes, Seen, Sight, State, Subject,
    Surface, Target, Which,
};

/// A caller whose credential was accepted.
#[derive(Default)]
struct Who {
    operator: bool,
    subjects: BTreeSet<Subject>,
    organisation: Option<usize>,
    role: Option<Role>,
    scopes: Vec<Scopes>,
}

/// One way in which the caller sees the layer: all of it, or as a profile says; and all that narrows it must hold besides.
struct Way<'a> {
    profiles: Vec<&'a Profile>,
    actions: BTreeSet<Action>,
    zooms: (u8, u8),
}

pub fn sees(case: &Case, caller: &Caller, face: Face) -> Sight {
    let Some(who) = case.who(caller) else {
        return Sight::Refused;
    };
    let mut ways = case.ways(&who);
    ways.retain(|way| case.stands(way, face));
    if ways.is_empty() {
        return Sight::Nothing;
    }
    let schema = ways.iter().flat_map(|way| case.attributes(way)).collect();
    let row = |row| case.seen(&ways, &who, row);
    Sight::Rows(case.rows.iter().map(row).collect(), schema)
}

/// Credentials.
impl Case {
    fn who(&self, caller: &Caller) -> Option<Who> {
        let mut who = match caller {
            Caller::Anonymous | Caller::Operator => Who::default(),
            Caller::Key(id, signed) => {
                let mut who = self.bearer_of_key(*id)?;
                who.scopes.extend(signed.clone());
                who
            }
            Caller::Token(name, siret, groups) => {
                let mut who = self.bearer_of_token(name, *siret)?;
                let groups = groups.iter().map(|g| Subject::Group(g));
                who.subjects.extend(groups);
                who
            }
        };
        who.operator = *caller == Caller::Operator;
        who.subjects.insert(Subject::Public);
        if *caller != Caller::Anonymous {
            who.subjects.insert(Subject::Authenticated);
        }
        Some(who)
    }

    fn bearer_of_key(&self, id: u32) -> Option<Who> {
        let key = self.policy.keys.get(id as usize)?;
        let begun = key.from.is_none_or(|from| from <= self.now);
        let ended = key.until.is_some_and(|until| until <= self.now);
        let line = self.line(id);
        let suspended = line.iter().any(|id| self.is_suspended(&Target::Key(*id)));
        if key.revoked || !begun || ended || suspended {
            return None;
        }
        let mut who = self.actor(key.organisation, key.member)?;
        if key.browser {
            // What stands in a web page stands for no person.
            who = self.actor(key.organisation, None)?;
        }
        who.subjects.extend(line.into_iter().map(Subject::Key));
        who.scopes.push(key.scopes.clone());
        Some(who)
    }

    /// A key and those in whose place it was made.
    fn line(&self, id: u32) -> Vec<u32> {
        let before = |of: u32| (0..of).find(|p| self.policy.keys[*p as usize].next == Some(of));
        std::iter::successors(Some(id), |id| before(*id)).collect()
    }

    fn bearer_of_token(&self, name: &str, siret: Option<&str>) -> Option<Who> {
        let registered = |o: usize| self.policy.organisations.get(o).and_then(|o| o.siret);
        let organisations = 0..self.policy.organisations.len();
        let organisations: Vec<_> = organisations
            .filter(|o| siret.is_some() && registered(*o) == siret)
            .collect();
        let acts_there = |m: &Member| match organisations[..] {
            [] => registered(m.organisation).is_none(),
            [organisation] => m.organisation == organisation,
            _ => false,
        };
        let members = self.policy.members.iter().enumerate();
        let named = members.filter(|(_, m)| m.identity == Some(name));
        let members: Vec<_> = named.filter(|(_, m)| acts_there(m)).collect();
        match (&members[..], &organisations[..]) {
            ([(place, m)], _) => self.actor(m.organisation, Some(*place)),
            (_, [organisation]) => self.actor(*organisation, None),
            _ => Some(Who::default()),
        }
    }

    /// Whoever acts for an organisation, as a member or not.
    fn actor(&self, organisation: usize, member: Option<usize>) -> Option<Who> {
        self.policy.organisations.get(organisation)?;
        let mut who = Who {
            organisation: Some(organisation),
            subjects: BTreeSet::from([Subject::Organisation(organisation)]),
            ..Who::default()
        };
        if let Some(place) = member {
            let member = self.policy.members.get(place)?;
            let ended = member.until.is_some_and(|until| until <= self.now);
            let suspended = self.is_suspended(&Target::Member(place));
            if member.organisation != organisation || ended || suspended {
                return None;
            }
            who.role = Some(member.role);
            let groups = member.groups.iter().map(|g| Subject::Group(g));
            who.subjects.extend(groups);
        }
        let suspended = self.is_suspended(&Target::Organisation(organisation));
        (!suspended).then_some(who)
    }

    fn is_suspended(&self, target: &Target) -> bool {
        self.policy.suspensions.contains(target)
    }
}

/// Ways in.
impl Case {
    /// The organisation that owns the layer, and those that host it.
    fn owners(&self) -> Vec<usize> {
        let owner = self.owned.then(|| self.policy.with_hosts(0));
        owner.unwrap_or_default()
    }

    fn ways(&self, who: &Who) -> Vec<Way<'_>> {
        let owner_gone = self.owned && self.is_suspended(&Target::Organisation(0));
        let gone = self.policy.state == Some(State::Withdrawn);
        if gone || owner_gone || self.is_suspended(&Target::Layer(LAYER)) {
            return Vec::new();
        }
        let embargo = self.policy.embargo.is_some_and(|until| self.now < until);
        let published = self.policy.state != Some(State::Draft) && !embargo;
        let is_own = who.organisation.is_some_and(|o| self.owners().contains(&o));
        let least = if published {
            Role::Reader
        } else {
            Role::Editor
        };
        let is_member = is_own && who.role.is_some_and(|r| r >= least);
        let mut ways = Vec::new();
        if who.operator || is_member || self.open && published {
            ways.push(Way {
                profiles: Vec::new(),
                actions: ALL_ACTIONS.into(),
                zooms: ALL_ZOOMS,
            });
        }
        if published {
            let grants = self.policy.grants.iter();
            ways.extend(grants.filter_map(|g| self.granted(who, g)));
        }
        let ways = ways.into_iter();
        ways.filter_map(|way| self.narrowed(who, way)).collect()
    }

    fn granted(&self, who: &Who, grant: &Grant) -> Option<Way<'_>> {
        let begun = grant.from.is_none_or(|from| from <= self.now);
        let ended = grant.until.is_some_and(|until| until <= self.now);
        let accepted = grant.terms.is_none_or(|version| {
            let organisation = who.organisation;
            organisation.is_some_and(|o| self.policy.accepted.contains(&(o, version)))
        });
        let meant = grant.layers.contains(LAYER) && who.subjects.contains(&grant.subject);
        let profile = self.policy.profiles.get(grant.profile)?;
        let foreign = profile.author.is_some_and(|a| !self.owners().contains(&a));
        if !begun || ended || !accepted || !meant || foreign || self.is_faulty(profile, who, false)
        {
            return None;
        }
        Some(Way {
            profiles: vec![profile],
            actions: grant.actions.clone(),
            zooms: profile.zooms,
        })
    }

    fn narrowed<'a>(&'a self, who: &Who, mut way: Way<'a>) -> Option<Way<'a>> {
        for scopes in &who.scopes {
            if scopes.layers.as_ref().is_some_and(|l| !l.contains(LAYER)) {
                return None;
            }
            if let Some(actions) = &scopes.actions {
                way.actions.retain(|a| actions.contains(a));
            }
            if let Some(place) = scopes.profile {
                let profile = self.policy.profiles.get(place)?;
                if self.is_faulty(profile, who, true) || !self.asks_what_is_shown(&way, profile) {
                    return None;
                }
                way.zooms.0 = way.zooms.0.max(profile.zooms.0);
                way.zooms.1 = way.zooms.1.min(profile.zooms.1);
                way.profiles.push(profile);
            }
            way.zooms.1 = way.zooms.1.min(scopes.max_zoom.unwrap_or(u8::MAX));
        }
        Some(way)
    }

    /// Whether the profile of a credential asks of rows no more than is shown of them without it.
    fn asks_what_is_shown(&self, way: &Way<'_>, profile: &Profile) -> bool {
        if way.profiles.is_empty() {
            return true;
        }
        if self.cells(way).is_some() && (profile.area.is_some() || profile.precision.is_some()) {
            return false;
        }
        let cuts = |p: &Profile| matches!(p.area, Some((_, Mode::Clip)));
        let area = profile.area.is_none() || cuts(profile) || !way.profiles.iter().any(|p| cuts(p));
        let mut shown = self.attributes(way);
        shown.retain(|f| {
            way.profiles
                .iter()
                .all(|p| !p.derived.contains_key(FIELDS[*f]))
        });
        area && profile.rows.properties().iter().all(|f| shown.contains(f))
    }

    /// True of a profile that names what is not there, or contradicts itself; that of a credential may name what is not there.
    fn is_faulty(&self, profile: &Profile, who: &Who, of_scopes: bool) -> bool {
        let declared = |n: &String| of_scopes || self.declared().any(|place| FIELDS[place] == n);
        let shown = profile.attributes.iter().flatten();
        let mut named = shown.chain(profile.derived.keys());
        let cells = profile.precision.as_ref().is_some_and(|p| {
            let empty = profile.attributes == Some(BTreeSet::new());
            p.grid_m == 0
                || p.min_count == 0
                || !empty
                || !profile.derived.is_empty()
                || !p.sums.keys().all(declared)
        });
        let area = profile.area.as_ref().is_some_and(|(which, _)| {
            let is_of =
                |owner: usize, author: usize| self.policy.with_hosts(owner).contains(&author);
            let may = match (which, profile.author) {
                (Which::Given(Area::Layer("o0.zone")), Some(author)) => is_of(0, author),
                (Which::Given(Area::Layer("o1.closed")), Some(author)) => is_of(1, author),
                (Which::Given(Area::Layer(name)), Some(_)) => *name == "o1.open",
                _ => true,
            };
            !may || self.ground(which, who).is_none_or(|g| g.0.is_empty())
        });
        let zooms = profile.zooms.0 > profile.zooms.1;
        profile.rows.is_faulty() || cells || area || zooms || !named.all(declared)
    }

    fn declared(&self) -> std::ops::Range<usize> {
        0..if self.open { 4 } else { 3 }
    }

    fn ground(&self, which: &Which, who: &Who) -> Option<Ground> {
        match which {
            Which::Given(area) => Self::drawn(area),
            Which::Jurisdiction => {
                let organisation = self.policy.organisations.get(who.organisation?)?;
                Self::drawn(organisation.jurisdiction.as_ref()?)
            }
        }
    }

    /// True if a way counts on a face.
    fn stands(&self, way: &Way<'_>, (surface, format): Face) -> bool {
        let mut formats = way.profiles.iter().filter_map(|p| p.formats.as_ref());
        let in_format = formats.all(|all| format.is_some_and(|f| all.contains(f)));
        let cosmetic = way.zooms != ALL_ZOOMS && self.cells(way).is_none();
        let (low, high) = way.zooms;
        let (action, stands) = match surface {
            Surface::Discover => (Action::Discover, true),
            Surface::Tilesets => (Action::Tiles, low <= high),
            Surface::Tiles(z) => (Action::Tiles, low <= z && z <= high && in_format),
            Surface::Items => (Action::Items, !cosmetic && in_format),
            Surface::Export => (Action::Export, !cosmetic && in_format),
        };
        stands && way.actions.contains(&action)
    }
}

/// Features.
impl Case {
    fn attributes(&self, way: &Way<'_>) -> BTreeSet<usize> {
        let opens = |profile: &Profile, place: usize| match &profile.attributes {
            None => self.declared().contains(&place),
            Some(names) => self.declared().contains(&place) && names.contains(FIELDS[place]),
        };
        let all = 0..FIELDS.len();
        all.filter(|f| way.profiles.iter().all(|p| opens(p, *f)))
            .collect()
    }

    /// The cells of the one profile that has a precision, saying what the other says of each row as it is.
    fn cells(&self, way: &Way<'_>) -> Option<Cells> {
        let mut cells = way.profiles.iter().find_map(|p| p.precision.clone())?;
        let others = || way.profiles.iter().filter(|p| p.precision.is_none());
        cells.sums.retain(|name, _| {
            others().all(|p| {
                let shown = p.attributes.as_ref().is_none_or(|a| a.contains(name));
                shown && !p.derived.contains_key(name)
            })
        });
        Some(cells)
    }

    /// What a way leaves of a row's shape: `None` if the row does not pass, else its atoms (none of a row without a shape).
    fn passes(&self, way: &Way<'_>, who: &Who, row: &Row) -> Option<BTreeSet<Atom>> {
        let mut left = row.atoms();
        for profile in &way.profiles {
            if profile.rows.truth(row) != Some(true) {
                return None;
            }
            let Some((which, mode)) = &profile.area else {
                continue;
            };
            // Rows without a place are in no area.
            let (shape, ground) = (row.shape.as_ref()?, self.ground(which, who)?);
            let inside = |atom: &Atom| shape.meets(*atom, &ground, 0);
            let passes = match mode {
                Mode::Clip => {
                    left.retain(inside);
                    !left.is_empty()
                }
                Mode::Intersects => shape.atoms.iter().any(|a| shape.meets(*a, &ground, 1)),
                Mode::Within => shape.atoms.iter().all(inside),
            };
            if !passes {
                return None;
            }
        }
        Some(left)
    }

    fn seen(&self, ways: &[Way<'_>], who: &Who, row: &Row) -> Option<Seen> {
        let passing = ways
            .iter()
            .filter_map(|way| Some((way, self.passes(way, who, row)?)));
        let (cells, exact): (Vec<_>, Vec<_>) =
            passing.partition(|(way, _)| self.cells(way).is_some());
        if exact.is_empty() {
            // The finest counts; a row without a place is in no cell.
            row.shape.as_ref()?;
            let rank = |c: &Cells| (c.grid_m, c.min_count, Reverse(c.sums.len()), c.sums.clone());
            let all = cells.iter().filter_map(|(way, _)| self.cells(way));
            let finest = all.min_by_key(rank)?;
            let same = cells
                .iter()
                .filter(|(way, _)| self.cells(way).as_ref() == Some(&finest));
            let shown = same.flat_map(|(_, left)| left.clone()).collect();
            return Some(Seen {
                attributes: BTreeMap::new(),
                geometry: Geometry::Cell(finest, shown),
            });
        }
        let whole = row.atoms();
        let mut attributes = BTreeMap::new();
        for (way, left) in &exact {
            for place in self.attributes(way) {
                let rules = way
                    .profiles
                    .iter()
                    .filter_map(|p| p.derived.get(FIELDS[place]));
                match rules.min().filter(|_| *left != whole) {
                    None => {
                        attributes.insert(place, false);
                    }
                    Some(Rule::Recompute) => {
                        attributes.entry(place).or_insert(true);
                    }
                    Some(Rule::Mask) => {}
                }
            }
        }
        let geometry = match &row.shape {
            None => Geometry::Absent,
            Some(_) if exact.iter().any(|(_, left)| *left == whole) => Geometry::Whole,
            Some(_) => Geometry::Cut(exact.iter().flat_map(|(_, left)| left.clone()).collect()),
        };
        Some(Seen {
            attributes,
            geometry,
        })
    }
}
