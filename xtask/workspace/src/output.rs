//! Standard output and standard error. Neither a closed pipe nor a full disk makes a task panic: clippy refuses `println!`
//! and the like in all tasks.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::process;

/// Prints a line to standard output, as `println!`.
#[macro_export]
macro_rules! out_line {
    ($($text:tt)*) => {
        $crate::output::print(::std::format_args!("{}\n", ::std::format_args!($($text)*)))
    };
}

/// Prints a line to standard error, as `eprintln!`.
#[macro_export]
macro_rules! err_line {
    ($($text:tt)*) => {
        $crate::output::say(::std::format_args!("{}\n", ::std::format_args!($($text)*)))
    };
}

/// Writes text to standard output, at once. If its reader has closed the pipe (`| head -1`), the text is lost, and the task
/// goes on; if it cannot be written for another reason, the process ends with status 1.
pub fn print(text: impl Display) {
    print_to(&mut io::stdout().lock(), text);
}

/// The same to another form of standard output.
pub fn print_to(output: &mut impl Write, text: impl Display) {
    if let Err(error) = written(output, text) {
        say(format_args!("cannot write to standard output: {error}\n"));
        process::exit(1);
    }
}

fn written(output: &mut impl Write, text: impl Display) -> io::Result<()> {
    match write!(output, "{text}").and_then(|()| output.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Writes text to standard error. If that is impossible, the text is lost: there is nowhere else to write it.
pub fn say(text: impl Display) {
    let _ = write!(io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Broken(ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    #[test]
    fn a_closed_pipe_is_no_error_and_a_full_disk_is_one() {
        assert!(written(&mut Vec::new(), "text").is_ok());
        for text in ["", "text"] {
            assert!(written(&mut Broken(ErrorKind::BrokenPipe), text).is_ok());
            let full = written(&mut Broken(ErrorKind::StorageFull), text).unwrap_err();
            assert_eq!(full.kind(), ErrorKind::StorageFull);
        }
    }
}
