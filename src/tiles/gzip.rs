//! Compressing tiles, and the way back for the rare client that does not take them so (RFC 1952).

use std::cell::RefCell;

use libdeflater::{CompressionLvl, Compressor, Decompressor};

thread_local! {
    // Level 1: within 4 % of level 6 on tiles, in less than half the time.
    static COMPRESSOR: RefCell<Compressor> = RefCell::new(Compressor::new(CompressionLvl::new(1).unwrap_or_default()));
}

/// The bytes as one gzip member, the same for the same bytes (no time stamp).
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    COMPRESSOR.with_borrow_mut(|compressor| {
        let mut out = vec![0; compressor.gzip_compress_bound(bytes.len())];
        let written = compressor
            .gzip_compress(bytes, &mut out)
            .expect("the buffer is as long as the compressor asked for");
        out.truncate(written);
        out.shrink_to_fit();
        out
    })
}

/// The bytes that [`gzip`] was given; `None` if `member` is not its work.
pub fn gunzip(member: &[u8]) -> Option<Vec<u8>> {
    // The last four bytes of a member tell the length; a tile is far below 4 GiB.
    let length = u32::from_le_bytes(*member.last_chunk()?) as usize;
    // Deflate packs at most 1032 to 1, so a length beyond that is not believed.
    if length > member.len().saturating_mul(1032) {
        return None;
    }
    let mut out = vec![0; length];
    let written = Decompressor::new().gzip_decompress(member, &mut out).ok()?;
    (written == length).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn there_and_back_also_for_another_reader() {
        for bytes in [&b""[..], b"tile", &vec![7; 100_000]] {
            let member = gzip(bytes);
            assert_eq!(gunzip(&member).as_deref(), Some(bytes));
            let mut other = Vec::new();
            flate2::read::GzDecoder::new(&member[..])
                .read_to_end(&mut other)
                .unwrap();
            assert_eq!(other, bytes);
            assert_eq!(gzip(bytes), member);
        }
        assert_eq!(gunzip(b"abc"), None);
        assert_eq!(gunzip(&[0xff; 30]), None);
    }
}
