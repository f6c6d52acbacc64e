//! FlatGeobuf, read in file order. The file's own index is skipped, never believed.

use std::cell::Cell;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use flatgeobuf::{ColumnType, FallibleStreamingIterator, FgbFeature, FgbReader, Header};
use geozero::{FeatureProperties, GeozeroGeometry};

use super::pipeline::Batches;
use super::report::Code;
use super::row::{RowBuilder, RowLimits};
use crate::layer::Chunk;
use crate::model::DataType;

/// What the header says.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// The CRS as `EPSG:code`, or its WKT.
    pub(super) crs: Option<String>,
    pub(super) columns: Vec<(String, Option<DataType>)>,
    /// Number of features, 0 if unknown.
    pub(super) features: u64,
}

/// What a [`Framed`] reader and its user tell each other.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// The header has been read: what comes are frames.
    started: Cell<bool>,
    /// A frame was refused.
    refused: Cell<bool>,
}

/// A reader that knows how many bytes are left and refuses a frame that announces more: a damaged size must end in an error, not in a
/// buffer of 4 GiB. The crate asks for a frame's size and then for its bytes, each by one `read_exact`.
pub(super) struct Framed<R> {
    inner: R,
    left: u64,
    /// The size of the frame whose bytes come next, 0 if a size comes next.
    frame: u64,
    frames: Rc<Frames>,
}

impl<R: Read> Read for Framed<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.left = self.left.saturating_sub(n as u64);
        Ok(n)
    }

    fn read_exact(&mut self, buf: &mut [u8]) -> io::Result<()> {
        self.inner.read_exact(buf)?;
        self.left = self.left.saturating_sub(buf.len() as u64);
        if !self.frames.started.get() {
            return Ok(());
        }
        if self.frame > 0 {
            self.frame = 0;
        } else if let [a, b, c, d] = *buf {
            self.frame = u32::from_le_bytes([a, b, c, d]).into();
            // The smallest feature is a table of its offset and vtable.
            if self.frame > self.left || self.frame < 8 {
                self.frames.refused.set(true);
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "a frame that cannot be",
                ));
            }
        }
        Ok(())
    }
}

/// A file whose header was read.
pub(super) struct Opened<R> {
    reader: FgbReader<Framed<R>>,
    frames: Rc<Frames>,
    pub(super) outline: Outline,
}

/// Opens the file and reads its header. `length` is the file's.
pub(super) fn open<R: Read>(reader: R, length: u64) -> Result<Opened<R>, String> {
    let frames = Rc::<Frames>::default();
    let framed = Framed {
        inner: reader,
        left: length,
        frame: 0,
        frames: Rc::clone(&frames),
    };
    let reader = catch_unwind(AssertUnwindSafe(|| FgbReader::open(framed)))
        .map_err(|_| "its header cannot be read".to_owned())?
        .map_err(|e| format!("its header cannot be read: {e}"))?;
    let outline = catch_unwind(AssertUnwindSafe(|| outline(&reader.header())))
        .map_err(|_| "its header contradicts itself".to_owned())?;
    Ok(Opened {
        reader,
        frames,
        outline,
    })
}

fn outline(header: &Header<'_>) -> Outline {
    let crs = header.crs().and_then(|crs| {
        let org = crs.org().unwrap_or("EPSG");
        match (crs.code(), crs.code_string(), crs.wkt()) {
            (code, _, _) if code > 0 => Some(format!("{org}:{code}")),
            (_, Some(code), _) if !code.is_empty() => Some(format!("{org}:{code}")),
            (_, _, Some(wkt)) if !wkt.is_empty() => Some(wkt.to_owned()),
            _ => None,
        }
    });
    let columns = header.columns().map(|columns| {
        let of = |c: flatgeobuf::Column<'_>| match c.type_() {
            ColumnType::Binary => None,
            t => Some((c.name().to_owned(), Some(data_type(t)))),
        };
        columns.iter().filter_map(of).collect()
    });
    Outline {
        crs,
        columns: columns.unwrap_or_default(),
        features: header.features_count(),
    }
}

fn data_type(t: ColumnType) -> DataType {
    match t {
        ColumnType::Bool => DataType::Boolean,
        ColumnType::Float | ColumnType::Double => DataType::Number,
        ColumnType::DateTime => DataType::DateTime,
        ColumnType::Json => DataType::Json,
        ColumnType::String => DataType::String,
        _ => DataType::Integer,
    }
}

/// Streams all features into chunks. `Err` says how the file ended early, after how many features.
pub(super) fn read<R: Read>(
    opened: Opened<R>,
    limits: RowLimits,
    batches: &mut Batches<'_, Chunk>,
) -> Result<(), (String, u64)> {
    let announced = opened.outline.features;
    let fault =
        |e: &dyn std::fmt::Display, n: u64| (format!("feature {} cannot be read: {e}", n + 1), n);
    opened.frames.started.set(true);
    // The crate works out the length of the index from numbers that nobody has checked.
    let mut features = catch_unwind(AssertUnwindSafe(|| opened.reader.select_all_seq()))
        .map_err(|_| ("its header announces an index that cannot be".to_owned(), 0))?
        .map_err(|e| fault(&e, 0))?;
    let mut row = RowBuilder::new(limits);
    let mut n = 0u64;
    let end = loop {
        match features.next() {
            Ok(Some(feature)) => {
                n += 1;
                read_feature(feature, &mut row);
                row.end(n as u32);
                if row.is_full() {
                    let full = std::mem::replace(&mut row, RowBuilder::new(limits));
                    if batches.send_read(full).is_err() {
                        return Ok(());
                    }
                }
            }
            Ok(None) => break Ok(()),
            Err(e) => break Err(fault(&e, n)),
        }
    };
    let _stopped = batches.send_read(row);
    end?;
    if opened.frames.refused.get() || n < announced {
        let what = format!("its features end early or are damaged: {n} of {announced} can be read");
        return Err((what, n));
    }
    Ok(())
}

/// Verified flatbuffers can still hold counts and offsets that contradict each other, on which the crate panics: that is a fault of
/// this one feature.
fn read_feature(feature: &FgbFeature, row: &mut RowBuilder) {
    let read = catch_unwind(AssertUnwindSafe(|| {
        if feature.geometry().is_some() {
            feature.process_geom(row)?;
        }
        feature.process_properties(row)
    }));
    match read {
        Ok(Ok(_)) => {}
        Ok(Err(e)) => row.fail(Code::Unreadable, e.to_string()),
        Err(_) => row.fail(Code::Unreadable, "its bytes contradict each other"),
    }
}
