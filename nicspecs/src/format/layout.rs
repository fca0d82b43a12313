//! Blanks: indentation, spaces, empty lines. The lines stay as their author broke them.

use super::tokens::{Kind, Token, column};

/// Columns of a level of nesting.
const STEP: usize = 2;

/// The text with the blanks that the layout asks for between its tokens.
pub(super) fn laid_out(text: &str, tokens: &[Token]) -> String {
    let mut layout = Layout {
        text,
        out: String::new(),
        levels: Vec::new(),
        depth: 0,
        waiting: Vec::new(),
        is_apart: false,
    };
    for line in lines(tokens) {
        layout.line(&line);
    }
    layout.flush(0, 0);
    layout.out
}

/// The tokens of each line. A comma at the start of a line goes to the end of the one before.
fn lines(tokens: &[Token]) -> Vec<Vec<&Token>> {
    let mut lines: Vec<Vec<&Token>> = vec![Vec::new()];
    for token in tokens {
        match token.kind {
            Kind::Break => lines.push(Vec::new()),
            Kind::Comma => {
                let before = lines.iter().rposition(|line| !line.is_empty());
                let before = before.filter(|&line| !ends_in_comment(&lines[line]));
                let line = before.unwrap_or(lines.len() - 1);
                lines[line].push(token);
            }
            _ => lines.last_mut().expect("a line").push(token),
        }
    }
    lines
}

fn ends_in_comment(line: &[&Token]) -> bool {
    line.last().is_some_and(|token| token.kind == Kind::Comment)
}

struct Layout<'t> {
    text: &'t str,
    out: String,
    /// The block maps and lists that are open, from the outermost on.
    levels: Vec<Level>,
    /// Open brackets.
    depth: usize,
    /// Comments on lines of their own whose columns depend on the next line.
    waiting: Vec<Waiting<'t>>,
    /// Whether an empty line comes next.
    is_apart: bool,
}

/// A map or list without brackets.
#[derive(Clone, Copy)]
struct Level {
    /// Its column until now.
    old: usize,
    /// The column that it gets.
    new: usize,
    is_list: bool,
}

struct Waiting<'t> {
    comment: &'t str,
    column: usize,
    is_apart: bool,
}

impl<'t> Layout<'t> {
    fn line(&mut self, line: &[&Token]) {
        let Some(first) = line.first() else {
            self.is_apart = true;
            return;
        };
        let old = column(self.text, first.bytes.start);
        if self.depth > 0 {
            let closed = line.iter().take_while(|token| token.kind == Kind::Close);
            let depth = self.depth.saturating_sub(closed.count());
            self.begin(self.inner() + STEP * depth);
            self.tokens(line, 0);
        } else if first.kind == Kind::Comment {
            self.waiting.push(Waiting {
                comment: &self.text[first.bytes.clone()],
                column: old,
                is_apart: std::mem::take(&mut self.is_apart),
            });
        } else {
            let before = self.levels.clone();
            let new = self.enter(old, first.kind == Kind::Dash);
            let after = std::mem::replace(&mut self.levels, before);
            let is_apart = std::mem::take(&mut self.is_apart);
            self.flush(old, new);
            self.is_apart |= is_apart;
            self.levels = after;
            for pair in line.windows(2) {
                if pair[0].kind != Kind::Dash || pair[1].kind == Kind::Comment {
                    break;
                }
                let column = column(self.text, pair[1].bytes.start);
                self.push(column, pair[1].kind == Kind::Dash);
            }
            self.begin(new);
            self.tokens(line, new as isize - old as isize);
        }
    }

    /// The column of the innermost map or list without brackets.
    fn inner(&self) -> usize {
        self.levels.last().map_or(0, |level| level.new)
    }

    /// Finds the level of a line that begins at a column. Returns the column that it gets.
    fn enter(&mut self, old: usize, is_list: bool) -> usize {
        // An item may stand in the column of the key of its list.
        let is_left =
            |level: &Level| level.old > old || level.old == old && level.is_list && !is_list;
        while self.levels.last().is_some_and(is_left) {
            self.levels.pop();
        }
        match self.levels.last() {
            Some(level) if level.old == old && level.is_list == is_list => {}
            _ => self.push(old, is_list),
        }
        self.inner()
    }

    fn push(&mut self, old: usize, is_list: bool) {
        let new = self.levels.last().map_or(0, |level| level.new + STEP);
        self.levels.push(Level { old, new, is_list });
    }

    /// Writes the comments before a line that has the column `old` and gets the column `new`. Those that are indented
    /// more belong to what precedes them.
    fn flush(&mut self, old: usize, new: usize) {
        let mut is_before = true;
        for waiting in std::mem::take(&mut self.waiting) {
            let mut levels = self.levels.iter().rev();
            let level = levels.find(|level| level.old <= waiting.column && level.old > old);
            let level = level.filter(|_| is_before);
            is_before = level.is_some();
            self.is_apart = waiting.is_apart;
            self.begin(level.map_or(new, |level| level.new));
            self.out.push_str(waiting.comment);
            self.out.push('\n');
        }
    }

    /// Begins a line, after an empty one if there was any.
    fn begin(&mut self, column: usize) {
        if std::mem::take(&mut self.is_apart) && !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out.extend(std::iter::repeat_n(' ', column));
    }

    /// Writes the tokens of a line. `shift` is what its column grows by.
    fn tokens(&mut self, line: &[&Token], shift: isize) {
        let mut before: Option<&Token> = None;
        for &token in line {
            if let Some(before) = before {
                let blanks = self.blanks(before, token);
                self.out.extend(std::iter::repeat_n(' ', blanks));
            }
            match token.kind {
                Kind::Open => self.depth += 1,
                Kind::Close => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            self.token(&self.text[token.bytes.clone()], shift);
            before = Some(token);
        }
        self.out.push('\n');
    }

    /// Writes a token; a value of several lines keeps them.
    fn token(&mut self, token: &str, shift: isize) {
        let is_block = token.starts_with(['|', '>']);
        let folded = self.inner() + STEP * (self.depth + 1);
        for (index, line) in token.lines().enumerate() {
            let content = line.trim();
            match index {
                0 => self.out.push_str(line.trim_end()),
                _ if content.is_empty() => self.out.push('\n'),
                _ => {
                    let indent = line.len() - line.trim_start().len();
                    let column = match is_block {
                        true => indent.saturating_add_signed(shift),
                        false => folded,
                    };
                    self.out.push('\n');
                    self.out.extend(std::iter::repeat_n(' ', column));
                    self.out.push_str(match is_block {
                        true => line.trim_start(),
                        false => content,
                    });
                }
            }
        }
    }

    /// Blanks between two tokens of a line.
    fn blanks(&self, before: &Token, after: &Token) -> usize {
        let is_brace = |token: &Token| self.text[token.bytes.clone()].starts_with(['{', '}']);
        match (before.kind, after.kind) {
            // Authors align comments.
            (_, Kind::Comment) => (after.bytes.start - before.bytes.end).max(1),
            (_, Kind::Comma | Kind::Colon) | (Kind::Open, Kind::Close) => 0,
            (Kind::Open, _) => is_brace(before).into(),
            (_, Kind::Close) => is_brace(after).into(),
            _ => 1,
        }
    }
}
