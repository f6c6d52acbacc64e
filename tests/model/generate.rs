//! Cases out of a seed. Names, filters, areas and numbers come from small pools, so that slices meet, merge and cover each other.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::{
    ALL_ACTIONS, ALL_ZOOMS, Area, Caller, Case, Cells, FIELDS, Grant, Ground, Key, LAYER, Member,
    Mode, OTHER_LAYER, Organisation, Policy, Profile, Role, Row, Rule, SIDE, Scopes, Shape, State,
    Subject, Sum, Target, Test, Which,
};

/// Numbers that follow from a seed (splitmix64).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x6A09_E667_F3BC_C908)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn pick<T: Clone>(&mut self, options: &[T]) -> T {
        options[self.below(options.len())].clone()
    }

    /// A place in a list of `n`; once in `k` times, one beyond.
    fn place(&mut self, n: usize, k: usize) -> usize {
        let beyond = usize::from(self.one_in(k));
        self.below(n + beyond)
    }

    /// Some of the options, each as often as not.
    fn some<T: Clone + Ord>(&mut self, options: &[T]) -> BTreeSet<T> {
        let taken = options.iter().filter(|_| self.below(2) == 0).cloned();
        taken.collect()
    }
}

const GROUPS: [&str; 2] = ["partners", "firefighters"];
const SIRETS: [&str; 3] = ["21130001900016", "21130002700011", "00000000000000"];
const PEOPLE: [&str; 3] = ["ada", "berthe", "carl"];
const FORMATS: [&str; 2] = ["mvt", "geojson"];
/// The instant of all cases; periods begin and end around it.
const NOW: i64 = 1_000;

/// What the profiles of a case choose from.
struct Pools {
    rows: Vec<Test>,
    areas: Vec<Area>,
    attributes: Vec<Option<BTreeSet<String>>>,
    precisions: Vec<Cells>,
}

pub fn case(seed: u64) -> Case {
    let random = &mut Random::new(seed);
    let open = random.one_in(6);
    let owned = !random.one_in(8);
    let pools = pools(random);
    let mut case = Case {
        rows: (0..4 + random.below(5)).map(|_| row(random)).collect(),
        open,
        owned,
        policy: Policy::default(),
        callers: Vec::new(),
        now: NOW,
    };
    let policy = &mut case.policy;
    for place in 0..2 + random.below(3) {
        let organisation = organisation(random, &pools, place);
        policy.organisations.push(organisation);
    }
    let organisations = policy.organisations.len();
    for _ in 0..=random.below(3) {
        policy.members.push(member(random, organisations));
    }
    for _ in 0..=random.below(6) {
        policy.profiles.push(profile(random, &pools, organisations));
    }
    for _ in 0..=random.below(4) {
        let key = key(random, policy);
        policy.keys.push(key);
    }
    // Drawn apart: each seed stands for the case that it stood for before there were lines of keys.
    let lines = &mut Random::new(!seed);
    for place in 1..policy.keys.len() {
        policy.keys[place - 1].next = lines.one_in(4).then_some(place as u32);
    }
    for _ in 0..random.below(9) {
        let grant = grant(random, policy);
        policy.grants.push(grant);
    }
    for _ in 0..random.below(4) {
        policy
            .accepted
            .insert((random.below(organisations), 1 + random.below(2) as u64));
    }
    if random.one_in(4) {
        policy.suspensions.push(target(random, policy));
    }
    if random.one_in(8) {
        policy.state = Some(random.pick(&[State::Draft, State::Published, State::Withdrawn]));
    }
    policy.embargo = random.one_in(10).then(|| instant(random));
    case.callers = callers(random, &case.policy);
    case
}

fn instant(random: &mut Random) -> i64 {
    random.pick(&[NOW - 1, NOW, NOW + 1])
}

pub fn row(random: &mut Random) -> Row {
    let mut values = [None; FIELDS.len()];
    for value in &mut values {
        *value = (!random.one_in(6)).then(|| random.below(4) as i64);
    }
    Row {
        values,
        shape: (!random.one_in(12)).then(|| shape(random)),
    }
}

fn shape(random: &mut Random) -> Shape {
    let even = |random: &mut Random| 2 * random.below(SIDE as usize + 1) as u8;
    let odd = |random: &mut Random| 2 * random.below(SIDE as usize) as u8 + 1;
    let dimension = random.below(3) as u8;
    let mut atoms = BTreeSet::new();
    match dimension {
        0 => {
            for _ in 0..=(random.below(3) / 2) {
                let corner = (even(random), even(random));
                let middle = (odd(random), odd(random));
                atoms.insert(random.pick(&[corner, middle]));
            }
        }
        1 => {
            let (x, y) = (
                random.below(SIDE as usize - 2) as u8,
                random.below(SIDE as usize - 2) as u8,
            );
            // Along one side, and maybe around a corner.
            atoms.extend((x..x + 2).map(|i| (2 * i + 1, 2 * y)));
            if random.one_in(2) {
                atoms.extend((y..y + 1 + random.below(2) as u8).map(|j| (2 * x + 4, 2 * j + 1)));
            }
        }
        _ => atoms = ground(random).0,
    }
    Shape { dimension, atoms }
}

