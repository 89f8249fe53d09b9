//! `STACK WIN` records: frames of 32-bit x86 code of Windows, by a program or by the sizes of their parts.
//!
//! ```text
//! STACK WIN type rva size prologue epilogue parameters saved locals max has_program program|allocates_base_pointer
//! ```
//!
//! All numbers are hexadecimal, sizes are in bytes. Source: Breakpad, `docs/symbol_files.md`; the programs for records
//! without one are those that follow from where such functions keep what they save.

use super::frame::{Frame, Unwound};
use super::postfix::Variables;

const FPO: &str = "$eip .raSearchStart ^ = $esp .raSearchStart 4 + =";
const FPO_WITH_EBP: &str =
    "$eip .raSearchStart ^ = $ebp $esp .cbCalleeParams + .cbSavedRegs + 8 - ^ = $esp .raSearchStart 4 + =";
/// Registers that a program may set.
const RESTORED: [&str; 6] = ["$eip", "$esp", "$ebp", "$ebx", "$esi", "$edi"];

/// A record.
pub(super) struct Function<'l> {
    size: u64,
    parameters: u64,
    saved: u64,
    locals: u64,
    /// None for a record of sizes alone.
    program: Option<&'l str>,
    allocates_base_pointer: bool,
}

impl<'l> Function<'l> {
    pub(super) fn parse(line: &'l str) -> Option<Self> {
        let mut words = line.trim_end().strip_prefix("STACK WIN ")?.splitn(11, ' ');
        let mut number = || words.next().and_then(|word| u64::from_str_radix(word, 16).ok());
        let (_kind, _rva, size) = (number()?, number()?, number()?);
        let (_prologue, _epilogue, parameters) = (number()?, number()?, number()?);
        let (saved, locals, _max, has_program) = (number()?, number()?, number()?, number()?);
        let last = words.next()?;
        let program = (has_program != 0).then_some(last);
        Some(Self { size, parameters, saved, locals, program, allocates_base_pointer: last.trim() == "1" })
    }
}

/// Follows the best of the records around the frame's address: with a program, then the smallest.
pub(super) fn unwind<'l>(records: impl Iterator<Item = Function<'l>>, frame: &Frame<'_>) -> Option<Unwound> {
    let best = records.min_by_key(|one| (one.program.is_none(), one.size))?;
    let mut variables = Variables::new(frame);
    let start = frame.registers.sp()?.checked_add(frame.callee_parameters)?;
    let return_address = start.checked_add(best.locals)?.checked_add(best.saved)?;
    for (name, value) in [
        (".cbParams", best.parameters),
        (".cbCalleeParams", frame.callee_parameters),
        (".cbSavedRegs", best.saved),
        (".cbLocals", best.locals),
        (".raSearch", return_address),
        (".raSearchStart", return_address),
    ] {
        variables.set(name, value);
    }
    let without = if best.allocates_base_pointer { FPO_WITH_EBP } else { FPO };
    variables.execute(best.program.unwrap_or(without))?;
    caller(&variables, frame, best.parameters)
}

fn caller(variables: &Variables<'_>, frame: &Frame<'_>, parameters: u64) -> Option<Unwound> {
    let mut caller = frame.registers.returned(None, None);
    for name in RESTORED {
        if let Some(value) = variables.assigned(name) {
            caller.set(frame.registers.arch().register(name)?, Some(value));
        }
    }
    caller.pc().and(caller.sp())?;
    Some(Unwound::Caller { registers: Box::new(caller), is_signal: false, is_certain: false, parameters })
}
