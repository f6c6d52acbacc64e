//! One page of rows, in the public order, with the exact number of all that match.
//!
//! The rows go to a sink as they are met and may be taken in several helpings: [`first_rows`] counts, finds where the page ends and
//! gives rows until the sink is full; [`further_rows`] goes on from there. Between two helpings nothing but a position is held, so a
//! slow reader costs neither a thread nor memory.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use quick_cache::sync::Cache;

use super::cursor::{Secret, Start};
use super::fault::{Fault, FaultKind};
use super::query::ItemsQuery;
use crate::catalog::{Position, Row, Scan, SortKey, VisibleLayer};
use crate::model::FeatureId;

/// What a sink says when it has taken a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// Give me more.
    More,
    /// Enough for now.
    Full,
}

/// Takes rows.
pub trait Sink {
    /// What the row will cost, roughly; the same whenever it is asked.
    fn weigh(&self, row: &Row<'_>) -> u64;

    /// Takes the row.
    fn take(&mut self, row: &Row<'_>) -> Room;
}

/// Nobody waits for the answer any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

/// What is known of a page once its first helping has been given.
#[derive(Debug, Clone, PartialEq)]
pub struct PageStart {
    /// Rows that match, on all pages (`/req/core/fc-numberMatched`).
    pub number_matched: u64,
    /// Rows on this page (`/req/core/fc-numberReturned`).
    pub number_returned: u32,
    /// The cursor of the next page; `None` on the last one.
    pub next: Option<String>,
    /// The rows of this page that the sink has not had yet.
    pub rest: Option<Rest>,
}

/// Where to go on with a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Rest {
    after: OwnedPosition,
    rows: u32,
}

/// A place in the public order that outlives the row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OwnedPosition {
    pub(super) key: SortKey,
    pub(super) id: FeatureId,
}

impl OwnedPosition {
    fn of(row: &Row<'_>) -> Self {
        let position = row.position();
        Self {
            key: position.key,
            id: position.id.to_owned(),
        }
    }

    fn borrow(&self) -> Position<'_> {
        Position {
            key: self.key,
            id: self.id.as_ref(),
        }
    }
}

/// Numbers of matching rows that were counted already, so that the second and later pages of a query need not count again.
#[derive(Debug)]
pub struct Counts(Cache<[u8; 32], u64>);

impl Counts {
    /// Room for that many counts, of some 100 bytes each.
    pub fn new(capacity: usize) -> Self {
        Self(Cache::new(capacity))
    }
}

/// Collection, view and query: a cursor is good for these.
fn context(layer: &VisibleLayer, query: &ItemsQuery) -> Vec<u8> {
    let view = if crate::leak!("cursor-without-view") {
        String::new()
    } else {
        layer.view_id().to_string()
    };
    let mut context = format!("{}\n{view}\n", layer.id()).into_bytes();
    context.extend_from_slice(&query.selection);
    context
}

/// What a count depends on: the above, and the data as this view sees them.
fn count_key(layer: &VisibleLayer, context: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    let revision = if crate::leak!("count-key-without-revision") {
        String::new()
    } else {
        layer.revision().to_string()
    };
    hasher.update(
        format!(
            "{}\n{}\n{:?}\n",
            revision,
            layer.storage_crs().uri(),
            layer.time_field()
        )
        .as_bytes(),
    );
    hasher.update(context);
    *hasher.finalize().as_bytes()
}

/// Answers the query: counts all matches, gives the sink the first rows of the page. `cancel` is looked at with every row and block. The outer
/// error is a [`Fault`] of the cursor.
pub fn first_rows(
    layer: &VisibleLayer,
    query: &ItemsQuery,
    (secret, counts): (&Secret, &Counts),
    cancel: &AtomicBool,
    sink: &mut dyn Sink,
) -> Result<Result<PageStart, Cancelled>, Fault> {
    let context = context(layer, query);
    let (after, skip) = match &query.start {
        Start::First => (None, 0),
        Start::Offset(n) => (None, *n),
        Start::Cursor(text) => {
            let position = secret.open(text, &context);
            (
                Some(position.ok_or_else(|| Fault::new("cursor", FaultKind::Cursor))?),
                0,
            )
        }
    };
    let key = count_key(layer, &context);
    let known = if query.filter.is_all() {
        Some(layer.feature_count())
    } else {
        counts.0.get(&key).or_else(|| {
            // Whole blocks are counted faster than rows are met; and what is known spares the walk the rows after the page.
            let scanned = query.filter.is_scanned();
            let counted = scanned.then(|| layer.count(&query.filter.scan(cancel)));
            let known = counted.flatten()?;
            counts.0.insert(key, known);
            Some(known)
        })
    };
    let mut walk = Walk {
        query,
        after: after.as_ref().map(OwnedPosition::borrow),
        skip,
        skipped: 0,
        known,
        seen: 0,
        returned: 0,
        weight: 0,
        given: 0,
        full_at: None,
        last: None,
        more: false,
        scratch: Vec::new(),
        sink,
    };
    walk.run(layer, cancel);
    if cancel.load(Ordering::Relaxed) {
        return Ok(Err(Cancelled));
    }
    let number_matched = known.unwrap_or(walk.seen);
    if known.is_none() {
        counts.0.insert(key, number_matched);
    }
    let left = walk.returned - walk.given;
    Ok(Ok(PageStart {
        number_matched,
        number_returned: walk.returned,
        next: walk
            .last
            .filter(|_| walk.more)
            .map(|p| secret.seal(&p, &context)),
        rest: walk
            .full_at
            .filter(|_| left > 0)
            .map(|after| Rest { after, rows: left }),
    }))
}

