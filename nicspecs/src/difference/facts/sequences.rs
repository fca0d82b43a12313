//! Sequences without their steps, which are compared as a list.

use super::item::Item;
use crate::difference::change::Subject;
use crate::ir::{Argument, Sequence, Signature};

pub(super) fn item(sequence: &Sequence) -> Item {
    let Signature { name, args, .. } = &*sequence.signature;
    let mut item = Item::new(Subject::Sequence(name.clone()));
    for Argument { name, max } in args {
        item.fact(format!("argument {name}"), format!("at most {max}"));
    }
    item
}
