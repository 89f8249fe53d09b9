//! Tables that give a value for each address of a function: line, file, inlined call.

use crate::symbols::varint::Reader;

/// A value and the address that it holds up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    end: u64,
    value: i32,
}

/// One decoded table of one function.
#[derive(Default)]
pub(super) struct Values(Vec<Step>);

impl Values {
    /// Decodes a table up to the address `end` or its own end. `budget`: steps that may still be read in all.
    pub(super) fn read(table: &[u8], entry: u64, end: u64, quantum: u64, budget: &mut u64) -> Self {
        let mut steps = Vec::new();
        // What stands before the damage is kept.
        let _damaged = decode(table, entry, end, quantum, budget, &mut steps);
        Self(steps)
    }

    /// The value at an address, and the address from which another one may hold; −1 is no value.
    pub(super) fn at(&self, address: u64) -> (i32, u64) {
        let index = self.0.partition_point(|step| step.end <= address);
        self.0.get(index).map_or((-1, u64::MAX), |step| (step.value, step.end))
    }
}

/// Differences of values with the sign in the lowest bit, then of addresses; 0 ends the table.
fn decode(
    table: &[u8],
    entry: u64,
    end: u64,
    quantum: u64,
    budget: &mut u64,
    steps: &mut Vec<Step>,
) -> Option<()> {
    let mut reader = Reader(table);
    let (mut at, mut value) = (entry, -1_i32);
    while at < end {
        let code = reader.next_u32()?;
        if code == 0 && !steps.is_empty() {
            break;
        }
        let difference = (code >> 1).cast_signed() ^ -((code & 1).cast_signed());
        value = value.wrapping_add(difference);
        at = at.checked_add(u64::from(reader.next_u32()?).checked_mul(quantum)?)?;
        *budget = budget.checked_sub(1)?;
        steps.push(Step { end: at, value });
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_up_to_its_zero() {
        // Value 9 for four bytes, 7 for eight; the rest is not its own.
        let values = Values::read(&[20, 4, 3, 8, 0, 1, 1], 100, 200, 1, &mut 10);
        assert_eq!(values.at(100), (9, 104));
        assert_eq!(values.at(104), (7, 112));
        assert_eq!(values.at(112), (-1, u64::MAX));
        assert_eq!(Values::read(&[20, 4], 100, 200, 1, &mut 0).at(100), (-1, u64::MAX));
    }
}
