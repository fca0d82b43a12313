//! A kernel interrupt writes below the stack pointer, so code must not keep data there.
//!
//! The check follows every path through a function and tracks the stack pointer's offset from its initial value, and
//! the frame pointer's while it is used as one.

use std::collections::HashMap;

use iced_x86::{
    Code as Op, ConstantOffsets, FlowControl, Instruction, InstructionInfoFactory, Mnemonic,
    OpAccess, OpKind, Register,
};

use super::check::{Check, place};
use crate::machine_code::{Code, Symbol};

pub fn check(code: &Code<'_>) -> Check {
    let mut findings = Vec::new();
    let mut accesses = 0;
    for &start in code.functions.keys() {
        let mut walk = Walk::new(code, start);
        walk.run();
        accesses += walk.accesses;
        findings.append(&mut walk.findings);
    }
    Check {
        name: "no red zone",
        counted: format!("{accesses} accesses to the stack"),
        findings,
    }
}

/// The limit for following a loop that touches every page of a large frame.
const LOWEST: i64 = -(1 << 16);

/// Offsets from the stack pointer's value at the start of the function.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stack {
    /// The highest possible stack pointer; unknown if a register was added to it.
    pointer: Option<i64>,
    /// The frame pointer, if it points into the stack.
    frame: Option<i64>,
}

struct Walk<'a> {
    code: &'a Code<'a>,
    start: u64,
    instructions: HashMap<u64, (Instruction, ConstantOffsets)>,
    seen: HashMap<u64, Stack>,
    todo: Vec<(u64, Stack)>,
    factory: InstructionInfoFactory,
    accesses: usize,
    findings: Vec<String>,
}

