//! Which of two keys can be used for less.

use std::net::IpAddr;

use super::policy::{Key, Scopes};

impl Key {
    /// True if it can be used for no more than another, at no other time, from no other place. Whose it is, and what is granted to it, is
    /// not asked.
    pub fn is_no_wider_than(&self, other: &Self) -> bool {
        self.from_us.unwrap_or(i64::MIN) >= other.from_us.unwrap_or(i64::MIN)
            && self.until_us.unwrap_or(i64::MAX) <= other.until_us.unwrap_or(i64::MAX)
            && self.scopes.are_no_wider_than(&other.scopes)
            && is_within(&self.origins, &other.origins, |a, b| {
                a.eq_ignore_ascii_case(b)
            })
            && is_within(&self.networks, &other.networks, |a, b| lies_in(a, b))
    }
}

impl Scopes {
    /// True if they leave no more open than others. Of two different profiles nobody can tell.
    pub fn are_no_wider_than(&self, other: &Self) -> bool {
        // What is equal to what both leave open is no more than the other.
        self.and(other) == *self
    }
}

/// True if a list in which nothing stands for anything holds nothing beyond another such list.
fn is_within<'a, T: 'a>(
    list: impl IntoIterator<Item = &'a T, IntoIter: Clone>,
    other: impl IntoIterator<Item = &'a T, IntoIter: Clone>,
    lies_in: impl Fn(&T, &T) -> bool,
) -> bool {
    let (mut list, other) = (list.into_iter().peekable(), other.into_iter());
    if other.clone().next().is_none() {
        return true;
    }
    list.peek().is_some() && list.all(|a| other.clone().any(|b| lies_in(a, b)))
}

/// True if all addresses of a network are in another. One that cannot be read is in none but itself.
fn lies_in(network: &str, other: &str) -> bool {
    let read = |text: &str| {
        let (address, bits) = text.split_once('/')?;
        Some((address.parse::<IpAddr>().ok()?, bits.parse::<u32>().ok()?))
    };
    let beyond = |a: u128, b: u128, width: u32, bits: u32| {
        let unequal = a ^ b;
        unequal.checked_shr(width.saturating_sub(bits)).unwrap_or(0) != 0
    };
    match (read(network), read(other)) {
        (Some((IpAddr::V4(a), bits)), Some((IpAddr::V4(b), least))) => {
            bits >= least && !beyond(u32::from(a).into(), u32::from(b).into(), 32, least)
        }
        (Some((IpAddr::V6(a), bits)), Some((IpAddr::V6(b), least))) => {
            bits >= least && !beyond(a.into(), b.into(), 128, least)
        }
        (None, None) => network == other,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_lie_in_networks() {
        for (a, b, expected) in [
            ("192.0.2.0/24", "192.0.2.0/24", true),
            ("192.0.2.7/32", "192.0.2.0/24", true),
            ("192.0.2.0/23", "192.0.2.0/24", false),
            ("192.0.3.0/24", "192.0.2.0/24", false),
            ("192.0.2.0/24", "0.0.0.0/0", true),
            ("0.0.0.0/0", "192.0.2.0/24", false),
            ("2001:db8:1::/48", "2001:db8::/32", true),
            ("2001:db9::/32", "2001:db8::/32", false),
            ("2001:db8::/32", "::/0", true),
            ("::/0", "0.0.0.0/0", false),
            ("x", "x", true),
            ("x", "0.0.0.0/0", false),
        ] {
            assert_eq!(lies_in(a, b), expected, "{a} in {b}");
        }
    }

    #[test]
    fn an_empty_list_stands_for_anything() {
        let within = |a: &[&str], b: &[&str]| is_within(a, b, |a, b| a == b);
        assert!(within(&[], &[]) && within(&["a"], &[]) && within(&["a"], &["b", "a"]));
        assert!(!within(&[], &["a"]) && !within(&["a", "c"], &["b", "a"]));
    }

    #[test]
    fn scopes_are_compared_one_by_one() {
        let wide = Scopes::default();
        let of = |change: fn(&mut Scopes)| {
            let mut scopes = Scopes::default();
            change(&mut scopes);
            scopes
        };
        let some = of(|s| s.layers = Some(["a".to_owned(), "b".to_owned()].into()));
        let fewer = of(|s| s.layers = Some(["a".to_owned()].into()));
        let zoom = of(|s| s.max_zoom = Some(9));
        let lower = of(|s| s.max_zoom = Some(3));
        let (p, q) = (
            of(|s| s.profile = Some("p".to_owned())),
            of(|s| s.profile = Some("q".to_owned())),
        );
        for (a, b, expected) in [
            (&some, &wide, true),
            (&wide, &some, false),
            (&fewer, &some, true),
            (&some, &fewer, false),
            (&lower, &zoom, true),
            (&zoom, &lower, false),
            (&fewer, &zoom, false),
            (&p, &wide, true),
            (&p, &p, true),
            (&p, &q, false),
            (&wide, &p, false),
        ] {
            assert_eq!(a.are_no_wider_than(b), expected, "{a:?} {b:?}");
        }
    }
}
