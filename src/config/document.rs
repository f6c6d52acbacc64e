//! One configuration file while it is read: its text, where its lines begin, the faults found so far.

use std::cell::RefCell;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::DeTable;

use super::fault::{Fault, Place};
use super::names::Names;

/// A file being read. Faults and names are gathered through `&self`, so that readers of tables and values can share it.
pub(super) struct Document<'n> {
    file: Arc<Path>,
    text: String,
    /// Byte at which each line begins.
    line_starts: Vec<usize>,
    faults: RefCell<Vec<Fault>>,
    /// The ids of the whole configuration.
    pub(super) names: &'n RefCell<Names>,
}

impl<'n> Document<'n> {
    /// A file with its text.
    pub(super) fn new(file: &Path, text: String, names: &'n RefCell<Names>) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
        let line_starts = std::iter::once(0)
            .chain(newlines.map(|(i, _)| i + 1))
            .collect();
        Self {
            file: file.into(),
            text,
            line_starts,
            faults: RefCell::default(),
            names,
        }
    }

    /// The name of the file.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// The TOML tree; `None` if the text is not TOML: every fault of syntax is then recorded.
    pub(super) fn parse(&self) -> Option<Spanned<DeTable<'_>>> {
        let (tree, errors) = DeTable::parse_recoverable(&self.text);
        for error in &errors {
            let message = error.message().lines().collect::<Vec<_>>().join(", ");
            self.fault(
                error.span().unwrap_or(0..0),
                format!("not valid TOML: {message}"),
            );
        }
        errors.is_empty().then_some(tree)
    }

    /// Where a span of bytes begins.
    pub(super) fn place(&self, span: &Range<usize>) -> Place {
        let line = self
            .line_starts
            .partition_point(|start| *start <= span.start)
            .max(1);
        let start = self.line_starts[line - 1];
        let before = self.text.get(start..span.start).unwrap_or_default();
        Place {
            file: Arc::clone(&self.file),
            line: line as u32,
            column: before.chars().count() as u32 + 1,
        }
    }

    /// Records a fault.
    pub(super) fn fault(&self, span: Range<usize>, message: impl Into<String>) {
        self.faults.borrow_mut().push(Fault {
            place: self.place(&span),
            message: message.into(),
        });
    }

    /// The faults found.
    pub(super) fn into_faults(self) -> Vec<Fault> {
        self.faults.into_inner()
    }
}
