//! The registers with the NIC's MAC addresses.

use netmap_core::MacAddress;
use netmap_core::model::StationModel;

use crate::error::ModelError;
use crate::registers::{Bits, RegisterFile, RegisterId};

/// Where the MAC addresses are.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stations {
    /// Octets 0 to 3, octets 4 and 5, and the valid bit.
    Halves(RegisterId, RegisterId, Option<Bits>),
    /// One octet in each element.
    Octets(RegisterId),
}

impl Stations {
    pub(crate) fn new(model: &StationModel, file: &RegisterFile) -> Result<Stations, ModelError> {
        match *model {
            StationModel::Halves { low, high, valid } => {
                let low = file.register(low, "station.low")?;
                let high = file.register(high, "station.high")?;
                let valid = match valid {
                    "" => None,
                    valid => Some(file.bits(high, valid, "station.valid")?),
                };
                Ok(Stations::Halves(low, high, valid))
            }
            StationModel::Octets(octets) => {
                let register = file.register(octets, "station.octets")?;
                if file.count(register) < 6 {
                    return Err(ModelError::NoElement {
                        register: octets.to_owned(),
                        element: 5,
                        wanted_by: "station.octets",
                    });
                }
                Ok(Stations::Octets(register))
            }
        }
    }

    /// The registers that hold the addresses.
    pub(crate) fn registers(self) -> Vec<RegisterId> {
        match self {
            Stations::Halves(low, high, _) => vec![low, high],
            Stations::Octets(octets) => vec![octets],
        }
    }

    /// Writes `mac` as the first address.
    pub(crate) fn load(self, mac: MacAddress, file: &mut RegisterFile) {
        let octets = mac.0;
        match self {
            Stations::Halves(low, high, valid) => {
                let [a, b, c, d, e, f] = octets;
                file.set(low.first(), u32::from_le_bytes([a, b, c, d]).into());
                let counts = valid.map_or(0, Bits::mask);
                let rest = u64::from(u16::from_le_bytes([e, f]));
                file.set(high.first(), counts | rest);
            }
            Stations::Octets(register) => {
                for (element, octet) in (0..).zip(octets) {
                    file.set(register.at(element), octet.into());
                }
            }
        }
    }

    /// Replaces `list` with the valid addresses.
    pub(crate) fn list(self, file: &RegisterFile, list: &mut Vec<[u8; 6]>) {
        list.clear();
        let get = |register: RegisterId, element| file.get(register.at(element));
        match self {
            Stations::Halves(low, high, valid) => {
                for element in 0..file.count(high) {
                    let rest = get(high, element);
                    if valid.is_none_or(|valid| valid.get(rest) != 0) {
                        let [a, b, c, d] = (get(low, element) as u32).to_le_bytes();
                        let [e, f] = (rest as u16).to_le_bytes();
                        list.push([a, b, c, d, e, f]);
                    }
                }
            }
            Stations::Octets(octets) => {
                list.push(std::array::from_fn(|at| get(octets, at as u32) as u8));
            }
        }
    }
}
