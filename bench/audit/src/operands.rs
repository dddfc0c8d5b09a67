//! What instructions do with their operands: reads and writes of memory, and vector registers.

use iced_x86::{Instruction, InstructionInfoFactory, OpAccess, Register, UsedMemory};

/// An access of an instruction to memory.
pub(crate) struct Access {
    pub(crate) reads: bool,
    pub(crate) writes: bool,
    /// The register that the address begins with.
    pub(crate) base: Register,
    /// The size in bits.
    pub(crate) bits: u32,
}

/// The accesses of an instruction to memory.
pub(crate) fn accesses(instruction: &Instruction) -> Vec<Access> {
    let access = |memory: &UsedMemory| {
        use OpAccess::{CondRead, CondWrite, Read, ReadCondWrite, ReadWrite, Write};
        Access {
            reads: matches!(memory.access(), Read | CondRead | ReadWrite | ReadCondWrite),
            writes: matches!(memory.access(), Write | CondWrite | ReadWrite | ReadCondWrite),
            base: memory.base(),
            bits: 8 * memory.memory_size().size() as u32,
        }
    };
    InstructionInfoFactory::new().info(instruction).used_memory().iter().map(access).collect()
}

/// The registers that an instruction names.
pub(crate) fn registers(instruction: &Instruction) -> impl Iterator<Item = Register> + Clone {
    (0..instruction.op_count()).map(|place| instruction.op_register(place))
}

/// The width of a vector register in bits; none for other registers.
pub(crate) fn vector_bits(register: Register) -> Option<u32> {
    let widths = [(register.is_zmm(), 512), (register.is_ymm(), 256), (register.is_xmm(), 128)];
    widths.into_iter().find(|&(is_it, _)| is_it).map(|(_, bits)| bits)
}
