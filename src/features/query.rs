//! The parameters of `/collections/{c}/items`, parsed against what the caller may see of the collection.

use super::bbox::BoxFilter;
use super::cql2::{self, Language};
use super::crs::{CrsList, OfferedCrs, offered};
use super::cursor::Start;
use super::datetime::Interval;
use super::equality::{Equality, queryable_fields};
use super::fault::{Fault, FaultKind};
use super::filter::Filter;
use crate::catalog::VisibleLayer;
use crate::filter;
use crate::model::Schema;

/// Numbers of items a page (OGC 17-069r4 §7.15.2), and what a filter may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Where the request says nothing. Clients that say nothing want the data, not a sample: those that want a sample ask for 10 or 20.
    pub default: u32,
    /// A higher `limit` is lowered to this (`/req/core/fc-limit-response-1` C). QGIS takes it as its page size up to here.
    pub maximum: u32,
    /// What the rows of a page may weigh together, by the scale of [`Sink::weigh`](super::Sink::weigh). A page that reaches it ends
    /// early and has a next one; it has one row at least.
    pub weight: u64,
    /// What the parameter `filter` may be at most.
    pub filter: filter::Limits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            default: 1000,
            maximum: 10_000,
            // 64 MiB of GeoJSON: ten thousand detailed outlines would be gigabytes.
            weight: 64 << 20,
            filter: filter::Limits::default(),
        }
    }
}

/// A parsed query.
#[derive(Debug)]
pub struct ItemsQuery {
    /// The greatest number of items on the page, at least 1.
    pub limit: u32,
    /// Where it starts.
    pub start: Start,
    /// What the page may weigh.
    pub weight: u64,
    /// Which rows.
    pub filter: Filter,
    /// The CRS of the answer.
    pub crs: OfferedCrs,
    /// Hash of what selects rows: the parameters of the filter, whatever their order, and the meaning of `filter`, however it is
    /// written.
    pub(super) selection: [u8; 32],
}

/// The layer's public description, as far as queries need it.
pub(super) struct Frame<'a> {
    pub(super) schema: &'a Schema,
    pub(super) crss: &'a CrsList,
    pub(super) time_field: Option<usize>,
}

impl ItemsQuery {
    /// Parses `(name, value)` pairs, percent-decoded; gives all faults at once. `f`, `lang` and credentials are the API's own affair
    /// and must have been taken out before.
    pub fn parse(
        pairs: &[(String, String)],
        layer: &VisibleLayer,
        limits: Limits,
    ) -> Result<Self, Vec<Fault>> {
        let frame = Frame {
            schema: layer.schema(),
            crss: &offered(layer),
            time_field: layer.time_field(),
        };
        parse(pairs, &frame, limits)
    }
}

pub(super) fn parse(
    pairs: &[(String, String)],
    frame: &Frame<'_>,
    limits: Limits,
) -> Result<ItemsQuery, Vec<Fault>> {
    let mut draft = Draft::new(frame, limits);
    for (place, (name, value)) in pairs.iter().enumerate() {
        if pairs[..place].iter().any(|(earlier, _)| earlier == name) {
            draft.faults.push(Fault::new(name, FaultKind::Repeated));
        } else if let Err(kind) = draft.take(name, value) {
            draft.faults.push(Fault::new(name, kind));
        }
    }
    draft.finish(pairs)
}

struct Draft<'a> {
    frame: &'a Frame<'a>,
    limits: Limits,
    limit: u32,
    start: Option<(&'static str, Start)>,
    crs: Option<&'a OfferedCrs>,
    bbox: Option<&'a str>,
    bbox_crs: Option<&'a OfferedCrs>,
    cql2: Option<&'a str>,
    cql2_language: Option<Language>,
    cql2_crs: Option<&'a OfferedCrs>,
    filter: Filter,
    faults: Vec<Fault>,
}

impl<'a> Draft<'a> {
    fn new(frame: &'a Frame<'a>, limits: Limits) -> Self {
        Self {
            frame,
            limits,
            limit: limits.default,
            start: None,
            crs: None,
            bbox: None,
            bbox_crs: None,
            cql2: None,
            cql2_language: None,
            cql2_crs: None,
            filter: Filter::default(),
            faults: Vec::new(),
        }
    }

