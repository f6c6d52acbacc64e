//! Files that were cut or overwritten, and what may lie beside a file.

use std::fs;
use std::path::Path;

use guichet::ingest::Code;
use guichet::model::ValueRef;

use super::file::{File, point};
use super::{folder, of, two_points, value};
use crate::open::{Ask, good, refused};

/// A layer that takes many pages.
fn many_pages(folder: &Path) -> std::path::PathBuf {
    let file = File::new(folder, "pages.gpkg");
    file.run("CREATE TABLE t (fid INTEGER PRIMARY KEY, geom POINT, nom TEXT)")
        .features("t", 4326);
    let insert = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
                  INSERT INTO t SELECT i, ?1, printf('%0200d', i) FROM n";
    file.sql.execute(insert, [point(4326, 5.0, 43.0)]).unwrap();
    file.run(
        "CREATE TABLE autre (fid INTEGER PRIMARY KEY, n INTEGER); INSERT INTO autre VALUES (1, 1)",
    )
    .attributes("autre");
    file.done()
}

#[test]
fn damaged_pages_are_found_before_anything_is_served() {
    let folder = folder();
    let path = many_pages(folder.path());
    let bytes = fs::read(&path).unwrap();
    assert_eq!(good(&path, &of("t")).layer.feature_count(), 2000);
    let pages = bytes.len() / 4096;
    assert!(pages > 100);
    // Noise, nothing, and one cell less than there are: a plain scan would miss the last without a word.
    let noise: &dyn Fn(&mut [u8]) = &|page| {
        for (i, b) in page.iter_mut().enumerate() {
            *b = (i * 37) as u8;
        }
    };
    let nothing: &dyn Fn(&mut [u8]) = &|page| page.fill(0);
    let fewer: &dyn Fn(&mut [u8]) = &|page| page[4] -= 1;
    for (name, damage) in [("noise", noise), ("nothing", nothing), ("fewer", fewer)] {
        let mut bytes = bytes.clone();
        let page = 60 * 4096;
        assert_eq!(bytes[page], 13, "a leaf of the table");
        damage(&mut bytes[page..page + 4096]);
        let broken = folder.path().join(format!("{name}.gpkg"));
        fs::write(&broken, &bytes).unwrap();
        let message = refused(&broken, &of("t"));
        assert!(message.contains("partial = true"), "{name}: {message}");
        let partial = Ask {
            partial: true,
            ..of("t")
        };
        let got = good(&broken, &partial);
        assert_eq!(got.count(Code::CutShort), 1, "{name}");
        let rows = got.layer.feature_count();
        assert!(rows > 500 && rows < 2000, "{name}: {rows}");
        // One bad layer does not stop the others.
        assert_eq!(
            good(&broken, &of("autre")).layer.feature_count(),
            1,
            "{name}"
        );
    }
    let cut = folder.path().join("cut.gpkg");
    fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let message = refused(&cut, &of("t"));
    assert!(message.contains("it is cut"), "{message}");
}

#[test]
fn logs_beside_the_file_are_neither_read_nor_forgotten_nor_made() {
    let folder = folder();
    let path = two_points(folder.path()).done();
    let sql = rusqlite::Connection::open(&path).unwrap();
    sql.execute_batch("PRAGMA journal_mode = WAL; UPDATE t SET nom = 'neuf'")
        .unwrap();
    let message = refused(&path, &Ask::default());
    assert!(message.contains("-wal"), "{message}");
    sql.close().unwrap();
    // Closed: the log went into the file, which stays in WAL mode.
    let before = crate::data::listing(folder.path());
    assert_eq!(before.len(), 1);
    let got = good(&path, &Ask::default());
    assert_eq!(value(&got, 3, "nom"), ValueRef::Text("neuf"));
    assert_eq!(crate::data::listing(folder.path()), before);

    let journal = folder.path().join("two.gpkg-journal");
    fs::write(&journal, [0; 512]).unwrap();
    assert_eq!(good(&path, &Ask::default()).layer.feature_count(), 2);
    fs::write(
        &journal,
        [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7, 0, 0],
    )
    .unwrap();
    let message = refused(&path, &Ask::default());
    assert!(message.contains("-journal"), "{message}");
}

#[test]
fn awkward_paths_and_gzip_are_read() {
    use std::io::Write;
    let folder = folder();
    let path = two_points(folder.path()).done();
    for name in [
        "a b?mode=rwc&x#é%41.gpkg",
        "sans extension",
        "point.gpkg.gz",
    ] {
        let to = folder.path().join(name);
        if name.ends_with(".gz") {
            let out = fs::File::create(&to).unwrap();
            let mut gz = flate2::write::GzEncoder::new(out, flate2::Compression::fast());
            gz.write_all(&fs::read(&path).unwrap()).unwrap();
            gz.finish().unwrap();
        } else {
            fs::copy(&path, &to).unwrap();
        }
        let files = crate::data::listing(folder.path()).len();
        assert_eq!(good(&to, &Ask::default()).ids(), ["3", "7"], "{name}");
        assert_eq!(crate::data::listing(folder.path()).len(), files, "{name}");
    }
}
