//! Functions that a running port calls: the state of the link and the causes of interrupts.

use nicspecs::ir::{Acknowledge, Cond, Link, Num, NumKind, Relation};

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
    /// The condition for a link that is down; `None` if the link is always up.
    pub down: Option<String>,
    pub speed: Speed,
    pub duplex: String,
}

/// How the speed of the link is read.
pub enum Speed {
    /// It has only one.
    Always(u32),
    /// By the values of one field.
    Match {
        value: String,
        arms: Vec<(String, u32)>,
        otherwise: u32,
    },
    /// By conditions.
    Chain {
        arms: Vec<(String, u32)>,
        otherwise: u32,
    },
}

impl LinkPoll {
    /// The view of a NIC.
    pub fn new(facts: &Facts) -> Self {
        let link = facts.nic.link();
        let conds = [&link.up, &link.full_duplex]
            .into_iter()
            .chain(link.speeds.iter().map(|speed| &speed.when));
        let mut scope = Scope::new(facts, "");
        let mut reads = Vec::new();
        for place in Used::by_conds(conds).places {
            let name = own_name(&place, &reads);
            reads.push((name.clone(), scope.read(&place)));
            scope.read.push((place, name));
        }
        let yes = |cond: &Cond, yes: &str, no: &str| match cond {
            Cond::Literal(true) => yes.to_owned(),
            Cond::Literal(false) => no.to_owned(),
            cond => format!("if {} {{ {yes} }} else {{ {no} }}", scope.cond(cond)),
        };
        Self {
            doc: doc(&format!("The state of the link now ({}).", link.section), 1),
            reads,
            down: match &link.up {
                Cond::Literal(true) => None,
                up => Some(scope.cond(&Cond::Not(Box::new(up.clone())))),
            },
            speed: speed(link, &scope),
            duplex: yes(&link.full_duplex, "Duplex::Full", "Duplex::Half"),
        }
    }
}

fn speed(link: &Link, scope: &Scope) -> Speed {
    // The last speed is the remaining one, so its condition is not tested.
    let Some((last, others)) = link.speeds.split_last() else {
        return Speed::Always(0);
    };
    let Some(first) = others.first() else {
        return Speed::Always(last.mbps);
    };
    let of = |cond: &Cond| equality(cond).map(|(value, known)| scope.compared(value, known));
    let value = of(&first.when).map(|(value, _)| value);
    let arms: Option<Vec<_>> = others
        .iter()
        .map(|speed| {
            of(&speed.when)
                .filter(|(this, _)| Some(this) == value.as_ref())
                .map(|(_, known)| (known, speed.mbps))
        })
        .collect();
    match (value, arms) {
        (Some(value), Some(arms)) => Speed::Match {
            value,
            arms,
            otherwise: last.mbps,
        },
        _ => Speed::Chain {
            arms: others
                .iter()
                .map(|speed| (scope.cond(&speed.when), speed.mbps))
                .collect(),
            otherwise: last.mbps,
        },
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
    /// Whether the read value is written back.
    pub write_back: bool,
    pub tx: String,
    pub rx: String,
    pub link: String,
}

impl Causes {
    /// The view of a NIC.
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
            write_back: interrupts.acknowledge == Acknowledge::Write,
            tx: any("tx"),
            rx: any("rx"),
            link: any("link"),
            register,
        }
    }
}
