//! The wires for a port.

mod toy;

use std::time::Duration;

use netmap_sim::Wire;
use netmap_sim::wire::{Batch, Flow, Loopback, cable};
use toy::driver::{frame, number};

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
