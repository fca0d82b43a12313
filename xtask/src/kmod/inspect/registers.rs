//! The kernel does not save vector and floating-point registers for itself, so kernel code must not use them.

use iced_x86::{CpuidFeature, Instruction, InstructionInfoFactory, Register};

use super::check::{Check, place};
use crate::machine_code::Code;
use xtask_workspace::specs::count;

pub fn check(code: &Code<'_>) -> Check {
    let mut factory = InstructionInfoFactory::new();
    let mut instructions = 0;
    let mut findings = Vec::new();
    for &start in code.functions.keys() {
        for (instruction, _) in code.instructions(start).into_iter().flatten() {
            instructions += 1;
            if instruction.is_invalid() {
                let at = place(code, start, &instruction);
                findings.push(format!("{at} cannot be decoded"));
            } else if let Some(what) = foreign(&mut factory, &instruction) {
                findings.push(format!("{} uses {what}", place(code, start, &instruction)));
            }
        }
    }
    Check {
        name: "no vector or floating-point register",
        counted: count(instructions, "instruction"),
        findings,
    }
}

/// The floating-point or vector state that an instruction uses.
fn foreign(factory: &mut InstructionInfoFactory, instruction: &Instruction) -> Option<String> {
    let is_foreign = |register: &Register| {
        register.is_vector_register()
            || register.is_mm()
            || register.is_st()
            || register.is_k()
            || register.is_tmm()
    };
    let used = factory.info(instruction).used_registers().iter();
    if let Some(register) = used.map(|used| used.register()).find(is_foreign) {
        return Some(format!("{register:?}"));
    }
    let unit = |feature: &&CpuidFeature| {
        matches!(
            feature,
            CpuidFeature::FPU | CpuidFeature::FPU287 | CpuidFeature::FPU387 | CpuidFeature::MMX
        )
    };
    let unit = instruction.cpuid_features().iter().find(unit).copied();
    let saves = instruction.is_save_restore_instruction();
    unit.map(|unit| format!("the unit {unit:?}"))
        .or_else(|| saves.then(|| "the state of the vector unit".to_owned()))
}
