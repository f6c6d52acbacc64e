//! Finished tiles in memory, bounded in bytes, each made once however many ask for it at a time.
//!
//! A key says what a tile is made of (which rows, as which view sees them, which layers and properties, where), never who asks: callers
//! with equal rights share it, others never meet. A new revision has new keys, so nothing is ever purged; what nobody asks for any
//! more makes room.

use std::future::Future;

use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::coord::TileCoord;
use super::gzip::{gunzip, gzip};
use super::render::Tile;
use super::source::TileRows;

/// Bytes of a hash that stands for content. 128 bits: no two tiles will ever share one by chance.
type Digest = [u8; 16];

/// What an entry costs besides its body: key, hashes, counters and the cache's own links.
const ENTRY_OVERHEAD: u64 = 256;

/// A tile of middling size; the cache sizes its tables for its capacity's worth of them.
const TYPICAL_BYTES: u64 = 16 * 1024;

/// A layer of a tile, as it goes into a key.
#[derive(Clone, Copy)]
pub struct KeyLayer<'a> {
    /// The layer.
    pub rows: &'a dyn TileRows,
    /// What stands for its rows at this moment, as the view sees them.
    pub revision: &'a [u8],
    /// What stands for the view.
    pub view: &'a [u8],
}

/// What a tile is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TileKey {
    layers: Digest,
    coord: TileCoord,
}

impl TileKey {
    /// The key of the tile that holds these layers in this order.
    pub fn new(layers: &[KeyLayer<'_>], coord: TileCoord) -> Self {
        let mut hasher = blake3::Hasher::new();
        // Each part is led by its length, so that no two lists of parts run together to the same bytes.
        let mut part = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        for layer in layers {
            let rows = layer.rows;
            let (first, last) = rows.tile_zooms();
            part(rows.name().as_bytes());
            if !crate::leak!("tile-key-without-revision") {
                part(layer.revision);
            }
            part(layer.view);
            part(&[first, last, u8::from(rows.ids_are_small_integers())]);
            for &field in rows.tile_properties() {
                part(&(field as u64).to_le_bytes());
            }
            part(b"end of layer");
        }
        Self {
            layers: digest(hasher.finalize()),
            coord,
        }
    }
}

fn digest(hash: blake3::Hash) -> Digest {
    *hash.as_bytes().first_chunk().expect("a hash has 32 bytes")
}

/// How a body is encoded on its way (RFC 9110 §8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As it is.
    Identity,
    /// gzip
    Gzip,
}

/// A tile ready to be sent. Cloning shares the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedTile {
    gzip: Bytes,
    gzip_tag: Digest,
    identity_tag: Digest,
    /// Features drawn; 0 for an empty tile, which has no body.
    pub features: u32,
    /// Rows too small to be drawn at this zoom.
    pub collapsed: u32,
}

impl From<Tile> for EncodedTile {
    fn from(tile: Tile) -> Self {
        let gzip = if tile.mvt.is_empty() {
            Vec::new()
        } else {
            gzip(&tile.mvt)
        };
        Self {
            gzip_tag: digest(blake3::hash(&gzip)),
            identity_tag: digest(blake3::hash(&tile.mvt)),
            gzip: gzip.into(),
            features: tile.features,
            collapsed: tile.collapsed,
        }
    }
}

impl EncodedTile {
    /// True if there is nothing in the tile.
    pub fn is_empty(&self) -> bool {
        self.gzip.is_empty()
    }

    /// The body in an encoding. Only gzip is kept; the other is made from it.
    pub fn body(&self, encoding: Encoding) -> Bytes {
        match encoding {
            Encoding::Gzip => self.gzip.clone(),
            Encoding::Identity if self.gzip.is_empty() => Bytes::new(),
            Encoding::Identity => gunzip(&self.gzip)
                .expect("compressed when the tile was made")
                .into(),
        }
    }

    /// The entity tag of the body in an encoding, quotes included: a hash of that body (RFC 9110 §8.8.3, strong).
    pub fn etag(&self, encoding: Encoding) -> String {
        let tag = match encoding {
            Encoding::Gzip => &self.gzip_tag,
            Encoding::Identity => &self.identity_tag,
        };
        let mut text = String::with_capacity(2 + 2 * tag.len());
        text.push('"');
        for byte in tag {
            for nibble in [byte >> 4, byte & 15] {
                text.push(
                    char::from_digit(u32::from(nibble), 16).expect("a nibble is a digit of 16"),
                );
            }
        }
        text.push('"');
        text
    }
}

#[derive(Debug, Clone, Copy)]
struct Bytewise;

impl Weighter<TileKey, EncodedTile> for Bytewise {
    fn weight(&self, _: &TileKey, tile: &EncodedTile) -> u64 {
        tile.gzip.len() as u64 + ENTRY_OVERHEAD
    }
}

/// The cache.
#[derive(Debug)]
pub struct TileCache(Cache<TileKey, EncodedTile, Bytewise>);

impl TileCache {
    /// A cache of at most `capacity` bytes.
    pub fn new(capacity: u64) -> Self {
        let tiles = (capacity / TYPICAL_BYTES).max(1);
        Self(Cache::with_weighter(tiles as usize, capacity, Bytewise))
    }

