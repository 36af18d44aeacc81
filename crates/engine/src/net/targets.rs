//! Which addresses a flow may call: public ones, and those that the operator admits.

use ipnet::IpNet;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// What the operator admits beyond public addresses (`OFFHOOK_ALLOW_TARGETS`): names, CIDRs and
/// `host:port`, comma-separated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowTargets {
    hosts: Vec<(String, Option<u16>)>,
    nets: Vec<IpNet>,
}

/// An item of the list that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no target; allowed are a name, a CIDR (10.0.0.0/8), an address, or host:port")]
pub struct BadTarget(String);

impl FromStr for AllowTargets {
    type Err = BadTarget;

    fn from_str(text: &str) -> Result<Self, BadTarget> {
        let mut targets = Self::default();
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            targets.add(item)?;
        }
        Ok(targets)
    }
}

impl AllowTargets {
    /// Admits one more item.
    pub fn add(&mut self, item: &str) -> Result<(), BadTarget> {
        let bad = || BadTarget(item.to_owned());
        if let Ok(net) = item.parse::<IpNet>() {
            self.nets.push(net);
            return Ok(());
        }
        if let Ok(address) = item.trim_matches(['[', ']']).parse::<IpAddr>() {
            self.nets.push(address.into());
            return Ok(());
        }
        let (host, port) = match item.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().map_err(|_| bad())?)),
            None => (item, None),
        };
        let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        if host.is_empty() || !host.chars().all(plain) {
            return Err(bad());
        }
        self.hosts.push((host, port));
        Ok(())
    }

    /// Whether this host, as a URL writes it, is admitted at this port, whatever its addresses.
    pub fn admits_host(&self, host: &str, port: u16) -> bool {
        let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
        self.hosts.iter().any(|(name, only)| *name == host && only.is_none_or(|only| only == port))
    }

    /// Whether the operator names this host at this port, by its name or its address: being public
    /// is not enough.
    pub fn names(&self, host: &str, port: u16) -> bool {
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        self.admits_host(host, port)
            || address.is_ok_and(|address| self.nets.iter().any(|net| net.contains(&address)))
    }

    /// Whether this address may be called: it is public, or admitted.
    pub fn admits_address(&self, address: IpAddr) -> bool {
        is_public(address) || self.nets.iter().any(|net| net.contains(&address.to_canonical()))
    }
}

/// Whether an address belongs to the public internet. Addresses that carry an IPv4 address are
/// judged by that one. The blocks are those of the IANA special-purpose registries.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_multicast()
        || a == 0
        || a >= 240
        // Shared by carriers (RFC 6598).
        || (a == 100 && (64..128).contains(&b))
        // Protocol assignments, documentation, benchmarking.
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 198 && (b == 18 || b == 19))
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match (a, b) {
        // NAT64 (RFC 6052) and 6to4 (RFC 3056) carry an IPv4 address.
        (0x64, 0xff9b) => c == 0 && d == 0 && e == 0 && f == 0 && v4(g, h),
        (0x2002, _) => v4(b, c),
        // Documentation and Teredo.
        (0x2001, 0xdb8 | 0) => false,
        _ => a & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(text: &str) -> bool {
        is_public(text.parse().unwrap())
    }

    #[test]
    fn private_loopback_and_special_addresses_are_not_public_in_any_disguise() {
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "::127.0.0.1",
        ] {
            assert!(!public(address), "{address}");
        }
        for address in ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "64:ff9b::101:101"] {
            assert!(public(address), "{address}");
        }
    }

    #[test]
    fn the_list_admits_names_networks_addresses_and_host_with_port() {
        let allowed: AllowTargets =
            "crm.example, 10.0.0.0/8,[::1], 127.0.0.1:3100, Alerts.example:8443".parse().unwrap();
        assert!(allowed.admits_host("crm.example", 80));
        assert!(allowed.admits_host("CRM.example.", 443));
        assert!(allowed.admits_host("alerts.example", 8443));
        assert!(!allowed.admits_host("alerts.example", 443));
        assert!(allowed.admits_host("127.0.0.1", 3100));
        assert!(!allowed.admits_host("127.0.0.1", 3101));
        assert!(allowed.admits_address("10.9.9.9".parse().unwrap()));
        assert!(allowed.admits_address("::ffff:10.9.9.9".parse().unwrap()));
        assert!(allowed.admits_address("::1".parse().unwrap()));
        assert!(!allowed.admits_address("127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn who_is_only_public_is_not_named() {
        let allowed: AllowTargets = "db.example:5432, 10.0.0.0/8".parse().unwrap();
        assert!(allowed.names("DB.example", 5432) && allowed.names("10.1.2.3", 3306));
        assert!(!allowed.names("db.example", 3306) && !allowed.names("other.example", 5432));
        assert!(!allowed.names("1.1.1.1", 5432) && allowed.admits_address([1, 1, 1, 1].into()));
    }

    #[test]
    fn a_bad_item_is_named() {
        let error = "ok.example, http://x".parse::<AllowTargets>().unwrap_err();
        assert!(error.to_string().starts_with("\"http://x\" is no target"));
        assert!("host:99999".parse::<AllowTargets>().is_err());
    }
}
