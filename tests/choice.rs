//! What the catalog chooses if the name of a kernel or driver or the number of threads is left
//! open.

use libpi::{Catalog, Driver, Error, Generator, Kernel, Level, MAX_THREADS, NPB_PERIOD, Result};
use std::collections::BTreeSet;

const ENOUGH: u64 = 1_000_000;

/// The chosen driver and number of threads, if the default number is eight.
fn choice(name: &str, threads: Option<i64>, count: u64) -> Result<(&'static str, u32)> {
    choice_of(name, threads, count, 8)
}

fn choice_of(
    name: &str,
    threads: Option<i64>,
    count: u64,
    default: u32,
) -> Result<(&'static str, u32)> {
    let chosen = Catalog::here().driver_and_threads_or(name, threads, count, || Ok(default));
    chosen.map(|(driver, threads)| (driver.name(), threads))
}

#[test]
fn auto_takes_threads_where_they_are_worth_it() {
    assert_eq!(choice("auto", None, ENOUGH), Ok(("threads", 8)));
    assert_eq!(choice("auto", None, u64::MAX), Ok(("threads", 8)));
    assert_eq!(choice("auto", None, ENOUGH - 1), Ok(("serial", 1)));
    assert_eq!(choice("auto", None, 0), Ok(("serial", 1)));
    assert_eq!(choice_of("auto", None, ENOUGH, 1), Ok(("serial", 1)));
    assert_eq!(choice_of("auto", None, ENOUGH, 2), Ok(("threads", 2)));
}

#[test]
fn auto_follows_a_number_of_threads() {
    assert_eq!(choice("auto", Some(1), u64::MAX), Ok(("serial", 1)));
    assert_eq!(choice("auto", Some(2), 1), Ok(("threads", 2)));
    assert_eq!(choice("auto", Some(1024), ENOUGH), Ok(("threads", MAX_THREADS)));
}

#[test]
fn a_named_driver_gets_the_number_or_the_default() {
    assert_eq!(choice("threads", None, 1), Ok(("threads", 8)));
    assert_eq!(choice("rayon", Some(3), 1), Ok(("rayon", 3)));
    assert_eq!(choice("serial", None, u64::MAX), Ok(("serial", 1)));
    assert_eq!(choice("serial", Some(1), 5), Ok(("serial", 1)));
    assert_eq!(choice("serial", Some(2), 5), Err(Error::SerialThreads { threads: 2 }));
}

#[test]
fn the_default_is_asked_only_where_it_is_needed() {
    let unknown = || Err(Error::Hits { hits: 2, count: 1 });
    let choose = |name, threads, count| {
        let chosen = Catalog::here().driver_and_threads_or(name, threads, count, unknown);
        chosen.map(|(driver, threads)| (driver.name(), threads))
    };
    assert_eq!(choose("auto", Some(2), ENOUGH), Ok(("threads", 2)));
    assert_eq!(choose("auto", None, ENOUGH - 1), Ok(("serial", 1)));
    assert_eq!(choose("serial", None, ENOUGH), Ok(("serial", 1)));
    assert_eq!(choose("threads", Some(2), ENOUGH), Ok(("threads", 2)));
    assert!(choose("auto", None, ENOUGH).is_err());
    assert!(choose("threads", None, 1).is_err());
}

#[test]
fn numbers_of_threads_outside_of_the_rule_are_refused() {
    for threads in [i64::MIN, -1, 0, 1025, 1 << 32, (1 << 32) + 1, i64::MAX] {
        for name in ["auto", "serial", "threads"] {
            let error = Error::Threads { threads, most: MAX_THREADS };
            assert_eq!(choice(name, Some(threads), 1), Err(error));
        }
    }
}

#[test]
fn unknown_names_are_errors_with_those_that_would_do() {
    let catalog = Catalog::here();
    let message = catalog.driver("openmp").unwrap_err().to_string();
    assert!(message.contains("unknown driver 'openmp'"), "{message}");
    assert!(message.contains("auto, serial, threads, rayon, openmp-c"), "{message}");
    let message = catalog.kernel(Generator::Philox, "fotran").unwrap_err().to_string();
    assert!(message.contains("did you mean 'fortran'?"), "{message}");
    assert!(message.contains("the kernels are auto, "), "{message}");
    assert!(message.contains("rust, c, fortran"), "{message}");
    let message = catalog.kernel(Generator::Philox, "rust@v3").unwrap_err().to_string();
    assert!(message.contains("unknown level 'v3'"), "{message}");
}

