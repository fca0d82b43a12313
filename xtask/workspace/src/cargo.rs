//! Cargo, called on the workspace.

use std::io::{self, BufRead, BufReader, IsTerminal, Read, stderr};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

use miette::{IntoDiagnostic, Report, WrapErr, bail, miette};
use serde_json::Value;

use crate::specs;
use crate::{err_line, out_line, output};

/// A call of the same cargo that runs this program, with some words as arguments.
pub fn command(arguments: &str) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(specs::root())
        .args(arguments.split_whitespace());
    command
}

/// A call of cargo that builds `what` first.
///
/// On a terminal, cargo shows its progress. Otherwise one line names what is built, and [`succeed`] and [`programs`] leave
/// the progress out.
pub fn building(what: &str, arguments: &str) -> Command {
    if !stderr().is_terminal() {
        err_line!("building {what}");
    }
    command(arguments)
}

/// Whether the command is a build of cargo that no one watches on a terminal.
fn is_unwatched(command: &Command) -> bool {
    is_build(command) && !stderr().is_terminal()
}

/// Whether the command is one of cargo that prints its progress.
fn is_build(command: &Command) -> bool {
    let mut own = command.get_args().take_while(|argument| *argument != "--");
    let is_cargo = command.get_program() == self::command("").get_program();
    is_cargo && !own.any(|argument| argument == "--quiet")
}

/// Passes on what cargo prints to standard error, without its progress: errors, warnings, and that it waits because
/// another cargo builds. With `--quiet`, cargo would not say that it waits.
fn pass_on(printed: impl Read) -> io::Result<()> {
    let mut printed = BufReader::new(printed);
    let mut line = Vec::new();
    while printed.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        if !is_progress(&text) {
            output::say(text);
        }
        line.clear();
    }
    Ok(())
}

/// Whether a line is one of those about what cargo does: a verb that ends in the twelfth column.
fn is_progress(line: &str) -> bool {
    let Some((head, _)) = line.split_at_checked(13) else {
        return false;
    };
    let verb = head.trim();
    let is_verb = verb.starts_with(|letter: char| letter.is_ascii_uppercase())
        && verb.chars().all(|c| c.is_ascii_alphabetic() || c == '-');
    is_verb && head == format!("{verb:>12} ") && verb != "Blocking"
}

/// Builds the tests of the workspace that `selection` names, and returns the call that runs them.
///
/// All calls build the whole workspace. Cargo selects features per build, so a call for one package would compile again
/// what another call has compiled.
pub fn tests(what: &str, selection: &str) -> miette::Result<Command> {
    succeed(&building(
        what,
        &format!("test --workspace --no-run {selection}"),
    ))?;
    Ok(command(&format!("test --workspace --quiet {selection}")))
}

/// The programs that a call of cargo builds; adds the arguments that print their names.
pub fn programs(build: &mut Command) -> miette::Result<Vec<PathBuf>> {
    build.arg("--message-format=json-render-diagnostics");
    let (status, text) = printed(build)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot run {}", line(build)))?;
    if !status.success() {
        bail!("{} failed: {status}", line(build));
    }
    let mut programs = Vec::new();
    for message in text.lines() {
        let message: Value = serde_json::from_str(message).into_diagnostic()?;
        programs.extend(message["executable"].as_str().map(PathBuf::from));
    }
    Ok(programs)
}

/// The status of a build, and what it prints to standard output.
fn printed(build: &mut Command) -> io::Result<(ExitStatus, String)> {
    if is_unwatched(build) {
        build.stderr(Stdio::piped());
    }
    let mut child = build.stdout(Stdio::piped()).spawn()?;
    let errors = child.stderr.take();
    let reader = std::thread::spawn(move || errors.map_or(Ok(()), pass_on));
    let output = child.wait_with_output()?;
    reader.join().expect("no panic")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok((output.status, text))
}

/// Cargo's metadata of the workspace.
pub fn metadata() -> miette::Result<Value> {
    let output = command("metadata --format-version 1 --no-deps")
        .output()
        .into_diagnostic()
        .wrap_err("cannot run cargo metadata")?;
    serde_json::from_slice(&output.stdout)
        .into_diagnostic()
        .wrap_err("cannot read what cargo metadata prints")
}

/// Cargo's target folder.
pub fn target_directory() -> miette::Result<PathBuf> {
    let metadata = metadata()?;
    let path = metadata["target_directory"].as_str();
    path.map(PathBuf::from)
        .ok_or_else(|| miette!("cargo metadata names no target directory"))
}

/// How long a command may run on a build machine, builds included: seconds.
const LIMIT: u32 = 30 * 60;

/// On a build machine, where nobody can press Ctrl-C: the command, ended after [`LIMIT`] with all that it started. A test
/// that hangs then fails its tier, and the other tiers run.
fn limited(command: &Command) -> Command {
    match std::env::var_os("CI") {
        Some(_) => ended_after(LIMIT, command),
        None => in_place_of(Command::new(command.get_program()), command),
    }
}

