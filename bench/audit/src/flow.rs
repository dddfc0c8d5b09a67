//! The blocks of a kernel's machine code: runs of instructions that are executed together.

use crate::image::Image;
use anyhow::{Result, ensure};
use iced_x86::{Code, Decoder, DecoderOptions, FlowControl, Instruction};
use std::collections::{BTreeMap, BTreeSet};

/// A function and the functions that it calls, as blocks.
#[derive(Debug)]
pub struct Flow {
    instructions: BTreeMap<u64, Instruction>,
    /// The addresses at which a block begins.
    starts: BTreeSet<u64>,
}

impl Flow {
    /// Follows the code from these addresses on. Calls of other libraries are not followed.
    ///
    /// # Errors
    /// If there is no code at the first address.
    pub fn new(image: &Image, entries: &[u64]) -> Result<Self> {
        let mut flow = Self { instructions: BTreeMap::new(), starts: BTreeSet::new() };
        let mut left = entries.to_vec();
        while let Some(start) = left.pop() {
            if image.code_at(start).is_some() && flow.starts.insert(start) {
                flow.follow(image, start, &mut left);
            }
        }
        let entry = entries.first().copied().unwrap_or_default();
        ensure!(!flow.instructions.is_empty(), "there is no machine code at {entry:#x}");
        Ok(flow)
    }

    /// Decodes instructions up to the end of their run, and notes where the code goes on.
    fn follow(&mut self, image: &Image, start: u64, left: &mut Vec<u64>) {
        let code = image.code_at(start).unwrap_or_default();
        for instruction in Decoder::with_ip(64, code, start, DecoderOptions::NONE) {
            if instruction.code() == Code::INVALID
                || self.instructions.insert(instruction.ip(), instruction).is_some()
            {
                return;
            }
            match instruction.flow_control() {
                FlowControl::Next | FlowControl::IndirectCall | FlowControl::XbeginXabortXend => {}
                FlowControl::Call => left.push(instruction.near_branch_target()),
                FlowControl::ConditionalBranch => {
                    left.extend([instruction.near_branch_target(), instruction.next_ip()]);
                    return;
                }
                FlowControl::UnconditionalBranch => {
                    left.push(instruction.near_branch_target());
                    return;
                }
                FlowControl::IndirectBranch
                | FlowControl::Return
                | FlowControl::Interrupt
                | FlowControl::Exception => return,
            }
        }
    }

    /// The addresses at which blocks begin.
    pub fn starts(&self) -> impl Iterator<Item = u64> {
        self.starts.iter().copied()
    }

    pub(crate) fn begins_at(&self, address: u64) -> bool {
        self.starts.contains(&address)
    }

    /// All instructions, by address.
    pub(crate) fn instructions(&self) -> impl Iterator<Item = &Instruction> {
        self.instructions.values()
    }

    /// The instructions of the block that begins here.
    pub fn block(&self, start: u64) -> impl Iterator<Item = &Instruction> {
        let mut next = Some(start);
        std::iter::from_fn(move || {
            let instruction = self.instructions.get(&next?)?;
            let after = instruction.next_ip();
            let goes_on = matches!(
                instruction.flow_control(),
                FlowControl::Next
                    | FlowControl::Call
                    | FlowControl::IndirectCall
                    | FlowControl::XbeginXabortXend
            );
            next = (goes_on && !self.starts.contains(&after)).then_some(after);
            Some(instruction)
        })
    }

    /// The instructions from one address up to, but not including, another.
    pub(crate) fn between(&self, from: u64, to: u64) -> impl Iterator<Item = &Instruction> {
        self.instructions.range(from..to).map(|(_, instruction)| instruction)
    }
}
