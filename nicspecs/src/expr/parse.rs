//! A recursive-descent parser; each row of a table is one level of precedence.

use super::ast::{Ast, AstKind, At, Path, Problem, SyntaxError, Word};
use super::token::{Token, tokens};
use crate::ir::{BinaryOp, Relation};
use crate::number::{self, NotANumber};

type Parsed = Result<Ast, SyntaxError>;

/// Parses a whole text.
pub(crate) fn parse(text: &str) -> Parsed {
    let mut parser = Parser {
        tokens: tokens(text)?,
        next: 0,
    };
    let ast = parser.or()?;
    parser.end()?;
    Ok(ast)
}

/// Parses `REG`, `REG[i]`, `REG.FIELD` or `REG[i].FIELD`.
pub(crate) fn parse_path(text: &str) -> Result<Path, SyntaxError> {
    let Ast { at, kind } = parse(text)?;
    match kind {
        AstKind::Path(path) => Ok(path),
        _ => {
            let problem = Problem::Syntax(format!("`{text}` is not a name"));
            Err(SyntaxError { at, problem })
        }
    }
}

/// Binary operators by precedence, loosest first.
const LEVELS: [&[BinaryOp]; 6] = [
    &[BinaryOp::Or],
    &[BinaryOp::Xor],
    &[BinaryOp::And],
    &[BinaryOp::Shl, BinaryOp::Shr],
    &[BinaryOp::Add, BinaryOp::Sub],
    &[BinaryOp::Mul, BinaryOp::Div, BinaryOp::Rem],
];

/// Words that cannot be names.
const KEYWORDS: [&str; 4] = ["or", "and", "not", "in"];

struct Parser {
    tokens: Vec<(Token, At)>,
    next: usize,
}

impl Parser {
    fn peek(&self) -> &(Token, At) {
        // The last token is `End`, and the parser never moves past it.
        &self.tokens[self.next]
    }

    fn at(&self) -> At {
        self.peek().1
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let found = matches!(&self.peek().0, Token::Word(text) if text == word);
        self.next += usize::from(found);
        found
    }

    fn takes(&mut self, sign: &str) -> bool {
        let found = matches!(&self.peek().0, Token::Sign(text) if *text == sign);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), SyntaxError> {
        match self.takes(sign) {
            true => Ok(()),
            false => Err(self.unexpected(&format!("`{sign}`"))),
        }
    }

    fn unexpected(&self, wanted: &str) -> SyntaxError {
        let (token, at) = self.peek();
        let found = match token {
            Token::Word(word) => format!("`{word}`"),
            Token::Sign(sign) => format!("`{sign}`"),
            Token::End => "the end".to_owned(),
        };
        SyntaxError {
            at: *at,
            problem: Problem::Syntax(format!("expected {wanted}, found {found}")),
        }
    }

    fn end(&self) -> Result<(), SyntaxError> {
        match self.peek().0 {
            Token::End => Ok(()),
            Token::Word(_) | Token::Sign(_) => Err(self.unexpected("an operator or the end")),
        }
    }

    fn or(&mut self) -> Parsed {
        self.joined("or", Self::and, AstKind::Or)
    }

    fn and(&mut self) -> Parsed {
        self.joined("and", Self::not, AstKind::And)
    }

    /// Operands with a word between them, grouped to the left.
    fn joined(
        &mut self,
        word: &str,
        operand: fn(&mut Self) -> Parsed,
        kind: fn(Box<Ast>, Box<Ast>) -> AstKind,
    ) -> Parsed {
        let mut left = operand(self)?;
        while self.takes_word(word) {
            let right = operand(self)?;
            let at = left.at.to(right.at);
            let kind = kind(Box::new(left), Box::new(right));
            left = Ast { at, kind };
        }
        Ok(left)
    }

    fn not(&mut self) -> Parsed {
        let start = self.at();
        if !self.takes_word("not") {
            return self.comparison();
        }
        let inner = self.not()?;
        let at = start.to(inner.at);
        let kind = AstKind::Not(Box::new(inner));
        Ok(Ast { at, kind })
    }

    fn comparison(&mut self) -> Parsed {
        let left = self.binary(0)?;
        if is_variant(&left) {
            return self.variant(left.at);
        }
        let mut relations = Relation::ALL.into_iter();
        let Some(relation) = relations.find(|relation| self.takes(relation.name())) else {
            return Ok(left);
        };
        let right = self.binary(0)?;
        let at = left.at.to(right.at);
        let (left, right) = (Box::new(left), Box::new(right));
        let kind = AstKind::Compare {
            relation,
            left,
            right,
        };
        Ok(Ast { at, kind })
    }

