//! From tokens to the tree of an expression, by precedence climbing.

use super::{
    Binary, DEPTH_MAX, LENGTH_MAX, Node, Unary, Value,
    lexer::{Fault, Lexer, Token},
};
use std::borrow::Cow;

pub(super) fn parse(text: &str) -> Result<Node, Fault> {
    if text.len() > LENGTH_MAX {
        return Err(Fault::new(0, format!("longer than {LENGTH_MAX} bytes")));
    }
    let mut lexer = Lexer::new(text);
    let (at, token) = lexer.next()?;
    if token == Token::End {
        return Err(Fault::new(at, "the expression is empty"));
    }
    let mut parser = Parser { lexer, at, token, depth: 0 };
    let root = parser.choice()?.node;
    match &parser.token {
        Token::End => Ok(root),
        _ => Err(parser.unexpected("an operator or the end")),
    }
}

/// A node and how deep its tree is: a long chain of operators is a deep tree as well.
struct Tree {
    node: Node,
    depth: usize,
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    /// Where the token begins.
    at: usize,
    token: Token<'t>,
    depth: usize,
}

impl Parser<'_> {
    fn advance(&mut self) -> Result<(), Fault> {
        (self.at, self.token) = self.lexer.next()?;
        Ok(())
    }

    fn unexpected(&self, expected: &str) -> Fault {
        // A call, or a word that is an operator: of JavaScript, if of anything.
        if matches!(self.token, Token::Sign("(") | Token::Word("in" | "instanceof")) {
            return Fault::javascript(self.at);
        }
        Fault::new(self.at, format!("expected {expected}, found {}", self.token.describe()))
    }

    fn too_deep(&self) -> Fault {
        Fault::new(self.at, format!("nested too deeply: at most {DEPTH_MAX} levels"))
    }

    fn tree(&self, node: Node, depth: usize) -> Result<Tree, Fault> {
        if depth > DEPTH_MAX {
            return Err(self.too_deep());
        }
        Ok(Tree { node, depth })
    }

    fn expect(&mut self, sign: &str, after: &str) -> Result<(), Fault> {
        if matches!(self.token, Token::Sign(found) if found == sign) {
            return self.advance();
        }
        Err(self.unexpected(&format!("`{sign}` {after}")))
    }

    /// The lowest precedence: `a ? b : c`.
    fn choice(&mut self) -> Result<Tree, Fault> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.too_deep());
        }
        let mut tree = self.binary(0)?;
        if self.token == Token::Sign("?") {
            self.advance()?;
            let then = self.choice()?;
            self.expect(":", "and the other value of `?`")?;
            let otherwise = self.choice()?;
            let depth = 1 + tree.depth.max(then.depth).max(otherwise.depth);
            let node = Node::Choice(Box::new((tree.node, then.node, otherwise.node)));
            tree = self.tree(node, depth)?;
        }
        self.depth -= 1;
        Ok(tree)
    }

    /// Operators that bind at least as strongly as `least`, all of them from left to right.
    fn binary(&mut self, least: u8) -> Result<Tree, Fault> {
        let mut left = self.unary()?;
        while let Token::Sign(sign) = self.token {
            let Some((operator, strength)) = operator(sign) else { break };
            if strength < least {
                break;
            }
            self.advance()?;
            let right = self.binary(strength + 1)?;
            let depth = 1 + left.depth.max(right.depth);
            let node = Node::Binary(operator, Box::new((left.node, right.node)));
            left = self.tree(node, depth)?;
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Tree, Fault> {
        let operator = match self.token {
            Token::Sign("!") => Unary::Not,
            Token::Sign("-") => Unary::Minus,
            Token::Sign("+") => Unary::Plus,
            _ => return self.primary(),
        };
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.too_deep());
        }
        self.advance()?;
        let operand = self.unary()?;
        self.depth -= 1;
        self.tree(Node::Unary(operator, Box::new(operand.node)), operand.depth + 1)
    }

    fn primary(&mut self) -> Result<Tree, Fault> {
        let node = match &mut self.token {
            Token::Number(value) => Node::Literal(Value::Number(*value)),
            Token::Variable(placeholder) => Node::Variable(placeholder.clone()),
            Token::Date(helper) => Node::Date(helper.clone()),
            Token::Quoted(template) => match template.literal() {
                Some(text) => Node::Literal(Value::Text(Cow::Owned(text.to_owned()))),
                None => Node::Quoted(template.clone()),
            },
            Token::Word(word) => {
                let word = *word;
                return self.word(word);
            }
            Token::Sign("(") => {
                self.advance()?;
                let inner = self.choice()?;
                self.expect(")", "that closes the parenthesis")?;
                return Ok(inner);
            }
            // A pattern.
            Token::Sign("/") => return Err(Fault::javascript(self.at)),
            _ => return Err(self.unexpected("a value, a ${variable} or `(`")),
        };
        self.advance()?;
        self.tree(node, 1)
    }

    fn word(&mut self, word: &str) -> Result<Tree, Fault> {
        let value = match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            "undefined" => Value::Undefined,
            "NaN" => Value::Number(f64::NAN),
            "Infinity" => Value::Number(f64::INFINITY),
            _ => return Err(self.refuse_word(word)),
        };
        self.advance()?;
        self.tree(Node::Literal(value), 1)
    }

    fn refuse_word(&mut self, word: &str) -> Fault {
        let at = self.at;
        let of_javascript = [
            "new", "function", "typeof", "void", "delete", "this", "class", "Math", "Date", "JSON",
            "Number", "String", "Array", "Object", "RegExp", "Boolean",
        ];
        if of_javascript.contains(&word) {
            return Fault::javascript(at);
        }
        // What follows tells a call or an object from a name that stands alone.
        match self.advance() {
            Ok(()) if self.token == Token::Sign("(") => Fault::javascript(at),
            Err(fault) if fault.javascript => fault,
            _ => Fault::new(at, format!("write ${{{word}}} for a variable, '{word}' for text")),
        }
    }
}

/// The operator and how strongly it binds.
fn operator(sign: &str) -> Option<(Binary, u8)> {
    Some(match sign {
        "||" => (Binary::Or, 1),
        "&&" => (Binary::And, 2),
        "===" => (Binary::Same, 3),
        "!==" => (Binary::NotSame, 3),
        "==" => (Binary::Equal, 3),
        "!=" => (Binary::NotEqual, 3),
        "<" => (Binary::Less, 4),
        "<=" => (Binary::LessOrEqual, 4),
        ">" => (Binary::Greater, 4),
        ">=" => (Binary::GreaterOrEqual, 4),
        "+" => (Binary::Add, 5),
        "-" => (Binary::Subtract, 5),
        "*" => (Binary::Multiply, 6),
        "/" => (Binary::Divide, 6),
        "%" => (Binary::Remainder, 6),
        _ => return None,
    })
}
