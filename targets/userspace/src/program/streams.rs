//! Standard output and standard error. Neither a closed pipe nor a full disk makes a program panic.

use std::fmt;
use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use clap::Parser;

use super::{Failure, with_causes};

/// Standard output cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output")]
pub(super) struct OutputFailure(#[source] io::Error);

impl OutputFailure {
    /// Whether `failure` says that the reader of standard output has gone, which is no error.
    pub(super) fn is_closed(failure: &Failure) -> bool {
        let output = failure.downcast_ref::<OutputFailure>();
        output.is_some_and(|output| output.0.kind() == ErrorKind::BrokenPipe)
    }
}

/// Writes text to standard output, at once.
///
/// # Errors
/// It cannot be written. If its reader has closed the pipe, [`run`](super::run) ends the program without a message.
pub fn print(text: impl fmt::Display) -> Result<(), Failure> {
    let mut output = io::stdout().lock();
    let written = write!(output, "{text}").and_then(|()| output.flush());
    written.map_err(|error| OutputFailure(error).into())
}

/// Writes a line to standard error. If that is impossible, the line is lost: there is nowhere else to write it.
pub fn say(line: impl fmt::Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// The arguments of the program, or the status with which it ends: after help and version 0, after invalid arguments 2,
/// and 1 if standard output cannot be written.
pub fn parse<A: Parser>() -> Result<A, ExitCode> {
    A::try_parse().map_err(|message| show(&message))
}

/// Prints a message of the command line. Returns the status with which the program ends.
pub fn show(message: &clap::Error) -> ExitCode {
    let printed = message.print().and_then(|()| io::stdout().flush());
    let status = ExitCode::from(u8::try_from(message.exit_code()).unwrap_or(1));
    match printed {
        Err(error) if !message.use_stderr() && error.kind() != ErrorKind::BrokenPipe => {
            say(with_causes(&OutputFailure(error)));
            ExitCode::FAILURE
        }
        _ => status,
    }
}
