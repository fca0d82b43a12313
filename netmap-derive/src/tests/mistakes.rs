//! Mistakes in company; each alone is a file in `tests/ui`.

use quote::quote;

use super::mistakes;
use crate::{nic, registers};

#[test]
fn all_mistakes_of_a_map_come_at_once() {
    let mistakes = mistakes(
        registers::derive,
        quote! {
            pub struct Regs<T> {
                pub ctrl: Register<u32, ReadWrite>,
                #[reg(offset = 0x0_0006)]
                pub status: Register<u32, ReadOnly>,
                #[reg(offset = 0x0_0004, strid = 8, name = RAL)]
                pub ral: Array<u32, ReadWrite>,
                #[reg(offset = 0x0_0007)]
                pub cr: Register<u8, ReadWrite>,
                #[reg(offset = 0x0_0010)]
                pub plain: Register<u32>,
            }
        },
    );
    assert_eq!(
        mistakes,
        [
            "a register map has no parameters",
            "where does it lie? `#[reg(offset = ...)]` is missing",
            "a register of 32 bits lies at a multiple of 4 bytes",
            "an array has a value type, an access kind and a number of elements: `Array<V, A, N>`",
            "unknown key `strid`; `reg` has `offset`, `stride`, `elements`, `width`, `name`, `shared`",
            "expected string literal",
            "a register has a value type and an access kind: `Register<V, A>`",
            "`cr` lies on `status`; mark both `shared` if no variant has both",
        ]
    );
}

#[test]
fn a_value_that_is_wrong_is_not_missing_as_well() {
    let mistakes = mistakes(
        nic::derive,
        quote! {
            #[nic(name = 1, title = 2, bar = "0", bar_size = -1, pci(), registers = 3, statistics = ;)]
            #[nic(transmit(nothing), receive = Rx, multicast(address_bits = 0))]
            struct Toy;
        },
    );
    let missing: Vec<_> = mistakes
        .iter()
        .filter(|mistake| mistake.contains("is missing"))
        .collect();
    assert_eq!(missing.len(), 8, "those of `transmit`: {missing:#?}");
    assert_eq!(mistakes.len(), 8 + 10, "{mistakes:#?}");
}
