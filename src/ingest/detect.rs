//! Which format a file is in: its first bytes decide, its name only where they cannot.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use super::error::IngestError;

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// FlatGeobuf 3.
    FlatGeobuf,
    /// GeoJSON: a FeatureCollection, a Feature or a geometry (RFC 7946).
    GeoJson,
    /// GeoJSON texts one after the other: RFC 8142, or one a line.
    GeoJsonSeq,
    /// OGC GeoPackage.
    GeoPackage,
}

impl Format {
    /// Name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::FlatGeobuf => "FlatGeobuf",
            Self::GeoJson => "GeoJSON",
            Self::GeoJsonSeq => "GeoJSON text sequence",
            Self::GeoPackage => "GeoPackage",
        }
    }

    /// True for a name that a folder is searched for (`.gz` aside).
    pub fn is_candidate(path: &Path) -> bool {
        let name = path
            .file_name()
            .map(|n| n.to_string_lossy().to_lowercase())
            .unwrap_or_default();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        [
            ".fgb",
            ".geojson",
            ".geojsonl",
            ".geojsons",
            ".gpkg",
            ".ndjson",
            ".jsonl",
            ".json",
        ]
        .iter()
        .any(|ext| name.ends_with(ext))
    }
}

/// A file ready to be read: the source itself, or what was unpacked from it.
#[derive(Debug)]
pub(super) struct Opened {
    /// The file that the user named, for messages.
    pub(super) path: PathBuf,
    pub(super) format: Format,
    /// Where the plain bytes are.
    plain: Plain,
}

#[derive(Debug)]
enum Plain {
    Source,
    /// Removed when dropped.
    Unpacked(tempfile::NamedTempFile),
}

impl Opened {
    /// The plain file.
    pub(super) fn plain_path(&self) -> &Path {
        match &self.plain {
            Plain::Source => &self.path,
            Plain::Unpacked(file) => file.path(),
        }
    }

    /// Opens the plain file for reading.
    pub(super) fn reader(&self) -> Result<(BufReader<File>, u64), IngestError> {
        let open = || {
            let file = File::open(self.plain_path())?;
            let length = file.metadata()?.len();
            Ok((BufReader::with_capacity(1 << 20, file), length))
        };
        open().map_err(|source| self.io(source))
    }

    pub(super) fn io(&self, source: io::Error) -> IngestError {
        IngestError::Io {
            path: self.path.clone(),
            source,
        }
    }

    pub(super) fn damaged(
        &self,
        what: impl Into<String>,
        advice: Option<&'static str>,
    ) -> IngestError {
        IngestError::Damaged {
            path: self.path.clone(),
            what: what.into(),
            advice,
        }
    }
}

/// Opens `path`: unpacks gzip into a temporary file (GeoPackage needs one, and a ceiling is easier kept there) and finds the format.
pub(super) fn open(path: &Path, max_bytes: u64) -> Result<Opened, IngestError> {
    let io = |source| IngestError::Io {
        path: path.to_owned(),
        source,
    };
    let mut start = Vec::new();
    File::open(path)
        .and_then(|f| f.take(4096).read_to_end(&mut start))
        .map_err(io)?;
    let mut plain = Plain::Source;
    if start.starts_with(&[0x1f, 0x8b]) {
        let unpacked = unpack(path, max_bytes)?;
        start.clear();
        unpacked
            .reopen()
            .and_then(|f| f.take(4096).read_to_end(&mut start))
            .map_err(io)?;
        plain = Plain::Unpacked(unpacked);
    } else {
        let length = path.metadata().map_err(io)?.len();
        if length > max_bytes {
            return Err(too_large(path, max_bytes));
        }
    }
    let format = sniff(path, &start)?;
    Ok(Opened {
        path: path.to_owned(),
        format,
        plain,
    })
}

pub(super) fn too_large(path: &Path, max_bytes: u64) -> IngestError {
    IngestError::Limit {
        path: path.to_owned(),
        what: format!("it holds more than {max_bytes} bytes"),
        limit: "source_file_bytes",
    }
}

fn unpack(path: &Path, max_bytes: u64) -> Result<tempfile::NamedTempFile, IngestError> {
    let io = |source| IngestError::Io {
        path: path.to_owned(),
        source,
    };
    let mut to = tempfile::NamedTempFile::new().map_err(io)?;
    let from = flate2::read::MultiGzDecoder::new(BufReader::new(File::open(path).map_err(io)?));
    let written =
        io::copy(&mut from.take(max_bytes + 1), &mut to).map_err(|e| IngestError::Damaged {
            path: path.to_owned(),
            what: format!("it cannot be unpacked: {e}"),
            advice: Some("it was probably cut on its way: fetch it again"),
        })?;
    if written > max_bytes {
        return Err(too_large(path, max_bytes));
    }
    to.flush().map_err(io)?;
    Ok(to)
}

fn sniff(path: &Path, start: &[u8]) -> Result<Format, IngestError> {
    let refuse = |found: &str| {
        Err(IngestError::Format {
            path: path.to_owned(),
            found: found.to_owned(),
        })
    };
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    if start.is_empty() {
        return refuse("the file is empty");
    }
    if start.starts_with(b"fgb\x03fgb") {
        return Ok(Format::FlatGeobuf);
    }
    if start.starts_with(b"fgb") {
        return refuse("a FlatGeobuf of an older, incompatible version");
    }
    if start.starts_with(b"SQLite format 3\0") {
        return Ok(Format::GeoPackage);
    }
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let text = text.trim_ascii_start();
    if text.first() == Some(&0x1e) {
        return Ok(Format::GeoJsonSeq);
    }
    if matches!(text.first(), Some(b'{' | b'[')) {
        let by_name = [".geojsonl", ".geojsons", ".ndjson", ".jsonl"]
            .iter()
            .any(|e| name.ends_with(e));
        return Ok(if by_name {
            Format::GeoJsonSeq
        } else {
            Format::GeoJson
        });
    }
    let ends_with = |ext: &str| name.ends_with(ext);
    match () {
        () if start.starts_with(b"PK\x03\x04") => refuse("a ZIP archive (a shapefile, perhaps)"),
        () if start.starts_with(b"PAR1") => refuse("a Parquet file"),
        () if start.starts_with(&[0, 0, 0x27, 0x0a]) => refuse("a shapefile"),
        () if text.first() == Some(&b'<') => refuse("an XML file (KML, GML or GPX, perhaps)"),
        () if ends_with(".fgb") => refuse("not a FlatGeobuf, whatever its name says"),
        () if ends_with(".gpkg") => refuse("not a GeoPackage, whatever its name says"),
        () if name.contains("json") => refuse("not JSON, whatever its name says"),
        () => refuse("a format that is not known here"),
    }
}