    fn take(&mut self, name: &str, value: &'a str) -> Result<(), FaultKind> {
        match name {
            "limit" => {
                let wanted = whole_number(value, 1)?;
                self.limit = u32::try_from(wanted)
                    .unwrap_or(u32::MAX)
                    .min(self.limits.maximum);
            }
            "offset" => self.start_at("offset", Start::Offset(whole_number(value, 0)?))?,
            "cursor" => self.start_at("cursor", Start::Cursor(value.to_owned()))?,
            "crs" => self.crs = Some(self.find_crs(value)?),
            "bbox" => self.bbox = Some(value),
            "bbox-crs" => self.bbox_crs = Some(self.find_crs(value)?),
            "filter" => self.cql2 = Some(value),
            "filter-lang" => self.cql2_language = Some(Language::parse(value)?),
            "filter-crs" => self.cql2_crs = Some(self.find_crs(value)?),
            "datetime" => {
                let interval = Interval::parse(value)?;
                self.filter.time = self.frame.time_field.map(|field| (interval, field));
            }
            _ => {
                let (place, field) = queryable_fields(self.frame.schema)
                    .find(|(_, f)| f.name == name)
                    .ok_or(FaultKind::Unknown)?;
                self.filter
                    .equalities
                    .push(Equality::parse(place, field, value)?);
            }
        }
        Ok(())
    }

    fn start_at(&mut self, name: &'static str, start: Start) -> Result<(), FaultKind> {
        match &self.start {
            Some((other, _)) => Err(FaultKind::ExcludedBy(other)),
            None => {
                self.start = Some((name, start));
                Ok(())
            }
        }
    }

    fn find_crs(&self, uri: &str) -> Result<&'a OfferedCrs, FaultKind> {
        let not_offered = || FaultKind::CrsNotOffered(uri.to_owned());
        self.frame.crss.find(uri).ok_or_else(not_offered)
    }

    fn is_wrong(&self, parameter: &str) -> bool {
        self.faults.iter().any(|f| f.parameter == parameter)
    }

    fn finish(mut self, pairs: &[(String, String)]) -> Result<ItemsQuery, Vec<Fault>> {
        let default_crs = self.frame.crss.default_crs();
        // A box whose CRS is wrong cannot be judged: the CRS alone is reported.
        if let (Some(text), false) = (self.bbox, self.is_wrong("bbox-crs")) {
            let crs = self.bbox_crs.unwrap_or(default_crs);
            match BoxFilter::parse(text, crs, self.frame.crss) {
                Ok(bbox) => self.filter.bbox = Some(bbox),
                Err(kind) => self.faults.push(Fault::new("bbox", kind)),
            }
        }
        let cql2_crs = self.cql2_crs.unwrap_or(default_crs);
        // No more can a filter of which the language or the CRS is wrong.
        let unclear = self.is_wrong("filter-crs") || self.is_wrong("filter-lang");
        if let (Some(text), false) = (self.cql2, unclear) {
            let (language, limits) = (self.cql2_language, &self.limits.filter);
            match cql2::parse(text, language, cql2_crs, self.frame, limits) {
                Ok(parsed) => self.filter.cql2 = Some(parsed),
                Err(kind) => self.faults.push(Fault::new("filter", kind)),
            }
        }
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        let meaning = self.filter.cql2.as_ref().map(|f| (f.hash(), cql2_crs));
        Ok(ItemsQuery {
            selection: selection(pairs, meaning),
            limit: self.limit,
            weight: self.limits.weight,
            start: self.start.map_or(Start::First, |(_, start)| start),
            filter: self.filter,
            crs: self.crs.unwrap_or(default_crs).clone(),
        })
    }
}

fn whole_number(text: &str, least: u64) -> Result<u64, FaultKind> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let (negative, digits) = match digits.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, digits),
    };
    if digits.is_empty() || !digits.bytes().all(|c| c.is_ascii_digit()) {
        return Err(FaultKind::NotInteger(text.to_owned()));
    }
    // More digits than a u64 holds: a number above every ceiling.
    let number = digits.parse().unwrap_or(u64::MAX);
    if (negative && number > 0) || number < least {
        let given = text.to_owned();
        return Err(FaultKind::TooSmall { given, least });
    }
    Ok(number)
}

/// What does not choose rows: how many of them, where to start, and how they look.
const NOT_SELECTING: [&str; 4] = ["limit", "offset", "cursor", "crs"];
/// What chooses rows by its meaning.
const MEANT: [&str; 3] = ["filter", "filter-lang", "filter-crs"];

