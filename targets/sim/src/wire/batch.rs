//! A queue of frames in one contiguous buffer.

use std::mem;

/// A queue of frames without their CRC. Its memory is reused.
#[derive(Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    /// Where each frame ends.
    ends: Vec<usize>,
    /// Frames taken from the front so far.
    taken: usize,
}

impl Batch {
    /// An empty queue.
    pub fn new() -> Batch {
        Batch::default()
    }

    /// The number of frames.
    pub fn len(&self) -> usize {
        self.ends.len() - self.taken
    }

    /// Whether it has no frames.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a frame at the end.
    pub fn push(&mut self, frame: &[u8]) {
        // At least as many frames are forgotten as are moved, so a push stays cheap.
        if self.taken > self.ends.len() / 2 && self.ends.len() == self.ends.capacity() {
            self.forget_taken();
        }
        self.bytes.extend_from_slice(frame);
        self.ends.push(self.bytes.len());
    }

    /// Adds the frame that `write` appends, unless it fails.
    #[inline]
    pub(crate) fn push_with<E>(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let start = self.bytes.len();
        let written = write(&mut self.bytes);
        match written {
            Ok(()) => self.ends.push(self.bytes.len()),
            Err(_) => self.bytes.truncate(start),
        }
        written
    }

    /// The frame at the front.
    #[inline]
    pub fn front(&self) -> Option<&[u8]> {
        let end = *self.ends.get(self.taken)?;
        self.bytes.get(self.start()..end)
    }

    /// Removes the frame at the front.
    #[inline]
    pub fn pop(&mut self) {
        if self.taken < self.ends.len() {
            self.taken += 1;
        }
        if self.taken == self.ends.len() {
            self.clear();
        }
    }

    /// Removes all frames.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.taken = 0;
    }

    /// Moves up to `most` frames from the front to the end of `other`. Returns how many.
    pub fn move_to(&mut self, other: &mut Batch, most: usize) -> usize {
        let count = self.len().min(most);
        if count == 0 {
            return 0;
        }
        if count == self.len() && other.is_empty() {
            other.clear();
            mem::swap(self, other);
            return count;
        }
        let start = self.start();
        let ends = &self.ends[self.taken..self.taken + count];
        let end = ends.last().copied().unwrap_or(start);
        let shift = other.bytes.len();
        other.bytes.extend_from_slice(&self.bytes[start..end]);
        other
            .ends
            .extend(ends.iter().map(|end| end - start + shift));
        self.taken += count;
        if self.is_empty() {
            self.clear();
        }
        count
    }

    /// Reuses the memory of the frames taken, so that a queue that never runs empty does not grow.
    #[cold]
    fn forget_taken(&mut self) {
        let start = self.start();
        self.bytes.drain(..start);
        self.ends.drain(..self.taken);
        self.ends.iter_mut().for_each(|end| *end -= start);
        self.taken = 0;
    }

    fn start(&self) -> usize {
        match self.taken {
            0 => 0,
            taken => self.ends[taken - 1],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    fn drain(batch: &mut Batch) -> Vec<Vec<u8>> {
        let mut frames = Vec::new();
        while let Some(frame) = batch.front() {
            frames.push(frame.to_vec());
            batch.pop();
        }
        frames
    }

    #[test]
    fn a_queue_that_never_runs_empty_does_not_grow() {
        let mut batch = Batch::new();
        for number in 0..100_000u32 {
            batch.push(&number.to_be_bytes());
            if number >= 10 {
                assert_eq!(batch.front(), Some(&(number - 10).to_be_bytes()[..]));
                batch.pop();
            }
        }
        assert!(batch.ends.capacity() < 100 && batch.bytes.capacity() < 1000);
    }

    proptest! {
        #[test]
        fn two_batches_behave_like_two_queues(
            steps in proptest::collection::vec((0u8..4, 0usize..5), 0..200),
        ) {
            let (mut a, mut b) = (Batch::new(), Batch::new());
            let (mut model_a, mut model_b) = (VecDeque::new(), VecDeque::new());
            for (number, (what, size)) in steps.into_iter().enumerate() {
                match what {
                    0 => {
                        let frame = vec![number as u8; size];
                        a.push(&frame);
                        model_a.push_back(frame);
                    }
                    1 => {
                        a.pop();
                        model_a.pop_front();
                    }
                    2 => {
                        let moved = a.move_to(&mut b, size);
                        prop_assert_eq!(moved, size.min(model_a.len()));
                        model_b.extend(model_a.drain(..moved));
                    }
                    _ => {
                        b.pop();
                        model_b.pop_front();
                    }
                }
                prop_assert_eq!(a.front(), model_a.front().map(Vec::as_slice));
                prop_assert_eq!(b.len(), model_b.len());
            }
            prop_assert_eq!(drain(&mut a), Vec::from(model_a));
            prop_assert_eq!(drain(&mut b), Vec::from(model_b));
        }
    }
}
