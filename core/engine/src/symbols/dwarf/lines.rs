//! Line programs, run with a state of our own.
//!
//! A linker that discards a function leaves its sequence behind, starting at 0, −1 or −2, and sometimes setting
//! that address twice. Each sequence is judged by itself here: whatever its addresses, it ends at its own
//! `end_sequence`, and it counts only if it starts in code.

use std::cmp::Reverse;
use std::ops::Range;

use gimli::{LineInstruction, LineProgramHeader};

use super::paths::Files;
use super::shared::Shared;
use super::units::Unit;
use super::wanted::Wanted;
use super::{Context, Endian, Slice};
use crate::symbols::code::Code;
use crate::symbols::intervals::{Cover, Interval, flatten};

/// So many rows are taken from the budget in one go.
const ROWS_AT_ONCE: u64 = 4096;

/// Where a stretch of code comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::symbols) struct LineRow {
    pub(in crate::symbols) address: u64,
    /// Index into the unit's files; [`NONE`](super::NONE) if unknown.
    pub(in crate::symbols) file: u32,
    /// 1-based; 0 unknown.
    pub(in crate::symbols) line: u32,
    /// 1-based; 0 unknown.
    pub(in crate::symbols) column: u32,
}

/// The line table of a unit.
#[derive(Default)]
pub(in crate::symbols) struct Lines {
    rows: Vec<LineRow>,
    sequences: Vec<Range<usize>>,
    /// Disjoint stretches of code; the item is an index into `sequences`.
    pub(in crate::symbols) stretches: Vec<Cover<u32>>,
}

impl Lines {
    /// `sequences`: ranges of `rows`. `stretches`: which sequence answers where.
    pub(in crate::symbols) fn new(
        rows: Vec<LineRow>,
        sequences: Vec<Range<usize>>,
        stretches: Vec<Cover<u32>>,
    ) -> Self {
        Self { rows, sequences, stretches }
    }

    /// The rows of the sequence around `stretch`, ascending by address.
    pub(in crate::symbols) fn rows(&self, stretch: &Cover<u32>) -> &[LineRow] {
        &self.rows[self.sequences[stretch.item as usize].clone()]
    }
}

/// Runs the unit's line program, up to the first damaged instruction.
pub(super) fn read<'u, 'd, E: Endian>(
    context: &Context<'_, 'u, 'd, E>,
    unit: &Unit<'u, E>,
    files: &mut Files<'_, 'u, 'd, E>,
) -> Option<Lines> {
    let header = files.header()?;
    if !context.units.shared.budget.take_line_bytes(header.raw_program_buf().len() as u64) {
        return None;
    }
    let mut machine = Machine::new(context, &header, unit.inner.header.address_size(), files);
    let mut instructions = header.instructions();
    while let Ok(Some(instruction)) = instructions.next_instruction(&header) {
        if machine.rows_left == 0 && !machine.may_go_on(context.units.shared) {
            break;
        }
        machine.execute(instruction);
    }
    context.units.shared.budget.give_back_rows(machine.rows_left);
    Some(machine.finish())
}

struct Machine<'a, 'f, 'u, 'd, E: Endian> {
    code: &'a Code,
    wanted: Wanted<'a>,
    header: &'a LineProgramHeader<Slice<'u, E>>,
    files: &'a mut Files<'f, 'u, 'd, E>,
    address_mask: u64,
    /// Rows that may be added before the budget is asked again.
    rows_left: u64,
    registers: Registers,
    /// Index of the first row of the sequence that is being read.
    begin: usize,
    rows: Vec<LineRow>,
    sequences: Vec<Range<usize>>,
    intervals: Vec<Interval<Reverse<u64>, u32>>,
}

/// The registers of the state machine (DWARF 5, section 6.2.2) that make a difference here.
#[derive(Clone, Copy)]
struct Registers {
    address: u64,
    op_index: u64,
    file: u64,
    line: u32,
    column: u32,
}

const INITIAL: Registers = Registers { address: 0, op_index: 0, file: 1, line: 1, column: 0 };

impl<'a, 'f, 'u, 'd, E: Endian> Machine<'a, 'f, 'u, 'd, E> {
    fn new(
        context: &Context<'a, 'u, 'd, E>,
        header: &'a LineProgramHeader<Slice<'u, E>>,
        address_size: u8,
        files: &'a mut Files<'f, 'u, 'd, E>,
    ) -> Self {
        let address_mask = if address_size >= 8 { u64::MAX } else { (1 << (address_size * 8)) - 1 };
        let (rows, sequences, intervals) = (Vec::new(), Vec::new(), Vec::new());
        let (code, wanted) = (context.code, context.wanted);
        Self {
            code,
            wanted,
            header,
            files,
            address_mask,
            rows_left: 0,
            registers: INITIAL,
            begin: 0,
            rows,
            sequences,
            intervals,
        }
    }

