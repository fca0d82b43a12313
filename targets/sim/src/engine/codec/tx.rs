//! Transmit descriptors.

use netmap_core::model::TxModel;

use super::{Back, Handed, Part, Touches, Words, Written, all, check, mask, or, owner};
use crate::error::ModelError;
use crate::violations::{RingName, Violation, Violations};

/// Transmit descriptors.
#[derive(Debug)]
pub(crate) struct TxCodec {
    handed: Handed,
    first: Words,
    last: Words,
    end: Words,
    report: Words,
    owner: Option<Part>,
    /// `None` if completion does not change descriptors.
    back: Option<Back>,
}

/// The contents of a transmit descriptor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ToSend {
    pub(crate) index: u32,
    pub(crate) words: Words,
    pub(crate) address: u64,
    pub(crate) len: u32,
    /// Whether it is marked as the first one of a frame; `None` if there is no such mark.
    pub(crate) first: Option<bool>,
    /// Whether it is the last one of a frame.
    pub(crate) last: bool,
    /// Whether it is marked as the last one of the ring.
    pub(crate) ends: bool,
    /// Whether a report is requested.
    pub(crate) reports: bool,
}

impl TxCodec {
    pub(crate) fn new(model: &TxModel) -> Result<TxCodec, ModelError> {
        check(&model.reads)?;
        let reads = &model.reads;
        let wrong = |problem| ModelError::Descriptor {
            format: reads.name.to_owned(),
            problem,
        };
        let (mut back, mut own) = (None, None);
        for scheme in model.completions {
            if let Some(written) = Written::of(scheme, "tx.completions")? {
                back = Some(written.back);
                own = owner(scheme, reads, "tx.completions")?;
            }
        }
        let first = mask(reads, model.first, "tx.first")?;
        let last = mask(reads, model.last, "tx.last")?;
        let end = mask(reads, model.end_of_ring, "tx.end_of_ring")?;
        let report = mask(reads, model.report, "tx.report")?;
        let marks = [last, end, report, own.map_or([0; 2], Part::mask)];
        let free = marks.into_iter().fold(first, or);
        let handed = Handed::new(reads, model.meaning, free, "tx.meaning")?;
        if handed.lengths.is_empty() {
            return Err(wrong("has no length"));
        }
        Ok(TxCodec {
            handed,
            first,
            last,
            end,
            report,
            owner: own,
            back,
        })
    }

    /// The word that is read first.
    pub(crate) fn guard(&self) -> usize {
        self.owner.map_or(1, |owner| owner.word)
    }

    /// Whether the device owns the descriptor, if descriptors have an owner bit.
    #[inline]
    pub(crate) fn is_handed_over(&self, words: Words) -> bool {
        self.owner.is_none_or(|owner| owner.get(words) == 1)
    }

    /// Reads descriptor `index`.
    #[inline]
    pub(crate) fn read(
        &self,
        words: Words,
        ring: RingName,
        index: u32,
        violations: &mut Violations,
    ) -> ToSend {
        self.handed.check(words, ring, index, violations);
        let len = self.handed.lengths.first().map_or(0, |l| l.1.get(words));
        let lengths = self.handed.lengths.get(1..).unwrap_or_default();
        expect(lengths, len, words, ring, index, violations);
        ToSend {
            index,
            words,
            address: self.handed.address.get(words),
            len: len as u32,
            first: (self.first != [0; 2]).then(|| all(words, self.first)),
            last: all(words, self.last),
            ends: self.end != [0; 2] && all(words, self.end),
            reports: all(words, self.report),
        }
    }

    /// Checks a descriptor's length of the whole frame.
    #[inline]
    pub(crate) fn check_total(
        &self,
        part: &ToSend,
        total: u64,
        ring: RingName,
        violations: &mut Violations,
    ) {
        let totals = &self.handed.totals;
        expect(totals, total, part.words, ring, part.index, violations);
    }

    /// The completed descriptor; `None` if it is not changed.
    #[inline]
    pub(crate) fn done(&self, words: Words, noise: u64) -> Option<(Words, Touches)> {
        let back = self.back.as_ref()?;
        Some((back.over(words, noise), back.touches))
    }
}

/// Checks that fields hold a length.
#[inline]
fn expect(
    fields: &[(&'static str, Part)],
    expected: u64,
    words: Words,
    ring: RingName,
    index: u32,
    violations: &mut Violations,
) {
    for &(field, part) in fields {
        let found = part.get(words);
        if found != expected {
            violations.push(Violation::DescriptorField {
                ring,
                index,
                field,
                found,
                expected,
            });
        }
    }
}
