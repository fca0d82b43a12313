//! Functions that a running port calls: the state of the link and the causes of interrupts.

use nicspecs::ir::visit::Visitor as _;
use nicspecs::ir::{Acknowledge, Cond, Link, Mask, Num, NumKind, Relation};

use super::expr::Scope;
use super::facts::Facts;
use super::steps::own_name;
use super::text::{doc, identifier};
use super::used::Used;

/// How the link is read.
pub struct LinkPoll {
    pub doc: Vec<String>,
    /// The registers to read, each once.
    pub reads: Vec<(String, String)>,
    /// The condition for a device that is gone.
    pub gone: String,
    /// The condition for a link that is down; `None` if the link is always up.
    pub down: Option<String>,
    /// The expression for the speed in megabits a second.
    pub mbps: String,
    pub duplex: String,
}

impl LinkPoll {
    pub fn new(facts: &Facts) -> Self {
        let link = facts.nic.link();
        let used = Used::by(|used| link.conditions().for_each(|cond| used.cond(cond)));
        let mut scope = Scope::new(facts, "");
        let mut reads = Vec::new();
        for place in used.places {
            let name = own_name(&place, &reads, &used.locals);
            reads.push((name.clone(), scope.read(&place)));
            scope.read.push((place, name));
        }
        Self {
            doc: doc(&format!("The state of the link now ({}).", link.section), 1),
            reads,
            gone: scope.cond(&Cond::Not(Box::new(link.present.clone()))),
            down: match &link.up {
                Cond::Literal(true) => None,
                up => Some(scope.cond(&Cond::Not(Box::new(up.clone())))),
            },
            mbps: mbps(link, &scope),
            duplex: match &link.full_duplex {
                Cond::Literal(true) => "Duplex::Full".to_owned(),
                Cond::Literal(false) => "Duplex::Half".to_owned(),
                full => {
                    let full = scope.cond(full);
                    format!("if {full} {{ Duplex::Full }} else {{ Duplex::Half }}")
                }
            },
        }
    }
}

fn mbps(link: &Link, scope: &Scope) -> String {
    // The last speed is the remaining one, so its condition is not tested.
    let Some((last, others)) = link.speeds.split_last() else {
        return 0.to_string();
    };
    let Some(first) = others.first() else {
        return last.mbps.to_string();
    };
    let of = |cond: &Cond| equality(cond).map(|(value, known)| scope.compared(value, known));
    let value = of(&first.when).map(|(value, _)| value);
    let arms = others.iter().map(|speed| {
        let same = of(&speed.when).filter(|(this, _)| Some(this) == value.as_ref());
        same.map(|(_, known)| format!("{known} => {},", speed.mbps))
    });
    match (&value, arms.collect::<Option<String>>()) {
        (Some(value), Some(arms)) => format!("match {value} {{ {arms} _ => {} }}", last.mbps),
        _ => {
            let rest = format!("{{ {} }}", last.mbps);
            others.iter().rev().fold(rest, |rest, speed| {
                let when = scope.cond(&speed.when);
                format!("if {when} {{ {} }} else {rest}", speed.mbps)
            })
        }
    }
}

/// A number and the constant that it is compared with.
fn equality(cond: &Cond) -> Option<(&Num, &Num)> {
    match cond {
        Cond::Compare {
            relation: Relation::Equal,
            left,
            right,
        } if matches!(right.kind, NumKind::Named { .. } | NumKind::Literal { .. }) => {
            Some((left, right))
        }
        _ => None,
    }
}

/// How causes of interrupts are read.
pub struct Causes {
    pub doc: Vec<String>,
    pub register: String,
    /// The call that reads and acknowledges them.
    pub read: String,
    pub tx: String,
    pub rx: String,
    pub link: String,
}

impl Causes {
    pub fn new(facts: &Facts) -> Self {
        let interrupts = facts.nic.interrupts();
        let register = identifier(&interrupts.cause.snake);
        let any = |name: &str| {
            let fields = interrupts
                .causes
                .iter()
                .filter(|cause| cause.name == name)
                .flat_map(|cause| &cause.fields);
            let fields: Vec<_> = fields
                .map(|field| {
                    let zero = if field.is_bit() { "" } else { " != 0" };
                    format!("{register}.{}(){zero}", identifier(&field.snake))
                })
                .collect();
            match fields.is_empty() {
                true => "false".to_owned(),
                false => fields.join(" || "),
            }
        };
        let acknowledged = match interrupts.acknowledge {
            Acknowledge::Read => "reading",
            Acknowledge::Write => "writing back",
        };
        Self {
            doc: doc(
                &format!(
                    "What the device interrupted for; {acknowledged} acknowledges ({}).",
                    interrupts.section
                ),
                1,
            ),
            read: match (interrupts.acknowledge, &interrupts.mask) {
                (Acknowledge::Read, _) => "read(bus)".to_owned(),
                (Acknowledge::Write, Mask::Whole(mask)) => {
                    format!("acknowledge(bus, REGS.{})", identifier(&mask.snake))
                }
                (Acknowledge::Write, Mask::Pair { set, clear }) => {
                    let [set, clear] = [set, clear].map(|mask| identifier(&mask.snake));
                    format!("acknowledge_with(bus, REGS.{set}, REGS.{clear})")
                }
            },
            tx: any("tx"),
            rx: any("rx"),
            link: any("link"),
            register,
        }
    }
}
