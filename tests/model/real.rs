//! A case in the server's own types: its policy, the facts of its layer, regions on the world grid, rows as columns.

use std::collections::BTreeSet;
use std::sync::Arc;

use guichet::access::{self, AreaSource, Areas, Discovery, FilterCache, LayerContext, PolicyParts};
use guichet::filter::{Column, Frame, Limits, Table, Values, Zones};
use guichet::geometry::crs::Crs;
use guichet::geometry::grid::{GridBox, GridPoint};
use guichet::geometry::region::Region;
use guichet::geometry::source::SourceGeometry;
use guichet::model::{DataType, Field, Schema};

use crate::case::{
    Action, Area, Atom, Caller, Case, FIELDS, Key, LAYER, Mode, Profile, Role, Row, Rule, Scopes,
    State, Subject, Sum, Surface, Target, Test, Which,
};
use crate::lattice::{rings, wkt};

/// The one identity provider.
pub const ISSUER: &str = "https://login.example.org";
/// The one text of terms.
pub const TERMS: &str = "charte";
/// The north-western corner of the lattice, near Aix-en-Provence, and the side of its cells (half a kilometre), on the world grid.
const ORIGIN: GridPoint = [32_000_000, -270_000_000];
const STEP: i32 = 54_000;

/// Where the corner (or middle) of twice those coordinates is; the lattice grows northward.
pub fn on_grid((x, y): Atom) -> GridPoint {
    [
        ORIGIN[0] + i32::from(x) * STEP / 2,
        ORIGIN[1] - i32::from(y) * STEP / 2,
    ]
}

/// What stays the same for all cases.
pub struct Setting {
    schema: Schema,
    filters: FilterCache,
    key: [u8; 32],
}

impl Setting {
    pub fn new() -> Self {
        Self {
            schema: Schema {
                fields: FIELDS.map(|f| Field::new(f, DataType::Integer)).to_vec(),
                ..Schema::default()
            },
            filters: FilterCache::default(),
            key: [7; 32],
        }
    }

    pub fn layer<'a>(&'a self, case: &Case) -> LayerContext<'a> {
        LayerContext {
            collection: LAYER,
            organisation: case.owned.then_some("o0"),
            access: if case.open {
                access::Access::Open
            } else {
                access::Access::Restricted
            },
            discovery: Discovery::Hidden,
            frame: Frame {
                schema: &self.schema,
                filter_crs: Crs::CRS84,
                storage_crs: Crs::CRS84,
            },
            declared: if case.open { &[0, 1, 2, 3] } else { &[0, 1, 2] },
            limits: Limits::default(),
            filters: &self.filters,
            view_key: &self.key,
        }
    }
}

/// The areas of a case.
pub struct Drawn(Vec<(AreaSource, Arc<Region>)>);

impl Drawn {
    pub fn of(case: &Case) -> Self {
        let given = case.policy.profiles.iter().filter_map(|p| match &p.area {
            Some((Which::Given(area), _)) => Some(area),
            _ => None,
        });
        let own = case
            .policy
            .organisations
            .iter()
            .filter_map(|o| o.jurisdiction.as_ref());
        let region = |area: &Area| {
            let ground = Case::drawn(area)?;
            Some((source(area), Arc::new(Region::of_rings(rings(&ground)))))
        };
        Self(given.chain(own).filter_map(region).collect())
    }
}

impl Areas for Drawn {
    fn region(&self, source: &AreaSource) -> Option<Arc<Region>> {
        let found = self.0.iter().find(|(known, _)| known == source);
        found.map(|(_, region)| Arc::clone(region))
    }

    fn is_open(&self, collection: &str) -> bool {
        collection == "o1.open"
    }
}

fn organisation(place: usize) -> String {
    format!("o{place}")
}

fn member(place: usize) -> String {
    format!("m{place}")
}

fn profile(place: usize) -> String {
    format!("p{place}")
}

/// The policy of a case.
pub fn policy(case: &Case) -> PolicyParts {
    let policy = &case.policy;
    let by_place = |n: usize| 0..n;
    PolicyParts {
        organisations: by_place(policy.organisations.len())
            .map(|i| {
                let o = &policy.organisations[i];
                let id = organisation(i);
                let made = access::Organisation {
                    id: id.clone(),
                    title: id.clone(),
                    parent: o.parent.map(organisation),
                    jurisdiction: o.jurisdiction.as_ref().map(source),
                    siret: o.siret.map(str::to_owned),
                };
                (id, made)
            })
            .collect(),
        members: by_place(policy.members.len())
            .map(|i| {
                let m = &policy.members[i];
                let made = access::Member {
                    id: member(i),
                    organisation: organisation(m.organisation),
                    role: role(m.role),
                    groups: m.groups.iter().map(|g| (*g).to_owned()).collect(),
                    identity: m.identity.map(|s| (ISSUER.to_owned(), s.to_owned())),
                    until_us: m.until,
                };
                (member(i), made)
            })
            .collect(),
        profiles: by_place(policy.profiles.len())
            .map(|i| (profile(i), real_profile(i, &policy.profiles[i])))
            .collect(),
        grants: policy
            .grants
            .iter()
            .enumerate()
            .map(|(i, g)| grant(i, g))
            .collect(),
        keys: by_place(policy.keys.len())
            .map(|i| (access::KeyId(i as u32), key(i, &policy.keys[i])))
            .collect(),
        suspensions: policy.suspensions.iter().map(suspension).collect(),
        acceptances: policy
            .accepted
            .iter()
            .map(|(o, version)| (organisation(*o), terms(*version)))
            .collect(),
        layer_states: policy
            .state
            .map(|s| (LAYER.to_owned(), state(s)))
            .into_iter()
            .collect(),
        embargoes: policy
            .embargo
            .map(|at| (LAYER.to_owned(), at))
            .into_iter()
            .collect(),
        ..PolicyParts::default()
    }
}