    /// The tile, if it is there.
    pub fn get(&self, key: &TileKey) -> Option<EncodedTile> {
        self.0.get(key)
    }

    /// The tile; made by `make` if it is not there, while others who ask for it wait (blocking their threads). An error is handed to
    /// the one who made it, and the next in line tries again.
    pub fn get_or_make<E>(
        &self,
        key: &TileKey,
        make: impl FnOnce() -> Result<Tile, E>,
    ) -> Result<EncodedTile, E> {
        self.0
            .get_or_insert_with(key, || make().map(EncodedTile::from))
    }

    /// The same where others wait without a thread of their own. `make` gives the tile encoded: that too is work for another thread.
    pub async fn get_or_await<E>(
        &self,
        key: &TileKey,
        make: impl Future<Output = Result<EncodedTile, E>>,
    ) -> Result<EncodedTile, E> {
        self.0.get_or_insert_async(key, make).await
    }

    /// Another capacity from now on; what is too much goes.
    pub fn set_capacity(&self, bytes: u64) {
        if self.0.capacity() != bytes {
            self.0.set_capacity(bytes);
        }
    }

    /// Bytes in use, and tiles.
    pub fn usage(&self) -> (u64, usize) {
        (self.0.weight(), self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::super::double::Rows;
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn key(rows: &Rows, revision: &[u8], view: &[u8], x: u32) -> TileKey {
        let layer = KeyLayer {
            rows,
            revision,
            view,
        };
        TileKey::new(&[layer], TileCoord::from_zxy(10, x, 0).unwrap())
    }

    fn tile(bytes: &[u8]) -> Tile {
        Tile {
            mvt: bytes.to_vec(),
            features: 1,
            collapsed: 0,
        }
    }

    #[test]
    fn whatever_changes_the_tile_changes_the_key() {
        let rows = Rows::new(&[("a", crate::model::DataType::String)]);
        let base = key(&rows, b"r1", b"v", 0);
        assert_eq!(base, key(&rows, b"r1", b"v", 0));
        let mut renamed = Rows::new(&[("a", crate::model::DataType::String)]);
        renamed.name = "other".to_owned();
        let mut deeper = Rows::new(&[("a", crate::model::DataType::String)]);
        deeper.zooms = (0, 15);
        let lean = Rows::new(&[]);
        let others = [
            key(&rows, b"r2", b"v", 0),
            key(&rows, b"r1", b"w", 0),
            key(&rows, b"r", b"1v", 0),
            key(&rows, b"r1", b"v", 1),
            key(&renamed, b"r1", b"v", 0),
            key(&deeper, b"r1", b"v", 0),
            key(&lean, b"r1", b"v", 0),
        ];
        assert!(others.iter().all(|k| *k != base));
    }

    #[test]
    fn each_encoding_has_its_tag_and_its_body() {
        let encoded = EncodedTile::from(tile(&[7; 1000]));
        assert_eq!(encoded.body(Encoding::Identity), vec![7; 1000]);
        assert_eq!(gunzip(&encoded.body(Encoding::Gzip)), Some(vec![7; 1000]));
        assert_ne!(
            encoded.etag(Encoding::Gzip),
            encoded.etag(Encoding::Identity)
        );
        assert_eq!(encoded.etag(Encoding::Gzip).len(), 34);
        assert_eq!(encoded, EncodedTile::from(tile(&[7; 1000])));
        let empty = EncodedTile::from(Tile::default());
        assert!(empty.is_empty() && empty.body(Encoding::Identity).is_empty());
    }

    #[test]
    fn one_makes_it_and_all_have_it() {
        let rows = Rows::new(&[]);
        let (cache, made) = (TileCache::new(1 << 20), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let got = cache.get_or_make(&key(&rows, b"r", b"v", 0), || {
                        made.fetch_add(1, Ordering::SeqCst);
                        std::thread::sleep(std::time::Duration::from_millis(20));
                        Ok::<_, ()>(tile(b"x"))
                    });
                    assert_eq!(got.unwrap().features, 1);
                });
            }
        });
        assert_eq!(made.load(Ordering::SeqCst), 1);
        let failed = cache.get_or_make(&key(&rows, b"r", b"v", 1), || Err("no"));
        assert_eq!(failed, Err("no"));
        assert!(cache.get(&key(&rows, b"r", b"v", 1)).is_none());
        assert!(cache.get(&key(&rows, b"r", b"v", 0)).is_some());
    }

    #[test]
    fn the_cache_keeps_to_its_bytes() {
        let rows = Rows::new(&[]);
        let cache = TileCache::new(1 << 20);
        for x in 0..1000 {
            let noise: Vec<u8> = (0..5000u32)
                .map(|i| (i.wrapping_mul(2_654_435_761 + x) >> 24) as u8)
                .collect();
            cache
                .get_or_make(&key(&rows, b"r", b"v", x), || Ok::<_, ()>(tile(&noise)))
                .unwrap();
        }
        let (bytes, tiles) = cache.usage();
        assert!(bytes <= 1 << 20 && tiles > 50, "{bytes} in {tiles}");
    }
}
