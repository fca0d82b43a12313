//! The wires for a port.

mod toy;

use std::time::Duration;

use netmap_sim::Wire;
use netmap_sim::wire::{Batch, Cable, CableEnd, Flow, Loopback, cable};
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

fn send(end: &mut CableEnd, numbers: std::ops::Range<u64>) -> usize {
    let mut batch = Batch::new();
    numbers.for_each(|n| batch.push(&frame(n, 64)));
    end.transmit(&mut batch).unwrap();
    batch.len()
}

fn received(end: &mut CableEnd) -> Vec<u64> {
    let mut batch = Batch::new();
    end.receive(&mut batch).unwrap();
    let mut numbers = Vec::new();
    while let Some(frame) = batch.front() {
        numbers.push(number(frame));
        batch.pop();
    }
    numbers
}

fn lost(end: &CableEnd) -> u64 {
    end.losses().iter().map(|loss| loss.frames).sum()
}

#[test]
fn a_cable_has_two_ends_and_one_that_was_dropped_is_taken_again() {
    for first_goes in [false, true] {
        let cable = Cable::new(Flow::Lossless, 4);
        let mut ends = [cable.end().unwrap(), cable.end().unwrap()];
        assert!(cable.end().is_none());
        if first_goes {
            ends.reverse();
        }
        let [mut stays, mut goes] = ends;
        send(&mut stays, 0..1);
        assert_eq!(received(&mut goes), [0]);

        // What the dropped end has sent still arrives; what was on its way to it is lost, and counted.
        send(&mut goes, 1..2);
        send(&mut stays, 2..5);
        assert!(stays.is_connected());
        assert_eq!(lost(&stays), 0);
        drop(goes);
        assert!(stays.is_connected());
        assert_eq!(received(&mut stays), [1]);
        assert!(!stays.is_connected());
        assert_eq!(lost(&stays), 3);

        // Without a peer no frame is taken: it waits for the next one.
        assert_eq!(send(&mut stays, 5..7), 2);

        let mut again = cable.end().unwrap();
        assert!(cable.end().is_none());
        assert!(stays.is_connected() && again.is_connected());
        assert_eq!(received(&mut again), []);
        assert_eq!(send(&mut stays, 5..7), 0);
        assert_eq!(received(&mut again), [5, 6]);
        send(&mut again, 7..8);
        assert_eq!(received(&mut stays), [7]);
        assert_eq!(lost(&stays), 3);
    }
}

#[test]
fn frames_for_an_end_that_nobody_has_taken_yet_wait_in_the_cable() {
    let cable = Cable::new(Flow::Lossless, 2);
    let mut one = cable.end().unwrap();
    assert!(one.is_connected());
    assert_eq!(send(&mut one, 0..3), 1);
    assert_eq!(lost(&one), 2);
    let mut other = cable.end().unwrap();
    assert_eq!(lost(&one), 0);
    assert_eq!(received(&mut other), [0, 1]);
}

#[test]
fn a_dropping_cable_counts_frames_without_a_peer_apart_from_those_without_room() {
    let (mut one, mut other) = cable(Flow::Dropping, 2);
    assert_eq!(send(&mut one, 0..5), 0);
    assert_eq!((other.lost(), lost(&one)), (3, 0));
    drop(other);
    assert_eq!(send(&mut one, 5..9), 0);
    assert_eq!(lost(&one), 2 + 4);
}
