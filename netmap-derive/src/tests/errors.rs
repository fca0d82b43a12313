//! Several errors at once; `tests/ui` has each alone.

use quote::quote;

use super::errors;
use crate::{nic, registers};

#[test]
fn all_errors_of_a_map_are_reported_at_once() {
    let errors = errors(
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
        errors,
        [
            "a register map cannot have generic parameters",
            "missing offset: `#[reg(offset = ...)]`",
            "the offset of a register of 32 bits must be a multiple of 4",
            "an array has a value type, an access kind and a number of elements: `Array<V, A, N>`",
            "unknown key `strid`; `reg` has `offset`, `stride`, `elements`, `width`, `name`, `shared`",
            "expected string literal",
            "a register has a value type and an access kind: `Register<V, A>`",
            "`cr` overlaps `status`; mark both `shared` if no variant has both",
        ]
    );
}

#[test]
fn an_invalid_value_is_not_also_missing() {
    let errors = errors(
        nic::derive,
        quote! {
            #[nic(name = 1, title = 2, bar = "0", bar_size = -1, pci(), registers = 3, statistics = ;)]
            #[nic(transmit(nothing), receive = Rx, multicast(address_bits = 0))]
            struct Toy;
        },
    );
    let missing: Vec<_> = errors
        .iter()
        .filter(|error| error.contains("is missing"))
        .collect();
    assert_eq!(missing.len(), 8, "those of `transmit`: {missing:#?}");
    assert_eq!(errors.len(), 8 + 10, "{errors:#?}");
}
