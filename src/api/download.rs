//! A page of items as GeoJSON on its way to the client.
//!
//! The rows are written in helpings by the pool; between two of them no thread is held, only the bytes that the client has not yet
//! taken. A page that fits into the first helping is sent with its length.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response};
use bytes::Bytes;
use flate2::write::GzEncoder;
use http_body_util::channel::{Channel, Sender};

use super::context::Context;
use super::items::{NUMBER_MATCHED, NUMBER_RETURNED, content_crs, link_headers, links};
use super::journal::{self, Shown};
use super::link;
use super::problem::Problem;
use super::respond::{Coding, gzip};
use super::run::internal;
use super::watch::Watch;
use crate::access::{self, Surface};
use crate::catalog::{Row, VisibleLayer};
use crate::features::{ItemsQuery, PageStart, Rest, Room, Sink, first_rows, further_rows};
use crate::formats::Placement;
use crate::formats::geojson::{self, FeatureWriter};

/// Bytes of features that are written at a time: some thousand points. It bounds what a slow client costs.
const HELPING: usize = 256 << 10;
/// Bytes that are handed to the connection at a time.
const PIECE: usize = 64 << 10;

/// Everything that the answer needs, moved between the async task and the pool.
pub(super) struct Download {
    context: Context,
    layer: VisibleLayer,
    query: ItemsQuery,
    pen: Pen,
    gzip: Option<GzEncoder<Vec<u8>>>,
    tag: HeaderValue,
    watch: Watch,
    /// Bytes written so far, before compression.
    bytes: u64,
}

impl Download {
    pub(super) fn new(
        context: Context,
        layer: VisibleLayer,
        query: ItemsQuery,
        coding: Coding,
        tag: HeaderValue,
    ) -> Result<Self, Problem> {
        let placement = Placement::new(layer.storage_crs(), query.crs.crs).map_err(|e| {
            internal(
                &context.api,
                &format!("no transformation to {}: {e}", query.crs.uri),
            )
        })?;
        Ok(Self {
            pen: Pen {
                writer: FeatureWriter::new(layer.schema(), placement),
                written: Vec::new(),
                rows: 0,
                idle: context.head,
            },
            gzip: (coding == Coding::Gzip).then(gzip),
            watch: Watch::new(&context, &layer, Surface::Items),
            bytes: 0,
            context,
            layer,
            query,
            tag,
        })
    }

    /// Counts, writes the first helping, and answers.
    pub(super) fn start(mut self, cancel: &AtomicBool) -> Result<Response<Body>, Problem> {
        let api = Arc::clone(&self.context.api);
        let page = first_rows(
            &self.layer,
            &self.query,
            (&api.secret, &api.counts),
            cancel,
            &mut self.pen,
        );
        let page = page
            .map_err(|fault| Problem::Parameters(vec![fault]))?
            .map_err(|_| Problem::TimedOut)?;
        let links = links(&self.context, &self.layer, &page);
        let mut headers = vec![
            content_crs(&self.query.crs.uri),
            number(NUMBER_MATCHED, page.number_matched),
            number(NUMBER_RETURNED, page.number_returned.into()),
        ];
        headers.extend(link_headers(&links));
        let mut begun = Vec::new();
        geojson::begin_collection(
            page.number_matched,
            page.number_returned,
            &link::array(&links),
            &mut begun,
        );
        begun.append(&mut self.pen.written);
        self.pen.written = begun;
        let coding = if self.gzip.is_some() {
            Coding::Gzip
        } else {
            Coding::Identity
        };
        let tag = self.tag.clone();
        if self.context.head {
            // A body of unknown length: an empty one would claim that the answer to GET is empty.
            let (_, body) = Channel::<Bytes, Stopped>::new(1);
            return Ok(self
                .context
                .with_body(&tag, coding, headers, Body::new(body)));
        }
        let PageStart { rest, .. } = page;
        let bytes = self.take(rest.is_none());
        let Some(rest) = rest else {
            self.note();
            return Ok(self
                .context
                .with_body(&tag, coding, headers, Body::from(bytes)));
        };
        let (sender, body) = Channel::<Bytes, Stopped>::new(1);
        let response = self
            .context
            .with_body(&tag, coding, headers, Body::new(body));
        tokio::spawn(send_all(self, bytes, rest, sender));
        Ok(response)
    }

