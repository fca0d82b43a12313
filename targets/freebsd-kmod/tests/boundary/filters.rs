//! Which frames reach a program.

use std::thread;
use std::time::{Duration, Instant};

use netmap_kmod::boundary::*;

use crate::port::Port;
use crate::{Sim, for_each_nic};

const GROUPS: [[u8; 6]; 2] = [[1, 0, 0x5e, 0, 0, 1], [0x33, 0x33, 0x12, 0x34, 0x56, 0x78]];
const OTHER_GROUP: [u8; 6] = [1, 0, 0x5e, 0x7f, 0x55, 0x2a];
const STRANGER: [u8; 6] = [2, 0x11, 0x22, 0x33, 0x44, 0x55];

/// Which of these addresses the port receives frames to.
fn received(sim: &Sim, port: &Port, to: &[[u8; 6]]) -> Vec<[u8; 6]> {
    let mut to = to.to_vec();
    to.retain(|to| receives(sim, port, *to));
    to
}

/// Whether the port receives a frame to that address. A broadcast, which it always receives, follows that frame.
fn receives(sim: &Sim, port: &Port, wanted: [u8; 6]) -> bool {
    const BROADCAST: [u8; 6] = [0xff; 6];
    let end = Instant::now() + Duration::from_secs(20);
    // Hands over the slots of frames that were read before.
    assert_eq!(port.sync(RX, 0), SYNCED, "{}", sim.name);
    for to in [wanted, BROADCAST] {
        let mut frame = [0u8; 60];
        frame[..6].copy_from_slice(&to);
        while !port.send(0, &frame) {
            assert!(Instant::now() < end, "{}: no slot returns", sim.name);
            assert_eq!(port.sync(TX, 0), SYNCED, "{}", sim.name);
        }
    }
    let mut found = false;
    loop {
        assert!(Instant::now() < end, "{}: {wanted:x?}", sim.name);
        assert_eq!(port.sync(TX, 0), SYNCED, "{}", sim.name);
        assert_eq!(port.sync(RX, 0), SYNCED, "{}", sim.name);
        while let Some(frame) = port.receive(0) {
            match frame[..6].try_into().unwrap() {
                BROADCAST => return found,
                to => assert_eq!((to, found), (wanted, false), "{}", sim.name),
            }
            found = true;
        }
        thread::yield_now();
    }
}

#[test]
fn each_part_of_the_filter_accepts_its_frames_and_no_others() {
    for_each_nic(|sim: Sim| {
        let port = sim.attach();
        // From now on the device does not know its address by itself.
        sim.nic.device().withhold_mac_address();
        assert_eq!(port.up(), 0, "{}: {:?}", sim.name, sim.kernel.log());
        port.wait_for_link();
        let own = port.found.mac;
        let [one, two] = GROUPS;
        let all = [own, one, two, OTHER_GROUP, STRANGER];
        for (promiscuous, all_multicast, groups, expected) in [
            (false, false, &[][..], &[own][..]),
            (false, false, &GROUPS[..1], &[own, one]),
            (false, false, &GROUPS[..], &[own, one, two]),
            (false, true, &[], &[own, one, two, OTHER_GROUP]),
            (true, false, &[], &all),
            (false, false, &GROUPS[1..], &[own, two]),
        ] {
            assert_eq!(port.accept(promiscuous, all_multicast, groups), 0);
            let found = received(&sim, &port, &all);
            // A NIC without a table of groups accepts all of them or none.
            let expected = match sim.model.multicast {
                None if !groups.is_empty() => &[own, one, two, OTHER_GROUP][..],
                _ => expected,
            };
            // Promiscuous mode need not include groups.
            let is_expected = match promiscuous {
                true => found.contains(&STRANGER),
                false => found == expected,
            };
            assert!(is_expected, "{}: {found:x?}, not {expected:x?}", sim.name);
        }
        drop(port);
        sim.has_kept_the_rules();
    });
}
