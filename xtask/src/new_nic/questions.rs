//! Questions about the shape of a NIC, on a terminal.
//!
//! They are plain lines: a number, a word, or nothing for the first answer. A crate with menus would draw them again on
//! each key and needs a terminal; these work in every terminal, over a pipe in tests, and in a log.

use std::io::{self, BufRead, Write};

use clap::ValueEnum;

use super::shape::{Completion, Flags, Handover, Interrupts, Phy, QUEUES, Statistics, usual_end};

/// Asks what the flags do not state. `None` if the input ends before the last answer.
pub fn ask(
    mut flags: Flags,
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> io::Result<Option<Flags>> {
    let mut asking = Asking { input, output };
    macro_rules! ask {
        ($key:ident, $asked:expr) => {
            if flags.$key.is_none() {
                flags.$key = $asked?;
                if flags.$key.is_none() {
                    return Ok(None);
                }
            }
        };
    }
    ask!(
        handover,
        asking.choice(
            "How does the driver hand over new descriptors?",
            Handover::Tail
        )
    );
    let handover = flags.handover.unwrap_or(Handover::Tail);
    if handover == Handover::Tail {
        ask!(
            completion,
            asking.choice("How does the NIC report sent frames?", Completion::DoneBit)
        );
    }
    ask!(
        ring_end,
        asking.choice(
            "How does the NIC find the end of a ring?",
            usual_end(handover)
        )
    );
    ask!(tx_queues, asking.number("How many transmit queues?"));
    ask!(rx_queues, asking.number("How many receive queues?"));
    ask!(
        phy,
        asking.choice("How does the driver reach the PHY?", Phy::None)
    );
    ask!(
        statistics,
        asking.choice("Where does the NIC count frames?", Statistics::None)
    );
    ask!(
        interrupts,
        asking.choice("How does the NIC interrupt?", Interrupts::Intx)
    );
    Ok(Some(flags))
}

struct Asking<'a, I, O> {
    input: &'a mut I,
    output: &'a mut O,
}

impl<I: BufRead, O: Write> Asking<'_, I, O> {
    /// One of a few values, by its number or word.
    fn choice<T: ValueEnum + PartialEq + Copy>(
        &mut self,
        question: &str,
        usual: T,
    ) -> io::Result<Option<T>> {
        writeln!(self.output, "{question}")?;
        let values = T::value_variants();
        let mut words = Vec::new();
        for (number, value) in (1..).zip(values) {
            let Some(shown) = value.to_possible_value() else {
                continue;
            };
            let help = shown
                .get_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            words.push(shown.get_name().to_owned());
            let mark = if *value == usual { " (default)" } else { "" };
            writeln!(
                self.output,
                "  {number}. {}: {help}{mark}",
                shown.get_name()
            )?;
        }
        let expected = format!("one of {}, or its number", words.join(", "));
        self.until(&expected, |answer| match answer {
            "" => Some(usual),
            word => {
                let number = word
                    .parse::<usize>()
                    .ok()
                    .and_then(|number| number.checked_sub(1));
                let by_number = number.and_then(|index| values.get(index).copied());
                by_number.or_else(|| T::from_str(word, true).ok())
            }
        })
    }

    fn number(&mut self, question: &str) -> io::Result<Option<u32>> {
        writeln!(self.output, "{question} (default: 1)")?;
        let expected = format!("a number from {} to {}", QUEUES.start(), QUEUES.end());
        self.until(&expected, |answer| match answer {
            "" => Some(1),
            word => word
                .parse()
                .ok()
                .filter(|number: &u32| QUEUES.contains(&i64::from(*number))),
        })
    }

    /// Reads lines until one is an answer.
    fn until<T>(
        &mut self,
        expected: &str,
        answer: impl Fn(&str) -> Option<T>,
    ) -> io::Result<Option<T>> {
        loop {
            write!(self.output, "> ")?;
            self.output.flush()?;
            let mut line = String::new();
            if self.input.read_line(&mut line)? == 0 {
                return Ok(None);
            }
            match answer(line.trim()) {
                Some(answer) => return Ok(Some(answer)),
                None => writeln!(self.output, "Write {expected}, or nothing for the default.")?,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ask;
    use crate::new_nic::shape::{Flags, Handover, Interrupts, RingEnd};

    #[test]
    fn answers_are_numbers_or_words_and_nothing_is_the_default() {
        let given = Flags {
            rx_queues: Some(4),
            ..Flags::default()
        };
        let mut output = Vec::new();
        let answers = "9\nkick\n\n2000\n2\n\nregisters\n3\n";
        let flags = ask(given, &mut answers.as_bytes(), &mut output)
            .unwrap()
            .unwrap();
        assert_eq!(flags.handover, Some(Handover::Kick));
        assert_eq!(flags.ring_end, Some(RingEnd::Mark));
        assert_eq!((flags.tx_queues, flags.rx_queues), (Some(2), Some(4)));
        assert_eq!(flags.interrupts, Some(Interrupts::Msix));
        assert!(
            flags.completion.is_none(),
            "an owner bit reports completion itself"
        );
        insta::assert_snapshot!(String::from_utf8(output).unwrap());
    }

    #[test]
    fn an_end_of_the_input_is_no_answer() {
        let flags = ask(Flags::default(), &mut "tail\n".as_bytes(), &mut Vec::new()).unwrap();
        assert!(flags.is_none());
    }
}
