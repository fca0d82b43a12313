//! Conditions in the words of the spec, for messages.

use nicspecs::ir::{Builtin, Cond, FieldPlace, Nic, Num, NumKind, Place};

/// A condition as a spec writes it.
pub fn cond(nic: &Nic, cond: &Cond) -> String {
    let inner = |inner: &Cond| match inner {
        Cond::And(..) | Cond::Or(..) => format!("({})", self::cond(nic, inner)),
        _ => self::cond(nic, inner),
    };
    match cond {
        Cond::Literal(value) => u32::from(*value).to_string(),
        Cond::Bit(at) => field(nic, at),
        Cond::LocalBit { local, field, .. } => format!("{local}.{}", field.name),
        Cond::Local(name) => name.clone(),
        Cond::Choice(choice) => choice.name.clone(),
        Cond::Promiscuous => "promiscuous".to_owned(),
        Cond::Renegotiate => "renegotiate".to_owned(),
        Cond::AllMulticast => "all_multicast".to_owned(),
        Cond::Completion(scheme) => format!("completion == {}", scheme.name()),
        Cond::Variant(variants) => {
            let names: Vec<_> = variants
                .indices()
                .map(|index| nic.variants()[index].name.as_str())
                .collect();
            match names.as_slice() {
                [only] => format!("variant == {only}"),
                several => format!("variant in [{}]", several.join(", ")),
            }
        }
        Cond::Not(negated) => match negated.as_ref() {
            Cond::Bit(_) | Cond::LocalBit { .. } => format!("{} == 0", self::cond(nic, negated)),
            _ => format!("not {}", inner(negated)),
        },
        Cond::And(left, right) => format!("{} and {}", inner(left), inner(right)),
        Cond::Or(left, right) => format!("{} or {}", inner(left), inner(right)),
        Cond::Compare {
            relation,
            left,
            right,
        } => {
            format!(
                "{} {} {}",
                operand(nic, left),
                relation.symbol(),
                operand(nic, right)
            )
        }
    }
}

fn operand(nic: &Nic, value: &Num) -> String {
    match &value.kind {
        NumKind::Binary { .. } => format!("({})", num(nic, value)),
        _ => num(nic, value),
    }
}

fn num(nic: &Nic, value: &Num) -> String {
    match &value.kind {
        NumKind::Literal { value, hex: true } => format!("{value:#x}"),
        NumKind::Literal { value, hex: false } => value.to_string(),
        NumKind::Named { value, .. } => value.name.clone(),
        NumKind::Constant(constant) => constant.name.clone(),
        NumKind::Choice(choice) => choice.name.clone(),
        NumKind::Builtin(value) => builtin(nic, value),
        NumKind::Local(name) | NumKind::LocalRegister { local: name, .. } => name.clone(),
        NumKind::LocalField { local, field, .. } => format!("{local}.{}", field.name),
        NumKind::Register(at) => place(nic, at),
        NumKind::Field(at) => field(nic, at),
        NumKind::FromCond(inner) => format!("({})", cond(nic, inner)),
        NumKind::Invert(inner) => format!("~{}", operand(nic, inner)),
        NumKind::Swap16(inner) => format!("swap16({})", num(nic, inner)),
        NumKind::Swap32(inner) => format!("swap32({})", num(nic, inner)),
        NumKind::Binary { op, left, right } => {
            format!(
                "{} {} {}",
                operand(nic, left),
                op.symbol(),
                operand(nic, right)
            )
        }
    }
}

fn builtin(nic: &Nic, value: &Builtin) -> String {
    match value {
        Builtin::RingBaseLow => "ring.base.low".to_owned(),
        Builtin::RingBaseHigh => "ring.base.high".to_owned(),
        Builtin::RingBytes => "ring.bytes".to_owned(),
        Builtin::RingSlots => "ring.slots".to_owned(),
        Builtin::HeadwbLow => "headwb.address.low".to_owned(),
        Builtin::HeadwbHigh => "headwb.address.high".to_owned(),
        Builtin::Queue => "queue".to_owned(),
        Builtin::Queues => "queues".to_owned(),
        Builtin::Messages => "messages".to_owned(),
        Builtin::Message => "message".to_owned(),
        Builtin::Mac(index) => format!("mac[{}]", num(nic, index)),
        Builtin::Multicast(index) => format!("multicast[{}]", num(nic, index)),
        Builtin::RssKey(index) => format!("rss.key[{}]", num(nic, index)),
        Builtin::RssTable(index) => format!("rss.table[{}]", num(nic, index)),
        Builtin::StatsLow => "stats.address.low".to_owned(),
        Builtin::StatsHigh => "stats.address.high".to_owned(),
        Builtin::FrameMax => "frame.max".to_owned(),
        Builtin::BufferSize => "buffer.size".to_owned(),
    }
}

fn field(nic: &Nic, at: &FieldPlace) -> String {
    format!("{}.{}", place(nic, &at.place), at.field.name)
}

fn place(nic: &Nic, at: &Place) -> String {
    match &at.index {
        Some(index) => format!("{}[{}]", at.register.name, num(nic, index)),
        None => at.register.name.clone(),
    }
}
