//! Addresses: where to listen, and which peers are trusted.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// A block of IP addresses: `10.0.0.0/8`, or a single address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Reads `address` or `address/prefix`. The bits beyond the prefix must be zero: `10.0.0.1/8` is more likely a slip than a block.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(p) if p.bytes().all(|b| b.is_ascii_digit()) => p.parse::<u8>().ok()?,
            Some(_) => return None,
            None => width,
        };
        let network = Self { address, prefix };
        (prefix <= width && bits(address) == network.masked(bits(address), width))
            .then_some(network)
    }

    /// True if the peer is in the block. An IPv4 peer of a dual-stack socket (`::ffff:10.0.0.1`) is taken as IPv4.
    pub fn contains(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        let width = if peer.is_ipv4() { 32 } else { 128 };
        peer.is_ipv4() == self.address.is_ipv4()
            && self.masked(bits(peer), width) == bits(self.address)
    }

    fn masked(&self, bits: u128, width: u8) -> u128 {
        let dropped = u32::from(width - self.prefix);
        bits.checked_shr(dropped)
            .and_then(|b| b.checked_shl(dropped))
            .unwrap_or(0)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(a) => u128::from(a.to_bits()),
        IpAddr::V6(a) => a.to_bits(),
    }
}

/// Reads an address and port; `localhost` means 127.0.0.1. Other names are refused: what a name resolves to may change, the
/// address a server is bound to may not.
pub fn parse_listen(text: &str) -> Option<SocketAddr> {
    match text.strip_prefix("localhost:") {
        Some(port) => Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse().ok()?))),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(network: &str, peer: &str) -> bool {
        Network::parse(network)
            .expect(network)
            .contains(peer.parse().expect(peer))
    }

    #[test]
    fn blocks_hold_their_addresses() {
        assert!(holds("10.0.0.0/8", "10.255.1.2"));
        assert!(!holds("10.0.0.0/8", "11.0.0.0"));
        assert!(holds("192.0.2.7", "192.0.2.7"));
        assert!(!holds("192.0.2.7", "192.0.2.8"));
        assert!(holds("0.0.0.0/0", "203.0.113.9"));
        assert!(!holds("0.0.0.0/0", "2001:db8::1"));
        assert!(holds("::/0", "2001:db8::1"));
        assert!(holds("2001:db8::/32", "2001:db8:1::5"));
        assert!(holds("10.0.0.0/8", "::ffff:10.1.2.3"));
    }

    #[test]
    fn slips_in_blocks_are_refused() {
        for bad in [
            "10.0.0.1/8",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "10.0.0/8",
            "proxy.example",
            "",
            "::/129",
            "10.0.0.0/",
        ] {
            assert_eq!(Network::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn listening_needs_an_address_and_a_port() {
        assert_eq!(parse_listen("localhost:0"), "127.0.0.1:0".parse().ok());
        assert_eq!(parse_listen("[::1]:8080"), "[::1]:8080".parse().ok());
        for bad in [
            "8080",
            "127.0.0.1",
            "example.org:80",
            "localhost:",
            "localhost:99999",
        ] {
            assert_eq!(parse_listen(bad), None, "{bad}");
        }
    }
}
