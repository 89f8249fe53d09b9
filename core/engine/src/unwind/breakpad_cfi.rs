//! `STACK CFI` records: rules at the start of a function, and what changes in it, address by address.

use super::frame::{Frame, Unwound};
use super::postfix::Variables;

/// Changes within a function; the largest have some thousand.
const MAX_CHANGES: usize = 20_000;
const CFA: &str = ".cfa";
const RETURN_ADDRESS: &str = ".ra";
const UNDEFINED: &str = ".undef";

/// Follows the rules for the frame's address. `lines`: from the function's own record on.
pub(super) fn unwind<'l>(mut lines: impl Iterator<Item = &'l str>, frame: &Frame<'_>) -> Option<Unwound> {
    let first = lines.next()?.strip_prefix("STACK CFI INIT ")?;
    let mut rules = Rules::default();
    rules.add(first.splitn(3, ' ').nth(2)?);
    for change in lines.take(MAX_CHANGES).map_while(|line| line.strip_prefix("STACK CFI ")) {
        // The next function's record has no address here.
        let Some((address, rest)) = change.split_once(' ') else { break };
        match u64::from_str_radix(address, 16) {
            Ok(address) if address <= frame.address => rules.add(rest),
            _ => break,
        }
    }
    rules.follow(frame)
}

/// Expressions by what they are for; a later one replaces an earlier one.
#[derive(Default)]
struct Rules<'l>(Vec<(&'l str, &'l str)>);

impl<'l> Rules<'l> {
    /// `name: expression name: expression …`
    fn add(&mut self, mut text: &'l str) {
        while let Some((name, rest)) = text.trim_start().split_once(": ") {
            let (expression, next) = rest.find(": ").map_or((rest, ""), |colon| {
                // The next name begins behind the last blank before its colon.
                let start =
                    rest.get(..colon).and_then(|before| before.rfind(' ')).map_or(0, |blank| blank + 1);
                rest.split_at_checked(start).unwrap_or((rest, ""))
            });
            self.0.retain(|(known, _)| *known != name);
            self.0.push((name, expression));
            text = next;
        }
    }

    fn get(&self, wanted: &str) -> Option<&'l str> {
        self.0.iter().find(|(name, _)| *name == wanted).map(|(_, expression)| *expression)
    }

    fn follow(&self, frame: &Frame<'_>) -> Option<Unwound> {
        let arch = frame.registers.arch();
        let mut variables = Variables::new(frame);
        let cfa = variables.evaluate(self.get(CFA)?)?;
        variables.set(CFA, cfa);
        let return_address = self.get(RETURN_ADDRESS)?;
        if return_address.trim() == UNDEFINED {
            return Some(Unwound::End);
        }
        let mut caller = frame.registers.returned(None, Some(cfa));
        for (name, expression) in &self.0 {
            if let Some(register) = arch.register(name) {
                caller.set(register, variables.evaluate(expression));
            }
        }
        caller.set(arch.pc(), Some(variables.evaluate(return_address)?));
        Some(Unwound::caller(caller))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_rules_replace_earlier_ones() {
        let mut rules = Rules::default();
        rules.add(".cfa: $rsp 8 + .ra: .cfa -8 + ^");
        rules.add(".cfa: $rsp 16 + $rbp: .cfa -16 + ^");
        assert_eq!(rules.get(".cfa").map(str::trim), Some("$rsp 16 +"));
        assert_eq!(rules.get(".ra").map(str::trim), Some(".cfa -8 + ^"));
        assert_eq!(rules.get("$rbp").map(str::trim), Some(".cfa -16 + ^"));
    }
}
