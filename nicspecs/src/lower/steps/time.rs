//! Steps that wait.

use super::Lowering;
use crate::bounds::DURATION;
use crate::diagnostic::NodeId;
use crate::errors::{
    bad_duration, delay_too_long, not_a_number, out_of_range, poll_without_limit, sleep_forbidden,
};
use crate::ir::{Action, Duration, NumKind, OnTimeout, Unit};
use crate::lower::expr::literal;
use crate::number::{self, NotANumber};
use crate::schema;

/// Longest busy wait in microseconds.
const LONGEST_DELAY: u64 = 50;

impl Lowering<'_, '_, '_> {
    /// `poll: { until: expr, every: 10us, within: 10ms, on_timeout: fail }`
    pub(super) fn poll(&mut self, node: NodeId) -> Option<Action> {
        let raw: schema::Poll = self.cx.read(node, "`poll`")?;
        let until = self.typer(self.cx.tree.at(node, "until")).condition();
        let every = self.duration(self.cx.tree.at(node, "every"));
        let Some(within) = self.cx.tree.get(node, "within") else {
            let span = self.cx.tree.key_span(node);
            return self.cx.fail(poll_without_limit::finding(span));
        };
        let within = self.duration(within);
        Some(Action::Poll {
            until: until?,
            every: every?,
            within: within?,
            on_timeout: raw.on_timeout.unwrap_or(OnTimeout::Fail),
        })
    }

    /// `delay: 10us`
    pub(super) fn delay(&mut self, node: NodeId) -> Option<Action> {
        let duration = self.duration(node)?;
        let us = duration.max_us();
        if us > LONGEST_DELAY {
            let (span, may_sleep) = (self.cx.tree.span(node), self.signature.may_sleep);
            return self.cx.fail(delay_too_long::finding(span, us, may_sleep));
        }
        Some(Action::Delay(duration))
    }

    /// `sleep: 5ms`
    pub(super) fn sleep(&mut self, node: NodeId) -> Option<Action> {
        let duration = self.duration(node)?;
        if !self.signature.may_sleep {
            let span = self.cx.tree.key_span(node);
            let finding = sleep_forbidden::finding(span, &self.signature.name);
            return self.cx.fail(finding);
        }
        Some(Action::Sleep(duration))
    }

    /// A number or a constant, and a unit: `10us`, `5ms`, `eeprom_load ms`.
    fn duration(&mut self, node: NodeId) -> Option<Duration> {
        let text = self.cx.text(node, "a duration")?;
        let span = self.cx.tree.span(node);
        let mut units = Unit::ALL.into_iter();
        let split = units.find_map(|unit| Some((text.strip_suffix(unit.name())?, unit)));
        let Some((count, unit)) = split else {
            return self.cx.fail(bad_duration::finding(span, text));
        };
        // A space separates a name from its unit, or `eeprom_loadms` would be a name.
        let (word, apart) = (count.trim_end(), count.ends_with(' '));
        let too_long = |has: &str| {
            let most = format!("{DURATION} us");
            out_of_range::length(span, "the duration", has, &most)
        };
        let count = match number::parse(word).map(u32::try_from) {
            Ok(Ok(value)) => Some(literal(value, word.starts_with("0x"))),
            Ok(Err(_)) | Err(NotANumber::TooLarge) => return self.cx.fail(too_long(text)),
            Err(NotANumber::Malformed) if number::is_meant(word) => {
                return self.cx.fail(not_a_number::finding(span, word));
            }
            Err(NotANumber::Malformed) if apart => Some(self.typer(node).number_in(word)?)
                .filter(|count| matches!(count.kind, NumKind::Constant(_))),
            Err(NotANumber::Malformed) => None,
        };
        let Some(count) = count else {
            return self.cx.fail(bad_duration::finding(span, text));
        };
        let duration = Duration { count, unit };
        let us = duration.max_us();
        if us > DURATION {
            return self.cx.fail(too_long(&format!("{us} us")));
        }
        Some(duration)
    }
}
