//! The work of a kernel for one sample, as a core sees it: instructions by kind and width.

use crate::kind::{Kind, is_float, is_move, kind};
use crate::operands::{accesses, registers, vector_bits};
use iced_x86::{FlowControl, Instruction, Register};
use std::collections::BTreeMap;

/// Numbers of instructions for one sample. A name such as `multiply-256` has a kind and the width of its
/// registers in bits; 64 stands for all that is no vector. `slots-256` has all that compute with vectors of
/// this width, `instructions` all that the core decodes. The micro-kernels that measure what a core can do
/// have the same names.
pub type Work = BTreeMap<String, f64>;

/// Stands for the width of all that is no vector.
const SCALAR: u32 = 64;

/// Stands for the width of a mask.
const MASK: u32 = 1;

/// Adds an instruction that is executed this many times.
pub(crate) fn add(work: &mut Work, instruction: &Instruction, times: f64) {
    let mut count = |name: String| *work.entry(name).or_insert(0.0) += times;
    let flow = instruction.flow_control();
    // A core joins a conditional jump with the comparison before it.
    if flow == FlowControl::ConditionalBranch {
        return;
    }
    count("instructions".to_owned());
    if flow != FlowControl::Next {
        return;
    }
    for access in accesses(instruction) {
        let bits = access.bits.max(SCALAR);
        if access.reads {
            count(format!("load-{bits}"));
        }
        if access.writes {
            count(format!("store-{bits}"));
        }
    }
    if let Some(size) = computes_with(instruction) {
        count(format!("slots-{size}"));
        count(format!("{}-{size}", name(instruction)));
    }
}

/// The kind of an instruction that computes.
fn name(instruction: &Instruction) -> &'static str {
    let has_memory = instruction.memory_base() != Register::None;
    match (kind(instruction), is_float(instruction)) {
        (Kind::Fma, _) => "fma",
        (Kind::Multiply, false) => "multiply",
        (Kind::Multiply, true) => "float-multiply",
        (Kind::Shift, _) => "shift",
        // Many cores move lanes while they load them.
        (Kind::Shuffle, _) if !has_memory => "shuffle",
        (Kind::Logic, _) => "logic",
        (Kind::Add, false) => "add",
        (Kind::Add, true) => "float-add",
        (Kind::Compare, false) => "compare",
        (Kind::Blend, _) => "blend",
        (Kind::Shuffle | Kind::Compare | Kind::Convert | Kind::Other, _) => "other",
    }
}

/// The width of the registers with which an instruction computes; none if it only moves a value, or
/// computes with masks.
fn computes_with(instruction: &Instruction) -> Option<u32> {
    if is_move(instruction) {
        return None;
    }
    let widths = registers(instruction).map(|register| match register {
        register if register.is_k() => MASK,
        register => vector_bits(register).unwrap_or(SCALAR),
    });
    let widest = widths.clone().max().filter(|&width| width >= SCALAR);
    // `kmov` and its like name a mask and a register.
    if widest == Some(SCALAR) && widths.min() == Some(MASK) { None } else { widest }
}
