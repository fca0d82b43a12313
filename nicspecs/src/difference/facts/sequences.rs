//! Sequences without their steps, which are compared as a list.

use super::{Item, Subject};
use crate::ir::{Argument, Returns, Sequence, Signature};

pub(super) fn item(sequence: &Sequence) -> Item {
    let Sequence {
        signature,
        section,
        doc,
        steps: _,
    } = sequence;
    let Signature {
        name,
        snake: _,
        is_port: _,
        args,
        returns,
        // What it needs, and whether it can fail or sleeps, follows from the steps.
        needs: _,
        can_fail: _,
        may_sleep,
        sleeps: _,
    } = &**signature;
    let mut item = Item::new(Subject::Sequence(name.clone()));
    for Argument { name, max } in args {
        item.fact(format!("argument {name}"), format!("at most {max}"));
    }
    item.fact_if("returns", returns.map(Returns::name));
    item.fact("may_sleep", may_sleep);
    item.fact("section", section);
    item.fact_if("doc", doc.as_ref());
    item
}