    /// Writes the next helping.
    fn go_on(mut self, rest: Rest) -> (Self, Vec<u8>, Option<Rest>) {
        let cancel = AtomicBool::new(false);
        let rest = further_rows(&self.layer, &self.query, rest, &cancel, &mut self.pen);
        let rest = rest.unwrap_or(None);
        let bytes = self.take(rest.is_none());
        (self, bytes, rest)
    }

    /// Leaves what was sent in the journal of reads.
    fn note(&self) {
        let shown = Shown::items(&self.layer, access::Route::Items, self.pen.rows);
        journal::note(&self.context.caller, shown, self.bytes);
    }

    /// What has been written, as it is to be sent.
    fn take(&mut self, last: bool) -> Vec<u8> {
        if last {
            self.pen.written.extend_from_slice(geojson::END_COLLECTION);
        }
        self.bytes += self.pen.written.len() as u64;
        let Some(encoder) = &mut self.gzip else {
            return std::mem::take(&mut self.pen.written);
        };
        let coded = encoder
            .write_all(&self.pen.written)
            .and_then(|()| if last { encoder.try_finish() } else { Ok(()) });
        coded.expect("a buffer takes everything");
        self.pen.written.clear();
        std::mem::take(encoder.get_mut())
    }
}

/// Writes features, with commas between them.
struct Pen {
    writer: FeatureWriter,
    /// Written and not sent.
    written: Vec<u8>,
    /// Features written so far.
    rows: u64,
    /// Only the counts are wanted.
    idle: bool,
}

impl Sink for Pen {
    fn weigh(&self, row: &Row<'_>) -> u64 {
        self.writer.weigh(row)
    }

    fn take(&mut self, row: &Row<'_>) -> Room {
        if self.idle {
            return Room::Full;
        }
        if self.rows > 0 {
            self.written.push(b',');
        }
        self.rows += 1;
        self.writer.feature(row, &mut self.written);
        if self.written.len() < HELPING {
            Room::More
        } else {
            Room::Full
        }
    }
}

fn number(name: HeaderName, number: u64) -> (HeaderName, HeaderValue) {
    (name, HeaderValue::from(number))
}

/// The answer was cut: the client reads a broken connection, never a document that looks whole.
#[derive(Debug, thiserror::Error)]
#[error("the answer was cut")]
struct Stopped;

/// How long an answer under way may go on before it is asked whether its reader still has the right to it.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// Sends a helping, has the next one written, until the page is done, the client gone, or its right to the rest. Whatever was sent is
/// noted.
async fn send_all(
    mut download: Download,
    mut bytes: Vec<u8>,
    mut rest: Rest,
    mut sender: Sender<Bytes, Stopped>,
) {
    let api = Arc::clone(&download.context.api);
    let within = api.settings.piece_within;
    loop {
        if !send(Bytes::from(bytes), &mut sender, within, &mut download.watch).await {
            break;
        }
        let Ok((same, more, left)) = api.pool.go_on(move || download.go_on(rest)).await else {
            // The panic is in the log.
            return sender.abort(Stopped);
        };
        (download, bytes) = (same, more);
        match left {
            Some(left) => rest = left,
            None => {
                let sent = send(Bytes::from(bytes), &mut sender, within, &mut download.watch);
                if sent.await {
                    return download.note();
                }
                break;
            }
        }
    }
    download.note();
    sender.abort(Stopped);
}

/// Hands bytes to the connection piece by piece; false if the client is gone, too slow, or may not have them any more.
async fn send(
    mut bytes: Bytes,
    sender: &mut Sender<Bytes, Stopped>,
    within: Duration,
    watch: &mut Watch,
) -> bool {
    while !bytes.is_empty() {
        if !watch.holds() {
            return false;
        }
        let piece = bytes.split_to(PIECE.min(bytes.len()));
        let mut sent = std::pin::pin!(tokio::time::timeout(within, sender.send_data(piece)));
        loop {
            tokio::select! {
                sent = &mut sent => match sent {
                    Ok(Ok(())) => break,
                    _ => return false,
                },
                () = tokio::time::sleep(ASK_EVERY) => if !watch.holds() {
                    return false;
                },
            }
        }
    }
    true
}
