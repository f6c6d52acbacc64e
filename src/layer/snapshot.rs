//! Snapshot files: a layer as it lies in memory, so that a restart maps it instead of reading its source again.
//!
//! Layout: 8 bytes of magic (they include the format's version), the header's length (`u32`, little-endian) and BLAKE3 hash, the
//! header (JSON), then the sections, each at a multiple of 64 bytes from the start of the data. A snapshot is believed only if its
//! key is the one expected, every section has its hash and all offsets stay inside; otherwise the caller builds it again, so no
//! migration is ever needed and no `fsync` is worth its time. A file is only ever replaced by a rename: mapped bytes never change.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use bytemuck::Pod;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::blocks::Blocks;
use super::column::{Column, ColumnShape};
use super::ids::{IdShape, Ids};
use super::section::{Mapping, Section, SectionVisitor};
use super::segment::Segment;
use super::shapes::{GridShapes, GridUniform, SourceShapes};

/// Changes with every change of the layout: an older file is built again, never migrated.
const MAGIC: &[u8; 8] = b"guichet\x04";
/// Wide enough for any value type and for whole cache lines.
const ALIGN: u64 = 64;
/// A header describes columns and sections; this is far above what [`crate::config`]'s ceiling on columns can make.
const MAX_HEADER: u32 = 64 << 20;

/// Why a snapshot is not used. It never stops a start: the layer is built again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SnapshotError {
    /// The file cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The file is of another version, another source or other options.
    #[error("it was made from another source, other options or another version")]
    Stale,
    /// The file is damaged.
    #[error("it is damaged ({0})")]
    Damaged(&'static str),
}

/// What lies in a snapshot besides the sections. `facts` is whatever the caller needs to make a layer of the segment.
#[derive(Debug, Serialize, Deserialize)]
struct Header<F> {
    key: String,
    facts: F,
    rows: usize,
    located: usize,
    columns: Vec<ColumnShape>,
    ids: IdShape,
    source_uniform: Option<u8>,
    grid_uniform: GridUniform,
    sections: Vec<Entry>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    name: String,
    offset: u64,
    bytes: u64,
    hash: String,
}

/// Writes `segment` and `facts` to `path`, under `key`.
pub(crate) fn write<F: Serialize>(
    path: &Path,
    key: &str,
    facts: &F,
    segment: &mut Segment,
) -> Result<(), SnapshotError> {
    let mut measure = Measure {
        next: 0,
        entries: Vec::new(),
    };
    visit(segment, &mut measure)?;
    let end = measure.next;
    let header = Header {
        key: key.to_owned(),
        facts,
        rows: segment.rows,
        located: segment.located,
        columns: segment.columns.iter().map(Column::shape).collect(),
        ids: segment.ids.shape(),
        source_uniform: segment.source.uniform,
        grid_uniform: segment.grid.uniform,
        sections: measure.entries,
    };
    let json = serde_json::to_vec(&header).map_err(io::Error::from)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    {
        let mut out = BufWriter::with_capacity(1 << 20, file.as_file_mut());
        out.write_all(MAGIC)?;
        out.write_all(&(json.len() as u32).to_le_bytes())?;
        out.write_all(blake3::hash(&json).as_bytes())?;
        out.write_all(&json)?;
        let data = data_start(json.len());
        let mut sink = Sink {
            out: &mut out,
            data,
            entries: header.sections.iter(),
        };
        visit(segment, &mut sink)?;
        out.flush()?;
    }
    // Sections without bytes at the end must lie inside of the file as well.
    let end = data_start(json.len()) + end;
    if file.as_file().metadata()?.len() < end {
        file.as_file().set_len(end)?;
    }
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

/// The file of a layer, as it is mapped.
#[derive(Debug, Clone)]
pub(super) struct Mapped(Mapping);

impl Mapped {
    /// Bytes of the file.
    pub(super) fn bytes(&self) -> u64 {
        self.0.len() as u64
    }

    /// Gives its memory back to the system, which keeps the file's pages as long as nobody else wants the room. Reading a section
    /// brings back what is read.
    #[expect(
        unsafe_code,
        reason = "the advice is unsafe for memory that would lose what was written to it"
    )]
    pub(super) fn cool(&self) {
        // SAFETY: the mapping is of a file, shared, and read only: what is dropped is read again from that file, which never changes
        // (see `map`). Slices of it stay valid throughout.
        let advised = unsafe { self.0.unchecked_advise(memmap2::UncheckedAdvice::DontNeed) };
        if let Err(error) = advised {
            tracing::debug!(%error, "a mapped file cannot be given back");
        }
    }
}

/// Maps the snapshot at `path`, checks it whole, and gives its segment and facts, and the file as it is mapped.
pub(super) fn open<F: for<'de> Deserialize<'de>>(
    path: &Path,
    key: &str,
) -> Result<(Segment, F, Mapped), SnapshotError> {
    let mut file = File::open(path)?;
    let mut start = [0u8; 44];
    file.read_exact(&mut start)
        .map_err(|_| SnapshotError::Damaged("cut in the header"))?;
    if &start[..8] != MAGIC {
        return Err(SnapshotError::Stale);
    }
    let length = u32::from_le_bytes([start[8], start[9], start[10], start[11]]);
    if length > MAX_HEADER {
        return Err(SnapshotError::Damaged("header length"));
    }
    let mut json = vec![0; length as usize];
    file.read_exact(&mut json)
        .map_err(|_| SnapshotError::Damaged("cut in the header"))?;
    if blake3::hash(&json).as_bytes() != &start[12..] {
        return Err(SnapshotError::Damaged("header hash"));
    }
    // A header of the right hash that does not parse was written by another build of this version.
    let header: Header<F> = serde_json::from_slice(&json).map_err(|_| SnapshotError::Stale)?;
    if header.key != key {
        return Err(SnapshotError::Stale);
    }
    let map = map(&file)?;
    let data = data_start(json.len());
    verify(&map, data, &header.sections)?;
    let segment = assemble(&map, data, &header)?;
    Ok((segment, header.facts, Mapped(map)))
}

