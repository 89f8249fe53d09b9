//! Expressions of Breakpad's `STACK` records: postfix, with names of registers and variables.
//!
//! ```text
//! $rsp 16 +                          a value
//! $T0 $ebp = $eip $T0 4 + ^ =        assignments
//! ```
//!
//! Operators are `+ - * / %`, `@` (rounds down to a multiple of a power of two), `^` (reads a word of memory) and `=`.
//! Source: Breakpad, `docs/symbol_files.md` and `postfix_evaluator.h`.

use std::collections::HashMap;

use super::frame::Frame;

/// Operators and operands of an expression.
const MAX_TOKENS: usize = 1_000;

/// Variables by name.
pub(super) struct Variables<'v> {
    values: HashMap<&'v str, u64>,
    frame: &'v Frame<'v>,
}

#[derive(Clone, Copy)]
enum Operand<'t> {
    Value(u64),
    Name(&'t str),
}

impl<'v> Variables<'v> {
    /// With the registers of a frame, and nothing else.
    pub(super) fn new(frame: &'v Frame<'v>) -> Self {
        Self { values: HashMap::new(), frame }
    }

    /// A variable, or else a register of the frame.
    pub(super) fn get(&self, name: &str) -> Option<u64> {
        let arch = self.frame.registers.arch();
        let register = || arch.register(name).and_then(|register| self.frame.registers.get(register));
        self.values.get(name).copied().or_else(register)
    }

    /// A variable that was set.
    pub(super) fn assigned(&self, name: &str) -> Option<u64> {
        self.values.get(name).copied()
    }

    pub(super) fn set(&mut self, name: &'v str, value: u64) {
        self.values.insert(name, value & self.frame.registers.arch().max());
    }

    /// The one value that an expression leaves; None if it makes no sense.
    pub(super) fn evaluate(&mut self, expression: &'v str) -> Option<u64> {
        match self.run(expression)?.as_slice() {
            [operand] => self.value(*operand),
            _ => None,
        }
    }

    /// Does all assignments of a program; None if it makes no sense.
    pub(super) fn execute(&mut self, program: &'v str) -> Option<()> {
        self.run(program)?.is_empty().then_some(())
    }

    fn run(&mut self, text: &'v str) -> Option<Vec<Operand<'v>>> {
        let mut stack = Vec::new();
        for (count, token) in text.split_ascii_whitespace().enumerate() {
            if count == MAX_TOKENS {
                return None;
            }
            self.step(token, &mut stack)?;
        }
        Some(stack)
    }

    fn step(&mut self, token: &'v str, stack: &mut Vec<Operand<'v>>) -> Option<()> {
        match token {
            "=" => {
                let value = self.value(stack.pop()?)?;
                let Operand::Name(name) = stack.pop()? else { return None };
                self.set(name, value);
                return Some(());
            }
            "^" => {
                let address = self.value(stack.pop()?)?;
                stack.push(Operand::Value(self.frame.word(address)?));
            }
            "+" | "-" | "*" | "/" | "%" | "@" => {
                let right = self.value(stack.pop()?)?;
                let left = self.value(stack.pop()?)?;
                stack.push(Operand::Value(
                    calculated(token, left, right)? & self.frame.registers.arch().max(),
                ));
            }
            _ => stack.push(operand(token)),
        }
        Some(())
    }

    fn value(&self, operand: Operand<'_>) -> Option<u64> {
        match operand {
            Operand::Value(value) => Some(value),
            Operand::Name(name) => self.get(name),
        }
    }
}

fn operand(token: &str) -> Operand<'_> {
    token.parse::<i64>().map_or(Operand::Name(token), |number| Operand::Value(number.cast_unsigned()))
}

fn calculated(operator: &str, left: u64, right: u64) -> Option<u64> {
    match operator {
        "+" => Some(left.wrapping_add(right)),
        "-" => Some(left.wrapping_sub(right)),
        "*" => Some(left.wrapping_mul(right)),
        "/" => left.checked_div(right),
        "%" => left.checked_rem(right),
        _ => right.is_power_of_two().then(|| left & right.wrapping_neg()),
    }
}
