//! Reads the machine code: each timed loop makes exactly one call per iteration, of the right
//! callee, and the floors make none.
#![cfg(target_arch = "x86_64")]

mod programs;

use programs::{INSIDE, LANGUAGES, SHARED, libpi, pairs};
use std::process::Command;

/// The output of a program of binutils about a file.
fn says(program: &str, arguments: &[&str], file: &str) -> String {
    let output = Command::new(program).args(arguments).arg(file).output().unwrap();
    assert!(output.status.success(), "{program} {file}: {}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// An instruction: its address and its text.
type Instruction = (u64, String);

/// The instructions of a function.
fn function(file: &str, name: &str) -> Vec<Instruction> {
    let text =
        says("objdump", &["-d", "--no-show-raw-insn", &format!("--disassemble={name}")], file);
    let instruction = |line: &str| {
        let (address, text) = line.trim_start().split_once(":\t")?;
        Some((hexadecimal(address)?, text.trim().to_owned()))
    };
    let found: Vec<_> = text.lines().filter_map(instruction).collect();
    assert!(!found.is_empty(), "{file} has no function {name}");
    found
}

fn hexadecimal(text: &str) -> Option<u64> {
    u64::from_str_radix(text.trim_start_matches("0x"), 16).ok()
}

/// The loops of a function, innermost or not. A loop runs from the target of a backward jump to the
/// jump.
fn loops(code: &[Instruction]) -> Vec<&[Instruction]> {
    let back = |(at, (address, text)): (usize, &Instruction)| {
        let target = text.strip_prefix('j')?.split_whitespace().nth(1).and_then(hexadecimal)?;
        let start = code.iter().position(|(a, _)| *a == target && target <= *address)?;
        Some(&code[start..=at])
    };
    code.iter().enumerate().filter_map(back).collect()
}

/// The calls in some code. Some linkers pad a call with a prefix.
fn calls(code: &[Instruction]) -> Vec<&str> {
    let texts = code.iter().map(|(_, text)| &**text);
    texts.filter(|text| text.split_whitespace().any(|word| word == "call")).collect()
}

/// The one call in the one loop of a function.
fn the_call(file: &str, name: &str) -> String {
    let code = function(file, name);
    let loops = loops(&code);
    assert_eq!(loops.len(), 1, "loops of {name}: {code:#?}");
    let inside = calls(loops[0]);
    assert_eq!(inside.len(), 1, "calls in the loop of {name}: {code:#?}");
    assert_eq!(calls(&code).len(), 1, "calls outside of the loop of {name}: {code:#?}");
    inside[0].to_owned()
}

/// Whether a function loads the address of a symbol from the table of addresses. rustc calls
/// functions of other objects in this way.
fn loads_address(file: &str, name: &str, symbol: &str) -> bool {
    let code = function(file, name);
    let slots = code.iter().filter(|(_, text)| text.starts_with("mov ")).filter_map(|(_, text)| {
        let (slot, _) = text.split_once("# ")?.1.split_once(' ')?;
        hexadecimal(slot)
    });
    let table = says("nm", &["-P"], file);
    let address = table.lines().find_map(|line| {
        let mut words = line.split(' ');
        (words.next()? == symbol).then(|| words.nth(1).and_then(hexadecimal))?
    });
    let relocations = says("objdump", &["-R"], file);
    let is_the_symbol = |value: &str| match value.strip_prefix("*ABS*+") {
        Some(offset) => address.is_some() && hexadecimal(offset) == address,
        None => value.split('@').next() == Some(symbol),
    };
    slots.into_iter().any(|slot| {
        relocations.lines().any(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [at, _, value] = words[..] else { return false };
            hexadecimal(at) == Some(slot) && is_the_symbol(value)
        })
    })
}

#[test]
fn a_direct_call_names_its_callee() {
    libpi();
    for (caller, callee) in pairs() {
        let (name, symbol) =
            (format!("libpi_loop_{caller}_direct_{callee}"), format!("libpi_callee_{callee}"));
        for (program, called) in
            [(INSIDE, format!("<{symbol}>")), (SHARED, format!("<{symbol}@plt>"))]
        {
            let call = the_call(program, &name);
            if caller == "rust" && call.contains('*') {
                assert!(loads_address(program, &name, &symbol), "{name} of {program} calls {call}");
            } else {
                assert!(call.ends_with(&called), "{name} of {program}: {call}");
            }
        }
    }
}

#[test]
fn a_call_through_a_pointer_names_no_callee() {
    for caller in LANGUAGES {
        let call = the_call(INSIDE, &format!("libpi_loop_{caller}_pointer"));
        assert!(call.contains('*') && !call.contains('<'), "{caller}: {call}");
    }
}

#[test]
fn a_floor_has_a_loop_and_no_call() {
    for caller in LANGUAGES {
        let code = function(INSIDE, &format!("libpi_loop_{caller}_floor"));
        assert!(!loops(&code).is_empty(), "{code:#?}");
        assert!(calls(&code).is_empty(), "{code:#?}");
    }
}

/// A callee has only a few instructions, no loop and no call, like the line in a floor.
#[test]
fn a_callee_is_next_to_nothing() {
    for callee in LANGUAGES {
        let code = function(INSIDE, &format!("libpi_callee_{callee}"));
        let work = code.iter().take_while(|(_, text)| text != "ret").count();
        assert!(work <= 5, "{code:#?}");
        assert!(calls(&code).is_empty() && loops(&code).is_empty(), "{code:#?}");
    }
}
