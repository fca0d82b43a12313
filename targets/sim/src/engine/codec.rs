//! Descriptors from the device's side: bit positions out of the model's tables, and nothing of the driver's codec.

use netmap_core::model::{CompletionModel, DescriptorModel, Owner, RxModel, SlotValue, TxModel};

use crate::error::ModelError;
use crate::registers::Bits;
use crate::violations::{RingName, Violation, Violations};

/// The two words of a descriptor.
pub(crate) type Words = [u64; 2];

/// A field of a descriptor.
#[derive(Debug, Clone, Copy)]
struct Part {
    word: usize,
    bits: Bits,
}

impl Part {
    fn get(self, words: Words) -> u64 {
        self.bits.get(words[self.word])
    }

    fn put(self, words: &mut Words, value: u64) {
        words[self.word] = self.bits.put(words[self.word], value);
    }

    fn mask(self) -> Words {
        let mut mask = [0; 2];
        mask[self.word] = self.bits.mask();
        mask
    }
}

fn or(a: Words, b: Words) -> Words {
    [a[0] | b[0], a[1] | b[1]]
}

fn check(format: &DescriptorModel) -> Result<(), ModelError> {
    let wrong = |problem| ModelError::Descriptor {
        format: format.name.to_owned(),
        problem,
    };
    if format.size != 16 {
        return Err(wrong("does not have 16 bytes"));
    }
    for field in format.fields {
        let (low, width) = (u32::from(field.low), u32::from(field.width));
        if width == 0 || low + width > 128 || low / 64 != (low + width - 1) / 64 {
            return Err(wrong("has a field that is not inside one of its words"));
        }
    }
    Ok(())
}

fn part(format: &DescriptorModel, name: &str, wanted_by: &'static str) -> Result<Part, ModelError> {
    format
        .fields
        .iter()
        .find(|field| field.name == name)
        .map(|field| Part {
            word: usize::from(field.low / 64),
            bits: Bits::new(field.low % 64, field.width),
        })
        .ok_or_else(|| ModelError::NoField {
            register: format.name.to_owned(),
            field: name.to_owned(),
            wanted_by,
        })
}

/// All of `names` together.
fn mask(
    format: &DescriptorModel,
    names: &[&str],
    wanted_by: &'static str,
) -> Result<Words, ModelError> {
    names.iter().try_fold([0; 2], |all, name| {
        Ok(or(all, part(format, name, wanted_by)?.mask()))
    })
}

/// What a descriptor that was handed over looks like.
#[derive(Debug)]
struct Handed {
    address: Part,
    lengths: Vec<(&'static str, Part)>,
    fixed: Vec<(&'static str, Part, u64)>,
    /// Bits that are the same in every descriptor, and what they are.
    constant: (Words, Words),
}

impl Handed {
    fn new(
        format: &DescriptorModel,
        meaning: &'static [(&'static str, SlotValue)],
        free: Words,
        wanted_by: &'static str,
    ) -> Result<Handed, ModelError> {
        let (mut address, mut lengths, mut fixed) = (None, Vec::new(), Vec::new());
        let (mut varies, mut value) = (free, [0; 2]);
        for (name, means) in meaning {
            let part = part(format, name, wanted_by)?;
            match *means {
                SlotValue::Address => {
                    varies = or(varies, part.mask());
                    address = Some(part);
                }
                SlotValue::Length | SlotValue::FrameLength => {
                    varies = or(varies, part.mask());
                    lengths.push((*name, part));
                }
                SlotValue::Fixed(number) => {
                    part.put(&mut value, number);
                    fixed.push((*name, part, number));
                }
            }
        }
        let Some(address) = address else {
            return Err(ModelError::Descriptor {
                format: format.name.to_owned(),
                problem: "has no address",
            });
        };
        Ok(Handed {
            address,
            lengths,
            fixed,
            constant: ([!varies[0], !varies[1]], value),
        })
    }

    /// Records what is wrong with a descriptor; the device makes the best of it.
    #[inline]
    fn check(&self, words: Words, ring: RingName, index: u32, violations: &mut Violations) {
        let (mask, value) = self.constant;
        if words[0] & mask[0] != value[0] || words[1] & mask[1] != value[1] {
            self.complain(words, ring, index, violations);
        }
    }