/// A rectangle, or two of them together.
fn ground(random: &mut Random) -> Ground {
    let rectangle = |random: &mut Random| {
        let mut n = |most: usize| random.below(most) as u8;
        Ground::rectangle(n(5), n(5), 1 + n(4), 1 + n(4))
    };
    let mut all = rectangle(random);
    if random.one_in(3) {
        all.0.extend(rectangle(random).0);
    }
    all
}

fn test(random: &mut Random, depth: usize) -> Test {
    let field = random.below(FIELDS.len());
    let n = |random: &mut Random| random.below(4) as i64;
    match random.below(if depth == 0 { 6 } else { 9 }) {
        0 | 1 => {
            let op = random.pick(&["=", "<>", "<", ">", "<=", ">="]);
            Test::Compare(field, op, n(random))
        }
        2 => Test::Between(field, n(random), n(random)),
        3 => Test::In(field, (0..=random.below(2)).map(|_| n(random)).collect()),
        4 => Test::IsNull(field),
        5 => Test::Known(random.below(3) > 0),
        6 => Test::Not(Box::new(test(random, depth - 1))),
        7 => Test::And(vec![test(random, depth - 1), test(random, depth - 1)]),
        _ => Test::Or(vec![test(random, depth - 1), test(random, depth - 1)]),
    }
}

fn pools(random: &mut Random) -> Pools {
    let names = |places: &[usize]| Some(places.iter().map(|f| FIELDS[*f].to_owned()).collect());
    let mut rows = vec![Test::Known(true), Test::Known(true)];
    rows.extend((0..2).map(|_| test(random, 2)));
    if random.one_in(6) {
        rows.push(Test::Faulty(random.pick(&[
            "e = 1",
            "a = 'x'",
            "a =",
            "a = 1 AND",
        ])));
    }
    let mut areas: Vec<_> = (0..2).map(|_| Area::Drawn(ground(random))).collect();
    if random.one_in(4) {
        let named = ["o0.zone", "o1.open", "o1.closed", "o1.gone"];
        areas.push(Area::Layer(random.pick(&named)));
    }
    if random.one_in(12) {
        areas.push(Area::Drawn(Ground::default()));
    }
    let attributes = vec![
        None,
        names(&[]),
        names(&[0]),
        names(&[1]),
        names(&[0, 1]),
        names(&[1, 2]),
    ];
    let precisions = [(1000, 11), (1000, 11), (1000, 5), (5000, 11), (0, 1)]
        .into_iter()
        .map(|(grid_m, min_count)| {
            let how = |random: &mut Random| random.pick(&[Sum::Sum, Sum::Mean]);
            let sums = random.some(&["a", "b"]).into_iter();
            Cells {
                grid_m: if grid_m == 0 && !random.one_in(8) {
                    1000
                } else {
                    grid_m
                },
                min_count,
                sums: sums.map(|n| (n.to_owned(), how(random))).collect(),
            }
        })
        .collect();
    Pools {
        rows,
        areas,
        attributes,
        precisions,
    }
}

fn organisation(random: &mut Random, pools: &Pools, place: usize) -> Organisation {
    Organisation {
        // Mostly an earlier one; sometimes any, which may be a circle or nobody.
        parent: match random.below(6) {
            0 | 1 if place > 0 => Some(random.below(place)),
            2 => Some(random.below(5)),
            _ => None,
        },
        siret: random.one_in(2).then(|| random.pick(&SIRETS)),
        jurisdiction: (!random.one_in(4)).then(|| random.pick(&pools.areas)),
    }
}

fn member(random: &mut Random, organisations: usize) -> Member {
    Member {
        organisation: random.place(organisations, 8),
        role: random.pick(&[Role::Reader, Role::Editor, Role::Publisher, Role::Admin]),
        groups: random.some(&GROUPS),
        identity: random.one_in(2).then(|| random.pick(&PEOPLE)),
        until: random.one_in(4).then(|| instant(random)),
    }
}

pub fn zooms(random: &mut Random) -> (u8, u8) {
    match random.below(8) {
        0 => (0, 12),
        1 => (10, 14),
        2 => (10, u8::MAX),
        3 if random.one_in(4) => (9, 4),
        _ => (0, u8::MAX),
    }
}

fn profile(random: &mut Random, pools: &Pools, organisations: usize) -> Profile {
    let precision = random.one_in(4).then(|| random.pick(&pools.precisions));
    let names: Vec<String> = FIELDS
        .iter()
        .chain(&["e"])
        .map(|f| (*f).to_owned())
        .collect();
    let derived = match random.below(6) {
        0 | 1 => random.some(&names[..2]),
        2 if random.one_in(3) => random.some(&names),
        _ => BTreeSet::new(),
    };
    let attributes = match (&precision, random.below(12)) {
        (Some(_), 1..) => Some(BTreeSet::new()),
        (None, 0) => Some(random.some(&names)),
        _ => random.pick(&pools.attributes),
    };
    Profile {
        author: random.one_in(2).then(|| random.below(organisations)),
        rows: random.pick(&pools.rows),
        attributes,
        area: random.one_in(2).then(|| {
            let which = match random.below(3) {
                0 => Which::Jurisdiction,
                _ => Which::Given(random.pick(&pools.areas)),
            };
            let modes = [Mode::Clip, Mode::Clip, Mode::Intersects, Mode::Within];
            (which, random.pick(&modes))
        }),
        derived: derived
            .into_iter()
            .map(|name| (name, random.pick(&[Rule::Mask, Rule::Recompute])))
            .collect::<BTreeMap<_, _>>(),
        zooms: zooms(random),
        precision,
        formats: random.one_in(8).then(|| random.some(&FORMATS)),
    }
}

