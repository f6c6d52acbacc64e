//! Pairs of grants, compared by what they show: two together never show a property or a piece of ground of a feature that neither
//! shows alone, nor less. Merging their parts one by one, as other servers do, shows more in most cases; that the count finds it
//! is the proof that it could find us.

use std::collections::BTreeSet;

use guichet::access;

use crate::case::{ALL_ACTIONS, Case, Cells, Geometry, Grant, LAYER, Mode, Policy, Profile};
use crate::case::{Caller, Ground, Row, Sight, Subject, Surface, Test, Which};
use crate::generate::{self, Random};
use crate::real::{self, Setting};
use crate::sight::Observer;

/// What can be seen of a feature, piece by piece.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    /// A property; `true` if the value is computed anew.
    Attribute(usize, bool),
    /// A piece of the shape at full precision.
    Ground(crate::case::Atom),
    /// That it is somewhere in a cell of that size.
    Cell(u32),
}

fn pieces(sight: &Sight, rows: &[Row]) -> BTreeSet<(usize, Piece)> {
    let Sight::Rows(seen, _) = sight else {
        return BTreeSet::new();
    };
    let mut all = BTreeSet::new();
    for (place, (row, seen)) in rows.iter().zip(seen).enumerate() {
        let Some(seen) = seen else { continue };
        let attributes = seen.attributes.iter();
        all.extend(attributes.map(|(field, anew)| (place, Piece::Attribute(*field, *anew))));
        let atoms = match &seen.geometry {
            Geometry::Absent => BTreeSet::new(),
            Geometry::Whole => row.atoms(),
            Geometry::Cut(atoms) => atoms.clone(),
            Geometry::Cell(Cells { grid_m, .. }, _) => {
                all.insert((place, Piece::Cell(*grid_m)));
                BTreeSet::new()
            }
        };
        all.extend(atoms.into_iter().map(|a| (place, Piece::Ground(a))));
    }
    all
}

/// What the public sees of a case, and whether it is warned of a place and a property that come together.
fn see(case: &Case, setting: &Setting) -> (BTreeSet<(usize, Piece)>, bool) {
    let policy = access::Policy::new(real::policy(case));
    let caller = real::principal(&policy, &Caller::Anonymous, case.now).unwrap();
    let layer = setting.layer(case);
    let view = policy.view(&caller, &layer, &real::Drawn::of(case), case.now);
    let sight = Observer::new(case).sees(&view, (Surface::Discover, None));
    let pairs = access::gained_pairs(view.on(access::Surface::Discover), layer.schema());
    (pieces(&sight, &case.rows), !pairs.is_empty())
}

/// Places and properties as they are that are seen together, of one feature.
fn joined(pieces: &BTreeSet<(usize, Piece)>) -> BTreeSet<(usize, crate::case::Atom, usize)> {
    let atoms = pieces.iter().filter_map(|(row, piece)| match piece {
        Piece::Ground(atom) => Some((*row, *atom)),
        _ => None,
    });
    let with_properties = |(row, atom): (usize, crate::case::Atom)| {
        let of_row = pieces.iter().filter(move |(r, _)| *r == row);
        of_row.filter_map(move |(_, piece)| match piece {
            Piece::Attribute(field, false) => Some((row, atom, *field)),
            _ => None,
        })
    };
    atoms.flat_map(with_properties).collect()
}

fn with(profiles: &[&Profile], rows: &[Row]) -> Case {
    let grant = |profile| Grant {
        subject: Subject::Public,
        layers: BTreeSet::from([LAYER]),
        profile,
        actions: ALL_ACTIONS.into(),
        from: None,
        until: None,
        terms: None,
    };
    Case {
        rows: rows.to_vec(),
        open: false,
        owned: false,
        policy: Policy {
            profiles: profiles.iter().map(|p| (*p).clone()).collect(),
            grants: (0..profiles.len()).map(grant).collect(),
            ..Policy::default()
        },
        callers: Vec::new(),
        now: 0,
    }
}

