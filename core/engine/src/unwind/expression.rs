//! DWARF expressions in unwind rules (DWARF 5, 2.5 and 6.4.2).

use gimli::{EndianSlice, Evaluation, EvaluationResult, Expression, LittleEndian, Location, Value};

use super::frame::Frame;

/// Rules of compilers and hand-written assembly have a dozen operations.
const MAX_STEPS: u32 = 1_000;

/// The value of an expression that starts with `initial` on its stack; None if it cannot be computed.
pub(super) fn evaluate(
    expression: Expression<EndianSlice<'_, LittleEndian>>,
    encoding: gimli::Encoding,
    initial: Option<u64>,
    frame: &Frame<'_>,
) -> Option<u64> {
    let mut evaluation = expression.evaluation(encoding);
    evaluation.set_max_iterations(MAX_STEPS);
    if let Some(initial) = initial {
        evaluation.set_initial_value(initial);
    }
    let mut state = evaluation.evaluate().ok()?;
    for _ in 0..MAX_STEPS {
        match answered(&mut evaluation, state, frame)? {
            EvaluationResult::Complete => return result(&evaluation),
            next => state = next,
        }
    }
    None
}

fn answered<'d>(
    evaluation: &mut Evaluation<EndianSlice<'d, LittleEndian>>,
    state: EvaluationResult<EndianSlice<'d, LittleEndian>>,
    frame: &Frame<'_>,
) -> Option<EvaluationResult<EndianSlice<'d, LittleEndian>>> {
    match state {
        EvaluationResult::Complete => Some(state),
        EvaluationResult::RequiresMemory { address, size, .. } => {
            let value = frame.memory.read(address, size.into())?;
            evaluation.resume_with_memory(Value::Generic(value)).ok()
        }
        EvaluationResult::RequiresRegister { register, .. } => {
            let value = frame.registers.get(register.0)?;
            evaluation.resume_with_register(Value::Generic(value)).ok()
        }
        EvaluationResult::RequiresRelocatedAddress(address) => {
            evaluation.resume_with_relocated_address(address.wrapping_add(frame.bias)).ok()
        }
        // Whatever else there is describes variables, not frames.
        _ => None,
    }
}

fn result(evaluation: &Evaluation<EndianSlice<'_, LittleEndian>>) -> Option<u64> {
    match evaluation.as_result() {
        [piece] => match piece.location {
            Location::Address { address } => Some(address),
            Location::Value { value: Value::Generic(value) } => Some(value),
            _ => None,
        },
        _ => None,
    }
}