fn state(state: State) -> access::LayerState {
    match state {
        State::Draft => access::LayerState::Draft,
        State::Published => access::LayerState::Published,
        State::Withdrawn => access::LayerState::Withdrawn,
    }
}

fn role(role: Role) -> access::Role {
    match role {
        Role::Reader => access::Role::Reader,
        Role::Editor => access::Role::Editor,
        Role::Publisher => access::Role::Publisher,
        Role::Admin => access::Role::Admin,
    }
}

fn terms(version: u64) -> access::Terms {
    access::Terms {
        id: TERMS.to_owned(),
        version,
    }
}

fn suspension(target: &Target) -> access::Suspension {
    let target = match target {
        Target::Layer(id) => access::Target::Layer((*id).to_owned()),
        Target::Key(id) => access::Target::Key(access::KeyId(*id)),
        Target::Member(m) => access::Target::Member(member(*m)),
        Target::Organisation(o) => access::Target::Organisation(organisation(*o)),
    };
    access::Suspension {
        target,
        reason: "test".to_owned(),
        by: None,
    }
}

fn grant(place: usize, grant: &crate::case::Grant) -> access::Grant {
    access::Grant {
        id: format!("g{place}"),
        subject: match &grant.subject {
            Subject::Public => access::Subject::Public,
            Subject::Authenticated => access::Subject::Authenticated,
            Subject::Organisation(o) => access::Subject::Organisation(organisation(*o)),
            Subject::Group(g) => access::Subject::Group((*g).to_owned()),
            Subject::Key(k) => access::Subject::Key(access::KeyId(*k)),
        },
        layers: grant.layers.iter().map(|l| (*l).to_owned()).collect(),
        profile: profile(grant.profile),
        actions: grant.actions.iter().map(|a| action(*a)).collect(),
        from_us: grant.from,
        until_us: grant.until,
        terms: grant.terms.map(terms),
    }
}

fn action(action: Action) -> access::Action {
    match action {
        Action::Discover => access::Action::Discover,
        Action::Tiles => access::Action::Tiles,
        Action::Items => access::Action::Items,
        Action::Export => access::Action::Export,
    }
}

fn key(place: usize, key: &Key) -> access::Key {
    access::Key {
        id: access::KeyId(place as u32),
        organisation: organisation(key.organisation),
        member: key.member.map(member),
        label: String::new(),
        sha256: [0; 32],
        kind: if key.browser {
            access::KeyKind::Browser
        } else {
            access::KeyKind::Secret
        },
        scopes: scopes(&key.scopes),
        origins: BTreeSet::new(),
        networks: Vec::new(),
        from_us: key.from,
        until_us: key.until,
        replaced_by: key.next.map(access::KeyId),
        revoked: key.revoked,
    }
}

fn scopes(scopes: &Scopes) -> access::Scopes {
    access::Scopes {
        layers: scopes
            .layers
            .as_ref()
            .map(|l| l.iter().map(|l| (*l).to_owned()).collect()),
        actions: scopes
            .actions
            .as_ref()
            .map(|a| a.iter().map(|a| action(*a)).collect()),
        profile: scopes.profile.map(profile),
        max_zoom: scopes.max_zoom,
    }
}