impl<'a> Walk<'a> {
    fn new(code: &'a Code<'a>, start: u64) -> Walk<'a> {
        let instructions = code.instructions(start).into_iter().flatten();
        let entry = Stack {
            pointer: Some(0),
            frame: None,
        };
        Walk {
            code,
            start,
            instructions: instructions.map(|each| (each.0.ip(), each)).collect(),
            seen: HashMap::new(),
            todo: vec![(start, entry)],
            factory: InstructionInfoFactory::new(),
            accesses: 0,
            findings: Vec::new(),
        }
    }

    fn run(&mut self) {
        while let Some((at, stack)) = self.todo.pop() {
            let Some(&(instruction, offsets)) = self.instructions.get(&at) else {
                // Past the end: the last instruction is a call that never returns.
                continue;
            };
            // Code after a call that never returns may appear reachable with a wrong stack; the lower one is that of a
            // real path.
            let stack = match self.seen.get(&at) {
                Some(before) if before.pointer <= stack.pointer || stack.pointer < Some(LOWEST) => {
                    continue;
                }
                Some(before) if before.frame != stack.frame => Stack {
                    frame: None,
                    ..stack
                },
                _ => stack,
            };
            self.seen.insert(at, stack);
            if let Ok(stack) = self.after(&instruction, stack) {
                self.go_on(&instruction, offsets, stack);
            }
        }
        let mut places: Vec<_> = self.seen.iter().map(|(at, stack)| (*at, *stack)).collect();
        places.sort_by_key(|(at, _)| *at);
        for (at, stack) in places {
            let instruction = self.instructions[&at].0;
            let problem = match self.after(&instruction, stack) {
                Ok(_) => self.below(&instruction, stack),
                Err(why) => Some(why),
            };
            if let Some(problem) = problem {
                let at = place(self.code, self.start, &instruction);
                self.findings.push(format!("{at} {problem}"));
            }
        }
    }

    /// Whether the instruction accesses memory below the stack pointer.
    fn below(&mut self, instruction: &Instruction, stack: Stack) -> Option<String> {
        let reaches = (0..instruction.op_count())
            .any(|operand| instruction.op_kind(operand) == OpKind::Memory);
        let is_address_only = matches!(instruction.mnemonic(), Mnemonic::Lea | Mnemonic::Nop);
        // An index may compensate for a displacement.
        let is_known = instruction.memory_index() == Register::None;
        if !reaches || is_address_only || !is_known {
            return None;
        }
        let displacement = instruction.memory_displacement64() as i64;
        let above = match instruction.memory_base() {
            Register::RSP => Some(displacement),
            Register::RBP => {
                let frame = stack.frame?;
                stack.pointer.map(|pointer| frame + displacement - pointer)
            }
            _ => return None,
        };
        self.accesses += 1;
        match above {
            Some(0..) => None,
            Some(above) => Some(format!("accesses {} bytes below the stack pointer", -above)),
            None => Some("accesses the stack while its pointer is unknown".to_owned()),
        }
    }

    /// The stack after the instruction.
    fn after(&mut self, instruction: &Instruction, stack: Stack) -> Result<Stack, String> {
        let Stack { pointer, frame } = stack;
        // A call does not change the stack.
        if matches!(
            instruction.flow_control(),
            FlowControl::Call | FlowControl::IndirectCall
        ) {
            return Ok(stack);
        }
        let to = (instruction.op_count() > 0 && instruction.op0_kind() == OpKind::Register)
            .then(|| instruction.op0_register());
        let from = (instruction.op_count() > 1 && instruction.op1_kind() == OpKind::Register)
            .then(|| instruction.op1_register());
        let number = (instruction.op_count() > 1)
            .then(|| instruction.try_immediate(1).ok())
            .flatten()
            .map(|number| number as i64);
        // `lea` computes an address from either of them.
        let sum = (instruction.memory_index() == Register::None)
            .then(|| match instruction.memory_base() {
                Register::RSP => pointer,
                Register::RBP => frame,
                _ => None,
            })
            .flatten()
            .map(|base| base + instruction.memory_displacement64() as i64);
        let lost = || "changes the stack pointer in a way that cannot be tracked".to_owned();
        let at = |pointer| Ok(Stack { pointer, frame });
        let add = |number| pointer.map(|pointer| pointer + number);
        let framed = |frame| Ok(Stack { pointer, frame });
        match (instruction.mnemonic(), to) {
            (Mnemonic::Sub, Some(Register::RSP)) => at(add(-number.unwrap_or(0))),
            (Mnemonic::Add, Some(Register::RSP)) => at(number.and_then(add)),
            // Aligns it downwards.
            (Mnemonic::And, Some(Register::RSP)) => Ok(stack),
            (Mnemonic::Lea, Some(Register::RSP)) => at(Some(sum.ok_or_else(lost)?)),
            (Mnemonic::Mov, Some(Register::RSP)) if from == Some(Register::RBP) => {
                at(Some(frame.ok_or_else(lost)?))
            }
            (Mnemonic::Mov, Some(Register::RBP)) if from == Some(Register::RSP) => framed(pointer),
            (Mnemonic::Lea, Some(Register::RBP)) => framed(sum),
            (Mnemonic::Pop, Some(Register::RBP)) => Ok(Stack {
                pointer: add(8),
                frame: None,
            }),
            (Mnemonic::Leave, _) => Ok(Stack {
                pointer: Some(frame.ok_or_else(lost)? + 8),
                frame: None,
            }),
            _ => self.moved(instruction, stack).ok_or_else(lost),
        }
    }

    /// The same for any other instruction.
    fn moved(&mut self, instruction: &Instruction, stack: Stack) -> Option<Stack> {
        let moved = i64::from(instruction.stack_pointer_increment());
        let used = self.factory.info(instruction).used_registers().iter();
        let written = |register: Register| {
            used.clone().any(|used| {
                used.register().full_register() == register
                    && matches!(
                        used.access(),
                        OpAccess::Write
                            | OpAccess::CondWrite
                            | OpAccess::ReadWrite
                            | OpAccess::ReadCondWrite
                    )
            })
        };
        let leaves = matches!(instruction.flow_control(), FlowControl::Return)
            || instruction.code() == Op::Ud2;
        if written(Register::RSP) && moved == 0 && !leaves {
            return None;
        }
        Some(Stack {
            pointer: stack.pointer.map(|pointer| pointer + moved),
            frame: stack.frame.filter(|_| !written(Register::RBP)),
        })
    }

    /// Follows the instruction's successors inside the function.
    fn go_on(&mut self, instruction: &Instruction, offsets: ConstantOffsets, stack: Stack) {
        let next = instruction.next_ip();
        let branch = || match self.code.branch(instruction, offsets) {
            Symbol::Local(to) if self.code.is_within(to, self.start) => Some(to),
            _ => None,
        };
        let ways = match instruction.flow_control() {
            FlowControl::UnconditionalBranch => branch().into_iter().collect(),
            FlowControl::ConditionalBranch => branch().into_iter().chain([next]).collect(),
            FlowControl::IndirectBranch => self.code.table(instruction, offsets, self.start),
            FlowControl::Return | FlowControl::Exception => Vec::new(),
            _ => vec![next],
        };
        self.todo.extend(ways.into_iter().map(|to| (to, stack)));
    }
}
