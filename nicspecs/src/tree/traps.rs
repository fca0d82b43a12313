//! What authors write that YAML reads in another way, and how to write it.

use std::ops::Range;

/// Most lines before the one at which the parser gave up that are looked at: an open brace is noticed late.
const BEFORE: usize = 3;

/// How to correct the text around a byte at which the parser gave up, if the reason can be seen there.
pub(super) fn cure(text: &str, at: usize) -> Option<String> {
    let at = at.min(text.len());
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    let lines = text[..end].lines().enumerate();
    let lines: Vec<_> = lines.filter(|(_, line)| !line.trim().is_empty()).collect();
    let near = || {
        lines
            .iter()
            .rev()
            .take(BEFORE)
            .map(|(number, line)| (number + 1, *line))
    };
    let (_, last) = near().next()?;
    of_line(last)
        .or_else(|| {
            near()
                .skip(1)
                .find_map(|(_, line)| of_line(line).or_else(|| no_colon(line)))
        })
        .or_else(|| near().find_map(|(number, line)| Line::new(line).open(number)))
        .or_else(|| near().find_map(|(number, line)| odd_indent(number, line)))
}

/// How to correct a line.
fn of_line(line: &str) -> Option<String> {
    let line = Line::new(line);
    if line.plain("\t").next().is_some() {
        return Some("write spaces instead of tabs: YAML takes no tab there".to_owned());
    }
    line.element()
        .or_else(|| line.first_letter())
        .or_else(|| line.after_quotes())
        .or_else(|| line.after_brackets())
        .or_else(|| line.hash())
        .or_else(|| line.dash())
        .or_else(|| line.colon())
        .or_else(|| line.no_space())
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// `title Device Control`
fn no_colon(line: &str) -> Option<String> {
    let line = line.trim_start().trim_start_matches("- ");
    let (word, rest) = line.split_once(' ')?;
    let is_key = !word.is_empty() && word.chars().all(is_word);
    let is_text = !rest.contains([':', '{', '}', '[', ']', '"']);
    (is_key && is_text).then(|| format!("write a colon after `{word}`"))
}

fn odd_indent(number: usize, line: &str) -> Option<String> {
    let indent = line.len() - line.trim_start().len();
    (indent % 2 == 1).then(|| {
        format!(
            "give the keys of one map the same indent: line {number} begins with {indent} spaces"
        )
    })
}

/// A line with what is quoted in it.
struct Line<'t> {
    text: &'t str,
    /// Its parts in quotes, with these.
    quoted: Vec<Range<usize>>,
    /// Whether the last of them does not end.
    is_open: bool,
    /// Where its values begin: after a dash, a colon, a comma or an opening brace.
    values: Vec<usize>,
}

impl<'t> Line<'t> {
    fn new(text: &'t str) -> Self {
        let mut line = Self {
            text,
            quoted: Vec::new(),
            is_open: false,
            values: Vec::new(),
        };
        // Whether a value may begin here; a quote inside a word is a letter of it.
        let mut begins = true;
        let mut rest = text.char_indices().peekable();
        while let Some((at, letter)) = rest.next() {
            let before_space = rest.peek().is_none_or(|(_, next)| next.is_whitespace());
            match letter {
                ' ' | '\t' => continue,
                '"' | '\'' if begins => {
                    line.values.push(at);
                    let length = quote_end(&text[at..]);
                    line.is_open = length.is_none();
                    let end = length.map_or(text.len(), |length| at + length);
                    line.quoted.push(at..end);
                    while rest.next_if(|(next, _)| *next < end).is_some() {}
                    begins = false;
                }
                '{' | '[' if begins => line.values.push(at),
                '{' | '[' | ',' => begins = true,
                ':' | '-' if before_space => begins = true,
                '#' if begins && line.values.is_empty() => return line,
                _ => {
                    if begins {
                        line.values.push(at);
                    }
                    begins = false;
                }
            }
        }
        line
    }

    fn is_quoted(&self, at: usize) -> bool {
        self.quoted.iter().any(|range| range.contains(&at))
    }

    /// Places of a pattern outside quotes.
    fn plain(&self, pattern: &'t str) -> impl Iterator<Item = usize> {
        let all = self.text.match_indices(pattern).map(|(at, _)| at);
        all.filter(|at| !self.is_quoted(*at))
    }

    /// `{ MAR[0]: 1 }`
    fn element(&self) -> Option<String> {
        for at in self.plain("[") {
            let head = self.text[..at].trim_end_matches(is_word).len();
            if head == at {
                continue;
            }
            let is_inside = ["{", "}", ","]
                .iter()
                .any(|mark| self.plain(mark).next().is_some());
            if !is_inside && self.plain("[").next() == Some(at) {
                // Outside of lists and maps in brackets, it needs no quotes.
                continue;
            }
            let rest = &self.text[at..];
            let close = rest.find(']').map_or(rest.len(), |close| close + 1);
            let after = rest[close..]
                .find(|c| !is_word(c) && c != '.')
                .unwrap_or(rest.len() - close);
            let name = &self.text[head..at + close + after];
            return Some(format!(
                "quote `{name}`, as in `\"{name}\"`: in a list or map in brackets, YAML takes its `[` for the start of a list"
            ));
        }
        None
    }

