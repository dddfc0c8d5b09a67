//! A runner in plain Rust. Of libpi it uses only the protocol. Its kernel is a plain loop over
//! Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC11), one block after the other.
//!
//!     cargo build --release --package pi-protocol --example plain

use pi_protocol::{Answer, Calls, Values, serve};
use std::error::Error;
use std::io;
use std::process::ExitCode;

/// The words of a block, read as signed: two samples (x, y).
fn philox(seed: u64, block: u64) -> [i32; 4] {
    let (mut c0, mut c1, mut c2, mut c3) = (block as u32, (block >> 32) as u32, 0, 0);
    let (mut k0, mut k1) = (seed as u32, (seed >> 32) as u32);
    for _ in 0..10 {
        let (p0, p1) = (0xD251_1F53 * u64::from(c0), 0xCD9E_8D57 * u64::from(c2));
        (c0, c1) = ((p1 >> 32) as u32 ^ c1 ^ k0, p1 as u32);
        (c2, c3) = ((p0 >> 32) as u32 ^ c3 ^ k1, p0 as u32);
        k0 = k0.wrapping_add(0x9E37_79B9);
        k1 = k1.wrapping_add(0xBB67_AE85);
    }
    [c0 as i32, c1 as i32, c2 as i32, c3 as i32]
}

fn hit(x: i32, y: i32) -> u64 {
    let square = |x: i32| (i64::from(x) * i64::from(x)) as u64;
    u64::from(square(x) + square(y) < 1 << 62)
}

fn count_hits(seed: u64, mut first: u64, mut count: u64) -> u64 {
    let mut hits = 0;
    if count > 0 && first % 2 == 1 {
        let [.., x, y] = philox(seed, first / 2);
        hits += hit(x, y);
        first = first.wrapping_add(1);
        count -= 1;
    }
    for block in 0..count / 2 {
        let [x, y, z, w] = philox(seed, first / 2 + block);
        hits += hit(x, y) + hit(z, w);
    }
    if count % 2 == 1 {
        let [x, y, ..] = philox(seed, first / 2 + count / 2);
        hits += hit(x, y);
    }
    hits
}

fn answer(request: &Values) -> Result<Answer, Box<dyn Error>> {
    // The program refuses what it cannot do. Otherwise it would be measured under a wrong name.
    for (key, only, any) in [
        ("generator", "philox", "philox"),
        ("kernel", "plain-rust", "auto"),
        ("driver", "serial", "auto"),
        ("threads", "1", "1"),
        ("ranks", "1", "1"),
    ] {
        let value = request.get(key).unwrap_or(only);
        if value != only && value != any {
            return Err(format!("{key} {value}: this program has only {only}").into());
        }
    }
    let seed = request.number("seed", Some(42))?;
    let first = request.number("first", Some(0u64))?;
    let count: u64 = request.number("count", None)?;
    if first.checked_add(count.saturating_sub(1)).is_none() {
        return Err(format!("count {count}: with first {first} the range reaches past 2^64").into());
    }
    let mut answer = Answer::new("plain Rust 1.0");
    answer.tell("ranks", 1);
    answer.tell("threads", 1);
    let call = || Ok::<_, Box<dyn Error>>(count_hits(seed, first, count));
    answer.runs = Calls::of(request)?.make(call)?;
    Ok(answer)
}

fn main() -> ExitCode {
    match serve(io::stdin(), &mut io::stdout(), answer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}
