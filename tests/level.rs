//! `LIBPI_LEVEL` caps the level, as if the CPU had no higher one. A process reads the variable
//! once, so each value is tested in its own process.

mod child;

use libpi::{Catalog, Generator, Level, Samples};

#[test]
#[ignore = "the other tests run it in a child process"]
fn child_reports_what_can_run() {
    for kernel in Catalog::here().kernels.iter().filter(|kernel| kernel.missing().is_none()) {
        child::report(kernel.level().unwrap().name());
    }
}

#[test]
#[ignore = "the other tests run it in a child process"]
fn child_reports_what_is_chosen() {
    let catalog = Catalog::here();
    let kernel = catalog.kernel(Generator::Philox, "auto").unwrap();
    child::report(kernel.level().unwrap().name());
    child::report(Level::best().name());
    let top = format!("rust@{}", Level::ALL[Level::ALL.len() - 1]);
    let named = catalog.kernel(Generator::Philox, &top);
    child::report(&named.map_or_else(|error| error.to_string(), |kernel| kernel.full_name()));
}

#[test]
#[ignore = "a_cap_that_makes_no_sense_is_an_error runs it in a child process"]
fn child_reports_the_error() {
    let error = Catalog::here().kernel(Generator::Philox, "auto").unwrap_err();
    child::report(&error.to_string());
    let serial = Catalog::here().driver("serial").unwrap();
    for kernel in &Catalog::here().kernels {
        assert!(kernel.hits(serial, 1, Samples::new(0, 1).unwrap(), 1).is_err());
    }
}

#[test]
fn nothing_above_the_cap_can_run() {
    for &cap in Level::ALL {
        let levels =
            child::run("child_reports_what_can_run", &[(Level::VARIABLE, cap.name())], &[]);
        assert!(!levels.is_empty(), "{cap}");
        for level in &levels {
            let level = Level::ALL.iter().find(|known| known.name() == level).unwrap();
            assert!(*level <= cap, "{level} under {cap}");
        }
    }
}

#[test]
fn the_best_below_the_cap_is_chosen() {
    for &cap in Level::ALL {
        let reports =
            child::run("child_reports_what_is_chosen", &[(Level::VARIABLE, cap.name())], &[]);
        let has = |level: &&Level| **level <= cap && level.missing_features().is_empty();
        let best = Level::ALL.iter().rfind(has).unwrap();
        assert_eq!(reports[..2], [best.name(), best.name()], "{cap}");
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn a_level_above_the_cap_says_what_forbids_it() {
    let variables = [(Level::VARIABLE, "x86-64")];
    let reports = child::run("child_reports_what_is_chosen", &variables, &[]);
    // If the CPU lacks the level, the message says that instead, because no variable can change it.
    let lacking = Level::V4.missing_features();
    let expected = if lacking.is_empty() {
        "LIBPI_LEVEL=x86-64 allows no higher level".to_owned()
    } else {
        let has = Level::ALL.iter().rfind(|level| level.missing_features().is_empty()).unwrap();
        format!("this CPU has {has} and lacks {}; use a lower level", lacking.join(", "))
    };
    assert!(reports[2].contains(&expected), "{}", reports[2]);
}

#[test]
fn an_empty_cap_counts_as_unset() {
    let reports = child::run("child_reports_what_is_chosen", &[(Level::VARIABLE, "")], &[]);
    let best = Level::ALL.iter().rfind(|level| level.missing_features().is_empty()).unwrap();
    assert_eq!(reports[0], best.name());
}

#[test]
fn a_cap_that_makes_no_sense_is_an_error() {
    for value in ["x86-64-v9", "v3", "best"] {
        let reports = child::run("child_reports_the_error", &[(Level::VARIABLE, value)], &[]);
        assert!(reports[0].starts_with(&format!("LIBPI_LEVEL={value}: ")), "{}", reports[0]);
        assert!(reports[0].contains(Level::Base.name()), "{}", reports[0]);
    }
}
