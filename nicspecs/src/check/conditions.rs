//! Which values of registers make conditions true: decided by trying them all, or those that matter.

use std::collections::BTreeMap;

use crate::ir::{Cond, Field, FieldPlace, Num, NumKind, Place};

/// Most combinations of values that are tried.
const MOST: usize = 1 << 16;

/// Whether registers can have values with which `cond` holds and none of `others` does. `None` if that cannot be decided,
/// because a condition depends on more than registers, or on more of them than can be tried.
pub(super) fn can_hold(cond: &Cond, others: &[&Cond]) -> Option<bool> {
    let mut read = Read::default();
    read.cond(cond)?;
    for other in others {
        read.cond(other)?;
    }
    let mut states = vec![State::new()];
    for (register, bits) in &read.registers {
        let values = bits.values()?;
        if states.len() * values.len() > MOST {
            return None;
        }
        let with = |state: &State| {
            let each = values.iter().map(|value| {
                let mut state = state.clone();
                state.insert(register.clone(), *value);
                state
            });
            each.collect::<Vec<_>>()
        };
        states = states.iter().flat_map(with).collect();
    }
    let holds =
        |state: &State| holds(cond, state) && !others.iter().any(|other| holds(other, state));
    Some(states.iter().any(holds))
}

/// A register, an element of an array, or a value that the port passes in, which does not change either.
type Element = (String, u32);

/// The value of each register.
type State = BTreeMap<Element, u64>;

/// What conditions read.
#[derive(Default)]
struct Read {
    registers: BTreeMap<Element, Bits>,
}

/// The bits of a register that conditions read.
#[derive(Default)]
struct Bits {
    mask: u64,
    /// Parts of it, each with the numbers with which it is compared.
    parts: BTreeMap<(u32, u32), Vec<u64>>,
    /// Whether something is computed from it, so that all its values matter.
    computed: bool,
}

impl Bits {
    /// The values that matter; `None` if they are too many.
    fn values(&self) -> Option<Vec<u64>> {
        let all = 1_u64.checked_shl(self.mask.count_ones());
        let few = all.filter(|all| *all <= MOST as u64);
        self.near().or_else(|| few.map(|_| subsets(self.mask)))
    }

    /// Those next to the numbers with which parts are compared; `None` if more matter, or if they are too many.
    fn near(&self) -> Option<Vec<u64>> {
        let mut covered = 0;
        let mut values = vec![0];
        for (&(low, width), numbers) in &self.parts {
            let max = u64::MAX >> (64 - width);
            if self.computed || covered & (max << low) != 0 {
                return None;
            }
            covered |= max << low;
            // The result of a comparison changes only next to the number.
            let near = numbers
                .iter()
                .flat_map(|&number| [number.saturating_sub(1), number, number.saturating_add(1)]);
            let mut near: Vec<u64> = near
                .chain([0, max])
                .filter(|&number| number <= max)
                .collect();
            near.sort_unstable();
            near.dedup();
            if values.len() * near.len() > MOST {
                return None;
            }
            let with = |value: &u64| {
                near.iter()
                    .map(move |part| value | part << low)
                    .collect::<Vec<_>>()
            };
            values = values.iter().flat_map(with).collect();
        }
        Some(values)
    }
}

/// Every number that has only bits of a mask.
fn subsets(mask: u64) -> Vec<u64> {
    let mut found = vec![0];
    let mut subset: u64 = 0;
    loop {
        subset = subset.wrapping_sub(mask) & mask;
        if subset == 0 {
            return found;
        }
        found.push(subset);
    }
}

/// Bits of a value that the port passes in.
fn width(num: &Num) -> u32 {
    u32::BITS - num.range.max.max(1).leading_zeros()
}

fn element(place: &Place) -> Option<Element> {
    let index = place
        .index
        .as_ref()
        .map_or(Some(0), |index| index.constant())?;
    // Each read of such a register may give another value.
    let is_steady = !place.register.access.read_clears();
    is_steady.then(|| (place.register.name.clone(), index))
}

impl Read {
    fn cond(&mut self, cond: &Cond) -> Option<()> {
        match cond {
            Cond::Literal(_) => Some(()),
            Cond::Bit(field) => self.field(field, &[]),
            Cond::Not(inner) => self.cond(inner),
            Cond::And(left, right) | Cond::Or(left, right) => {
                self.cond(left)?;
                self.cond(right)
            }
            Cond::Compare { left, right, .. } => {
                self.compared(left, right)?;
                self.compared(right, left)
            }
            Cond::LocalBit { .. }
            | Cond::Local(_)
            | Cond::Choice(_)
            | Cond::Given(_)
            | Cond::Completion(_)
            | Cond::Variant(_) => None,
        }
    }