    /// What follows the word `variant`.
    fn variant(&mut self, start: At) -> Parsed {
        if self.takes_word("in") {
            self.expect("[")?;
            let mut names = vec![self.word()?];
            while self.takes(",") {
                names.push(self.word()?);
            }
            let at = start.to(self.at());
            self.expect("]")?;
            let kind = AstKind::Variant(names);
            return Ok(Ast { at, kind });
        }
        let negated = self.takes("!=");
        if !negated && !self.takes("==") {
            return Err(self.unexpected("`==`, `!=` or `in`"));
        }
        let name = self.word()?;
        let at = start.to(name.at);
        let mut kind = AstKind::Variant(vec![name]);
        if negated {
            kind = AstKind::Not(Box::new(Ast { at, kind }));
        }
        Ok(Ast { at, kind })
    }

    fn word(&mut self) -> Result<Word, SyntaxError> {
        match self.peek() {
            (Token::Word(text), at) if !KEYWORDS.contains(&text.as_str()) => {
                let (text, at) = (text.clone(), *at);
                self.next += 1;
                Ok(Word { text, at })
            }
            _ => Err(self.unexpected("a name")),
        }
    }

    fn binary(&mut self, level: usize) -> Parsed {
        let Some(operators) = LEVELS.get(level) else {
            return self.unary();
        };
        let mut left = self.binary(level + 1)?;
        while let Some(&op) = operators.iter().find(|op| self.takes(op.name())) {
            let right = self.binary(level + 1)?;
            let at = left.at.to(right.at);
            let (first, right) = (Box::new(left), Box::new(right));
            let kind = AstKind::Binary {
                op,
                left: first,
                right,
            };
            left = Ast { at, kind };
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed {
        let start = self.at();
        if self.takes("~") {
            let inner = self.unary()?;
            let at = start.to(inner.at);
            let kind = AstKind::Invert(Box::new(inner));
            return Ok(Ast { at, kind });
        }
        if self.takes("(") {
            let kind = self.or()?.kind;
            let at = start.to(self.at());
            self.expect(")")?;
            return Ok(Ast { at, kind });
        }
        match self.peek() {
            (Token::Word(text), at) if number::is_meant(text) => {
                let (text, at) = (text.clone(), *at);
                self.next += 1;
                self.number(&text, at)
            }
            (Token::Sign(sign @ ("+" | "-")), at) => match self.tokens.get(self.next + 1) {
                Some((Token::Word(word), end)) if number::is_meant(word) => Err(SyntaxError {
                    at: at.to(*end),
                    problem: Problem::NotANumber(format!("{sign}{word}")),
                }),
                _ => Err(self.unexpected("a number or a name")),
            },
            (Token::Word(text), _) if !KEYWORDS.contains(&text.as_str()) => {
                let word = self.word()?;
                self.path(word)
            }
            _ => Err(self.unexpected("a number or a name")),
        }
    }

    /// A number, whose text has been taken.
    fn number(&mut self, text: &str, at: At) -> Parsed {
        let fraction = match self.tokens.get(self.next..self.next + 2) {
            Some([(Token::Sign("."), _), (Token::Word(word), end)]) if number::is_meant(word) => {
                Some((word, *end))
            }
            _ => None,
        };
        if let Some((word, end)) = fraction {
            return Err(SyntaxError {
                at: at.to(end),
                problem: Problem::NotANumber(format!("{text}.{word}")),
            });
        }
        let value = number::parse(text)
            .and_then(|value| u32::try_from(value).map_err(|_| NotANumber::TooLarge));
        match value {
            Ok(value) => {
                let hex = text.starts_with("0x");
                let kind = AstKind::Number { value, hex };
                Ok(Ast { at, kind })
            }
            Err(problem) => {
                let text = text.to_owned();
                let problem = match problem {
                    NotANumber::Malformed => Problem::NotANumber(text),
                    NotANumber::TooLarge => Problem::TooLarge(text),
                };
                Err(SyntaxError { at, problem })
            }
        }
    }

    fn path(&mut self, head: Word) -> Parsed {
        let start = head.at;
        if self.takes("(") {
            let argument = Box::new(self.or()?);
            let at = start.to(self.at());
            self.expect(")")?;
            let function = head;
            let kind = AstKind::Call { function, argument };
            return Ok(Ast { at, kind });
        }
        let mut end = head.at;
        let mut index = self.index(&mut end)?;
        let mut rest = Vec::new();
        while self.takes(".") {
            let word = self.word()?;
            end = word.at;
            rest.push(word);
        }
        // The index of a register comes before the field; that of a value that the port passes in comes at the end.
        let is_value = head.text.starts_with(|c: char| c.is_ascii_lowercase());
        if is_value && index.is_none() && !rest.is_empty() {
            index = self.index(&mut end)?;
        }
        let at = start.to(end);
        let kind = AstKind::Path(Path { head, index, rest });
        Ok(Ast { at, kind })
    }

    /// An index in brackets, if there is one, after which `end` is its end.
    fn index(&mut self, end: &mut At) -> Result<Option<Box<Ast>>, SyntaxError> {
        if !self.takes("[") {
            return Ok(None);
        }
        let index = self.or()?;
        *end = self.at();
        self.expect("]")?;
        Ok(Some(Box::new(index)))
    }
}

fn is_variant(ast: &Ast) -> bool {
    matches!(&ast.kind, AstKind::Path(path) if path.word().is_some_and(|word| word.text == "variant"))
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::expr::{Ast, AstKind, Problem};

    /// The tree with every operation in parentheses.
    fn shape(ast: &Ast) -> String {
        match &ast.kind {
            AstKind::Number { value, .. } => value.to_string(),
            AstKind::Path(path) => match &path.index {
                Some(index) => format!("{}[{}]", path.dotted(), shape(index)),
                None => path.dotted(),
            },
            AstKind::Invert(inner) => format!("~{}", shape(inner)),
            AstKind::Not(inner) => format!("(not {})", shape(inner)),
            AstKind::Binary { op, left, right } => {
                format!("({} {} {})", shape(left), op.name(), shape(right))
            }
            AstKind::Compare {
                relation,
                left,
                right,
            } => {
                format!("({} {} {})", shape(left), relation.name(), shape(right))
            }
            AstKind::And(left, right) => format!("({} and {})", shape(left), shape(right)),
            AstKind::Or(left, right) => format!("({} or {})", shape(left), shape(right)),
            AstKind::Call { function, argument } => {
                format!("{}({})", function.text, shape(argument))
            }
            AstKind::Variant(names) => {
                format!(
                    "<{}>",
                    names
                        .iter()
                        .map(|name| name.text.as_str())
                        .collect::<Vec<_>>()
                        .join(" ")
                )
            }
        }
    }

    #[test]
    fn precedence_is_that_of_python() {
        for (text, expected) in [
            ("a | b & c << 1 + 2 * 3", "(a | (b & (c << (1 + (2 * 3)))))"),
            ("not a == b and c or d", "(((not (a == b)) and c) or d)"),
            ("a & 0x10 == 16", "((a & 16) == 16)"),
            ("~a + 1", "(~a + 1)"),
            ("(a + 1) * 2", "((a + 1) * 2)"),
            ("a - b - c", "((a - b) - c)"),
            ("RAL[i + 1].X", "RAL.X[(i + 1)]"),
            ("swap16(mac[0])", "swap16(mac[0])"),
            (
                "variant in [82540EM, 82544GC] or variant != 82599",
                "(<82540EM 82544GC> or (not <82599>))",
            ),
            ("ring.base.low", "ring.base.low"),
        ] {
            assert_eq!(shape(&parse(text).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn an_error_is_reported_at_its_position() {
        for (text, start, message) in [
            ("a +", 3, "expected a number or a name, found the end"),
            ("a b", 2, "expected an operator or the end, found `b`"),
            ("a[1", 3, "expected `]`, found the end"),
            ("a ? b", 2, "`?` is not allowed in an expression"),
            ("variant > 3", 8, "expected `==`, `!=` or `in`, found `>`"),
            ("and", 0, "expected a number or a name, found `and`"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.at.start, start, "{text}");
            assert_eq!(error.problem, Problem::Syntax(message.to_owned()), "{text}");
        }
        for (text, start, end) in [
            ("1 + 0x1g", 4, 8),
            ("a * 010", 4, 7),
            ("a[1_0]", 2, 5),
            ("a < -1", 4, 6),
            ("+4", 0, 2),
            ("1.5", 0, 3),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.at.start, error.at.end), (start, end), "{text}");
            let problem = Problem::NotANumber(text[start..end].to_owned());
            assert_eq!(error.problem, problem, "{text}");
        }
        let error = parse("0x100000000").unwrap_err();
        assert_eq!(error.problem, Problem::TooLarge("0x100000000".to_owned()));
    }
}
