//! Devices on their own threads, with drivers that run concurrently.

mod toy;

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use netmap_sim::wire::{Cable, CableEnd, Flow, Loopback, cable};
use netmap_sim::{DEFAULT_MAC, Device};
use toy::TOY;
use toy::driver::{Toy, frame, number};

/// Longer than any of these tests takes on a slow and busy machine.
const LONG: Duration = Duration::from_secs(120);

fn device() -> Device {
    Device::new(&TOY, "toy", DEFAULT_MAC).unwrap()
}

/// Sends `count` frames and receives as many, checking each.
fn exchange(device: &Device, count: u64, len: usize) {
    let toy = Toy::new(device);
    let (mut rx, mut tx) = (toy.rx(0, 512), toy.tx(0, 512));
    let (mut sent, mut received) = (0, 0);
    let until = Instant::now() + LONG;
    let mut done = 0;
    while received < count || done < count {
        done += u64::from(tx.reclaim());
        let before = sent;
        while sent < count && tx.push(&frame(sent, len)) {
            sent += 1;
        }
        if sent != before {
            tx.doorbell();
        }
        let mut any = sent != before;
        while let Some(got) = rx.next() {
            assert_eq!(number(&got.frame), received);
            assert_eq!(got.frame.len(), len.max(60));
            received += 1;
            any = true;
        }
        rx.refill();
        if !any {
            assert!(Instant::now() < until, "{sent} sent, {received} received");
            thread::yield_now();
        }
    }
    // Done bits may be written before the last frames are on the wire.
    let all = device.violations();
    assert!(all.is_empty(), "{all}");
}

fn on_two_threads(flow: Flow, depth: usize, count: u64) {
    let (a, b) = cable(flow, depth);
    let run = |end: CableEnd| {
        thread::spawn(move || {
            let device = device();
            device.plug(end);
            exchange(&device, count, 60);
            device
        })
    };
    let (a, b) = (run(a), run(b));
    let (a, b) = (a.join().unwrap(), b.join().unwrap());
    assert_eq!(a.counts().rx_frames, count);
    assert_eq!(b.counts().rx_frames, count);
}

#[test]
fn a_loopback_loses_nothing() {
    let device = device();
    device.plug(Loopback::new());
    exchange(&device, 50_000, 60);
    assert_eq!(device.counts().rx_missed, 0);
}

#[test]
fn two_connected_devices_lose_nothing_and_do_not_deadlock() {
    on_two_threads(Flow::Lossless, 1024, 50_000);
    // A cable that holds one frame makes each wait for the other all the time.
    on_two_threads(Flow::Lossless, 1, 5_000);
}

#[test]
fn a_device_without_work_sleeps_and_wakes_for_frames_and_doorbells() {
    let device = device();
    let (end, far) = cable(Flow::Lossless, 64);
    device.plug(end);
    let mut far = far.socket();
    let toy = Toy::new(&device);
    let (mut rx, mut tx) = (toy.rx(0, 8), toy.tx(0, 8));
    for n in 0..50 {
        tx.push(&frame(n, 64));
        tx.doorbell();
        let got = far.receive_within(LONG).expect("a frame");
        assert_eq!(number(&got), n);
        tx.reclaim();
        far.send(&frame(n, 64));
        let until = Instant::now() + LONG;
        let got = loop {
            if let Some(got) = rx.drain().pop() {
                break got;
            }
            assert!(Instant::now() < until);
            thread::yield_now();
        };
        assert_eq!(number(&got), n);
    }
}

#[test]
fn an_interrupt_wakes_a_waiting_thread() {
    let device = device();
    device.plug(Loopback::new());
    let toy = Toy::new(&device);
    let (_rx, mut tx) = (toy.rx(0, 8), toy.tx(0, 8));
    let (rang, heard) = mpsc::channel();
    device.on_interrupt(move |_| {
        // The receiver may be gone already.
        let _ = rang.send(());
    });
    toy.read("ICR", 0);
    toy.write("IMS", 0, 1 << 8);
    let seen = device.interrupts();
    tx.push(&frame(0, 64));
    tx.doorbell();
    assert!(device.wait_for_interrupt(seen, LONG) > seen);
    heard.recv_timeout(LONG).unwrap();
    assert_ne!(toy.read("ICR", 0) & 1 << 8, 0);
}

#[test]
fn dropping_a_device_ends_its_thread_and_its_peer_goes_on_with_the_next() {
    let cable = Cable::new(Flow::Lossless, 4);
    let (first, second) = (device(), device());
    first.plug(cable.end().unwrap());
    second.plug(cable.end().unwrap());
    drop(first);
    let toy = Toy::new(&second);
    let mut tx = toy.tx(0, 64);
    for n in 0..63 {
        tx.push(&frame(n, 64));
    }
    tx.doorbell();
    thread::sleep(Duration::from_millis(20));
    assert_eq!(toy.read("TDH", 0), 0, "sent to nobody");
    let mut next = cable.end().unwrap().socket();
    for n in 0..63 {
        assert_eq!(next.receive_within(LONG).unwrap(), frame(n, 64));
    }
    let until = Instant::now() + LONG;
    while toy.read("TDH", 0) != 63 {
        assert!(Instant::now() < until);
        thread::yield_now();
    }
}

/// Prints throughput figures: `cargo test --release --test threads -- --ignored --nocapture`.
#[test]
#[ignore = "slow; run it in a release build"]
fn ten_million_frames() {
    const COUNT: u64 = 10_000_000;
    for len in [60, 1514] {
        let device = device();
        device.plug(Loopback::new());
        report(&format!("loop, {len} bytes"), COUNT, || {
            shuttle(&device, COUNT, len, thread::yield_now);
        });
        let device = Device::stepped(&TOY, "toy", DEFAULT_MAC).unwrap();
        device.plug(Loopback::new());
        report(&format!("loop on one thread, {len} bytes"), COUNT, || {
            shuttle(&device, COUNT, len, || device.run(u32::MAX));
        });
    }
    report("two devices, both ways, every byte checked", COUNT, || {
        on_two_threads(Flow::Lossless, 1024, COUNT);
    });
}

fn report(what: &str, count: u64, run: impl FnOnce()) {
    let start = Instant::now();
    run();
    let rate = count as f64 / start.elapsed().as_secs_f64() / 1e6;
    println!("{what}: {rate:.2} M frames/s");
}

/// Sends and receives like a forwarder, without reading frames.
fn shuttle(device: &Device, count: u64, len: usize, idle: impl Fn()) {
    let toy = Toy::new(device);
    let (mut rx, mut tx) = (toy.rx(0, 512), toy.tx(0, 512));
    let (mut sent, mut received) = (0, 0);
    while received < count {
        tx.reclaim();
        while sent < count && tx.push_again(len) {
            sent += 1;
        }
        tx.doorbell();
        idle();
        received += u64::from(rx.skip());
    }
    let all = device.violations();
    assert!(all.is_empty(), "{all}");
}
