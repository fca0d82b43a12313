//! Transmit descriptors.

use netmap_core::model::TxModel;

use super::{Back, Handed, Touches, Words, check, expect, mask, owner, written_back, wrong};
use crate::error::ModelError;
use crate::violations::{RingName, Violations};

/// Transmit descriptors.
#[derive(Debug)]
pub(crate) struct TxCodec {
    pub(crate) handed: Handed,
    first: Words,
    last: Words,
    report: Words,
    /// What is written back if a frame could not be sent.
    failed: Words,
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
        let (mut back, mut own, mut failed) = (None, None, 0);
        for scheme in model.completions {
            if let Some((writes, mut written)) = written_back(scheme, "tx.completions")? {
                failed = mask(writes, model.failed, "tx.failed")?;
                written.unasked &= !failed;
                back = Some(written);
                own = owner(scheme, reads, "tx.completions")?;
            }
        }
        let first = mask(reads, model.first, "tx.first")?;
        let last = mask(reads, model.last, "tx.last")?;
        let end = mask(reads, model.end_of_ring, "tx.end_of_ring")?;
        let report = mask(reads, model.report, "tx.report")?;
        let free = first | last | report;
        let handed = Handed::new(reads, model.meaning, free, end, own, "tx.meaning")?;
        if handed.lengths.is_empty() {
            return Err(wrong(reads, "has no length"));
        }
        Ok(TxCodec {
            handed,
            first,
            last,
            report,
            failed,
            back,
        })
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
            first: (self.first != 0).then_some(words & self.first == self.first),
            last: words & self.last == self.last,
            ends: self.handed.ends(words),
            reports: words & self.report == self.report,
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

    /// The completed descriptor of a frame that was sent, or could not be; `None` if it is not changed.
    #[inline]
    pub(crate) fn done(&self, words: Words, noise: u64, is_sent: bool) -> Option<(Words, Touches)> {
        let back = self.back.as_ref()?;
        let failed = if is_sent { 0 } else { self.failed };
        Some((back.over(words, noise) | failed, back.touches))
    }
}
