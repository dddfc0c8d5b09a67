//! The kinds of instructions, by their mnemonics.

use iced_x86::{Instruction, Mnemonic, OpKind};

/// What an instruction does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Multiplies and adds in one rounding.
    Fma,
    Multiply,
    Shift,
    /// Moves values between lanes.
    Shuffle,
    Logic,
    Add,
    Compare,
    Blend,
    Convert,
    Other,
}

/// The beginnings of mnemonics, without the `V` of AVX. The first that fits decides.
const BEGINNINGS: &[(&str, Kind)] = &[
    ("Fmadd", Kind::Fma),
    ("Fmsub", Kind::Fma),
    ("Fnmadd", Kind::Fma),
    ("Fnmsub", Kind::Fma),
    ("Pmadd", Kind::Multiply),
    ("Pmul", Kind::Multiply),
    ("Mul", Kind::Multiply),
    ("Imul", Kind::Multiply),
    ("Psll", Kind::Shift),
    ("Psrl", Kind::Shift),
    ("Psra", Kind::Shift),
    ("Prol", Kind::Shift),
    ("Pror", Kind::Shift),
    ("Pshld", Kind::Shift),
    ("Pshrd", Kind::Shift),
    ("Shl", Kind::Shift),
    ("Shr", Kind::Shift),
    ("Sal", Kind::Shift),
    ("Sar", Kind::Shift),
    ("Rol", Kind::Shift),
    ("Ror", Kind::Shift),
    ("Pshuf", Kind::Shuffle),
    ("Shuf", Kind::Shuffle),
    ("Perm", Kind::Shuffle),
    ("Punpck", Kind::Shuffle),
    ("Unpck", Kind::Shuffle),
    ("Pack", Kind::Shuffle),
    ("Palignr", Kind::Shuffle),
    ("Align", Kind::Shuffle),
    ("Insert", Kind::Shuffle),
    ("Extract", Kind::Shuffle),
    ("Pinsr", Kind::Shuffle),
    ("Pextr", Kind::Shuffle),
    ("Broadcast", Kind::Shuffle),
    ("Pbroadcast", Kind::Shuffle),
    ("Movshdup", Kind::Shuffle),
    ("Movsldup", Kind::Shuffle),
    ("Movddup", Kind::Shuffle),
    ("Pcmp", Kind::Compare),
    ("Cmp", Kind::Compare),
    ("Test", Kind::Compare),
    ("Ptest", Kind::Compare),
    ("Comis", Kind::Compare),
    ("Ucomis", Kind::Compare),
    ("Blend", Kind::Blend),
    ("Pblend", Kind::Blend),
    ("Cvt", Kind::Convert),
    ("Pmov", Kind::Convert),
    ("Pand", Kind::Logic),
    ("Por", Kind::Logic),
    ("Pxor", Kind::Logic),
    ("Ptern", Kind::Logic),
    ("And", Kind::Logic),
    ("Or", Kind::Logic),
    ("Xor", Kind::Logic),
    ("Padd", Kind::Add),
    ("Psub", Kind::Add),
    ("Add", Kind::Add),
    ("Sub", Kind::Add),
    ("Lea", Kind::Add),
    ("Inc", Kind::Add),
    ("Dec", Kind::Add),
];

/// The kind of an instruction.
pub(crate) fn kind(instruction: &Instruction) -> Kind {
    let mnemonic = instruction.mnemonic();
    // These begin like kinds that they are not.
    if matches!(mnemonic, Mnemonic::Pmovmskb | Mnemonic::Vpmovmskb) {
        return Kind::Other;
    }
    let name = format!("{mnemonic:?}");
    let name = match name.strip_prefix('V') {
        Some(rest) => capitalised(rest),
        None => name,
    };
    let fits = BEGINNINGS.iter().find(|(beginning, _)| name.starts_with(beginning));
    fits.map_or(Kind::Other, |&(_, kind)| kind)
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Whether it computes with one floating-point number in a vector register.
pub(crate) fn is_scalar_float(instruction: &Instruction) -> bool {
    let name = format!("{:?}", instruction.mnemonic());
    name.ends_with("sd") || name.ends_with("ss")
}

/// Whether it computes with floating-point numbers.
pub(crate) fn is_float(instruction: &Instruction) -> bool {
    let name = format!("{:?}", instruction.mnemonic());
    ["pd", "ps", "sd", "ss"].iter().any(|ending| name.ends_with(ending))
}

/// Whether it only moves a value, and needs no unit that computes. A broadcast from memory is a load.
pub(crate) fn is_move(instruction: &Instruction) -> bool {
    let name = format!("{:?}", instruction.mnemonic());
    let name = name.strip_prefix('V').map_or(name.clone(), capitalised);
    let begins = |beginnings: &[&str]| beginnings.iter().any(|word| name.starts_with(word));
    if begins(&["Broadcast", "Pbroadcast"]) {
        return instruction.op_count() == 2 && instruction.op1_kind() == OpKind::Memory;
    }
    let moves = ["Mov", "Lddqu", "Kmov", "Push", "Pop", "Nop", "Endbr", "Zero", "Prefetch"];
    begins(&moves)
        && name != "Popcnt"
        && !name.starts_with("Movmsk")
        && kind(instruction) == Kind::Other
}
