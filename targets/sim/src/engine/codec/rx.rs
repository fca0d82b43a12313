//! Receive descriptors.

use netmap_core::model::RxModel;

use super::{Back, Handed, Part, Touches, Words, check, mask, owner, part, written_back, wrong};
use crate::error::ModelError;
use crate::violations::{RingName, Violations};

/// Receive descriptors.
#[derive(Debug)]
pub(crate) struct RxCodec {
    pub(crate) handed: Handed,
    back: Back,
    length: Part,
    first: Words,
    last: Words,
    good: Words,
    /// Each of these bits reports a damaged frame.
    bad: Vec<Words>,
}

/// What the device reports about the bytes in a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Received {
    /// The bytes begin a frame.
    pub(crate) first: bool,
    /// The bytes end a frame.
    pub(crate) last: bool,
    /// The frame was damaged on the wire.
    pub(crate) damaged: bool,
    /// A random number for the fields that no driver reads and for the choice of the error bit.
    pub(crate) noise: u64,
}

impl RxCodec {
    pub(crate) fn new(model: &RxModel) -> Result<RxCodec, ModelError> {
        let reads = &model.reads;
        check(reads)?;
        let written = written_back(&model.completion, "rx.completion")?;
        let (writes, back) =
            written.ok_or_else(|| wrong(reads, "has no bit that reports completion"))?;
        let owner = owner(&model.completion, reads, "rx.completion")?;
        let end = mask(reads, model.end_of_ring, "rx.end_of_ring")?;
        let length = part(writes, model.length, "rx.length")?;
        let first = mask(writes, model.first, "rx.first")?;
        let last = mask(writes, model.last, "rx.last")?;
        let good = mask(writes, model.good_set, "rx.good_set")?;
        let bad = model.good_clear.iter();
        let bad: Vec<_> = bad
            .map(|field| Ok(part(writes, field, "rx.good_clear")?.mask()))
            .collect::<Result<_, ModelError>>()?;
        let asked = [first, last, good].into_iter().chain(bad.iter().copied());
        Ok(RxCodec {
            handed: Handed::new(reads, model.meaning, 0, end, owner, "rx.meaning")?,
            back: Back {
                unasked: asked.fold(back.unasked & !length.mask(), |rest, mask| rest & !mask),
                ..back
            },
            length,
            first,
            last,
            good,
            bad,
        })
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

    /// The written-back descriptor when `len` bytes are in its buffer.
    #[inline]
    pub(crate) fn done(&self, words: Words, len: u64, what: Received) -> (Words, Touches) {
        let mut words = self.back.over(words, what.noise);
        self.length.put(&mut words, len);
        if what.first {
            words |= self.first;
        }
        if what.last {
            words |= self.last | self.good;
        }
        if what.last && what.damaged && !self.bad.is_empty() {
            // One error bit is enough, a different one each time.
            let which = (what.noise >> 32) as usize % self.bad.len();
            words |= self.bad[which];
        }
        (words, self.back.touches)
    }
}

#[cfg(test)]
mod tests {
    use netmap_nics::Modelled;
    use netmap_nics::nic_8254x::Nic8254x;

    use super::*;
    use crate::engine::noise::Noise;

    #[test]
    fn each_error_bit_is_set_alone_and_unread_fields_hold_noise() {
        let model = &Nic8254x::MODEL.rx;
        let codec = RxCodec::new(model).unwrap();
        let mut noise = Noise::default();
        let mut seen_errors = Vec::new();
        let mut ever = 0;
        for turn in 0..200 {
            let what = Received {
                first: true,
                last: true,
                damaged: turn % 2 == 1,
                noise: noise.next(),
            };
            let (words, _) = codec.done(0, 60, what);
            assert_eq!(codec.length.get(words), 60);
            let errors = codec.bad.iter().filter(|&&bit| words & bit == bit);
            let errors: Vec<_> = errors.copied().collect();
            assert_eq!(errors.len(), usize::from(what.damaged));
            seen_errors.extend(errors);
            ever |= words;
        }
        assert!(codec.bad.len() > 1);
        assert!(codec.bad.iter().all(|bit| seen_errors.contains(bit)));
        let unasked = codec.back.unasked;
        assert!(ever & unasked == unasked && unasked != 0);
    }
}
