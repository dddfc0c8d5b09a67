//! Each micro-kernel executes what its name says and nothing else, by the counts of the audit. This program
//! starts itself again to be counted: with the name of a micro-kernel and a number of instructions.

use anyhow::{Context, Result, anyhow, ensure};
use pi_audit::{Audit, Running, Work};
use pi_peak::{Memory, Micro, TURN};
use std::env;
use std::process::Command;

fn main() -> Result<()> {
    let words: Vec<String> = env::args().collect();
    if let [_, name, count] = &words[..]
        && !name.starts_with('-')
    {
        let micro = Micro::find(name).map_err(|why| anyhow!(why))?;
        micro.execute(count.parse()?, &mut Memory::default()).map_err(|why| anyhow!(why))?;
        return Ok(());
    }
    if cfg!(not(target_arch = "x86_64")) {
        println!("the audit reads x86-64 only");
        return Ok(());
    }
    let running = Running::open()?;
    for micro in Micro::all().filter(|micro| Micro::find(micro.name).is_ok()) {
        let audit = Audit::new(&running.image, running.address_of(micro.code()), |count| {
            let mut command = Command::new(env::current_exe()?);
            command.args([micro.name, &count.to_string()]);
            Ok(command)
        });
        match audit {
            Ok(audit) => check(micro.name, &audit.work()).context(micro.name)?,
            Err(why) if format!("{why:#}").contains("cannot start or trace") => {
                println!("{why:#}: the micro-kernels are not counted");
                return Ok(());
            }
            Err(why) => return Err(why.context(micro.name)),
        }
    }
    println!("machine_code: ok");
    Ok(())
}

/// Checks the work of one instruction of a micro-kernel. The loop adds one instruction for each turn, and a
/// jump that the core joins with it.
fn check(name: &str, work: &Work) -> Result<()> {
    let counted = |name: &str| work.get(name).copied().unwrap_or(0.0);
    let turn = 1.0 / TURN as f64;
    let is = |found: f64, expected: f64| (found - expected).abs() < 1e-9;
    let (kind, width) = name.rsplit_once('-').context("a kind and a width")?;
    ensure!(is(counted("instructions"), 1.0 + turn), "{work:?}");
    let scalar = if width == "64" { turn } else { 0.0 };
    match kind {
        "instructions" => {
            let vector = counted(&format!("slots-{width}"));
            ensure!(is(vector + counted("slots-64"), 1.0 + turn), "{work:?}");
            ensure!((0.3..=0.5).contains(&vector), "{work:?}");
        }
        "load" | "store" => {
            ensure!(is(counted(name), 1.0), "{work:?}");
            ensure!(is(counted("load-64") + counted("store-64"), scalar * TURN as f64), "{work:?}");
        }
        "add" => ensure!(is(counted(name), 1.0 + scalar), "{work:?}"),
        "slots" => {
            ensure!(is(counted(name), 1.0 + scalar), "{work:?}");
            ensure!(counted(&format!("add-{width}")) < 0.7, "a mix has several kinds: {work:?}");
        }
        _ => ensure!(is(counted(name), 1.0), "{work:?}"),
    }
    Ok(())
}
