//! Flat runs of plain values, owned or borrowed from a mapped snapshot: above this file nobody can tell which.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use bytemuck::Pod;

/// Bytes that stay where they are: a mapped file.
pub(super) type Mapping = Arc<memmap2::Mmap>;

/// A slice of `T`, owned or mapped. What is to be shared stands behind an `Arc`: a clone copies owned values.
#[derive(Clone)]
pub(crate) enum Section<T: Pod> {
    /// In anonymous memory.
    Owned(Vec<T>),
    /// Inside a mapped snapshot; alignment and length were checked by [`Section::mapped`].
    Mapped {
        map: Mapping,
        start: usize,
        bytes: usize,
        of: PhantomData<T>,
    },
}

impl<T: Pod> Section<T> {
    /// The section at `start..start + bytes` of a mapping, `None` if it is out of bounds, misaligned or no whole number of values.
    pub(super) fn mapped(map: &Mapping, start: usize, bytes: usize) -> Option<Self> {
        let slice = map.get(start..start.checked_add(bytes)?)?;
        bytemuck::try_cast_slice::<u8, T>(slice).ok()?;
        Some(Self::Mapped {
            map: Arc::clone(map),
            start,
            bytes,
            of: PhantomData,
        })
    }
}

impl<T: Pod> Section<T> {
    /// Bytes that it takes, in memory or in its file.
    pub(super) fn bytes(&self) -> usize {
        size_of_val::<[T]>(self)
    }
}

impl<T: Pod> Deref for Section<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::Owned(v) => v,
            Self::Mapped {
                map, start, bytes, ..
            } => bytemuck::cast_slice(&map[*start..*start + *bytes]),
        }
    }
}

impl<T: Pod> From<Vec<T>> for Section<T> {
    fn from(mut v: Vec<T>) -> Self {
        v.shrink_to_fit();
        Self::Owned(v)
    }
}

impl<T: Pod> Default for Section<T> {
    fn default() -> Self {
        Self::Owned(Vec::new())
    }
}

impl<T: Pod> fmt::Debug for Section<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if matches!(self, Self::Owned(_)) {
            "owned"
        } else {
            "mapped"
        };
        write!(f, "Section({} values, {place})", self.len())
    }
}

/// Where the parts of a layer are written to, or read from: one name, one run of values. The same walk serves both ways, so that
/// writer and reader of a snapshot cannot disagree on names or order.
pub(crate) trait SectionVisitor {
    /// Why a section could not be written or read.
    type Error;

    /// Writes `section` out, or replaces it by what is stored under `name`.
    fn section<T: Pod>(&mut self, name: &str, section: &mut Section<T>) -> Result<(), Self::Error>;
}
