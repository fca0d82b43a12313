//! `sequences`.

use super::scalar::{
    Duration, Either, Expression, Later, LowerNames, Mnemonics, Name, RegisterNames, Section,
};
use crate::ir::{OnTimeout, Returns};
use crate::words::words;

words! {
    /// Kinds of barriers.
    pub(crate) enum Barrier { Publish = "publish" }
}

/// What a register takes: the whole register, or some of its fields.
type Written = RegisterNames<Either<Expression, Mnemonics<Expression>>>;

/// One field, or several fields of one register.
type Fields = Either<Name, Vec<Name>>;

/// What a poll, a sleep and the like are given.
type Steps = Vec<Step>;

maps! {
    /// What the driver does for one purpose.
    Sequence {
        /// The section about it.
        section: Section {
            find: "the number, in quotes, of the section that describes this procedure: see 'Initialization' or 'Programming Guide'"
        },
        /// What it does, in one sentence.
        doc: Option<String> { prose },
        /// Whether it may `sleep`; one that may not can only `delay`.
        may_sleep: Option<bool> { default: "true" },
        /// Its arguments, and the largest value of each.
        args: Option<Later<LowerNames<Expression>>>,
        /// What it returns.
        returns: Option<Returns>,
        /// The steps; `[]` if there is nothing to do.
        steps: Later<Steps> {
            find: "the steps, in the datasheet's order: see 'Initialization' or 'Programming Guide'"
        },
    }

    /// A step: one verb, with the keys that belong to it.
    Step {
        /// Write a whole register: `{ REG: expr }`, or `{ REG: { FIELD: expr } }` with zero for all other fields.
        write: Option<Later<Written>> { verb },
        /// Read a register, change the named fields and write it: `{ REG: { FIELD: expr } }`.
        modify: Option<Later<RegisterNames<Mnemonics<Expression>>>> { verb },
        /// Make `REG.FIELD`, or a list of fields of one register, all ones.
        set: Option<Later<Fields>> { verb },
        /// Make such fields zero.
        clear: Option<Later<Fields>> { verb },
        /// Write every element of an array, with its index as `i`: `{ REG: expr }`.
        write_each: Option<Later<RegisterNames<Expression>>> { verb },
        /// Bind a value, `{ name: expr }`, or a register whose fields are then `name.FIELD`; beside `run`, the name of what it returns.
        r#let: Option<Later<Either<Name, LowerNames<Expression>>>> { verb },
        /// Wait until something holds, for a limited time.
        poll: Option<Later<Poll>> { verb },
        /// Wait for at most 50 us without giving up the processor.
        delay: Option<Later<Duration>> { verb },
        /// Wait, where the sequence may sleep.
        sleep: Option<Later<Duration>> { verb },
        /// Read a register so that writes before it have arrived.
        flush: Option<Later<Name>> { verb },
        /// Make memory that was written so far visible to the device.
        barrier: Option<Barrier> { verb },
        /// Do `then` if a condition holds.
        r#if: Option<Later<Expression>> { verb },
        /// The steps if it holds.
        then: Option<Later<Steps>> { beside: "if", needed },
        /// The steps if it does not hold.
        r#else: Option<Later<Steps>> { beside: "if" },
        /// Do `do` for each number of a range without its end: `{ name: "0..16" }`.
        r#for: Option<Later<LowerNames<Expression>>> { verb },
        /// The steps for each number.
        r#do: Option<Later<Steps>> { beside: "for", needed },
        /// Do the steps of another sequence.
        run: Option<Name> { verb },
        /// The arguments of that sequence.
        with: Option<Later<LowerNames<Expression>>> { beside: "run" },
        /// Do some steps between others that are done in any case.
        guard: Option<Later<Guard>> { verb },
        /// Fail unless a condition holds.
        verify: Option<Later<Expression>> { verb },
        /// What has failed if it does not hold.
        otherwise: Option<String> { prose, beside: "verify", needed },
        /// Fail, and say what has failed.
        fail: Option<String> { prose, verb },
        /// Return a value, or a list of six octets, as the last step.
        r#return: Option<Later<Either<Expression, Vec<Expression>>>> { verb },
        /// Why, in one sentence without a full stop.
        why: Option<String> { prose },
        /// The section that says so.
        section: Option<Section> { without: "that of the sequence, or of the register that the step names" },
    }

    /// A wait for something, for a limited time.
    Poll {
        /// What has to hold.
        until: Later<Expression>,
        /// How long to wait from one look to the next.
        every: Later<Duration>,
        /// How long to wait at most.
        within: Option<Later<Duration>>,
        /// What to do when that time is over.
        on_timeout: Option<OnTimeout> { default: "fail" },
    }

    /// Steps between others that are done in any case.
    Guard {
        /// The steps before.
        enter: Later<Steps>,
        /// The steps between.
        body: Later<Steps>,
        /// The steps after, also when one of `body` fails; they write every register that `enter` writes.
        leave: Later<Steps>,
    }
}