/// What merging component by component makes of two profiles: either filter, both areas together, all properties, and a part that one
/// of them leaves out restricts nothing.
fn merged_by_parts(a: &Profile, b: &Profile) -> Profile {
    let is_all = |p: &Profile| matches!(p.rows, Test::Known(true));
    let rows = if is_all(a) || is_all(b) {
        Test::Known(true)
    } else {
        Test::Or(vec![a.rows.clone(), b.rows.clone()])
    };
    let ground = |p: &Profile| match &p.area {
        Some((Which::Given(area), _)) => Case::drawn(area),
        _ => None,
    };
    let area = ground(a).zip(ground(b)).map(|(mut one, other)| {
        one.0.extend(other.0);
        let mode = a.area.as_ref().map_or(Mode::Clip, |(_, mode)| *mode);
        (Which::Given(crate::case::Area::Drawn(Ground(one.0))), mode)
    });
    let attributes = a.attributes.clone().zip(b.attributes.clone());
    Profile {
        rows,
        area,
        attributes: attributes.map(|(mut one, other)| {
            one.extend(other);
            one
        }),
        precision: a.precision.clone().filter(|_| a.precision == b.precision),
        ..a.clone()
    }
}

/// How many pairs of grants…
#[derive(Debug, Default)]
pub struct Count {
    /// … show more than the two do.
    pub more: u64,
    /// … show less.
    pub less: u64,
    /// … would show more if their parts were merged.
    pub more_by_parts: u64,
    /// … show a place and a property together that neither does.
    pub joined: u64,
    /// … do so without a warning.
    pub untold: u64,
}

impl Count {
    fn and(self, other: &Self) -> Self {
        Self {
            more: self.more + other.more,
            less: self.less + other.less,
            more_by_parts: self.more_by_parts + other.more_by_parts,
            joined: self.joined + other.joined,
            untold: self.untold + other.untold,
        }
    }
}

/// Counts pairs from a seed on, on so many threads.
pub fn count(pairs: u64, first: u64, threads: u64) -> Count {
    let share = |t: u64| {
        (first..first + pairs)
            .skip(t as usize)
            .step_by(threads as usize)
    };
    std::thread::scope(|s| {
        let all: Vec<_> = (0..threads)
            .map(|t| s.spawn(move || count_some(share(t))))
            .collect();
        let counts = all.into_iter().map(|t| t.join().unwrap());
        counts.fold(Count::default(), |sum, one| sum.and(&one))
    })
}

fn count_some(seeds: impl Iterator<Item = u64>) -> Count {
    let setting = &Setting::new();
    let mut count = Count::default();
    for seed in seeds {
        let random = &mut Random::new(seed);
        let rows: Vec<Row> = (0..6).map(|_| generate::row(random)).collect();
        let [a, b] = generate::two_profiles(random);
        let alone = [&a, &b].map(|p| see(&with(&[p], &rows), setting).0);
        let union: BTreeSet<_> = alone.iter().flatten().cloned().collect();
        let (both, warned) = see(&with(&[&a, &b], &rows), setting);
        count.more += u64::from(!both.is_subset(&union));
        // Of two ways to show a value or a place, the better one is shown alone.
        let better = |(row, piece): &(usize, Piece)| match piece {
            Piece::Attribute(place, _) => both.contains(&(*row, Piece::Attribute(*place, false))),
            Piece::Cell(size) => both.iter().any(|(r, p)| {
                r == row && (matches!(p, Piece::Ground(_)) || *p <= Piece::Cell(*size))
            }),
            Piece::Ground(_) => false,
        };
        count.less += u64::from(!union.iter().all(|p| both.contains(p) || better(p)));
        let (by_parts, _) = see(&with(&[&merged_by_parts(&a, &b)], &rows), setting);
        count.more_by_parts += u64::from(!by_parts.is_subset(&union));
        let given: BTreeSet<_> = alone.iter().flat_map(joined).collect();
        let joins = !joined(&both).is_subset(&given);
        count.joined += u64::from(joins);
        count.untold += u64::from(joins && !warned);
    }
    count
}