/// The command, ended with all that it started after so many seconds; its status is then [`ENDED`].
fn ended_after(seconds: u32, command: &Command) -> Command {
    let mut timeout = Command::new("timeout");
    timeout.args(["-k", "10", &seconds.to_string()]);
    timeout.arg(command.get_program());
    in_place_of(timeout, command)
}

/// The status of `timeout` (coreutils, FreeBSD) after it has ended a command.
const ENDED: i32 = 124;

/// `program` with the arguments, the environment and the folder of `command`.
fn in_place_of(mut program: Command, command: &Command) -> Command {
    program.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => program.env(name, value),
            None => program.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        program.current_dir(folder);
    }
    program
}

fn failure(command: &Command, status: ExitStatus) -> Report {
    match status.code() {
        Some(ENDED) => miette!("{} did not end and was stopped", line(command)),
        _ => miette!("{} failed: {status}", line(command)),
    }
}

/// Runs a command with our output.
pub fn succeed(command: &Command) -> miette::Result<()> {
    let run = || -> io::Result<ExitStatus> {
        let mut limited = limited(command);
        if !is_unwatched(command) {
            return limited.status();
        }
        let mut child = limited.stderr(Stdio::piped()).spawn()?;
        child.stderr.take().map_or(Ok(()), pass_on)?;
        child.wait()
    };
    let status = run()
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot run {}", line(command)))?;
    match status.success() {
        true => Ok(()),
        false => Err(failure(command, status)),
    }
}

/// Runs commands in parallel. Prints a line for each when it ends, and the output of those that fail.
pub fn succeed_at_once<'a>(
    commands: impl IntoIterator<Item = (&'a str, Command)>,
) -> miette::Result<()> {
    let start = Instant::now();
    let run = |name: &str, command: &Command| {
        let output = limited(command).stdin(Stdio::null()).output();
        let output = output
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot run {}", line(command)))?;
        let seconds = start.elapsed().as_secs();
        if output.status.success() {
            out_line!("{name}: passed in {seconds} s");
            return Ok(());
        }
        let (out, err) = (&output.stdout, &output.stderr);
        let said = [out, err].map(|text| String::from_utf8_lossy(text));
        out_line!("{name}: FAILED after {seconds} s\n{}{}", said[0], said[1]);
        Err(failure(command, output.status))
    };
    std::thread::scope(|scope| {
        let commands = commands.into_iter();
        let threads: Vec<_> = commands
            .map(|(name, command)| scope.spawn(move || run(name, &command)))
            .collect();
        let threads = threads.into_iter();
        let results: Vec<_> = threads
            .map(|thread| thread.join().expect("no panic"))
            .collect();
        results.into_iter().collect()
    })
}

/// A command as typed in a shell.
pub fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name();
    let words = program.into_iter().chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_progress_is_left_out_of_what_cargo_prints() {
        for line in [
            "   Compiling netmap-core v0.1.0 (/work/netmap-core)\n",
            "    Finished `dev` profile [unoptimized] target(s) in 0.10s\n",
            "   Doc-tests nicspecs\n",
            "     Running unittests src/lib.rs\n",
        ] {
            assert!(is_progress(line), "{line}");
        }
        for line in [
            "    Blocking waiting for file lock on build directory\n",
            "error[E0425]: cannot find value `x` in this scope\n",
            "warning: unused variable: `x`\n",
            "   |         ^ not found in this scope\n",
            "        Compiling further in\n",
            "\n",
            "",
        ] {
            assert!(!is_progress(line), "{line}");
        }
    }

    #[test]
    fn builds_of_cargo_are_not_quiet_so_that_it_says_when_it_waits() {
        assert!(is_build(&building("nothing", "build --workspace")));
        assert!(is_build(&command("test -- --quiet")));
        assert!(!is_build(&command("test --quiet")));
        assert!(!is_build(&Command::new("sh")));
    }

    #[test]
    fn a_command_that_does_not_end_is_stopped_with_what_it_started() {
        let mut hangs = Command::new("sh");
        hangs.args(["-c", "sleep 1000 & wait"]).env("LANG", "C");
        let since = Instant::now();
        let status = ended_after(1, &hangs).status().unwrap();
        assert!(since.elapsed().as_secs() < 100);
        let said = failure(&hangs, status).to_string();
        assert_eq!(said, "sh -c sleep 1000 & wait did not end and was stopped");
        let mut ends = ended_after(1000, Command::new("sh").args(["-c", "exit 3"]));
        let status = ends.status().unwrap();
        let said = failure(&ends, status).to_string();
        assert!(said.ends_with("failed: exit status: 3"), "{said}");
    }
}
