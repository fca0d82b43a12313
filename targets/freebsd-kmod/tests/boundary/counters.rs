//! The NIC's counters add up over everything that resets the device.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use crate::port::Port;
use crate::{Sim, exchange, for_each_nic};

/// What may reset the device.
type Way<'a> = &'a dyn Fn(&Port);

#[test]
fn no_counter_falls_with_a_reset_a_stop_an_address_or_an_option() {
    let with_option = AtomicU32::new(0);
    for_each_nic(|sim: Sim| {
        let port = sim.up();
        if port.counters().is_empty() {
            return;
        }
        let option = sim
            .kernel
            .published()
            .into_keys()
            .find(|name| name.starts_with("options."));
        let reset = |port: &Port| assert_eq!(port.up(), 0, "{:?}", port.kernel.log());
        let ways: [(&str, Way<'_>); 5] = [
            ("a reset", &reset),
            ("a stop", &|port| assert_eq!(port.down(), 0)),
            ("an address", &|port| {
                assert_eq!(port.set_mac([2, 0, 0, 0, 1, 7]), 0);
                reset(port);
            }),
            ("an option", &|port| {
                if let Some(option) = &option {
                    with_option.fetch_add(1, SeqCst);
                    assert_eq!(port.choose(option, 1), 0);
                }
                reset(port);
            }),
            ("a filter", &|port| {
                assert_eq!(port.set_filter(true, &[[1, 0, 0x5e, 0, 0, 1]]), 0);
            }),
        ];
        for (what, way) in ways {
            reset(&port);
            port.wait_for_link();
            let before = port.counters();
            exchange(&port, sim.queues, 30, |_| ());
            let counted = port.counters();
            // Read, or counted since the last read: neither is lost.
            let grown = |from: &std::collections::BTreeMap<String, u64>| {
                port.counters()
                    .iter()
                    .any(|(name, now)| *now >= from[name] + 30)
            };
            assert!(grown(&before), "{}: nothing is counted", sim.name);
            exchange(&port, sim.queues, 30, |_| ());
            way(&port);
            for (name, now) in port.counters() {
                assert!(
                    now >= counted[&name],
                    "{}: {name} fell from {} to {now} with {what}",
                    sim.name,
                    counted[&name]
                );
            }
            assert!(
                grown(&counted),
                "{}: counts were lost with {what}",
                sim.name
            );
        }
        drop(port);
        sim.has_kept_the_rules();
    });
    assert!(with_option.load(SeqCst) > 0);
}