    /// A number that is compared with another.
    fn compared(&mut self, num: &Num, other: &Num) -> Option<()> {
        let Some(number) = other.constant() else {
            return self.computed(num);
        };
        match &num.kind {
            NumKind::Field(field) => self.field(field, &[number.into()]),
            NumKind::Register(place) => {
                self.part(element(place)?, 0, place.register.width, &[number.into()])
            }
            NumKind::Builtin {
                builtin,
                index: None,
            } => {
                let element = (builtin.name().to_owned(), 0);
                self.part(element, 0, width(num), &[number.into()])
            }
            _ => self.computed(num),
        }
    }

    /// A number from which another is computed.
    fn computed(&mut self, num: &Num) -> Option<()> {
        match &num.kind {
            NumKind::Literal { .. } | NumKind::Named { .. } => Some(()),
            NumKind::Constant(_) => num.constant().map(|_| ()),
            NumKind::Field(field) => {
                self.field(field, &[])?;
                self.all_of(element(&field.place)?)
            }
            NumKind::Register(place) => {
                self.part(element(place)?, 0, place.register.width, &[])?;
                self.all_of(element(place)?)
            }
            NumKind::Builtin {
                builtin,
                index: None,
            } => {
                let element = (builtin.name().to_owned(), 0);
                self.part(element.clone(), 0, width(num), &[])?;
                self.all_of(element)
            }
            NumKind::FromCond(cond) => self.cond(cond),
            NumKind::Invert(inner)
            | NumKind::Call {
                argument: inner, ..
            } => self.computed(inner),
            NumKind::Binary { left, right, .. } => {
                self.computed(left)?;
                self.computed(right)
            }
            NumKind::Choice(_)
            | NumKind::Builtin { .. }
            | NumKind::Local(_)
            | NumKind::LocalField { .. }
            | NumKind::LocalRegister { .. } => None,
        }
    }

    fn field(&mut self, place: &FieldPlace, numbers: &[u64]) -> Option<()> {
        let Field { low, width, .. } = place.field.as_ref();
        self.part(element(&place.place)?, *low, *width, numbers)
    }

    fn part(&mut self, element: Element, low: u32, width: u32, numbers: &[u64]) -> Option<()> {
        let bits = self.registers.entry(element).or_default();
        bits.mask |= (u64::MAX >> (64 - width)) << low;
        bits.parts.entry((low, width)).or_default().extend(numbers);
        Some(())
    }

    fn all_of(&mut self, element: Element) -> Option<()> {
        self.registers.entry(element).or_default().computed = true;
        Some(())
    }
}

fn holds(cond: &Cond, state: &State) -> bool {
    match cond {
        Cond::Literal(value) => *value,
        Cond::Bit(field) => of_field(field, state) != 0,
        Cond::Not(inner) => !holds(inner, state),
        Cond::And(left, right) => holds(left, state) && holds(right, state),
        Cond::Or(left, right) => holds(left, state) || holds(right, state),
        Cond::Compare {
            relation,
            left,
            right,
        } => {
            let (left, right) = (value(left, state), value(right, state));
            relation.holds(left, right)
        }
        Cond::LocalBit { .. }
        | Cond::Local(_)
        | Cond::Choice(_)
        | Cond::Given(_)
        | Cond::Completion(_)
        | Cond::Variant(_) => unreachable!("such a condition is not decided"),
    }
}

fn of_field(place: &FieldPlace, state: &State) -> u64 {
    let register = of_register(&place.place, state);
    register >> place.field.low & (u64::MAX >> (64 - place.field.width))
}

fn of_register(place: &Place, state: &State) -> u64 {
    let element = element(place).expect("only steady registers are decided");
    state[&element]
}

