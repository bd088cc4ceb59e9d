//! Where a request came from. A header that names another address counts only when a proxy of ours
//! wrote it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use ipnet::IpNet;

use crate::{App, Error};

/// The address somebody asks from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address(pub IpAddr);

/// Who has one IPv6 address has at least this network of them.
const V6_NETWORK: u8 = 64;

impl Address {
    /// What is counted as one: an IPv4 address, the /64 network of an IPv6 address.
    pub fn network(self) -> IpNet {
        let bits = if self.0.is_ipv4() { 32 } else { V6_NETWORK };
        IpNet::new_assert(self.0, bits).trunc()
    }
}

impl FromRequestParts<App> for Address {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Address, Error> {
        let peer = peer(&parts.extensions);
        Ok(Address(behind_proxies(
            peer,
            &parts.headers,
            &app.config.trusted_proxies,
        )))
    }
}

fn peer(extensions: &Extensions) -> IpAddr {
    extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| {
            peer.0.ip().to_canonical()
        })
}

/// The last address in the chain that no proxy of ours has: each proxy adds the one it heard from at
/// the end, so whatever stands before an address we do not trust may be invented.
fn behind_proxies(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let trusted = |address: &IpAddr| proxies.iter().any(|proxy| proxy.contains(address));
    let mut nearest = peer;
    let named = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    for hop in named.collect::<Vec<_>>().into_iter().rev() {
        if !trusted(&nearest) {
            break;
        }
        let Ok(hop) = hop.trim().parse::<IpAddr>() else {
            break;
        };
        nearest = hop.to_canonical();
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        let proxies = ["10.0.0.0/8".parse().unwrap()];
        behind_proxies(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_an_address() {
        assert_eq!(seen("203.0.113.9", "1.2.3.4"), "203.0.113.9");
    }

    #[test]
    fn addresses_of_one_house_count_as_one() {
        let network = |address: &str| Address(address.parse().unwrap()).network().to_string();
        assert_eq!(network("2001:db8:1:2:3::4"), "2001:db8:1:2::/64");
        assert_eq!(network("2001:db8:1:2:ffff::"), "2001:db8:1:2::/64");
        assert_eq!(network("2001:db8:1:3::4"), "2001:db8:1:3::/64");
        assert_eq!(network("203.0.113.9"), "203.0.113.9/32");
    }

    #[test]
    fn our_proxy_names_whom_it_heard_from_and_nobody_before_that_counts() {
        assert_eq!(seen("10.0.0.1", "203.0.113.9"), "203.0.113.9");
        assert_eq!(
            seen("10.0.0.1", "1.2.3.4, 203.0.113.9, 10.0.0.2"),
            "203.0.113.9"
        );
        assert_eq!(seen("10.0.0.1", "nonsense"), "10.0.0.1");
    }
}