    #[cold]
    fn complain(&self, words: Words, ring: RingName, index: u32, violations: &mut Violations) {
        let mut rest = self.constant.0;
        for &(field, part, expected) in &self.fixed {
            rest[part.word] &= !part.bits.mask();
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
        for word in 0..2 {
            let bits = words[word] & rest[word];
            if bits != 0 {
                violations.push(Violation::DescriptorBits {
                    ring,
                    index,
                    word: word as u32,
                    bits,
                });
            }
        }
    }
}

/// Which words a write-back touches, and which of them tells that it is there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Touches {
    pub(crate) word: [bool; 2],
    pub(crate) done: usize,
}

/// What the device writes back.
#[derive(Debug)]
struct Written {
    own: Words,
    done: Part,
    touches: Touches,
}

impl Written {
    fn new(
        format: &DescriptorModel,
        done: &str,
        wanted_by: &'static str,
    ) -> Result<Written, ModelError> {
        check(format)?;
        let names: Vec<&str> = format
            .fields
            .iter()
            .filter(|field| field.by == Owner::Nic)
            .map(|field| field.name)
            .collect();
        let own = mask(format, &names, wanted_by)?;
        let done = part(format, done, wanted_by)?;
        Ok(Written {
            own,
            done,
            touches: Touches {
                word: [own[0] != 0, own[1] != 0],
                done: done.word,
            },
        })
    }

    /// The descriptor with every field of the device's own zero, but done.
    #[inline]
    fn over(&self, words: Words) -> Words {
        let mut words = [words[0] & !self.own[0], words[1] & !self.own[1]];
        self.done.put(&mut words, 1);
        words
    }
}

/// Transmit descriptors.
#[derive(Debug)]
pub(crate) struct TxCodec {
    handed: Handed,
    report: Words,
    written: Written,
}

/// What a transmit descriptor asks for.
pub(crate) struct ToSend {
    pub(crate) address: u64,
    pub(crate) len: u32,
    /// What to write back, if a report was asked for.
    pub(crate) done: Option<Words>,
}

impl TxCodec {
    pub(crate) fn new(model: &TxModel) -> Result<TxCodec, ModelError> {
        check(&model.reads)?;
        let report = mask(&model.reads, model.report, "tx.report")?;
        let handed = Handed::new(&model.reads, model.meaning, report, "tx.meaning")?;
        if handed.lengths.is_empty() {
            return Err(ModelError::Descriptor {
                format: model.reads.name.to_owned(),
                problem: "has no length",
            });
        }
        Ok(TxCodec {
            handed,
            report,
            written: match &model.completions[0] {
                CompletionModel::DoneBit { writes, field } => {
                    Written::new(writes, field, "tx.done")?
                }
                _ => todo!(),
            },
        })
    }

    pub(crate) fn touches(&self) -> Touches {
        self.written.touches
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
        for &(field, part) in self.handed.lengths.iter().skip(1) {
            let found = part.get(words);
            if found != len {
                violations.push(Violation::DescriptorField {
                    ring,
                    index,
                    field,
                    found,
                    expected: len,
                });
            }
        }
        let reports = words[0] & self.report[0] == self.report[0]
            && words[1] & self.report[1] == self.report[1];
        ToSend {
            address: self.handed.address.get(words),
            len: len as u32,
            done: reports.then(|| self.written.over(words)),
        }
    }
}

/// Receive descriptors.
#[derive(Debug)]
pub(crate) struct RxCodec {
    handed: Handed,
    written: Written,
    length: Part,
    good: Words,
    bad: Words,
}

/// What the device says of the bytes in a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Received {
    /// They end a frame, which is whole and without error.
    Good,
    /// The frame goes on in the next buffer.
    Part,
    /// The frame was damaged on the wire.
    Damaged,
}

impl RxCodec {
    pub(crate) fn new(model: &RxModel) -> Result<RxCodec, ModelError> {
        check(&model.reads)?;
        let (written, writes) = match &model.completion {
            CompletionModel::DoneBit { writes, field } => {
                (Written::new(writes, field, "rx.done")?, writes)
            }
            _ => todo!(),
        };
        Ok(RxCodec {
            handed: Handed::new(&model.reads, model.meaning, [0; 2], "rx.meaning")?,
            written,
            length: part(writes, model.length, "rx.length")?,
            good: mask(writes, model.good_set, "rx.good_set")?,
            bad: mask(writes, model.good_clear, "rx.good_clear")?,
        })
    }

    pub(crate) fn touches(&self) -> Touches {
        self.written.touches
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
        let mut words = self.written.over(words);
        self.length.put(&mut words, len);
        match what {
            Received::Good => or(words, self.good),
            Received::Part => words,
            Received::Damaged => or(or(words, self.good), self.bad),
        }
    }
}