#[test]
fn a_kernel_by_name_has_the_best_level() {
    let catalog = Catalog::here();
    for generator in [Generator::Philox, Generator::Npb, Generator::Xoshiro] {
        let kernel = catalog.kernel(generator, "rust").unwrap();
        assert_eq!((kernel.generator(), kernel.name()), (generator, "rust"));
        assert_eq!(kernel.level(), Some(Level::best()));
        let base = format!("c@{}", Level::Base);
        assert_eq!(catalog.kernel(generator, &base).unwrap().full_name(), base);
    }
}

#[test]
fn auto_takes_the_first_kernel_that_has_a_level_that_may_be_used() {
    let catalog = Catalog::here();
    for generator in [Generator::Philox, Generator::Npb, Generator::Xoshiro] {
        let auto = catalog.kernel(generator, "auto").unwrap();
        assert_eq!((auto.name(), auto.level()), (first_at(generator, None), Some(Level::best())));
        for &level in Level::ALL.iter().filter(|level| level.missing().is_none()) {
            let auto = catalog.kernel(generator, &format!("auto@{level}")).unwrap();
            assert_eq!(
                (auto.name(), auto.level()),
                (first_at(generator, Some(level)), Some(level))
            );
        }
    }
}

/// The first kernel, in the order of preference, that can run here at this level or at any.
fn first_at(generator: Generator, level: Option<Level>) -> &'static str {
    let can_run = |name: &&str| {
        Catalog::here().kernels.iter().any(|kernel| {
            (kernel.generator(), kernel.name()) == (generator, *name)
                && kernel.missing().is_none()
                && level.is_none_or(|level| kernel.level() == Some(level))
        })
    };
    ["rust-simd", "c-simd", "rust", "c", "fortran"].into_iter().find(can_run).unwrap()
}

/// x86-64's base level has no kernel that is vectorised by hand; AArch64's has.
#[test]
fn kernels_by_hand_are_at_the_levels_that_have_vectors() {
    let catalog = Catalog::here();
    let simd = |level: Level| catalog.kernel(Generator::Philox, &format!("rust-simd@{level}"));
    #[cfg(target_arch = "x86_64")]
    {
        let refused = simd(Level::Base).unwrap_err().to_string();
        assert!(refused.contains("unknown level 'x86-64'"), "{refused}");
        assert!(refused.ends_with("the levels are x86-64-v3, x86-64-v4"), "{refused}");
        for level in [Level::V3, Level::V4].into_iter().filter(|l| l.missing().is_some()) {
            let refused = simd(level).unwrap_err().to_string();
            assert!(refused.contains(&level.missing().unwrap()), "{refused}");
        }
    }
    #[cfg(target_arch = "aarch64")]
    assert_eq!(simd(Level::Base).unwrap().name(), "rust-simd");
}

#[test]
fn a_kernels_name_tells_its_generator() {
    let catalog = Catalog::here();
    for (name, generator) in [
        ("auto", Generator::Philox),
        ("rust", Generator::Philox),
        ("c@x86-64-v3", Generator::Philox),
        ("c-textbook", Generator::Textbook),
        ("c-textbook@x86-64", Generator::Textbook),
        ("nothing", Generator::Philox),
        ("", Generator::Philox),
    ] {
        assert_eq!(catalog.generator_of(name), generator, "{name}");
    }
}

#[test]
fn only_serial_is_serial() {
    let serial = Catalog::here().drivers.iter().filter(|driver| driver.is_serial());
    assert_eq!(serial.map(Driver::name).collect::<Vec<_>>(), ["serial"]);
}