/// A number; 64 bits hold every one of 32 bits, and lowering has proved that no operation exceeds those.
fn value(num: &Num, state: &State) -> u64 {
    match &num.kind {
        NumKind::Field(field) => of_field(field, state),
        NumKind::Register(place) => of_register(place, state),
        NumKind::Builtin { builtin, .. } => state[&(builtin.name().to_owned(), 0)],
        NumKind::FromCond(cond) => holds(cond, state).into(),
        NumKind::Invert(inner) => value(inner, state) ^ u64::from(u32::MAX),
        NumKind::Call { function, argument } => {
            let argument = u32::try_from(value(argument, state)).expect("a number of 32 bits");
            function.of(argument).into()
        }
        NumKind::Binary { op, left, right } => {
            let (left, right) = (value(left, state), value(right, state));
            op.of(left, right)
        }
        _ => num
            .constant()
            .expect("only known numbers are decided")
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::can_hold;
    use crate::diagnostic::{File, Findings};
    use crate::ir::{Builtin, Cond, Num, NumKind, Range, Relation};
    use crate::{lower, tree};

    /// A condition of a speed of the toy spec.
    fn cond(text: &str) -> Cond {
        let wide = "      ZERO: { bits: \"31:24\"";
        let spec = crate::TOY
            .replace("CTRL.SPEED == m10\", mbps", &format!("{text}\", mbps"))
            .replace(wide, &format!("      WIDE: {{ bits: \"23:3\" }}\n{wide}"));
        let mut findings = Findings::default();
        let tree = tree::scan(&spec, File::Own, &mut findings).unwrap();
        let draft = lower::lower(&tree, "toy", &mut findings);
        assert!(findings.is_empty(), "{text}: {}", findings.said());
        draft.link.unwrap().speeds[0].when.clone()
    }

    #[test]
    fn a_condition_is_tried_with_every_value_that_matters() {
        for (text, others, expected) in [
            ("1", &[][..], Some(true)),
            ("0", &[], Some(false)),
            ("STATUS.UP", &["STATUS.UP"], Some(false)),
            ("STATUS.UP", &["STATUS.DUPLEX"], Some(true)),
            (
                "STATUS.UP",
                &["STATUS.UP and STATUS.DUPLEX", "not STATUS.DUPLEX"],
                Some(false),
            ),
            ("STATUS.UP and not STATUS.UP", &[], Some(false)),
            ("CTRL.SPEED == m10", &["CTRL.SPEED == m100"], Some(true)),
            ("CTRL.SPEED == m10 and CTRL.SPEED == m100", &[], Some(false)),
            (
                "CTRL.SPEED > 1",
                &["CTRL.SPEED == 2", "CTRL.SPEED == 3"],
                Some(false),
            ),
            // All values of a wide field are too many to try.
            ("STATUS.WIDE == 7", &["STATUS.WIDE >= 7"], Some(false)),
            ("STATUS.WIDE == 7", &["STATUS.WIDE > 7"], Some(true)),
            (
                "STATUS.WIDE < 5 and STATUS.UP",
                &["STATUS.WIDE <= 4"],
                Some(false),
            ),
            (
                "STATUS.WIDE > 7 and STATUS.WIDE < 9",
                &["STATUS.WIDE == 8"],
                Some(false),
            ),
            ("SAL == 1", &["SAL < 5"], Some(false)),
            ("SAL == 1", &["SAL == 2"], Some(true)),
            ("MTA[0] == 1", &["MTA[1] == 1"], Some(true)),
            (
                "(CTRL.SPEED & 1) == 1",
                &["CTRL.SPEED == 1", "CTRL.SPEED == 3"],
                Some(false),
            ),
            // What is computed from many bits, and what is not read from registers alone, is not decided.
            ("(SAL & 1) == 1", &["(SAL & 1) == 1"], None),
            ("SAL == 1 and CTRL.SPEED == 1", &["loopback"], None),
            ("CAUSE.TX", &["CAUSE.TX"], None),
        ] {
            let others: Vec<Cond> = others.iter().map(|other| cond(other)).collect();
            let others: Vec<&Cond> = others.iter().collect();
            assert_eq!(can_hold(&cond(text), &others), expected, "{text}");
        }
    }

    #[test]
    fn a_value_that_the_port_passes_in_is_tried_as_a_register_is() {
        let num = |kind, range| Num { kind, range };
        let compare = |relation, number| Cond::Compare {
            relation,
            left: num(
                NumKind::Builtin {
                    builtin: Builtin::Queues,
                    index: None,
                },
                Range::up_to(0xffff),
            ),
            right: num(
                NumKind::Literal {
                    value: number,
                    hex: false,
                },
                Range::exactly(number),
            ),
        };
        let (less, from) = (
            compare(Relation::Less, 2),
            compare(Relation::GreaterOrEqual, 2),
        );
        assert_eq!(can_hold(&less, &[&from]), Some(true));
        assert_eq!(can_hold(&Cond::Literal(true), &[&less, &from]), Some(false));
    }
}
