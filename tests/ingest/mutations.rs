//! Files changed at random, as bad cables and bad programs change them: whatever comes, there is an answer, and there is one soon.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use guichet::ingest::{self, IngestLimits};

use crate::flatgeobuf::{self, Options};
use crate::geojson;
use crate::geopackage::file::{File, Part, blob, wkb};
use crate::open::{Ask, Dice, load};

/// Mutations of each file; `GUICHET_MUTATIONS` asks for more, which are others too.
const MUTATIONS: usize = 2_000;
/// No file of a few kilobytes is worth more.
const LONGEST: Duration = Duration::from_secs(20);

/// Changes a few bytes, cuts, doubles or removes a piece.
fn mutate(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=dice.below(4) {
        if bytes.len() < 2 {
            break;
        }
        let at = dice.below(bytes.len());
        let end = (at + 1 + dice.below(64)).min(bytes.len());
        match dice.below(8) {
            0 => bytes[at] ^= 1 << dice.below(8),
            1 => bytes[at] = dice.below(256) as u8,
            2 => bytes[at..end].fill([0x00, 0xff, 0x7f, b'['][dice.below(4)]),
            3 => bytes.truncate(at.max(bytes.len() / 2)),
            4 => drop(bytes.drain(at..end)),
            5 => {
                let piece = bytes[at..end].to_vec();
                let to = dice.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            6 if at + 4 <= bytes.len() => {
                // A number of 32 bits that announces too much, or a little more.
                let n = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
                let n = [u32::MAX, 1 << 31, n.wrapping_add(1), n.wrapping_mul(256)][dice.below(4)];
                bytes[at..at + 4].copy_from_slice(&n.to_le_bytes());
            }
            _ => bytes[at] = bytes[at].wrapping_add(1),
        }
    }
    bytes
}

/// Loads mutations of the file at `path`; gives how many of them loaded.
fn survive(path: &Path, mutations: usize) -> usize {
    let bytes = fs::read(path).unwrap();
    let mutant = path.with_file_name(format!("mutant.{}", path.extension().unwrap().display()));
    let more = std::env::var("GUICHET_MUTATIONS")
        .ok()
        .and_then(|n| n.parse().ok());
    let mutations = more.unwrap_or(mutations);
    let mut dice = Dice::new((bytes.len() + mutations) as u64);
    let mut loaded = 0;
    for n in 0..mutations {
        let changed = mutate(&bytes, &mut dice);
        fs::write(&mutant, &changed).unwrap();
        let began = Instant::now();
        let answer = catch_unwind(AssertUnwindSafe(|| open_all(&mutant, n % 2 == 0)));
        let kept = || {
            let kept = std::env::temp_dir().join(mutant.file_name().unwrap());
            fs::copy(&mutant, &kept).unwrap();
            kept
        };
        let Ok(good) = answer else {
            panic!("mutation {n} of {}: {}", path.display(), kept().display());
        };
        loaded += usize::from(good);
        assert!(
            began.elapsed() < LONGEST,
            "mutation {n} of {}: {}",
            path.display(),
            kept().display()
        );
    }
    loaded
}

fn open_all(path: &Path, partial: bool) -> bool {
    let names = ingest::layer_names(path, &IngestLimits::default()).unwrap_or_default();
    let mut good = false;
    for layer in &names {
        let ask = Ask {
            layer: layer.as_deref(),
            partial,
            ..Ask::default()
        };
        if let Ok(got) = load(path, &ask) {
            good = true;
            // What was loaded can be read.
            got.each(&mut |row| {
                let _shape = row.source_geometry().map(|g| g.paths().len());
                let _paths = row.grid_paths();
                for i in 0..got.layer.schema().fields.len() {
                    let _value = row.value(i);
                }
                assert!(got.layer.row(&row.id()).is_some());
            });
        }
    }
    good
}

#[test]
fn flatgeobuf_survives() {
    let folder = tempfile::tempdir().unwrap();
    let path = flatgeobuf::write(
        folder.path(),
        "kinds.fgb",
        Options::PLAIN,
        &flatgeobuf::kinds(),
    );
    assert!(survive(&path, MUTATIONS) > 0);
}

#[test]
fn geojson_survives() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.geojson");
    fs::write(&path, geojson::collection(&geojson::features())).unwrap();
    assert!(survive(&path, MUTATIONS) > 0);
}

#[test]
fn sequences_survive() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.geojsonl");
    fs::write(&path, geojson::features().join("\n")).unwrap();
    assert!(survive(&path, MUTATIONS) > MUTATIONS / 2);
}

#[test]
fn geopackage_survives() {
    let folder = tempfile::tempdir().unwrap();
    let file = File::new(folder.path(), "a.gpkg");
    file.run("CREATE TABLE t (fid INTEGER PRIMARY KEY, geom GEOMETRY, nom TEXT, j DATE)")
        .features("t", 4326)
        .run("CREATE VIEW v AS SELECT fid, geom, nom || j AS nj FROM t")
        .features("v", 4326)
        .run("CREATE TABLE n (fid INTEGER PRIMARY KEY, v)")
        .attributes("n")
        .run("INSERT INTO n VALUES (1, 2), (2, 'x'), (3, 4.5), (4, NULL)");
    let insert = "INSERT INTO t VALUES (?1, ?2, printf('%0100d', ?1), '2024-01-01')";
    for (n, kind) in flatgeobuf::kinds().iter().cycle().take(60).enumerate() {
        let z = wkb(3001, &[Part::Ordinates(&[5.0, 43.0, 1.0, 2.0])]);
        let shape = if n % 7 == 0 { &z } else { kind };
        file.sql
            .execute(insert, rusqlite::params![n as i64, blob(4326, shape)])
            .unwrap();
    }
    assert!(survive(&file.done(), MUTATIONS) > 0);
}

#[test]
fn gzip_survives() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.geojsonl.gz");
    let out = fs::File::create(&path).unwrap();
    let mut out = flate2::write::GzEncoder::new(out, flate2::Compression::fast());
    out.write_all(geojson::features().join("\n").as_bytes())
        .unwrap();
    out.finish().unwrap();
    survive(&path, MUTATIONS / 4);
}
