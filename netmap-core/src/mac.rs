//! MAC addresses.

use core::fmt;
use core::str::FromStr;

/// A MAC address, in the order of its octets on the wire.
///
/// ```
/// use netmap_core::MacAddress;
///
/// let address: MacAddress = "02:00:5e:10:ff:0a".parse()?;
/// assert_eq!(address, MacAddress::from([2, 0, 0x5e, 0x10, 0xff, 0x0a]));
/// assert_eq!(address.to_string(), "02:00:5e:10:ff:0a");
/// # Ok::<(), netmap_core::InvalidMacAddress>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MacAddress(pub [u8; 6]);

impl MacAddress {
    /// The broadcast address.
    pub const BROADCAST: MacAddress = MacAddress([0xff; 6]);

    /// Whether it is the address of a group, like the broadcast address (IEEE 802, 8.2).
    pub const fn is_group(&self) -> bool {
        self.0[0] & 1 == 1
    }

    /// Whether a port may have it: it is neither zero nor the address of a group.
    pub const fn is_assignable(&self) -> bool {
        !self.is_group() && !matches!(self.0, [0, 0, 0, 0, 0, 0])
    }
}

impl From<[u8; 6]> for MacAddress {
    fn from(octets: [u8; 6]) -> MacAddress {
        MacAddress(octets)
    }
}

impl From<MacAddress> for [u8; 6] {
    fn from(address: MacAddress) -> [u8; 6] {
        address.0
    }
}

/// A text is no MAC address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidMacAddress;

impl fmt::Display for InvalidMacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a MAC address is six octets of two hexadecimal digits, separated by colons")
    }
}

impl core::error::Error for InvalidMacAddress {}

impl FromStr for MacAddress {
    type Err = InvalidMacAddress;

    fn from_str(text: &str) -> Result<MacAddress, InvalidMacAddress> {
        let mut octets = [0; 6];
        let mut parts = text.split(':');
        for octet in &mut octets {
            let part = parts.next().unwrap_or_default();
            let is_octet = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
            *octet = u8::from_str_radix(part, 16)
                .ok()
                .filter(|_| is_octet)
                .ok_or(InvalidMacAddress)?;
        }
        match parts.next() {
            None => Ok(MacAddress(octets)),
            Some(_) => Err(InvalidMacAddress),
        }
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

    #[test]
    fn an_address_is_six_octets() {
        assert_eq!(
            "02:00:5E:10:ff:0a".parse(),
            Ok(MacAddress([2, 0, 0x5e, 0x10, 0xff, 0x0a]))
        );
        for wrong in [
            "",
            "02",
            "02:00:5e:10:ff",
            "02:00:5e:10:ff:",
            "02:00:5e:10:ff:0a:1",
            "02:00:5e:10:ff:0a:",
            "2:0:5e:10:ff:a",
            "+2:00:00:00:00:00",
            "02-00-5e-10-ff-0a",
            "02:00:5e:10:ff:\u{e9}",
        ] {
            assert_eq!(
                wrong.parse::<MacAddress>(),
                Err(InvalidMacAddress),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_port_has_the_address_of_one_station() {
        for (octets, group, assignable) in [
            ([0; 6], false, false),
            ([0xff; 6], true, false),
            ([1, 0, 0x5e, 0, 0, 1], true, false),
            ([3, 0, 0, 0, 0, 1], true, false),
            ([2, 0, 0, 0, 0, 1], false, true),
            ([0, 0, 0, 0, 0, 1], false, true),
            ([0x52, 0x54, 0, 0x12, 0x34, 0x56], false, true),
        ] {
            let address = MacAddress::from(octets);
            assert_eq!(address.is_group(), group, "{address}");
            assert_eq!(address.is_assignable(), assignable, "{address}");
        }
    }
}