fn real_profile(place: usize, of: &Profile) -> access::Profile {
    let aggregate = |how: &Sum| match how {
        Sum::Sum => access::Aggregate::Sum,
        Sum::Mean => access::Aggregate::Mean,
        Sum::Min => access::Aggregate::Min,
        Sum::Max => access::Aggregate::Max,
    };
    access::Profile {
        id: profile(place),
        organisation: of.author.map(organisation),
        rows: of.rows.to_string(),
        attributes: match &of.attributes {
            None => access::Attributes::All,
            Some(names) => access::Attributes::Only(names.clone()),
        },
        area: of.area.as_ref().map(|(which, mode)| {
            let which = match which {
                Which::Jurisdiction => access::ProfileArea::Jurisdiction,
                Which::Given(area) => access::ProfileArea::Given(source(area)),
            };
            let mode = match mode {
                Mode::Clip => access::AreaMode::Clip,
                Mode::Intersects => access::AreaMode::Intersects,
                Mode::Within => access::AreaMode::Within,
            };
            (which, mode)
        }),
        derived: of
            .derived
            .iter()
            .map(|(name, rule)| {
                let rule = match rule {
                    Rule::Mask => access::Derived::Mask,
                    Rule::Recompute => access::Derived::Recompute,
                };
                (name.clone(), rule)
            })
            .collect(),
        zooms: access::Zooms {
            min: of.zooms.0,
            max: of.zooms.1,
        },
        precision: of.precision.as_ref().map(|cells| access::Precision {
            grid_m: cells.grid_m,
            min_count: cells.min_count,
            aggregates: cells
                .sums
                .iter()
                .map(|(n, how)| (n.clone(), aggregate(how)))
                .collect(),
        }),
        formats: of
            .formats
            .as_ref()
            .map(|f| f.iter().map(|f| (*f).to_owned()).collect()),
    }
}

fn source(area: &Area) -> AreaSource {
    match area {
        Area::Drawn(ground) => AreaSource::Wkt(wkt(ground)),
        Area::Layer(name) => AreaSource::Layer {
            layer: (*name).to_owned(),
            filter: "TRUE".to_owned(),
        },
    }
}

/// The caller's credential, as the policy understands it.
pub fn principal(
    policy: &access::Policy,
    caller: &Caller,
    now: i64,
) -> Result<access::Principal, access::Refusal> {
    let standing = match caller {
        Caller::Anonymous => return Ok(access::Principal::Anonymous),
        Caller::Operator => Arc::new(access::Standing::operator()),
        Caller::Key(id, signed) => {
            let standing = policy.standing_of_key(access::KeyId(*id), now)?;
            match signed {
                Some(narrower) => Arc::new(standing.narrowed(&scopes(narrower))),
                None => standing,
            }
        }
        Caller::Token(subject, siret, groups) => {
            let groups = groups.iter().map(|g| (*g).to_owned()).collect();
            policy.standing_of_identity(ISSUER, subject, *siret, &groups, now)?
        }
    };
    Ok(access::Principal::Known(standing))
}

pub fn surface(surface: Surface) -> access::Surface {
    match surface {
        Surface::Discover => access::Surface::Discover,
        Surface::Tiles(z) => access::Surface::Tiles(z),
        Surface::Tilesets => access::Surface::Tilesets,
        Surface::Items => access::Surface::Items,
        Surface::Export => access::Surface::Export,
    }
}

impl std::fmt::Display for Test {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let joined = |all: &[Self], word: &str| {
            let all: Vec<_> = all.iter().map(|t| format!("({t})")).collect();
            all.join(word)
        };
        match self {
            Self::Known(true) => f.write_str("TRUE"),
            Self::Known(false) => f.write_str("FALSE"),
            Self::Faulty(text) => f.write_str(text),
            Self::Compare(field, op, n) => write!(f, "{} {op} {n}", FIELDS[*field]),
            Self::Between(field, low, high) => {
                write!(f, "{} BETWEEN {low} AND {high}", FIELDS[*field])
            }
            Self::In(field, list) => {
                let list: Vec<_> = list.iter().map(i64::to_string).collect();
                write!(f, "{} IN ({})", FIELDS[*field], list.join(", "))
            }
            Self::IsNull(field) => write!(f, "{} IS NULL", FIELDS[*field]),
            Self::Not(inner) => write!(f, "NOT ({inner})"),
            Self::And(all) => f.write_str(&joined(all, " AND ")),
            Self::Or(all) => f.write_str(&joined(all, " OR ")),
        }
    }
}

/// The rows of a case as columns.
pub struct Columns {
    rows: usize,
    values: Vec<Vec<i64>>,
    valid: Vec<Vec<u64>>,
}

impl Columns {
    pub fn of(rows: &[Row]) -> Self {
        assert!(rows.len() <= 64, "one block");
        let column = |field: usize| rows.iter().map(move |r| r.values[field]);
        Self {
            rows: rows.len(),
            values: (0..FIELDS.len())
                .map(|f| column(f).map(Option::unwrap_or_default).collect())
                .collect(),
            valid: (0..FIELDS.len())
                .map(|f| {
                    let bits = column(f)
                        .enumerate()
                        .map(|(i, v)| u64::from(v.is_some()) << i);
                    vec![bits.sum()]
                })
                .collect(),
        }
    }
}

impl Table for Columns {
    fn rows(&self) -> usize {
        self.rows
    }

    fn column(&self, field: usize) -> Column<'_> {
        Column {
            values: Values::Int64(&self.values[field]),
            valid: Some(&self.valid[field]),
            zones: Zones::None,
        }
    }

    // Areas are looked at apart from filters.
    fn geometry(&self, _row: usize) -> Option<SourceGeometry<'_>> {
        None
    }

    fn grid_bbox(&self, _row: usize) -> Option<GridBox> {
        None
    }
}
