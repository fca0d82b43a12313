//! Expressions. Nothing overflows: the spec compiler has checked that, for changed facts as well.

use netmap_core::{Bus, Completion, Fault};
use nicspecs::ir::{Builtin, Choice, Cond, Field, Flag, Nic, Num, NumKind, Scheme, Value};

use super::run::{Bound, Run};

impl<B: Bus> Run<'_, B> {
    /// The new value of a field.
    pub fn value(&self, value: &Value) -> Result<u64, Fault> {
        match value {
            Value::Num(num) => Ok(self.num(num)?.into()),
            Value::Cond(cond) => Ok(self.cond(cond)?.into()),
        }
    }

    /// A number.
    pub fn num(&self, num: &Num) -> Result<u32, Fault> {
        Ok(match &num.kind {
            NumKind::Literal { value, .. } => *value,
            NumKind::Named { value, .. } => value.value as u32,
            NumKind::Constant(constant) => constant.values[self.variant],
            NumKind::Choice(choice) => chosen(self.nic, self.options, choice),
            NumKind::Builtin { builtin, index } => {
                let index = index.as_ref().map(|index| self.num(index)).transpose()?;
                self.builtin(*builtin, index.unwrap_or(0))
            }
            NumKind::Local(name) => match self.locals[name] {
                Bound::Num(value) => value,
                Bound::Cond(_) | Bound::Register(_) => unreachable!("a number was bound"),
            },
            NumKind::LocalField { local, field, .. } => field_of(self.bound(local), field) as u32,
            NumKind::LocalRegister { local, .. } => self.bound(local) as u32,
            NumKind::Register(place) => self.read(place)? as u32,
            NumKind::Field(at) => field_of(self.read(&at.place)?, &at.field) as u32,
            NumKind::FromCond(cond) => self.cond(cond)?.into(),
            NumKind::Invert(inner) => !self.num(inner)?,
            NumKind::Call { function, argument } => function.of(self.num(argument)?),
            NumKind::Binary { op, left, right } => {
                let (left, right) = (self.num(left)?, self.num(right)?);
                op.of(left.into(), right.into()) as u32
            }
        })
    }

    /// A condition.
    pub fn cond(&self, cond: &Cond) -> Result<bool, Fault> {
        Ok(match cond {
            Cond::Literal(value) => *value,
            Cond::Bit(at) => field_of(self.read(&at.place)?, &at.field) != 0,
            Cond::LocalBit { local, field, .. } => field_of(self.bound(local), field) != 0,
            Cond::Local(name) => match self.locals[name] {
                Bound::Cond(value) => value,
                Bound::Num(_) | Bound::Register(_) => unreachable!("a condition was bound"),
            },
            Cond::Choice(choice) => chosen(self.nic, self.options, choice) != 0,
            Cond::Given(flag) => match flag {
                Flag::Promiscuous => self.given.filter.is_some_and(|filter| filter.promiscuous),
                Flag::AllMulticast => self.given.filter.is_some_and(|filter| filter.all_multicast),
                Flag::Renegotiate => self.given.renegotiate,
            },
            Cond::Completion(scheme) => {
                let picked = self.given.ring.map(|ring| ring.completion);
                picked == Some(completion(*scheme))
            }
            Cond::Variant(variants) => variants.contains(self.variant),
            Cond::Not(inner) => !self.cond(inner)?,
            Cond::And(left, right) => self.cond(left)? && self.cond(right)?,
            Cond::Or(left, right) => self.cond(left)? || self.cond(right)?,
            Cond::Compare {
                relation,
                left,
                right,
            } => {
                let (left, right) = (self.num(left)?, self.num(right)?);
                relation.holds(left.into(), right.into())
            }
        })
    }

    fn builtin(&self, builtin: Builtin, index: u32) -> u32 {
        const GIVEN: &str = "a sequence uses only its arguments";
        let given = &self.given;
        let ring = || given.ring.expect(GIVEN);
        let setup = || given.setup.expect(GIVEN);
        let pci = || given.pci.expect(GIVEN);
        match builtin {
            Builtin::RingBaseLow => ring().base.low(),
            Builtin::RingBaseHigh => ring().base.high(),
            Builtin::RingBytes => ring().bytes(),
            Builtin::RingSlots => ring().slots,
            Builtin::HeadwbLow => ring().head_writeback.low(),
            Builtin::HeadwbHigh => ring().head_writeback.high(),
            Builtin::Queue => given.queue,
            Builtin::Queues => setup().queues,
            Builtin::Messages => setup().messages,
            Builtin::Message => given.message,
            Builtin::Mac => given.mac.expect(GIVEN).0[index as usize].into(),
            Builtin::Multicast => given.filter.expect(GIVEN).multicast.word(index),
            Builtin::RssKey => setup().rss.key(index),
            Builtin::RssTable => setup().rss.entry(index),
            Builtin::StatsLow => given.block.expect(GIVEN).low(),
            Builtin::StatsHigh => given.block.expect(GIVEN).high(),
            Builtin::PciRevision => pci().revision.into(),
            Builtin::PciSubsystemVendor => pci().subsystem.vendor.into(),
            Builtin::PciSubsystemDevice => pci().subsystem.device.into(),
            Builtin::FrameMax => setup().frame_max,
            Builtin::BufferSize => match given.ring {
                Some(ring) => ring.buffer_size,
                None => setup().buffer_size,
            },
        }
    }

    fn bound(&self, name: &str) -> u64 {
        match self.locals[name] {
            Bound::Register(value) => value,
            Bound::Num(_) | Bound::Cond(_) => unreachable!("a register was bound"),
        }
    }
}

/// The value of an option, from `values` in the order of the spec.
pub fn chosen(nic: &Nic, values: &[u32], option: &Choice) -> u32 {
    let at = nic.options().iter().position(|own| own.name == option.name);
    values[at.expect("an option of the spec")]
}

fn field_of(bits: u64, field: &Field) -> u64 {
    (bits & field.mask()) >> field.low
}

fn completion(scheme: Scheme) -> Completion {
    match scheme {
        Scheme::DoneBit => Completion::DoneBit,
        Scheme::OwnerBit => Completion::OwnerBit,
        Scheme::HeadRegister => Completion::HeadRegister,
        Scheme::HeadWriteback => Completion::HeadWriteback,
    }
}
