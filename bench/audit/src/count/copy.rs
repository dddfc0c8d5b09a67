//! A copy of a kernel's machine code that counts the executions of its blocks.

use super::traced::Traced;
use crate::flow::Flow;
use anyhow::{Context, Result};
use iced_x86::{
    BlockEncoder, BlockEncoderOptions, Code, FlowControl, IcedError, Instruction, InstructionBlock,
    MemoryOperand, OpKind, Register,
};
use std::collections::BTreeMap;

/// The largest size of the code that counts a block, with a breakpoint and a jump after it.
const LARGEST_COUNTER: usize = 64;

/// The largest size of an instruction that was moved: a jump to a place that became too far away.
const LARGEST_INSTRUCTION: usize = 24;

/// The bytes below the stack pointer that a function may use without moving it (System V ABI).
const RED_ZONE: i64 = 128;

/// The size of a counter.
const COUNTER: u64 = 8;

/// The copy, with addresses in the memory of the program that runs it.
pub(super) struct Copy {
    code: Vec<u8>,
    address: u64,
    counters: u64,
    /// The address of each block in the copy, by its address in the original.
    counterparts: BTreeMap<u64, u64>,
    /// The blocks in the file, in the order of their counters.
    blocks: Vec<u64>,
}

impl Copy {
    pub(super) fn room_for_counters(flow: &Flow) -> u64 {
        flow.starts().count() as u64 * COUNTER
    }

    pub(super) fn room_for_code(flow: &Flow) -> u64 {
        let blocks = flow.starts().count() * LARGEST_COUNTER;
        (blocks + flow.instructions().count() * LARGEST_INSTRUCTION) as u64
    }

    /// Copies the code for a place in memory. `base` is the difference between addresses in memory and in
    /// the file. Before each jump through a register, which would leave the copy, stands a breakpoint.
    pub(super) fn of(flow: &Flow, base: u64, address: u64, counters: u64) -> Result<Self> {
        let mut copied = Vec::new();
        // The place in `copied` at which each block begins.
        let mut begins = Vec::new();
        let mut all = flow.instructions().peekable();
        while let Some(original) = all.next() {
            if flow.begins_at(original.ip()) {
                let counter = counters + begins.len() as u64 * COUNTER;
                begins.push((original.ip(), copied.len()));
                let mut counting = counting(counter)?;
                // What leads to the block now leads to its counter.
                counting[0].set_ip(original.ip().wrapping_add(base));
                copied.extend(counting);
            }
            if original.flow_control() == FlowControl::IndirectBranch {
                copied.push(Instruction::with(Code::Int3));
            }
            copied.push(moved(original, base));
            let next = original.next_ip();
            if goes_on(original) && all.peek().is_none_or(|following| following.ip() != next) {
                copied.push(Instruction::with_branch(Code::Jmp_rel32_64, next.wrapping_add(base))?);
            }
        }
        let encoded = BlockEncoder::encode(
            64,
            InstructionBlock::new(&copied, address),
            BlockEncoderOptions::RETURN_NEW_INSTRUCTION_OFFSETS,
        )
        .context("the kernel's machine code cannot be moved")?;
        let begin = |&(block, place): &(u64, usize)| {
            let offset = encoded.new_instruction_offsets[place];
            (block.wrapping_add(base), address + u64::from(offset))
        };
        let counterparts = begins.iter().map(begin).collect();
        let blocks = begins.iter().map(|&(block, _)| block).collect();
        Ok(Self { code: encoded.code_buffer, address, counters, counterparts, blocks })
    }

    pub(super) fn code(&self) -> &[u8] {
        &self.code
    }

    /// Where the copy has the block that begins at an address of the original.
    pub(super) fn counterpart(&self, original: u64) -> Option<u64> {
        self.counterparts.get(&original).copied()
    }

    /// Whether an address is in the copy.
    pub(super) fn holds(&self, address: u64) -> bool {
        (self.address..self.address + self.code.len() as u64).contains(&address)
    }

    /// The executions of each block, by its address in the file.
    pub(super) fn counts(&self, program: &Traced) -> Result<BTreeMap<u64, u64>> {
        let mut bytes = vec![0; self.blocks.len() * COUNTER as usize];
        program.read(self.counters, &mut bytes)?;
        let counts = bytes.as_chunks().0.iter().map(|&bytes| u64::from_le_bytes(bytes));
        Ok(self.blocks.iter().copied().zip(counts).filter(|&(_, times)| times > 0).collect())
    }
}

/// An instruction that refers to addresses in memory. It has no address of its own, because nothing leads
/// into the middle of a block.
fn moved(original: &Instruction, base: u64) -> Instruction {
    let mut instruction = *original;
    instruction.set_ip(0);
    if original.is_ip_rel_memory_operand() {
        instruction.set_memory_displacement64(original.memory_displacement64().wrapping_add(base));
    }
    if original.op_count() > 0 && original.op0_kind() == OpKind::NearBranch64 {
        instruction.set_near_branch64(original.near_branch64().wrapping_add(base));
    }
    instruction
}

/// Whether the instruction after this one may be executed next.
fn goes_on(instruction: &Instruction) -> bool {
    !matches!(
        instruction.flow_control(),
        FlowControl::UnconditionalBranch
            | FlowControl::IndirectBranch
            | FlowControl::Return
            | FlowControl::Interrupt
            | FlowControl::Exception
    )
}

/// Adds 1 to a counter. A kernel may need the flags and the red zone, so neither is touched.
fn counting(counter: u64) -> Result<[Instruction; 7], IcedError> {
    let stack = |offset| MemoryOperand::with_base_displ(Register::RSP, offset);
    let counter = MemoryOperand::with_base_displ(Register::RIP, counter as i64);
    let next = MemoryOperand::with_base_displ(Register::RAX, 1);
    Ok([
        Instruction::with2(Code::Lea_r64_m, Register::RSP, stack(-RED_ZONE))?,
        Instruction::with1(Code::Push_r64, Register::RAX)?,
        Instruction::with2(Code::Mov_r64_rm64, Register::RAX, counter)?,
        Instruction::with2(Code::Lea_r64_m, Register::RAX, next)?,
        Instruction::with2(Code::Mov_rm64_r64, counter, Register::RAX)?,
        Instruction::with1(Code::Pop_r64, Register::RAX)?,
        Instruction::with2(Code::Lea_r64_m, Register::RSP, stack(RED_ZONE))?,
    ])
}