    /// Whether more rows may be added.
    fn may_go_on<S: Endian>(&mut self, shared: &Shared<'_, S>) -> bool {
        let allowed = !shared.cancel.is_cancelled() && shared.budget.take_rows(ROWS_AT_ONCE);
        self.rows_left = if allowed { ROWS_AT_ONCE } else { 0 };
        allowed
    }

    #[inline]
    fn execute(&mut self, instruction: LineInstruction<Slice<'u, E>>) {
        match instruction {
            LineInstruction::Special(opcode) => self.special(opcode),
            LineInstruction::Copy => self.emit(),
            LineInstruction::AdvancePc(advance) => self.advance(advance),
            LineInstruction::AdvanceLine(advance) => self.advance_line(advance),
            LineInstruction::SetFile(file) => self.registers.file = file,
            LineInstruction::SetColumn(column) => self.registers.column = u32::try_from(column).unwrap_or(0),
            LineInstruction::ConstAddPc => {
                self.advance(u64::from(self.adjusted(u8::MAX) / self.line_range()))
            }
            LineInstruction::FixedAddPc(advance) => {
                self.set_address(self.registers.address.wrapping_add(advance.into()))
            }
            LineInstruction::SetAddress(address) => self.jump(address),
            LineInstruction::EndSequence => self.end_sequence(),
            _ => {}
        }
    }

    fn line_range(&self) -> u8 {
        self.header.line_range().max(1)
    }

    fn adjusted(&self, opcode: u8) -> u8 {
        opcode.wrapping_sub(self.header.opcode_base())
    }

    fn special(&mut self, opcode: u8) {
        let (adjusted, range) = (self.adjusted(opcode), self.line_range());
        self.advance_line(i64::from(self.header.line_base()) + i64::from(adjusted % range));
        self.advance(u64::from(adjusted / range));
        self.emit();
    }

    fn advance_line(&mut self, advance: i64) {
        self.registers.line = self.registers.line.wrapping_add(advance as u32);
    }

    fn advance(&mut self, operations: u64) {
        let unit = u64::from(self.header.minimum_instruction_length());
        let bundle = u64::from(self.header.maximum_operations_per_instruction());
        if bundle <= 1 {
            return self.set_address(self.registers.address.wrapping_add(unit.wrapping_mul(operations)));
        }
        let index = self.registers.op_index.wrapping_add(operations);
        self.set_address(self.registers.address.wrapping_add(unit.wrapping_mul(index / bundle)));
        self.registers.op_index = index % bundle;
    }

    fn set_address(&mut self, address: u64) {
        self.registers.address = address & self.address_mask;
        self.registers.op_index = 0;
    }

    /// A jump out of code or backwards ends what was a sequence up to here.
    fn jump(&mut self, address: u64) {
        let code = self.code;
        let in_code = code.containing(address).or_else(|| code.containing(address.wrapping_sub(1))).is_some();
        let last = self.rows[self.begin..].last().map(|row| row.address);
        if last.is_some_and(|last| address < last || !in_code) {
            self.close(last.unwrap_or(0));
        }
        self.set_address(address);
    }

    fn emit(&mut self) {
        let Registers { address, line, column, .. } = self.registers;
        if self.rows[self.begin..].last().is_some_and(|last| address < last.address) {
            self.close(self.rows.last().map_or(0, |last| last.address));
        }
        let row = LineRow { address, file: self.files.id(self.registers.file), line, column };
        // Of several rows at one address the last one describes its instruction.
        match self.rows[self.begin..].last_mut() {
            Some(last) if last.address == address => *last = row,
            _ => {
                self.rows.push(row);
                self.rows_left -= 1;
            }
        }
    }

    fn end_sequence(&mut self) {
        self.close(self.registers.address);
        self.registers = INITIAL;
    }

    /// Keeps the rows since `begin` as a sequence that ends at `end`, if it starts in code and is wanted.
    fn close(&mut self, end: u64) {
        let rows = self.begin..self.rows.len();
        let start = self.rows[rows.clone()].first().map(|row| row.address);
        let range = start.and_then(|start| self.code.clamp(start..end));
        let range = range.filter(|range| self.wanted.includes(range));
        match (range, u32::try_from(self.sequences.len())) {
            (Some(Range { start, end }), Ok(item)) => {
                self.intervals.push(Interval { start, end, priority: Reverse(end - start), item });
                self.sequences.push(rows);
                self.begin = self.rows.len();
            }
            _ => self.rows.truncate(self.begin),
        }
    }

    fn finish(mut self) -> Lines {
        self.rows.truncate(self.begin);
        Lines { rows: self.rows, sequences: self.sequences, stretches: flatten(self.intervals) }
    }
}
