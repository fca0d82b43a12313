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

/// A value for a register: the whole register, or some of its fields.
type Written = RegisterNames<Either<Expression, Mnemonics<Expression>>>;

/// One field, or several fields of one register.
type Fields = Either<Name, Vec<Name>>;

/// The duration of a poll, a sleep or a delay.
type Steps = Vec<Step>;

maps! {
    /// A procedure of the driver.
    Sequence {
        /// The section about it.
        section: Section {
            find: "the number, in quotes, of the section that describes this procedure: see 'Initialization' or 'Programming Guide'"
        },
        /// What it does, in one sentence.
        doc: Option<String> { prose, quoted },
        /// Whether it may `sleep`; otherwise it can only `delay`.
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
        /// Set `REG.FIELD`, or a list of fields of one register, to all ones.
        set: Option<Later<Fields>> { verb },
        /// Set `REG.FIELD`, or a list of fields of one register, to zero.
        clear: Option<Later<Fields>> { verb },
        /// Write every element of an array, with its index as `i`: `{ REG: expr }`.
        write_each: Option<Later<RegisterNames<Expression>>> { verb },
        /// Wait until a condition holds, for a limited time.
        poll: Option<Later<Poll>> { verb },
        /// Busy-wait for at most 50 us.
        delay: Option<Later<Duration>> { verb },
        /// Wait and let other threads run; only if the sequence may sleep.
        sleep: Option<Later<Duration>> { verb },
        /// Read a register to make sure that earlier writes have reached the device.
        flush: Option<Later<Name>> { verb },
        /// Make earlier writes to memory visible to the device.
        barrier: Option<Barrier> { verb },
        /// Run the steps of `then` if a condition holds.
        r#if: Option<Later<Expression>> { verb },
        /// Run the steps of `do` for each number of a range: `{ name: "0..16" }`, which does not include 16.
        r#for: Option<Later<LowerNames<Expression>>> { verb },
        /// Run another sequence.
        run: Option<Name> { verb },
        /// The arguments of that sequence.
        with: Option<Later<LowerNames<Expression>>> { only_with: "run" },
        /// Bind a name to a value, `{ name: expr }`, or to a register, whose fields are then `name.FIELD`. In a step with `run`: bind this name to the result.
        r#let: Option<Later<Either<Name, LowerNames<Expression>>>> { verb },
        /// Run `enter`, `body` and `leave` in this order; `leave` runs even if a step of `body` fails.
        guard: Option<Later<Guard>> { verb },
        /// Fail unless a condition holds.
        verify: Option<Later<Expression>> { verb },
        /// The error message if the condition does not hold.
        otherwise: Option<String> { prose, only_with: "verify", needed },
        /// Fail with this error message.
        fail: Option<String> { prose, verb },
        /// Return a value, or a list of six octets, as the last step.
        r#return: Option<Later<Either<Expression, Vec<Expression>>>> { verb },
        /// The reason for the step, in one sentence without a full stop.
        why: Option<String> { prose },
        /// The section that states it.
        section: Option<Section> { without: "that of the sequence, or of the register that the step names" },
        /// The steps if it holds.
        then: Option<Later<Steps>> { only_with: "if", needed },
        /// The steps if it does not hold.
        r#else: Option<Later<Steps>> { only_with: "if" },
        /// The steps for each number.
        r#do: Option<Later<Steps>> { only_with: "for", needed },
    }

    /// A wait for a condition, for a limited time.
    Poll {
        /// The condition.
        until: Later<Expression>,
        /// The pause between two reads.
        every: Later<Duration>,
        /// The longest total wait.
        within: Option<Later<Duration>>,
        /// What to do after a timeout.
        on_timeout: Option<OnTimeout> { default: "fail" },
    }

    /// Steps with cleanup: `leave` runs even if a step of `body` fails.
    Guard {
        /// The steps before `body`.
        enter: Later<Steps>,
        /// The steps that may fail.
        body: Later<Steps>,
        /// The steps after `body`; they write every register that `enter` writes.
        leave: Later<Steps>,
    }
}
