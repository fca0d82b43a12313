//! A NIC that reports its head: the first descriptor that is not done.

use super::Outstanding;
use crate::{Geometry, NicIdx, SyncError};

/// The number of outstanding descriptors before `read`, the reported head.
///
/// # Errors
/// The head is not between the oldest outstanding descriptor and the tail.
#[inline(always)]
pub(super) fn done(
    geometry: &Geometry,
    read: u32,
    outstanding: Outstanding,
) -> Result<u32, SyncError> {
    let start = geometry.to_nic(outstanding.oldest).0;
    let count = if read >= start {
        read - start
    } else {
        read + (geometry.slots() - start)
    };
    if read < geometry.slots() && count <= outstanding.count {
        Ok(count)
    } else {
        let end = geometry.advance(outstanding.oldest, outstanding.count);
        Err(SyncError::NicHeadOutOfRange {
            read,
            oldest: NicIdx(start).0,
            tail: geometry.to_nic(end).0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NmIdx;

    #[test]
    fn a_head_is_valid_between_the_oldest_and_the_tail() {
        for slots in 2..6 {
            for hwofs in 0..slots {
                let geometry = Geometry::restarted_at(slots, NmIdx(hwofs));
                for (oldest, count) in (0..slots).flat_map(|o| (0..slots).map(move |c| (o, c))) {
                    let outstanding = Outstanding {
                        oldest: NmIdx(oldest),
                        count,
                    };
                    let legal: Vec<u32> = (0..=count)
                        .map(|by| geometry.to_nic(NmIdx((oldest + by) % slots)).0)
                        .collect();
                    for read in (0..slots + 2).chain([u32::MAX]) {
                        let expected = legal.iter().position(|&at| at == read);
                        let found = done(&geometry, read, outstanding).ok();
                        assert_eq!(found, expected.map(|at| at as u32), "{read} of {slots}");
                    }
                }
            }
        }
    }

    extern crate std;
    use std::vec::Vec;
}
