//! The hits that a run must count, and how a suite says it.

use crate::analysis::kind::Kind;
use anyhow::{Context, anyhow, bail};
use libpi::{Catalog, Generator};
use serde::Deserialize;

/// The hits that a run must count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expected {
    /// The hits of this generator among the samples.
    Generator(Generator),
    /// As many hits as samples.
    Count,
    /// This number.
    Hits(u64),
    /// A number near the expected one for pi.
    NearPi,
}

/// The expected hits in a suite: a number, or the name of a rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum InFile {
    Hits(u64),
    Rule(String),
}

/// The rule for the expected hits: that of the suite, else the hits of the generator. `is_exact` tells
/// whether the runner counts what the generator counts. `count` is the number of samples of a run, if it
/// is fixed. The catalog knows the problems of loaded kernels.
pub(super) fn expected(
    in_file: Option<&InFile>,
    generator: &str,
    catalog: &Catalog,
    is_exact: bool,
    count: Option<u64>,
) -> anyhow::Result<Expected> {
    let of_generator = |generator: Generator| match generator.is_exact() && is_exact {
        true => Expected::Generator(generator),
        false => Expected::NearPi,
    };
    Ok(match in_file {
        Some(InFile::Hits(hits)) => {
            let Some(count) = count else {
                bail!("expected is a number of hits, but the count is not fixed: give count, too");
            };
            if *hits > count && Kind::of(generator) != Kind::Crossing {
                bail!("expected = {hits} is larger than count: make count larger");
            }
            Expected::Hits(*hits)
        }
        Some(InFile::Rule(rule)) if rule == "count" => Expected::Count,
        Some(InFile::Rule(rule)) => of_generator(catalog.generator(rule).map_err(|_| {
            anyhow!("expected = '{rule}': it must be a number of hits, count, or a generator")
        })?),
        None => of_generator(catalog.generator(generator).with_context(|| {
            format!(
                "'{generator}' is not a generator of libpi, and no kernel is loaded for it: say which hits \
                 are expected"
            )
        })?),
    })
}
