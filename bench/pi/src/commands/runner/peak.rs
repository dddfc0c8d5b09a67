//! The answer of the runner for a micro-kernel, which measures the core.

use anyhow::{anyhow, ensure};
use pi_peak::{Memory, Micro};
use pi_protocol::{Answer, Calls, Values};

/// Executes a micro-kernel on one thread. A sample is an instruction.
pub(super) fn answer(request: &Values) -> anyhow::Result<Answer> {
    for what in ["ranks", "threads"] {
        let number: u32 = request.number(what, Some(1))?;
        ensure!(number == 1, "{what} {number}: a micro-kernel runs on one thread of one rank");
    }
    let driver = request.get("driver").unwrap_or("serial");
    ensure!(driver == "serial", "driver {driver}: a micro-kernel runs under serial only");
    let micro = Micro::find(request.needed("kernel")?).map_err(|why| anyhow!(why))?;
    let count = request.number("count", None)?;
    let mut memory = Memory::default();
    let mut answer = Answer::new(concat!("libpi ", env!("CARGO_PKG_VERSION")));
    answer.tell("ranks", 1);
    answer.tell("threads", 1);
    answer.runs = Calls::of(request)?
        .make(|| micro.execute(count, &mut memory).map_err(|why| anyhow!(why)))?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(request: &str) -> String {
        let values = Values::parse(request).unwrap();
        format!("{:#}", answer(&values).unwrap_err())
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn a_micro_kernel_counts_its_instructions() {
        let values = Values::parse("kernel add-128\ncount 4800\nwarmup 1\nruns 2").unwrap();
        let runs = answer(&values).unwrap().runs;
        assert_eq!(runs.iter().map(|run| run.hits).collect::<Vec<_>>(), [4800, 4800]);
        assert!(refusal("kernel add-128\ncount 1").contains("count 1: a micro-kernel executes"));
        assert!(refusal("kernel add-7\ncount 48").contains("'add-7'; there are multiply-64"));
    }

    #[test]
    fn what_a_micro_kernel_cannot_do_is_refused() {
        for (request, words) in [
            ("threads 2", "threads 2: a micro-kernel runs on one thread"),
            ("ranks 2", "ranks 2"),
            ("driver rayon", "driver rayon"),
            ("count 48", "does not give the kernel"),
        ] {
            assert!(refusal(request).contains(words), "{request}");
        }
    }
}
