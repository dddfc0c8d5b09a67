//! The plan of `pi sample`, made before anything is counted.

use super::count::Plan;
use super::options::Sample;
use super::work::Work;
use crate::job::placement::{self, node::Node};
use crate::job::ranks::Ranks;
use crate::job::workers::Workers;
use crate::loading;
use anyhow::anyhow;
use libpi::cpus::CpuCount;
use libpi::{AUTO, Catalog, Driver, Kernel, Samples};
use pi_harness::number::counted;
use pi_harness::process::StopSignals;

/// What this rank is to do, decided before anything is counted.
pub(super) struct Assignment<'a> {
    pub(super) work: Work,
    pub(super) kernel: &'a Kernel,
    pub(super) driver: &'a Driver,
    pub(super) threads: u32,
    pub(super) cpus: Vec<usize>,
    pub(super) usable_cpus: u32,
    pub(super) oversubscription: Option<String>,
    pub(super) binding: Option<String>,
    pub(super) kept_back: Option<String>,
    /// The number of ranks.
    pub(super) ranks: u32,
    /// Whether the answer has each rank.
    pub(super) lists_ranks: bool,
}

/// Decides what this rank is to do. All ranks decide the same, except for their kernels and CPUs. `resumed`
/// is the work of an earlier run.
pub(super) fn assign<'a>(
    catalog: &'a Catalog,
    options: &Sample,
    resumed: Option<Work>,
    ranks: &Ranks,
) -> anyhow::Result<Assignment<'a>> {
    let kernels: Vec<&str> = kernels(catalog, options).collect();
    let chosen = || -> anyhow::Result<_> {
        if let Some(generator) = options.generator {
            catalog.generator(generator.name())?;
        }
        let work = match resumed {
            Some(work) => {
                work.agree_with(options)?;
                catalog.generator(work.generator.name()).map_err(|_| foreign(&work))?;
                work
            }
            None => Work::new(options, || catalog.generator_of(kernels[0]))?,
        };
        // Every rank checks all names, so that a wrong name is found with any number of ranks.
        let kernels: Vec<&Kernel> = kernels
            .iter()
            .map(|name| catalog.kernel(work.generator, name))
            .collect::<libpi::Result<_>>()?;
        let kernel = kernels[ranks.rank() as usize % kernels.len()];
        loading::ensure_right(kernel, catalog.driver("serial")?)?;
        Ok((work, kernel))
    };
    let (work, kernel) = ranks.agree(chosen())?;

    let asked = options.threads.number.0;
    if asked.is_none() && options.driver != "serial" {
        placement::agree_on_request(ranks)?;
    }
    let node = Node::of_this_rank(ranks);
    let default = placement::default_threads(&node, ranks);
    let share = work.rest().count() / u64::from(ranks.size());
    let (driver, threads) = ranks.agree(
        catalog
            .driver_and_threads_or(&options.driver, asked, share, || default.clone())
            .map_err(Into::into),
    )?;

    let is_free = asked.is_none() && placement::request().is_none() && options.driver != "serial";
    let [oversubscription, binding, kept_back] = ranks.firsts([
        node.oversubscription(threads),
        node.binding(threads),
        node.kept_back().filter(|_| is_free),
    ]);
    Ok(Assignment {
        work,
        kernel,
        driver,
        threads,
        cpus: ranks.agree(node.pins(&options.pin, threads, ranks))?,
        usable_cpus: CpuCount::of_this_process().usable,
        oversubscription,
        binding,
        kept_back,
        ranks: ranks.size(),
        lists_ranks: options.ranks,
    })
}

/// Why this pi cannot go on with the work of an earlier run whose problem it does not know.
fn foreign(work: &Work) -> anyhow::Error {
    let problem = work.generator;
    anyhow!(
        "the file of --resume counts {problem}, a problem for which libpi has no kernel: load one, with --load \
         NAME=FILE:SYMBOL --generator {problem}"
    )
}

impl Assignment<'_> {
    /// What should be known before anything is counted.
    pub(super) fn warnings(&self) -> impl Iterator<Item = String> {
        let known = [&self.oversubscription, &self.binding, &self.kept_back];
        let of_generator = self.work.warning();
        of_generator.into_iter().chain(known.into_iter().flatten().cloned())
    }

    /// The plan for what is left to count.
    pub(super) fn plan<'s>(&self, signals: &'s StopSignals) -> Plan<'s> {
        Plan {
            samples: self.work.rest(),
            threads: self.threads,
            adapts: self.work.generator.is_exact(),
            limit: self.work.limit.map(|limit| limit.saturating_sub(self.work.before.time)),
            signals,
        }
    }

    pub(super) fn workers(&self, part: Samples) -> libpi::Result<Workers<'_>> {
        Workers::new(self.kernel, self.driver, self.work.seed, part, self.threads, &self.cpus)
    }
}

/// The kernels that the ranks take in turn.
fn kernels<'a>(catalog: &'a Catalog, options: &'a Sample) -> impl Iterator<Item = &'a str> {
    let is_meant = |kernel: &&Kernel| {
        kernel.level().is_none() && options.generator.is_none_or(|one| one == kernel.generator())
    };
    let loaded = || catalog.kernels.iter().find(is_meant).map_or(AUTO, Kernel::name);
    options.kernel.as_deref().unwrap_or_else(loaded).split(',').map(str::trim)
}

/// A warning about kernels that no rank uses, if there are any.
pub(super) fn idle_kernels(catalog: &Catalog, options: &Sample, ranks: &Ranks) -> Option<String> {
    let idle: Vec<&str> = kernels(catalog, options).skip(ranks.size() as usize).collect();
    (!idle.is_empty()).then(|| {
        format!(
            "no rank counts with {}: each rank takes one kernel, and the job has {}; start as many \
             ranks as kernels",
            idle.join(" and "),
            counted(ranks.size(), "rank")
        )
    })
}
