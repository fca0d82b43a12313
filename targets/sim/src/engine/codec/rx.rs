//! Receive descriptors.

use netmap_core::model::RxModel;

use super::{Back, Handed, Part, Touches, Words, Written, all, check, mask, or, owner, part};
use crate::error::ModelError;
use crate::violations::{RingName, Violations};

/// Receive descriptors.
#[derive(Debug)]
pub(crate) struct RxCodec {
    handed: Handed,
    end: Words,
    owner: Option<Part>,
    back: Back,
    length: Part,
    first: Words,
    last: Words,
    good: Words,
    bad: Words,
}

/// What the device says of the bytes in a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Received {
    /// They begin a frame.
    pub(crate) first: bool,
    /// They end it.
    pub(crate) last: bool,
    /// It was damaged on the wire.
    pub(crate) damaged: bool,
}

impl RxCodec {
    pub(crate) fn new(model: &RxModel) -> Result<RxCodec, ModelError> {
        let reads = &model.reads;
        check(reads)?;
        let Some(written) = Written::of(&model.completion, "rx.completion")? else {
            return Err(ModelError::Descriptor {
                format: reads.name.to_owned(),
                problem: "is not told to be done by any bit",
            });
        };
        let writes = written.model;
        let owner = owner(&model.completion, reads, "rx.completion")?;
        let end = mask(reads, model.end_of_ring, "rx.end_of_ring")?;
        let free = or(end, owner.map_or([0; 2], Part::mask));
        Ok(RxCodec {
            handed: Handed::new(reads, model.meaning, free, "rx.meaning")?,
            end,
            owner,
            back: written.back,
            length: part(writes, model.length, "rx.length")?,
            first: mask(writes, model.first, "rx.first")?,
            last: mask(writes, model.last, "rx.last")?,
            good: mask(writes, model.good_set, "rx.good_set")?,
            bad: mask(writes, model.good_clear, "rx.good_clear")?,
        })
    }

    pub(crate) fn touches(&self) -> Touches {
        self.back.touches
    }

    /// The word that is read first.
    pub(crate) fn guard(&self) -> usize {
        self.owner.map_or(1, |owner| owner.word)
    }

    /// Whether the device may work on it, where descriptors tell.
    #[inline]
    pub(crate) fn is_handed_over(&self, words: Words) -> bool {
        self.owner.is_none_or(|owner| owner.get(words) == 1)
    }

    /// Whether it is marked as the last one of the ring.
    #[inline]
    pub(crate) fn ends(&self, words: Words) -> bool {
        self.end != [0; 2] && all(words, self.end)
    }

    /// Reads descriptor `index`: the buffer's address.
    #[inline]
    pub(crate) fn read(
        &self,
        words: Words,
        ring: RingName,
        index: u32,
        violations: &mut Violations,
    ) -> u64 {
        self.handed.check(words, ring, index, violations);
        self.handed.address.get(words)
    }

    /// What is written over a descriptor when `len` bytes are in its buffer.
    #[inline]
    pub(crate) fn done(&self, words: Words, len: u64, what: Received) -> Words {
        let mut words = self.back.over(words);
        self.length.put(&mut words, len);
        if what.first {
            words = or(words, self.first);
        }
        if what.last {
            words = or(or(words, self.last), self.good);
        }
        if what.last && what.damaged {
            words = or(words, self.bad);
        }
        words
    }
}
