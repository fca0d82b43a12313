//! A recursive-descent parser; each row of a table is one level of precedence.

use super::ast::{Ast, AstKind, At, Path, SyntaxError, Word};
use super::token::{Token, tokens};
use crate::ir::{BinaryOp, Relation};

/// Parses a whole text.
pub(crate) fn parse(text: &str) -> Result<Ast, SyntaxError> {
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
    let ast = parse(text)?;
    match ast.kind {
        AstKind::Path(path) => Ok(path),
        _ => Err(SyntaxError {
            at: ast.at,
            message: format!("`{text}` is not a name"),
        }),
    }
}

/// Binary operators by precedence, loosest first.
const LEVELS: [&[(&str, BinaryOp)]; 6] = [
    &[("|", BinaryOp::Or)],
    &[("^", BinaryOp::Xor)],
    &[("&", BinaryOp::And)],
    &[("<<", BinaryOp::Shl), (">>", BinaryOp::Shr)],
    &[("+", BinaryOp::Add), ("-", BinaryOp::Sub)],
    &[
        ("*", BinaryOp::Mul),
        ("/", BinaryOp::Div),
        ("%", BinaryOp::Rem),
    ],
];

const RELATIONS: [(&str, Relation); 6] = [
    ("==", Relation::Equal),
    ("!=", Relation::NotEqual),
    ("<=", Relation::LessOrEqual),
    (">=", Relation::GreaterOrEqual),
    ("<", Relation::Less),
    (">", Relation::Greater),
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

    fn step(&mut self) -> (Token, At) {
        let token = self.peek().clone();
        if token.0 != Token::End {
            self.next += 1;
        }
        token
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
            message: format!("expected {wanted}, found {found}"),
        }
    }

    fn end(&self) -> Result<(), SyntaxError> {
        match self.peek().0 {
            Token::End => Ok(()),
            Token::Word(_) | Token::Sign(_) => Err(self.unexpected("an operator or the end")),
        }
    }

    fn or(&mut self) -> Result<Ast, SyntaxError> {
        let mut left = self.and()?;
        while self.takes_word("or") {
            let right = self.and()?;
            left = Ast {
                at: left.at.to(right.at),
                kind: AstKind::Or(Box::new(left), Box::new(right)),
            };
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Ast, SyntaxError> {
        let mut left = self.not()?;
        while self.takes_word("and") {
            let right = self.not()?;
            left = Ast {
                at: left.at.to(right.at),
                kind: AstKind::And(Box::new(left), Box::new(right)),
            };
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Ast, SyntaxError> {
        let start = self.at();
        if self.takes_word("not") {
            let inner = self.not()?;
            return Ok(Ast {
                at: start.to(inner.at),
                kind: AstKind::Not(Box::new(inner)),
            });
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Ast, SyntaxError> {
        let left = self.binary(0)?;
        if is_variant(&left) {
            return self.variant(left.at);
        }
        let Some(&(_, relation)) = RELATIONS.iter().find(|(sign, _)| self.takes(sign)) else {
            return Ok(left);
        };
        let right = self.binary(0)?;
        let at = left.at.to(right.at);
        Ok(Ast {
            at,
            kind: AstKind::Compare {
                relation,
                left: Box::new(left),
                right: Box::new(right),
            },
        })
    }

    /// What follows the word `variant`.
    fn variant(&mut self, start: At) -> Result<Ast, SyntaxError> {
        if self.takes_word("in") {
            self.expect("[")?;
            let mut names = vec![self.word()?];
            while self.takes(",") {
                names.push(self.word()?);
            }
            let at = start.to(self.at());
            self.expect("]")?;
            return Ok(Ast {
                at,
                kind: AstKind::Variant(names),
            });
        }
        let negated = self.takes("!=");
        if !negated && !self.takes("==") {
            return Err(self.unexpected("`==`, `!=` or `in`"));
        }
        let name = self.word()?;
        let at = start.to(name.at);
        let test = Ast {
            at,
            kind: AstKind::Variant(vec![name]),
        };
        Ok(match negated {
            true => Ast {
                at,
                kind: AstKind::Not(Box::new(test)),
            },
            false => test,
        })
    }

    fn word(&mut self) -> Result<Word, SyntaxError> {
        match self.peek() {
            (Token::Word(text), at) if !KEYWORDS.contains(&text.as_str()) => {
                let word = Word {
                    text: text.clone(),
                    at: *at,
                };
                self.next += 1;
                Ok(word)
            }
            _ => Err(self.unexpected("a name")),
        }
    }

    fn binary(&mut self, level: usize) -> Result<Ast, SyntaxError> {
        let Some(operators) = LEVELS.get(level) else {
            return self.unary();
        };
        let mut left = self.binary(level + 1)?;
        while let Some(&(_, op)) = operators.iter().find(|(sign, _)| self.takes(sign)) {
            let right = self.binary(level + 1)?;
            let at = left.at.to(right.at);
            left = Ast {
                at,
                kind: AstKind::Binary {
                    op,
                    left: Box::new(left),
                    right: Box::new(right),
                },
            };
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Ast, SyntaxError> {
        let start = self.at();
        if self.takes("~") {
            let inner = self.unary()?;
            return Ok(Ast {
                at: start.to(inner.at),
                kind: AstKind::Invert(Box::new(inner)),
            });
        }
        if self.takes("(") {
            let inner = self.or()?;
            let at = start.to(self.at());
            self.expect(")")?;
            return Ok(Ast {
                at,
                kind: inner.kind,
            });
        }
        let word = self.word_or_number()?;
        let Some(word) = word.as_name() else {
            return word.into_number();
        };
        self.path(word)
    }

    fn word_or_number(&mut self) -> Result<Atom, SyntaxError> {
        match self.step() {
            (Token::Word(text), at) if !KEYWORDS.contains(&text.as_str()) => {
                Ok(Atom(Word { text, at }))
            }
            (token, _) => {
                self.next -= usize::from(token != Token::End);
                Err(self.unexpected("a number or a name"))
            }
        }
    }

    fn path(&mut self, head: Word) -> Result<Ast, SyntaxError> {
        let start = head.at;
        if self.takes("(") {
            let argument = Box::new(self.or()?);
            let at = start.to(self.at());
            self.expect(")")?;
            return Ok(Ast {
                at,
                kind: AstKind::Call {
                    function: head,
                    argument,
                },
            });
        }
        let mut end = head.at;
        let mut index = match self.takes("[") {
            true => {
                let index = self.or()?;
                end = self.at();
                self.expect("]")?;
                Some(Box::new(index))
            }
            false => None,
        };
        let mut rest = Vec::new();
        while self.takes(".") {
            let word = self.word()?;
            end = word.at;
            rest.push(word);
        }
        // The index of a register comes before the field; that of a value that the port passes in comes at the end.
        let is_value = head.text.starts_with(|c: char| c.is_ascii_lowercase());
        if is_value && index.is_none() && !rest.is_empty() && self.takes("[") {
            index = Some(Box::new(self.or()?));
            end = self.at();
            self.expect("]")?;
        }
        Ok(Ast {
            at: start.to(end),
            kind: AstKind::Path(Path { head, index, rest }),
        })
    }
}

fn is_variant(ast: &Ast) -> bool {
    matches!(&ast.kind, AstKind::Path(path) if path.word().is_some_and(|word| word.text == "variant"))
}

/// A word that may be a number.
struct Atom(Word);

impl Atom {
    fn as_name(&self) -> Option<Word> {
        let number = self.0.text.starts_with(|c: char| c.is_ascii_digit());
        (!number).then(|| self.0.clone())
    }

    fn into_number(self) -> Result<Ast, SyntaxError> {
        let Word { text, at } = self.0;
        let (digits, hex) = match text.strip_prefix("0x") {
            Some(digits) => (digits, true),
            None => (text.as_str(), false),
        };
        let digits = digits.replace('_', "");
        match u32::from_str_radix(&digits, if hex { 16 } else { 10 }) {
            Ok(value) => Ok(Ast {
                at,
                kind: AstKind::Number { value, hex },
            }),
            Err(_) => Err(SyntaxError {
                at,
                message: format!("`{text}` is not a number of at most 32 bits"),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::expr::{Ast, AstKind};

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
                format!("({} {} {})", shape(left), op.symbol(), shape(right))
            }
            AstKind::Compare {
                relation,
                left,
                right,
            } => {
                format!("({} {} {})", shape(left), relation.symbol(), shape(right))
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
            ("1 + 0x1g", 4, "`0x1g` is not a number of at most 32 bits"),
            ("a ? b", 2, "`?` is not allowed in an expression"),
            ("variant > 3", 8, "expected `==`, `!=` or `in`, found `>`"),
            ("and", 0, "expected a number or a name, found `and`"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(
                (error.at.start, error.message.as_str()),
                (start, message),
                "{text}"
            );
        }
    }
}