fn selection(pairs: &[(String, String)], filter: Option<([u8; 32], &OfferedCrs)>) -> [u8; 32] {
    let mut selecting: Vec<_> = pairs
        .iter()
        .filter(|(n, _)| !NOT_SELECTING.contains(&n.as_str()) && !MEANT.contains(&n.as_str()))
        .collect();
    selecting.sort();
    let mut hasher = blake3::Hasher::new();
    for (name, value) in selecting {
        for text in [name, value] {
            hasher.update(&(text.len() as u64).to_be_bytes());
            hasher.update(text.as_bytes());
        }
    }
    if let Some((meaning, crs)) = filter {
        // No length is so great: this is no pair.
        hasher.update(&u64::MAX.to_be_bytes());
        hasher.update(&meaning);
        hasher.update(crs.uri.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::crs::OfferedCrs;
    use crate::geometry::crs::Crs;
    use crate::geometry::source::GeometryKind;
    use crate::model::{DataType, Field};

    const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
    const LATLON: &str = "http://www.opengis.net/def/crs/EPSG/0/4326";

    fn run(pairs: &[(&str, &str)]) -> Result<ItemsQuery, Vec<Fault>> {
        let entries = [CRS84, LATLON].map(|uri| OfferedCrs {
            uri: uri.to_owned(),
            crs: Crs::parse(uri).expect("known"),
        });
        let crss = CrsList {
            entries: entries.to_vec(),
            storage: 0,
        };
        let fields = vec![
            Field::new("nom", DataType::String),
            Field::new("pop", DataType::Integer),
            Field::new("limit", DataType::Integer),
            Field::new("extra", DataType::Json),
        ];
        let schema = Schema {
            fields,
            geometry_kinds: vec![GeometryKind::Point],
            ..Schema::default()
        };
        let frame = Frame {
            schema: &schema,
            crss: &crss,
            time_field: None,
        };
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        parse(&pairs, &frame, Limits::default())
    }

    fn fault(pairs: &[(&str, &str)]) -> FaultKind {
        let mut faults = run(pairs).expect_err("a fault");
        assert_eq!(faults.len(), 1, "{faults:?}");
        faults.remove(0).kind
    }

    #[test]
    fn limit_is_lowered_not_refused() {
        assert_eq!(run(&[]).expect("fine").limit, 1000);
        for (text, limit) in [
            ("1", 1),
            ("0010", 10),
            ("10000", 10_000),
            ("10001", 10_000),
            ("99999999999999999999999", 10_000),
        ] {
            assert_eq!(run(&[("limit", text)]).expect(text).limit, limit);
        }
        for text in ["0", "-1", "-0"] {
            let given = text.to_owned();
            assert_eq!(
                fault(&[("limit", text)]),
                FaultKind::TooSmall { given, least: 1 }
            );
        }
        for text in ["", "abc", "1.5", "1e3", "unlimited", "١"] {
            assert_eq!(
                fault(&[("limit", text)]),
                FaultKind::NotInteger(text.to_owned())
            );
        }
    }

    #[test]
    fn all_faults_come_together() {
        let faults = run(&[
            ("limit", "x"),
            ("bbox", "1,2"),
            ("nonsense", "1"),
            ("pop", "many"),
            ("pop", "2"),
            ("crs", "no"),
        ]);
        let names: Vec<_> = faults
            .expect_err("faults")
            .into_iter()
            .map(|f| f.parameter)
            .collect();
        assert_eq!(names, ["limit", "nonsense", "pop", "pop", "crs", "bbox"]);
    }

    #[test]
    fn reserved_names_and_nested_values_are_no_properties() {
        assert_eq!(run(&[("limit", "5")]).expect("fine").limit, 5);
        assert_eq!(fault(&[("extra", "{}")]), FaultKind::Unknown);
        assert_eq!(fault(&[("NOM", "Aix")]), FaultKind::Unknown);
    }

    #[test]
    fn crs_by_its_published_identifier_only() {
        assert_eq!(run(&[("crs", LATLON)]).expect("fine").crs.uri, LATLON);
        assert_eq!(run(&[]).expect("fine").crs.uri, CRS84);
        for uri in [
            "",
            "EPSG:4326",
            "http://www.opengis.net/def/crs/EPSG/0/9999",
            "4326",
        ] {
            assert_eq!(
                fault(&[("crs", uri)]),
                FaultKind::CrsNotOffered(uri.to_owned())
            );
            assert_eq!(
                fault(&[("bbox-crs", uri), ("bbox", "nonsense")]),
                FaultKind::CrsNotOffered(uri.to_owned())
            );
        }
        assert!(run(&[("bbox-crs", LATLON)]).expect("fine").filter.is_all());
    }

    #[test]
    fn the_language_and_the_crs_of_a_filter_are_judged_with_or_without_it() {
        assert!(run(&[("filter-lang", "cql2-json")]).is_ok_and(|q| q.filter.is_all()));
        assert!(run(&[("filter-crs", LATLON)]).is_ok_and(|q| q.filter.is_all()));
        for language in ["", "CQL2-TEXT", "cql", "json-filter-expr"] {
            let given = language.to_owned();
            let allowed = crate::features::FILTER_LANGUAGES;
            let expected = FaultKind::NotOneOf { given, allowed };
            assert_eq!(fault(&[("filter-lang", language)]), expected);
            // The filter itself cannot be judged then.
            assert_eq!(
                fault(&[("filter", "("), ("filter-lang", language)]),
                expected
            );
        }
        let unknown = "http://www.opengis.net/def/crs/EPSG/0/2154";
        let expected = FaultKind::CrsNotOffered(unknown.to_owned());
        assert_eq!(fault(&[("filter-crs", unknown), ("filter", "(")]), expected);
    }

    #[test]
    fn faults_of_filters_say_where() {
        let text = "nom = 'Aix' AND popo > 5";
        for language in ["cql2-text", "cql-text"] {
            let FaultKind::Cql2 { fault, text: kept } =
                fault(&[("filter", text), ("filter-lang", language)])
            else {
                panic!("{language}");
            };
            assert_eq!(
                (
                    kept.as_str(),
                    &kept[fault.at.start as usize..fault.at.end as usize]
                ),
                (text, "popo"),
                "{language}"
            );
        }
        let json = r#"{"op":"=","args":[{"property":"pop"},5]}"#;
        assert_eq!(fault(&[("filter", json)]), FaultKind::JsonUnannounced);
        assert!(run(&[("filter", json), ("filter-lang", "cql2-json")]).is_ok());
        assert!(matches!(fault(&[("filter", "")]), FaultKind::Cql2 { .. }));
    }

    #[test]
    fn offset_and_cursor_exclude_each_other() {
        assert_eq!(
            run(&[("offset", "0")]).expect("fine").start,
            Start::Offset(0)
        );
        assert_eq!(
            fault(&[("offset", "-1")]),
            FaultKind::TooSmall {
                given: "-1".to_owned(),
                least: 0
            }
        );
        assert_eq!(
            fault(&[("offset", "5"), ("cursor", "abc")]),
            FaultKind::ExcludedBy("offset")
        );
    }

    #[test]
    fn only_what_selects_rows_is_hashed() {
        let hash = |pairs: &[(&str, &str)]| run(pairs).expect("fine").selection;
        let base = hash(&[("nom", "Aix"), ("pop", "5")]);
        assert_eq!(
            base,
            hash(&[
                ("pop", "5"),
                ("limit", "7"),
                ("nom", "Aix"),
                ("crs", LATLON),
                ("offset", "3")
            ])
        );
        assert_ne!(base, hash(&[("nom", "Aix"), ("pop", "6")]));
        assert_ne!(
            hash(&[("bbox", "1,2,3,4")]),
            hash(&[("bbox", "1,2,3,4"), ("bbox-crs", LATLON)])
        );
        assert_ne!(hash(&[("nom", "a")]), hash(&[]));
        // A filter by what it means.
        let filtered = hash(&[("filter", "pop > 5 AND nom = 'Aix'")]);
        for same in [
            &[("filter", "(pop>5) and (\"nom\"='Aix')")][..],
            &[
                ("filter", "pop > 5 AND nom = 'Aix'"),
                ("filter-lang", "cql2-text"),
            ],
            &[
                ("filter", "pop > 5 AND nom = 'Aix'"),
                ("filter-lang", "cql-text"),
            ],
            &[("filter", "pop > 5 AND nom = 'Aix'"), ("filter-crs", CRS84)],
        ] {
            assert_eq!(hash(same), filtered, "{same:?}");
        }
        assert_ne!(hash(&[("filter", "pop > 6 AND nom = 'Aix'")]), filtered);
        assert_ne!(hash(&[("filter", "pop = 5")]), hash(&[("pop", "5")]));
        let crs = [
            ("filter-crs", LATLON),
            ("filter", "S_INTERSECTS(geometry,POINT(43 5))"),
        ];
        assert_ne!(hash(&crs), hash(&crs[1..]));
        assert_eq!(hash(&[("filter-lang", "cql2-json")]), hash(&[]));
    }
}
