//! The other end of a NIC's wire: whole frames without CRC, in order, none lost.
//!
//! A wire is a pair of connected datagram sockets, of which QEMU inherits one as its standard input; a datagram is a
//! frame (QEMU's `-netdev dgram`). QEMU's streams of frames are 1.2 to 1.9 times as fast, but lose frames: from a
//! stream QEMU reads many frames at once and queues those for which the NIC has no descriptors. Once there are
//! descriptors again, it hands over the whole queue and drops what does not fit (seen with the oldest of its models: a
//! ring of 8 loses frames after the seventh). From a datagram socket it reads one frame, and the next only after the
//! NIC has taken that one.
//!
//! The sockets have no names in a file system, so nothing is left behind. Both ends are connected before QEMU starts,
//! so no frame is sent too early.
//!
//! A socket holds about ten frames, and then the sender waits: a NIC without descriptors blocks this process. QEMU
//! never blocks its NIC: if the wire is not read, QEMU queues 10 000 frames and then drops frames.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixDatagram;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};

use super::error::{Error, Result};
use crate::{deadline, lock};

/// Longest frame that either side may send: QEMU's limit.
const LONGEST: usize = 65536;
/// How long [`Wire::send`] waits for room.
const PATIENCE: Duration = Duration::from_secs(10);

/// One end of a wire, in this process. Any thread may send and receive.
#[derive(Debug)]
pub struct Wire {
    socket: UnixDatagram,
    /// Becomes readable when the other end is gone; a datagram socket does not report that.
    end: OwnedFd,
    room: Mutex<Box<[u8]>>,
}

/// One end of a wire, for a QEMU process.
#[derive(Debug)]
pub struct Plug(OwnedFd);

impl Plug {
    /// Both ends of a wire for two QEMUs, whose NICs then send to each other.
    ///
    /// # Errors
    /// The system has no sockets left.
    pub fn cable() -> Result<(Plug, Plug)> {
        let (a, b) = UnixDatagram::pair().map_err(Error::io("creating a wire"))?;
        Ok((Plug(a.into()), Plug(b.into())))
    }

    pub(super) fn into_socket(self) -> OwnedFd {
        self.0
    }

    /// Keeps this end in this process. `end` becomes readable when the other end is gone.
    pub(super) fn keep(self, end: BorrowedFd<'_>) -> Result<Wire> {
        Ok(Wire {
            socket: self.0.into(),
            end: end
                .try_clone_to_owned()
                .map_err(Error::io("watching a wire"))?,
            room: Mutex::new(vec![0; LONGEST].into()),
        })
    }
}

impl Wire {
    /// Sends a frame; waits for room if the NIC has no descriptors left and the wire is full.
    ///
    /// # Errors
    /// `TimedOut` when there was no room for 10 s, `ConnectionRefused` when the other end is gone, `InvalidInput` for a
    /// frame that is empty or longer than 65 536 bytes.
    pub fn send(&self, frame: &[u8]) -> io::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !self.offer(frame)? {
            if !self.wait(PollFlags::OUT, deadline) {
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
        Ok(())
    }

    /// Sends a frame if there is room now. Returns whether there was.
    ///
    /// # Errors
    /// Those of [`send`](Self::send) except `TimedOut`.
    pub fn offer(&self, frame: &[u8]) -> io::Result<bool> {
        if frame.is_empty() || frame.len() > LONGEST {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        match send(
            &self.socket,
            frame,
            SendFlags::DONTWAIT | SendFlags::NOSIGNAL,
        ) {
            Ok(_) => Ok(true),
            Err(Errno::AGAIN | Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The next frame; `None` if none arrives within `timeout`, or the other end is gone.
    pub fn recv(&self, timeout: Duration) -> Option<Vec<u8>> {
        self.recv_with(timeout, <[u8]>::to_vec)
    }

    /// The result of `take` for the next frame; `None` if none arrives within `timeout`, or the other end is gone.
    pub fn recv_with<T>(&self, timeout: Duration, take: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let deadline = deadline(timeout);
        let mut room = lock(&self.room);
        loop {
            // The end is checked first, so that a frame that arrived before it is still found.
            let ended = self.ended();
            match recv(&self.socket, &mut room[..], RecvFlags::DONTWAIT) {
                Ok((length, _)) => return Some(take(&room[..length])),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) if !ended => {
                    if !self.wait(PollFlags::IN, deadline) {
                        return None;
                    }
                }
                Err(_) => return None,
            }
        }
    }

    fn ended(&self) -> bool {
        let mut end = [PollFd::new(&self.end, PollFlags::IN)];
        matches!(poll(&mut end, Some(&Timespec::default())), Ok(1))
    }

    /// Waits until the socket is ready for `what` or the other end is gone; `false` when the deadline has passed.
    fn wait(&self, what: PollFlags, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).ok();
        let mut sources = [
            PollFd::new(&self.socket, what),
            PollFd::new(&self.end, PollFlags::IN),
        ];
        // If interrupted or failed, the caller's next attempt returns the error.
        !matches!(poll(&mut sources, timeout.as_ref()), Ok(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsFd as _;
    use std::thread;

    const LONG: Duration = Duration::from_secs(10);

    /// Two ends in this process; both are gone when the third value is dropped.
    fn wires() -> (Wire, Wire, impl Sized) {
        let (end, alive) = rustix::pipe::pipe().unwrap();
        let (a, b) = Plug::cable().unwrap();
        let keep = |plug: Plug| plug.keep(end.as_fd()).unwrap();
        (keep(a), keep(b), alive)
    }

    fn frame(number: usize) -> Vec<u8> {
        (0..1 + number * 37 % 1514)
            .map(|at| (at + number) as u8)
            .collect()
    }

    #[test]
    fn frames_of_every_length_arrive_in_order_with_a_slow_reader() {
        let (a, b, _alive) = wires();
        thread::scope(|scope| {
            scope.spawn(|| (0..5000).for_each(|number| a.send(&frame(number)).unwrap()));
            for number in 0..5000 {
                assert_eq!(b.recv(LONG).unwrap(), frame(number));
            }
        });
        assert_eq!(b.recv(Duration::ZERO), None);
    }

    #[test]
    fn an_offer_to_a_full_wire_is_refused() {
        let (a, b, _alive) = wires();
        let mut sent = 0;
        while a.offer(&frame(sent)).unwrap() {
            sent += 1;
        }
        assert!(sent > 0);
        for number in 0..sent {
            assert_eq!(b.recv(LONG).unwrap(), frame(number));
        }
        assert_eq!(b.recv(Duration::ZERO), None);
        assert!(a.offer(&frame(0)).unwrap());
    }

    #[test]
    fn the_end_of_the_other_side_is_reported_after_its_last_frame() {
        let (a, b, alive) = wires();
        b.send(&[1, 2, 3]).unwrap();
        drop((b, alive));
        let start = Instant::now();
        assert_eq!(a.recv(LONG).unwrap(), [1, 2, 3]);
        assert_eq!(a.recv(LONG), None);
        assert!(start.elapsed() < LONG / 2);
        let error = a.send(&[1]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn invalid_frames_are_refused() {
        let (a, _b, _alive) = wires();
        for bad in [0, LONGEST + 1] {
            let error = a.send(&vec![0; bad]).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        }
    }
}
