//! The runner for crossings inside one program: floor, direct, pointer, and batches by pointer.

use pi_crossings::runner::{self, Generator, Request, Work};
use pi_crossings::{Caller, callee, kernel};
use std::process::ExitCode;

pi_crossings::keep_answers_apart!(pi_crossings::answer);

fn main() -> ExitCode {
    runner::main(choose)
}

fn choose(request: &Request) -> Result<Work, String> {
    let &Request { generator, seed, samples, batch, .. } = request;
    let (first, count) = (samples.first(), samples.count());
    let caller = Caller::of(request.caller)?;
    let work: Work = match (generator, &*request.driver) {
        (Generator::Crossing, "floor") if request.caller == request.callee => {
            Box::new(move || Ok((caller.floor)(seed, first, count)))
        }
        (Generator::Crossing, "floor") => {
            return Err(format!(
                "{}-{} has no floor: only a callee of the caller's language is inlined",
                request.caller, request.callee
            ));
        }
        (Generator::Crossing, "direct") => {
            let direct = caller.direct(request.callee)?;
            Box::new(move || Ok(direct(seed, first, count)))
        }
        (Generator::Crossing, "pointer") => {
            let callee = callee(request.callee)?;
            // SAFETY: the callees take any arguments.
            Box::new(move || Ok(unsafe { (caller.pointer)(callee, seed, first, count) }))
        }
        (Generator::Batch, "pointer") => {
            let (_, kernel) = kernel(request.callee)?;
            // SAFETY: every CPU has the base level, philox takes any seed, and the range was
            // checked.
            Box::new(move || Ok(unsafe { (caller.batches)(kernel, seed, first, count, batch) }))
        }
        (_, driver) => {
            return Err(format!(
                "unknown driver '{driver}': use floor, direct or pointer (for batches: pointer); \
                 pi-crossings-shared has shared and checked"
            ));
        }
    };
    Ok(work)
}