    /// `why: @reset is slow`
    fn first_letter(&self) -> Option<String> {
        let begins =
            |at: &&usize| self.text[**at..].starts_with(['@', '`', '%', '&', '*', '!', '|', '>']);
        let at = *self.values.iter().find(begins)?;
        let letter = self.text[at..].chars().next()?;
        let letter = match letter {
            '`' => "a backquote".to_owned(),
            letter => format!("`{letter}`"),
        };
        Some(format!(
            "quote the value: one without quotes cannot begin with {letter}"
        ))
    }

    /// `why: "reset" is slow`
    fn after_quotes(&self) -> Option<String> {
        if self.is_open {
            return Some(
                "close the quote, or put a text with a quote in it between other quotes".to_owned(),
            );
        }
        let range = self.quoted.iter().find(|range| {
            let rest = self.text[range.end..].trim_start();
            !rest.is_empty() && !rest.starts_with([',', ':', '}', ']', '#'])
        })?;
        let rest = self.text[range.end..].trim_start();
        let word = rest.split([' ', ':']).next().unwrap_or_default();
        Some(match rest[word.len()..].starts_with(':') {
            true => format!("write a comma before `{word}`"),
            false => {
                "write the quotes around the whole value, or none: here, text follows the closing quote".to_owned()
            }
        })
    }

    /// `why: {a} is written first`
    fn after_brackets(&self) -> Option<String> {
        let opens = |at: &&usize| self.text[**at..].starts_with(['{', '[']);
        let at = self.values.iter().filter(opens).find(|at| {
            let after = self
                .closing(**at)
                .map(|close| self.text[close + 1..].trim_start());
            after.is_some_and(|rest| {
                !rest.is_empty() && !rest.starts_with([',', '}', ']', '#', ':'])
            })
        })?;
        let opening = &self.text[*at..=*at];
        Some(format!(
            "quote the value: one without quotes that begins with `{opening}` is a list or map"
        ))
    }

    /// The bracket that closes the one at a place.
    fn closing(&self, at: usize) -> Option<usize> {
        let mut depth = 0_usize;
        let mut letters = self
            .text
            .char_indices()
            .skip_while(|(index, _)| *index < at);
        let closes = letters.find(|(index, letter)| {
            match letter {
                _ if self.is_quoted(*index) => {}
                '{' | '[' => depth += 1,
                '}' | ']' => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        closes.map(|(index, _)| index)
    }

    /// `{ bits: 1`
    fn open(&self, number: usize) -> Option<String> {
        let opens = |at: &&usize| self.text[**at..].starts_with(['{', '[']);
        let mut open = self.values.iter().filter(opens);
        let at = *open.find(|at| self.closing(**at).is_none())?;
        let opening = &self.text[at..=at];
        Some(format!("close the `{opening}` of line {number}"))
    }

    /// `title: - a`
    fn dash(&self) -> Option<String> {
        self.plain(": - ").next().map(|_| {
            "quote a value that begins with a dash, or begin the list on the next line".to_owned()
        })
    }

    /// `{ doc: frame #3 }`
    fn hash(&self) -> Option<String> {
        let at = self.plain(" #").next()?;
        let open = self.plain("{").filter(|open| *open < at).count();
        let closed = self.plain("}").filter(|closed| *closed < at).count();
        let is_cut = open > closed && self.text[at..].contains('}');
        is_cut.then(|| {
            "quote a value that contains ` #`: the rest of the line is a comment".to_owned()
        })
    }

    /// `why: two steps: both needed`
    fn colon(&self) -> Option<String> {
        let ends = |at: &usize| {
            self.text[at + 1..]
                .chars()
                .next()
                .is_none_or(char::is_whitespace)
        };
        let colons: Vec<usize> = self.plain(":").filter(ends).collect();
        let value = colons.windows(2).find_map(|pair| {
            let value = self.text[pair[0] + 1..pair[1]].trim();
            let is_one = !value.is_empty() && !value.contains([',', '{', '[', '"', '\'']);
            is_one.then_some(value)
        })?;
        let cure = "quote a value that contains a colon and a space";
        Some(match value.rsplit_once(' ') {
            Some((_, word)) if word.chars().all(is_word) => {
                format!(
                    "{cure}; if `{word}` is a key, write a comma before it, or put it on a line of its own"
                )
            }
            _ => cure.to_owned(),
        })
    }

    /// `offset:0x10`, `-write: ...`
    fn no_space(&self) -> Option<String> {
        let word = self.text.trim_start();
        if word
            .strip_prefix('-')
            .is_some_and(|rest| rest.starts_with(is_word))
        {
            return Some("write a space after the dash".to_owned());
        }
        let word = word.trim_start_matches("- ");
        let (key, value) = word.split_once(':')?;
        let is_key = !key.is_empty() && key.chars().all(is_word);
        (is_key && value.starts_with(|c: char| !c.is_whitespace()))
            .then(|| format!("write a space after the colon of `{key}:`"))
    }
}

/// The length of a quoted part with its quotes; `None` if it does not end on this line.
fn quote_end(from: &str) -> Option<usize> {
    let quote = from.chars().next()?;
    let mut letters = from.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' if quote == '"' => {
                letters.next();
            }
            // Two single quotes in a text are one.
            _ if letter == quote
                && quote == '\''
                && letters.next_if(|(_, next)| *next == quote).is_some() => {}
            _ if letter == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}