#[test]
fn a_count_of_npb_beyond_its_period_is_warned_of() {
    for (generator, count, warned) in [
        (Generator::Npb, NPB_PERIOD, false),
        (Generator::Npb, NPB_PERIOD + 1, true),
        (Generator::Npb, u64::MAX, true),
        (Generator::Philox, u64::MAX, false),
        (Generator::Xoshiro, u64::MAX, false),
    ] {
        assert_eq!(generator.warning(count).is_some(), warned, "{generator} {count}");
    }
    let message = Generator::Npb.warning(NPB_PERIOD + 1).unwrap();
    assert!(message.contains("8796093022209") && message.contains("do not hold"), "{message}");
    assert_eq!(NPB_PERIOD, 8_796_093_022_208);
}

#[test]
fn default_seeds_are_those_of_the_known_counts() {
    let seeds = Generator::ALL.map(Generator::default_seed);
    assert_eq!(seeds, [42, 271_828_183, 42, 42]);
}

#[test]
fn a_seed_that_does_not_suit_is_named_with_the_rule_and_a_remedy() {
    let message = Generator::Npb.check_seed(42).unwrap_err().to_string();
    assert_eq!(
        message,
        "seed 42 does not suit generator npb: it must be odd and below 2^46 = 70368744177664; try 43"
    );
    assert!(Generator::Philox.seed_rule().contains("18446744073709551615"));
}

#[test]
fn generators_and_drivers_are_described() {
    let generators = Generator::ALL.map(|generator| generator.description().to_owned());
    let drivers = Catalog::here().drivers.iter().map(|driver| driver.description().to_owned());
    let descriptions: Vec<String> = generators.into_iter().chain(drivers).collect();
    let distinct: BTreeSet<&String> = descriptions.iter().collect();
    assert_eq!(distinct.len(), 4 + 5, "{descriptions:?}");
    assert!(descriptions.iter().all(|text| text.split(' ').count() > 2), "{descriptions:?}");
}

#[test]
fn names_of_generators_are_read_as_they_are_written() {
    for generator in Generator::ALL {
        assert_eq!(generator.to_string().parse(), Ok(generator));
        assert_eq!(generator.is_exact(), generator != Generator::Textbook);
        assert!(generator.check_seed(generator.default_seed()).is_ok(), "{generator}");
    }
    assert!("mersenne".parse::<Generator>().is_err());
}

/// A catalog with a kernel of philox and two of a problem, which have no levels.
fn with_others() -> Catalog {
    extern "C" fn none(_: u64, _: u64, _: u64) -> u64 {
        0
    }
    let primes = Generator::problem("primes");
    let others = [(Generator::Philox, "mine"), (primes, "mine"), (primes, "other")];
    // SAFETY: the function is pure and takes any seed.
    let kernel = |(generator, name)| unsafe { Kernel::new(generator, name, None, none) };
    Catalog::here().with(others.map(kernel))
}

#[test]
fn a_kernel_from_outside_is_named_without_a_level() {
    let catalog = with_others();
    let primes = catalog.generator("primes").unwrap();
    let named = |generator, name: &str| catalog.kernel(generator, name).map(Kernel::full_name);
    for (generator, name, full) in
        [(Generator::Philox, "mine", "mine"), (primes, "other", "other"), (primes, "auto", "mine")]
    {
        assert_eq!(named(generator, name).as_deref(), Ok(full));
    }
    // The best kernel of libpi stays that.
    assert_eq!(
        named(Generator::Philox, "auto"),
        Catalog::here().kernel(Generator::Philox, "auto").map(Kernel::full_name)
    );
    let message = named(Generator::Philox, "mine@x86-64").unwrap_err().to_string();
    assert_eq!(message, "kernel mine@x86-64: mine has no levels; leave out @x86-64");
    let message = named(primes, "rust").unwrap_err().to_string();
    assert_eq!(message, "unknown kernel 'rust'; the kernels are auto, mine, other");
}

#[test]
fn problems_are_listed_after_the_generators() {
    let catalog = with_others();
    let names: Vec<&str> = catalog.generators().iter().map(|generator| generator.name()).collect();
    assert_eq!(names, ["philox", "npb", "xoshiro", "textbook", "primes"]);
    let message = catalog.generator("prime").unwrap_err().to_string();
    assert!(message.contains("did you mean 'primes'?"), "{message}");
    assert_eq!(catalog.generator_of("other"), catalog.generator("primes").unwrap());
    assert_eq!(catalog.generator_of("mine"), Generator::Philox);
}
