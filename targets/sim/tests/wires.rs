//! The wires for a port.

mod toy;

use std::fs;
use std::io::Cursor;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use netmap_sim::wire::{Batch, Capture, Flow, Loopback, cable};
use netmap_sim::{Wire, WireError};
use pcap_file::pcap::{PcapPacket, PcapReader, PcapWriter};
use toy::driver::{frame, number, stepped};

const ALL: u32 = 1000;

/// A file in memory.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn capture_of(count: u64) -> Vec<u8> {
    let mut writer = PcapWriter::new(Vec::new()).unwrap();
    for n in 0..count {
        let frame = frame(n, 70);
        let packet = PcapPacket::new(Duration::from_micros(n), frame.len() as u32, &frame);
        writer.write_packet(&packet).unwrap();
    }
    writer.into_writer()
}

#[test]
fn captures_are_replayed_and_recorded() {
    let (device, toy) = stepped();
    let written = Shared::default();
    let wire = Capture::new()
        .replay_from(Box::new(Cursor::new(capture_of(600))))
        .unwrap()
        .record_to(Box::new(written.clone()))
        .unwrap();
    device.plug(wire);
    let (mut rx, mut tx) = (toy.rx(0, 64), toy.tx(0, 64));
    let mut received = 0;
    while received < 600 {
        device.run(ALL);
        let frames = rx.drain();
        assert!(!frames.is_empty());
        for got in frames {
            assert_eq!(got, frame(received, 70));
            received += 1;
        }
    }
    for n in 0..3 {
        tx.push(&frame(n, 100));
    }
    tx.doorbell();
    device.run(ALL);
    let bytes = written.0.lock().unwrap().clone();
    let mut reader = PcapReader::new(Cursor::new(bytes)).unwrap();
    for n in 0..3 {
        let packet = reader.next_packet().unwrap().unwrap();
        assert_eq!(packet.data, frame(n, 100));
    }
    assert!(reader.next_packet().is_none());
}

#[test]
fn an_invalid_capture_is_refused_and_a_truncated_one_is_reported() {
    let refused = Capture::new().replay_from(Box::new(Cursor::new(b"nothing".to_vec())));
    assert!(matches!(refused, Err(WireError::Pcap(_))));

    let mut bytes = capture_of(2);
    bytes.truncate(bytes.len() - 10);
    let (device, toy) = stepped();
    device.plug(
        Capture::new()
            .replay_from(Box::new(Cursor::new(bytes)))
            .unwrap(),
    );
    let mut rx = toy.rx(0, 8);
    device.run(ALL);
    assert!(rx.drain().len() <= 1);
    assert!(device.take_wire_error().is_some());
    assert!(device.take_wire_error().is_none());
}

#[test]
fn captures_can_be_files() {
    let dir = std::env::temp_dir().join(format!("netmap-sim-{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    let (from, to) = (dir.join("in.pcap"), dir.join("out.pcap"));
    fs::write(&from, capture_of(1)).unwrap();
    let mut wire = Capture::new().replay(&from).unwrap().record(&to).unwrap();
    let mut batch = Batch::new();
    wire.receive(&mut batch).unwrap();
    assert_eq!(batch.front(), Some(&frame(0, 70)[..]));
    wire.transmit(&mut batch).unwrap();
    drop(wire);
    let mut reader = PcapReader::new(fs::File::open(&to).unwrap()).unwrap();
    assert_eq!(reader.next_packet().unwrap().unwrap().data, frame(0, 70));
    fs::remove_dir_all(&dir).unwrap();
    assert!(matches!(
        Capture::new().replay(&from),
        Err(WireError::Io(_))
    ));
}

#[test]
fn a_dropping_loop_counts_what_it_loses() {
    let mut wire = Loopback::dropping();
    let mut batch = Batch::new();
    for n in 0..1100 {
        batch.push(&frame(n, 64));
    }
    wire.transmit(&mut batch).unwrap();
    assert!(batch.is_empty());
    assert_eq!(wire.flow(), Flow::Dropping);
    assert_eq!((wire.lost(), wire.lost()), (76, 0));
    wire.receive(&mut batch).unwrap();
    assert_eq!(batch.len(), 1024);
}

#[test]
fn a_socket_reports_when_there_is_no_room() {
    let (a, b) = cable(Flow::Lossless, 2);
    let (mut a, mut b) = (a.socket(), b.socket());
    assert!(a.send(&frame(0, 64)) && a.send(&frame(1, 64)));
    assert!(!a.send(&frame(2, 64)));
    assert!(!a.wait_for_room(Duration::from_millis(1)));
    assert_eq!(b.receive().map(|frame| number(&frame)), Some(0));
    assert!(a.wait_for_room(Duration::from_secs(10)));
    assert!(a.send(&frame(2, 64)));
    assert_eq!(b.receive().map(|frame| number(&frame)), Some(1));
    assert_eq!(b.receive().map(|frame| number(&frame)), Some(2));
    assert_eq!(b.receive_within(Duration::from_millis(1)), None);
}
