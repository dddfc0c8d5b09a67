//! Instructions by kind.

use crate::kind::{Kind, is_scalar_float, kind};
use crate::operands::{accesses, registers, vector_bits};
use iced_x86::{FlowControl, Instruction, Register};
use serde::{Deserialize, Serialize};

/// The width of the vectors with which a kernel computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Width {
    /// It computes with single numbers.
    Scalar,
    /// Bits of a vector.
    #[serde(untagged)]
    Bits(u32),
}

/// How many instructions there are of each kind, for one sample.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    /// All instructions.
    pub instructions: f64,
    /// Instructions that compute with vectors.
    pub vector: f64,
    /// Of these, those with registers of 128, 256 and 512 bits.
    #[serde(skip)]
    pub widths: [f64; 3],
    /// Multiplications, scalar and vector, without FMA.
    pub multiplies: f64,
    /// Fused multiplications and additions.
    pub fma: f64,
    /// Shifts and rotations.
    pub shifts: f64,
    /// Movements between lanes.
    pub shuffles: f64,
    /// And, or, xor and combinations of them.
    pub logic: f64,
    /// Additions and subtractions.
    pub additions: f64,
    /// Comparisons.
    pub comparisons: f64,
    /// Choices between lanes of two vectors.
    pub blends: f64,
    /// Conversions between types.
    pub conversions: f64,
    /// Reads of memory.
    pub loads: f64,
    /// Writes to memory.
    pub stores: f64,
    /// Of the reads and writes, those of the stack: values that registers did not hold.
    pub spills: f64,
    /// Calls of functions.
    pub calls: f64,
}

impl Tally {
    /// Adds an instruction that is executed this many times.
    pub fn add(&mut self, instruction: &Instruction, times: f64) {
        self.instructions += times;
        if let Some(place) = vector_size(instruction) {
            self.vector += times;
            self.widths[place] += times;
        }
        let counter = match kind(instruction) {
            Kind::Multiply => Some(&mut self.multiplies),
            Kind::Fma => Some(&mut self.fma),
            Kind::Shift => Some(&mut self.shifts),
            Kind::Shuffle => Some(&mut self.shuffles),
            Kind::Logic => Some(&mut self.logic),
            Kind::Add => Some(&mut self.additions),
            Kind::Compare => Some(&mut self.comparisons),
            Kind::Blend => Some(&mut self.blends),
            Kind::Convert => Some(&mut self.conversions),
            Kind::Other => None,
        };
        if let Some(counter) = counter {
            *counter += times;
        }
        match instruction.flow_control() {
            FlowControl::Call | FlowControl::IndirectCall => self.calls += times,
            FlowControl::Return => {}
            _ => self.add_memory(instruction, times),
        }
    }

    fn add_memory(&mut self, instruction: &Instruction, times: f64) {
        for access in accesses(instruction) {
            let number = |happens| times * f64::from(u8::from(happens));
            self.loads += number(access.reads);
            self.stores += number(access.writes);
            if access.base == Register::RSP || access.base == Register::RBP {
                self.spills += number(access.reads) + number(access.writes);
            }
        }
    }

    /// The width of most vector instructions; scalar if fewer than a quarter of all compute with
    /// vectors.
    pub fn width(&self) -> Width {
        if self.vector == 0.0 || self.vector < self.instructions / 4.0 {
            return Width::Scalar;
        }
        let [w128, w256, w512] = self.widths;
        if w512 >= w256 && w512 >= w128 {
            Width::Bits(512)
        } else if w256 >= w128 {
            Width::Bits(256)
        } else {
            Width::Bits(128)
        }
    }
}

/// The widest vector register of an instruction that computes with vectors, as a place in a list of
/// 128, 256 and 512 bits.
fn vector_size(instruction: &Instruction) -> Option<usize> {
    if is_scalar_float(instruction) {
        return None;
    }
    let widest = registers(instruction).filter_map(vector_bits).max()?;
    [128, 256, 512].iter().position(|&bits| bits == widest)
}
