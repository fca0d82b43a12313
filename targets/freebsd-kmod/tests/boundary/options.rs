//! The options of a device.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use netmap_kmod::boundary::*;

use crate::{Sim, exchange, facts, for_each_nic, frame, number_of, registers};

#[test]
fn an_option_takes_effect_at_the_next_start_and_a_value_out_of_range_is_refused() {
    let with_interval = AtomicU32::new(0);
    for_each_nic(|sim: Sim| {
        const EINVAL: i32 = 22;
        let port = sim.up();
        let published = sim.kernel.published();
        let options: Vec<_> = published
            .iter()
            .filter(|(_, (shape, _))| *shape == CHOICE)
            .map(|(name, _)| name)
            .collect();
        for name in &options {
            let before = port.number(name);
            let most = facts::of(&sim).most(name);
            for wrong in [most + 1, u32::MAX] {
                assert_eq!(port.choose(name, wrong), EINVAL, "{}", sim.name);
                assert_eq!(port.number(name), before);
            }
            assert_eq!(port.choose(name, most), 0, "{}", sim.name);
            assert_eq!(port.number(name), most.into());
            assert_eq!(port.choose(name, 1), 0);
            assert_eq!(port.number(name), 1);
        }
        let interval = "options.interrupt_interval".to_owned();
        // One variant has the option of its spec and not the register.
        if options.contains(&&interval) && registers(&port).contains("INTERVAL=") {
            with_interval.fetch_add(1, SeqCst);
            assert_eq!(port.choose(&interval, 7), 0);
            assert!(!registers(&port).contains("INTERVAL=7"), "{}", sim.name);
            assert_eq!(port.up(), 0, "{:?}", sim.kernel.log());
            assert!(registers(&port).contains("INTERVAL=7"), "{}", sim.name);
        }
        drop(port);
        sim.has_kept_the_rules();
    });
    assert!(with_interval.load(SeqCst) >= 4);
}

#[test]
fn frames_have_their_lengths_whether_the_crc_is_stripped_or_left_on() {
    let with_choice = AtomicU32::new(0);
    for_each_nic(|sim: Sim| {
        let strip = "options.strip_crc".to_owned();
        let port = sim.up();
        if !sim.kernel.published().contains_key(&strip) {
            return;
        }
        with_choice.fetch_add(1, SeqCst);
        let is = |value: u32| {
            let text = registers(&port);
            let mut fields = sim.model.rx.crc_stripped_when.iter();
            fields.all(|bit| {
                let shown = format!(" {}={value}", bit.field);
                // Of an array, any element.
                let mut of = text.lines().filter(|line| {
                    let name = line
                        .split(' ')
                        .nth(1)
                        .and_then(|name| name.split('[').next());
                    name == Some(bit.register)
                });
                of.any(|line| line.contains(&shown))
            })
        };
        assert_eq!(port.number(&strip), 1);
        for value in [0, 1, 0] {
            // The reset is the first to look at these, which were received before it.
            let taken = sim.nic.device().counts().rx_frames;
            assert!((0..5).all(|number| port.send(0, &frame(number))));
            assert_eq!(port.sync(TX, 0), SYNCED);
            let end = Instant::now() + Duration::from_secs(20);
            while sim.nic.device().counts().rx_frames < taken + 5 {
                assert!(Instant::now() < end, "{}: nothing comes back", sim.name);
                // Some NICs lose a kick; a later sync repeats it.
                assert_eq!(port.sync(TX, 0), SYNCED);
                thread::yield_now();
            }
            assert_eq!(port.choose(&strip, value), 0);
            assert!(is(1 - value), "{}: chosen too early", sim.name);
            assert_eq!(port.up(), 0, "{:?}", sim.kernel.log());
            assert!(is(value), "{}: not chosen", sim.name);
            assert!(port.wait_for_link().mbps > 0);
            let mut received = Vec::new();
            for queue in 0..sim.queues {
                assert_eq!(port.sync(RX, queue), SYNCED);
                while let Some(bytes) = port.receive(queue) {
                    received.push(number_of(&bytes));
                }
            }
            received.sort_unstable();
            assert_eq!(received, [0, 1, 2, 3, 4], "{}", sim.name);
            exchange(&port, sim.queues, 200, |_| ());
        }
        let errors = (0..sim.queues).map(|queue| port.number(&format!("rx{queue}.errors")));
        assert_eq!(errors.sum::<u64>(), 0, "{}", sim.name);
        drop(port);
        sim.has_kept_the_rules();
    });
    assert!(with_choice.load(SeqCst) >= 4);
}