/// Two profiles of one case that any layer honours.
pub fn two_profiles(random: &mut Random) -> [Profile; 2] {
    let mut pools = pools(random);
    pools.rows.retain(|t| !t.is_faulty());
    pools
        .areas
        .retain(|a| matches!(a, Area::Drawn(g) if !g.0.is_empty()));
    pools.precisions.retain(|p| p.grid_m > 0);
    [(), ()].map(|()| {
        let mut profile = profile(random, &pools, 1);
        profile.author = None;
        profile.zooms = ALL_ZOOMS;
        profile.formats = None;
        if profile
            .area
            .as_ref()
            .is_some_and(|(which, _)| *which == Which::Jurisdiction)
        {
            profile.area = Some((Which::Given(random.pick(&pools.areas)), Mode::Within));
        }
        let known = |name: &String| FIELDS[..3].contains(&name.as_str());
        profile.derived.retain(|name, _| known(name));
        if let Some(names) = &mut profile.attributes {
            names.retain(known);
        }
        if profile.precision.is_some() {
            profile.attributes = Some(BTreeSet::new());
        }
        profile
    })
}

fn scopes(random: &mut Random, profiles: usize) -> Scopes {
    Scopes {
        layers: random.one_in(6).then(|| random.some(&[LAYER, OTHER_LAYER])),
        actions: random.one_in(5).then(|| random.some(&ALL_ACTIONS)),
        profile: random.one_in(4).then(|| random.place(profiles, 8)),
        max_zoom: random.one_in(6).then(|| random.pick(&[8, 12, u8::MAX])),
    }
}

fn key(random: &mut Random, policy: &Policy) -> Key {
    let members = policy.members.len();
    let member = random.one_in(2).then(|| random.place(members, 10));
    let home = member
        .and_then(|m| policy.members.get(m))
        .map(|m| m.organisation);
    let any = random.place(policy.organisations.len(), 10);
    Key {
        organisation: home.filter(|_| !random.one_in(10)).unwrap_or(any),
        member,
        browser: random.one_in(5),
        scopes: if random.one_in(2) {
            scopes(random, policy.profiles.len())
        } else {
            Scopes::default()
        },
        from: random.one_in(8).then(|| instant(random)),
        until: random.one_in(8).then(|| instant(random)),
        next: None,
        revoked: random.one_in(12),
    }
}

fn grant(random: &mut Random, policy: &Policy) -> Grant {
    let organisations = policy.organisations.len();
    Grant {
        subject: match random.below(5) {
            0 => Subject::Public,
            1 => Subject::Authenticated,
            2 => Subject::Organisation(random.below(organisations)),
            3 => Subject::Group(random.pick(&GROUPS)),
            _ => Subject::Key(random.below(policy.keys.len() + 1) as u32),
        },
        layers: match random.below(8) {
            0 => random.some(&[LAYER, OTHER_LAYER]),
            _ => BTreeSet::from([LAYER]),
        },
        profile: random.place(policy.profiles.len(), 10),
        actions: if random.one_in(3) {
            random.some(&ALL_ACTIONS)
        } else {
            ALL_ACTIONS.into()
        },
        from: random.one_in(6).then(|| instant(random)),
        until: random.one_in(6).then(|| instant(random)),
        terms: random.one_in(5).then(|| 1 + random.below(2) as u64),
    }
}

fn target(random: &mut Random, policy: &Policy) -> Target {
    match random.below(4) {
        0 => Target::Layer(random.pick(&[LAYER, OTHER_LAYER])),
        1 => Target::Key(random.below(policy.keys.len()) as u32),
        2 => Target::Member(random.below(policy.members.len())),
        _ => Target::Organisation(random.below(policy.organisations.len())),
    }
}

/// Nobody, each key, one of them by a signed URL, somebody by a token, and sometimes whoever runs the machine.
fn callers(random: &mut Random, policy: &Policy) -> Vec<Caller> {
    let mut callers = vec![Caller::Anonymous];
    let keys = policy.keys.len();
    callers.extend((0..keys).map(|k| Caller::Key(k as u32, None)));
    let mut narrower = scopes(random, 1);
    narrower.profile = None;
    callers.push(Caller::Key(random.below(keys + 1) as u32, Some(narrower)));
    let siret = random.one_in(2).then(|| random.pick(&SIRETS));
    callers.push(Caller::Token(
        random.pick(&PEOPLE),
        siret,
        random.some(&GROUPS),
    ));
    if random.one_in(8) {
        callers.push(Caller::Operator);
    }
    callers
}