/// Gives the sink more rows of the same page, from the same snapshot of the layer.
pub fn further_rows(
    layer: &VisibleLayer,
    query: &ItemsQuery,
    mut rest: Rest,
    cancel: &AtomicBool,
    sink: &mut dyn Sink,
) -> Result<Option<Rest>, Cancelled> {
    let mut scratch = Vec::new();
    let mut full_at = None;
    let mut left = rest.rows;
    let scan = Scan {
        after: Some(rest.after.borrow()),
        ..query.filter.scan(cancel)
    };
    layer.scan(&scan, &mut |row| {
        if cancel.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        if !query.filter.matches(&row, &mut scratch) {
            return ControlFlow::Continue(());
        }
        left -= 1;
        if sink.take(&row) == Room::Full && left > 0 {
            full_at = Some(OwnedPosition::of(&row));
        }
        if left == 0 || full_at.is_some() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    if cancel.load(Ordering::Relaxed) {
        return Err(Cancelled);
    }
    Ok(full_at.map(|after| {
        rest.after = after;
        rest.rows = left;
        rest
    }))
}

/// The first walk over the rows of a query.
struct Walk<'a> {
    query: &'a ItemsQuery,
    /// Rows up to here were on earlier pages.
    after: Option<Position<'a>>,
    /// Matching rows that are to be passed over.
    skip: u64,
    /// Rows passed over without being met.
    skipped: u64,
    /// The number of matches, where it need not be counted.
    known: Option<u64>,
    /// Matching rows met.
    seen: u64,
    returned: u32,
    /// What they weigh.
    weight: u64,
    given: u32,
    /// The row with which the sink was full.
    full_at: Option<OwnedPosition>,
    /// The last row of the page, once it is complete.
    last: Option<OwnedPosition>,
    /// There is a row after the page.
    more: bool,
    scratch: Vec<[f64; 2]>,
    sink: &'a mut dyn Sink,
}

impl Walk<'_> {
    fn run(&mut self, layer: &VisibleLayer, cancel: &AtomicBool) {
        if self.known == Some(0) {
            return;
        }
        if self.query.filter.is_all() && self.skip > 0 {
            // Every row counts: the first one wanted is known by its number.
            let skip = std::mem::take(&mut self.skip);
            self.skipped = skip;
            layer.scan_offset(skip, &mut |row| self.visit(&row, cancel));
            return;
        }
        let query = self.query;
        let scan = Scan {
            // While counting, the rows of earlier pages count too.
            after: self.after.filter(|_| self.known.is_some()),
            ..query.filter.scan(cancel)
        };
        layer.scan(&scan, &mut |row| self.visit(&row, cancel));
    }

    fn visit(&mut self, row: &Row<'_>, cancel: &AtomicBool) -> ControlFlow<()> {
        if cancel.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        if !self.query.filter.matches(row, &mut self.scratch) {
            return ControlFlow::Continue(());
        }
        self.seen += 1;
        if self.after.is_some_and(|after| row.position() <= after) {
            return ControlFlow::Continue(());
        }
        if self.skip > 0 {
            self.skip -= 1;
            return ControlFlow::Continue(());
        }
        if self.last.is_some() {
            self.more = true;
            return if self.known.is_some() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            };
        }
        self.returned += 1;
        self.weight = self.weight.saturating_add(self.sink.weigh(row));
        if self.full_at.is_none() {
            self.given += 1;
            if self.sink.take(row) == Room::Full {
                self.full_at = Some(OwnedPosition::of(row));
            }
        }
        if self.returned == self.query.limit || self.weight >= self.query.weight {
            self.last = Some(OwnedPosition::of(row));
        }
        // Once all that match have been met, the rest of the rows need not be looked at.
        if self.after.is_none() && self.known == Some(self.skipped + self.seen) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}