fn assemble<F>(map: &Mapping, data: u64, header: &Header<F>) -> Result<Segment, SnapshotError> {
    let columns = header
        .columns
        .iter()
        .map(Column::of_shape)
        .collect::<Option<Vec<_>>>()
        .ok_or(SnapshotError::Stale)?;
    let mut segment = Segment {
        rows: header.rows,
        located: header.located,
        columns,
        source: Arc::new(SourceShapes {
            uniform: header.source_uniform,
            ..Default::default()
        }),
        grid: Arc::new(GridShapes {
            uniform: header.grid_uniform,
            ..Default::default()
        }),
        ids: Ids::of_shape(header.ids),
        blocks: Arc::new(Blocks::build(&GridShapes::default(), 0)),
    };
    visit(
        &mut segment,
        &mut Source {
            map,
            data,
            entries: header.sections.iter(),
        },
    )?;
    let sound = segment.located <= segment.rows
        && segment.columns.par_iter().all(|c| c.is_sound(segment.rows))
        && segment.source.is_sound(segment.rows)
        && segment.grid.is_sound(segment.located)
        && segment.ids.is_sound(&segment.columns, segment.rows);
    if !sound {
        return Err(SnapshotError::Damaged("offsets"));
    }
    segment.blocks = Arc::new(Blocks::build(&segment.grid, segment.located));
    Ok(segment)
}

fn data_start(header: usize) -> u64 {
    (44 + header as u64).next_multiple_of(ALIGN)
}

#[expect(
    unsafe_code,
    reason = "mapping a file: its bytes are only ever replaced by renaming another file over it"
)]
fn map(file: &File) -> io::Result<Mapping> {
    // SAFETY: the server writes snapshots under a temporary name and renames them, so the mapped inode is never changed or cut;
    // the state directory is the server's own. All bytes are checked against their hashes before they are believed.
    let map = unsafe { memmap2::Mmap::map(file)? };
    Ok(Arc::new(map))
}

fn verify(map: &Mapping, data: u64, entries: &[Entry]) -> Result<(), SnapshotError> {
    // In pieces, so that one large section does not keep one core busy while the other is idle.
    entries.par_iter().try_for_each(|entry| {
        let start = (data + entry.offset) as usize;
        let bytes = start
            .checked_add(entry.bytes as usize)
            .and_then(|end| map.get(start..end))
            .ok_or(SnapshotError::Damaged("cut"))?;
        if hash(bytes) == entry.hash {
            Ok(())
        } else {
            Err(SnapshotError::Damaged("section hash"))
        }
    })
}

fn hash(bytes: &[u8]) -> String {
    blake3::Hasher::new()
        .update_rayon(bytes)
        .finalize()
        .to_hex()
        .to_string()
}

fn visit<V: SectionVisitor>(segment: &mut Segment, v: &mut V) -> Result<(), V::Error> {
    for (place, column) in segment.columns.iter_mut().enumerate() {
        column.visit(&format!("column.{place}"), v)?;
    }
    Arc::make_mut(&mut segment.source).visit(v)?;
    Arc::make_mut(&mut segment.grid).visit(v)?;
    segment.ids.visit(v)
}

/// First pass of writing: where each section will lie.
struct Measure {
    next: u64,
    entries: Vec<Entry>,
}

impl SectionVisitor for Measure {
    type Error = io::Error;

    fn section<T: Pod>(&mut self, name: &str, section: &mut Section<T>) -> io::Result<()> {
        let bytes: &[u8] = bytemuck::cast_slice(section);
        self.entries.push(Entry {
            name: name.to_owned(),
            offset: self.next,
            bytes: bytes.len() as u64,
            hash: hash(bytes),
        });
        self.next = (self.next + bytes.len() as u64).next_multiple_of(ALIGN);
        Ok(())
    }
}

/// Second pass: the sections themselves.
struct Sink<'a, W> {
    out: &'a mut W,
    data: u64,
    entries: std::slice::Iter<'a, Entry>,
}

impl<W: Write + Seek> SectionVisitor for Sink<'_, W> {
    type Error = io::Error;

    fn section<T: Pod>(&mut self, _: &str, section: &mut Section<T>) -> io::Result<()> {
        if let Some(entry) = self.entries.next() {
            self.out.seek(SeekFrom::Start(self.data + entry.offset))?;
            self.out.write_all(bytemuck::cast_slice(section))?;
        }
        Ok(())
    }
}

/// Reading: each section becomes a view of the mapping.
struct Source<'a> {
    map: &'a Mapping,
    data: u64,
    entries: std::slice::Iter<'a, Entry>,
}

impl SectionVisitor for Source<'_> {
    type Error = SnapshotError;

    fn section<T: Pod>(
        &mut self,
        name: &str,
        section: &mut Section<T>,
    ) -> Result<(), SnapshotError> {
        let entry = self.entries.next().filter(|e| e.name == name);
        let entry = entry.ok_or(SnapshotError::Damaged("section names"))?;
        let start = (self.data + entry.offset) as usize;
        *section = Section::mapped(self.map, start, entry.bytes as usize)
            .ok_or(SnapshotError::Damaged("section size"))?;
        Ok(())
    }
}
