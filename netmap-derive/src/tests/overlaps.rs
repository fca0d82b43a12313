//! Which registers overlap.

use proptest::prelude::*;
use quote::quote;

use super::expansion;
use crate::registers;

#[test]
fn registers_may_overlap_if_both_are_shared() {
    expansion(
        registers::derive,
        quote! {
            struct Regs {
                #[reg(offset = 0x14, shared)]
                eerd: Register<u32, ReadWrite>,
                #[reg(offset = 0x14, shared)]
                flash: Register<u32, ReadWrite>,
            }
        },
    );
}

#[test]
fn arrays_may_interleave() {
    expansion(
        registers::derive,
        quote! {
            struct Regs {
                #[reg(offset = 0x0_5400, stride = 8)]
                ral: Array<u32, ReadWrite, 16>,
                #[reg(offset = 0x0_5404, stride = 8)]
                rah: Array<u32, ReadWrite, 16>,
            }
        },
    );
}

proptest! {
    #[test]
    fn arrays_overlap_if_two_elements_do(
        a in (0..40u32, 1..6u32, 1..8u32),
        b in (0..40u32, 1..12u32, 1..8u32),
    ) {
        let bytes = |(offset, stride, count): (u32, u32, u32)| {
            (0..count).flat_map(move |element| (0..4).map(move |byte| offset * 4 + element * stride * 4 + byte))
        };
        let overlap = bytes(a).any(|byte| bytes(b).any(|other| byte == other));
        let array = |(offset, stride, count)| {
            format!("#[reg(offset = {}, stride = {})]", offset * 4, stride * 4)
                + &format!("field: Array<u32, ReadWrite, {count}>,")
        };
        let item = format!("struct Regs {{ {} {} }}", array(a), array(b).replace("field", "other"));
        let derived = registers::derive(item.parse().expect("an item"));
        prop_assert_eq!(derived.is_err(), overlap);
    }
}
