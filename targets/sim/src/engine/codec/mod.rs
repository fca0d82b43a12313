//! Descriptors from the device's side: bit positions from the model's tables, independent of the driver's codec.

mod rx;
mod tx;

use netmap_core::model::{CompletionModel, DescriptorModel, Owner, SlotValue};

use crate::error::ModelError;
use crate::registers::Bits;
use crate::violations::{RingName, Violation, Violations};

pub(crate) use rx::{Received, RxCodec};
pub(crate) use tx::{ToSend, TxCodec};

/// A descriptor; its first word is the lower half.
pub(crate) type Words = u128;

/// A field of a descriptor.
#[derive(Debug, Clone, Copy)]
struct Part {
    word: usize,
    bits: Bits,
}

impl Part {
    fn get(self, words: Words) -> u64 {
        self.bits.get((words >> (64 * self.word)) as u64)
    }

    fn put(self, words: &mut Words, value: u64) {
        let field = Words::from(self.bits.put(0, value)) << (64 * self.word);
        *words = *words & !self.mask() | field;
    }

    fn mask(self) -> Words {
        Words::from(self.bits.mask()) << (64 * self.word)
    }
}

fn wrong(format: &DescriptorModel, problem: &'static str) -> ModelError {
    ModelError::Descriptor {
        format: format.name.to_owned(),
        problem,
    }
}

fn check(format: &DescriptorModel) -> Result<(), ModelError> {
    if format.size != 16 {
        return Err(wrong(format, "does not have 16 bytes"));
    }
    for field in format.fields {
        let (low, width) = (u32::from(field.low), u32::from(field.width));
        if width == 0 || low + width > 128 || low / 64 != (low + width - 1) / 64 {
            let problem = "has a field that is not inside one of its words";
            return Err(wrong(format, problem));
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

/// The combined mask of `names`.
fn mask(
    format: &DescriptorModel,
    names: &[&str],
    wanted_by: &'static str,
) -> Result<Words, ModelError> {
    names.iter().try_fold(0, |all, name| {
        Ok(all | part(format, name, wanted_by)?.mask())
    })
}

/// The format of a descriptor that was handed over.
#[derive(Debug)]
pub(crate) struct Handed {
    address: Part,
    lengths: Vec<(&'static str, Part)>,
    /// Fields with the length of the whole frame.
    totals: Vec<(&'static str, Part)>,
    fixed: Vec<(&'static str, Part, u64)>,
    /// Bits with a fixed value in every descriptor, and that value.
    constant: (Words, Words),
    /// The mark of the last descriptor of the ring; zero if there is none.
    end: Words,
    owner: Option<Part>,
}

impl Handed {
    /// The format of descriptors whose fields have a meaning, besides the `free` ones.
    fn new(
        format: &DescriptorModel,
        meaning: &'static [(&'static str, SlotValue)],
        free: Words,
        end: Words,
        owner: Option<Part>,
        wanted_by: &'static str,
    ) -> Result<Handed, ModelError> {
        let (mut address, mut fixed) = (None, Vec::new());
        let (mut lengths, mut totals) = (Vec::new(), Vec::new());
        let (mut varies, mut value) = (free | end | owner.map_or(0, Part::mask), 0);
        for (name, means) in meaning {
            let part = part(format, name, wanted_by)?;
            match *means {
                SlotValue::Address => address = Some(part),
                SlotValue::Length => lengths.push((*name, part)),
                SlotValue::FrameLength => totals.push((*name, part)),
                SlotValue::Fixed(number) => {
                    part.put(&mut value, number);
                    fixed.push((*name, part, number));
                    continue;
                }
            }
            varies |= part.mask();
        }
        Ok(Handed {
            address: address.ok_or_else(|| wrong(format, "has no address"))?,
            lengths,
            totals,
            fixed,
            constant: (!varies, value),
            end,
            owner,
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

    /// Whether it is marked as the last one of the ring.
    #[inline]
    pub(crate) fn ends(&self, words: Words) -> bool {
        self.end != 0 && words & self.end == self.end
    }

    /// Records violations in a descriptor; the device continues with it as far as possible.
    #[inline]
    fn check(&self, words: Words, ring: RingName, index: u32, violations: &mut Violations) {
        let (mask, value) = self.constant;
        if words & mask != value {
            self.record_violations(words, ring, index, violations);
        }
    }

    #[cold]
    fn record_violations(
        &self,
        words: Words,
        ring: RingName,
        index: u32,
        violations: &mut Violations,
    ) {
        let mut rest = self.constant.0;
        for &(name, part, expected) in &self.fixed {
            rest &= !part.mask();
            expect(&[(name, part)], expected, words, ring, index, violations);
        }
        for word in 0..2 {
            let bits = ((words & rest) >> (64 * word)) as u64;
            if bits != 0 {
                violations.push(Violation::DescriptorBits {
                    ring,
                    index,
                    word,
                    bits,
                });
            }
        }
    }
}

/// Which words a write-back changes, and which of them has the done bit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Touches {
    pub(crate) word: [bool; 2],
    pub(crate) done: usize,
}

/// Checks that fields hold a value.
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

/// How completion changes a descriptor.
#[derive(Debug, Clone, Copy)]
struct Back {
    own: Words,
    /// Other fields of the device, which no driver here reads.
    unasked: Words,
    done: Part,
    /// The value of `done` on completion.
    value: u64,
    touches: Touches,
}

/// The format that the device writes back in a scheme, and how; `None` if the scheme does not change descriptors.
fn written_back<'m>(
    scheme: &'m CompletionModel,
    wanted_by: &'static str,
) -> Result<Option<(&'m DescriptorModel, Back)>, ModelError> {
    let (writes, field, value) = match scheme {
        CompletionModel::DoneBit { writes, field } => (writes, *field, 1),
        CompletionModel::OwnerBit { writes, field } => (writes, *field, 0),
        CompletionModel::HeadRegister | CompletionModel::HeadWriteback { .. } => return Ok(None),
    };
    check(writes)?;
    let nics = writes.fields.iter().filter(|field| field.by == Owner::Nic);
    let names: Vec<&str> = nics.map(|field| field.name).collect();
    let done = part(writes, field, wanted_by)?;
    let own = mask(writes, &names, wanted_by)? | done.mask();
    let back = Back {
        own,
        unasked: own & !done.mask(),
        done,
        value,
        touches: Touches {
            word: [own as u64 != 0, own >> 64 != 0],
            done: done.word,
        },
    };
    Ok(Some((writes, back)))
}

impl Back {
    /// The completed descriptor: fields of the device are zero, except done bits; fields that no driver reads hold
    /// noise.
    #[inline]
    fn over(&self, words: Words, noise: u64) -> Words {
        let noise = Words::from(noise) << 64 | Words::from(noise);
        let mut words = words & !self.own | noise & self.unasked;
        self.done.put(&mut words, self.value);
        words
    }
}

/// The owner bit of a scheme that has one.
fn owner(
    scheme: &CompletionModel,
    reads: &DescriptorModel,
    wanted_by: &'static str,
) -> Result<Option<Part>, ModelError> {
    match scheme {
        CompletionModel::OwnerBit { field, .. } => part(reads, field, wanted_by).map(Some),
        _ => Ok(None),
    }
}
