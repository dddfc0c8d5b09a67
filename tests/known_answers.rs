//! Every kernel that can run here gives the published counts and the counts of independent
//! programs.

mod checks;
mod reference;

use checks::{EXACT, count, exact_kernels, first_wrong, first_wrong_npb_point, first_wrong_point};
use libpi::known::{COUNTS, KnownCount};
use libpi::{Catalog, Error, Generator, Kernel, Level};
use reference::REFERENCE;

#[test]
fn every_kernel_gives_the_known_counts() {
    for kernel in exact_kernels() {
        let hits = |seed, first, length| count(kernel, seed, first, length);
        let wrong = first_wrong(kernel.generator(), 1 << 24, hits);
        assert_eq!(wrong, None, "{} of {}", kernel.full_name(), kernel.generator());
    }
}

/// The published count of a class of `npb`, the first 2^bits samples.
fn published(bits: u32) -> KnownCount {
    let class = |known: &&KnownCount| {
        known.generator == Generator::Npb && (known.first, known.count) == (0, 1 << bits)
    };
    *COUNTS.iter().find(class).expect("the class is known")
}

#[track_caller]
fn assert_published(kernel: &Kernel, classes: &[u32]) {
    let threads = Catalog::here().driver("threads").unwrap();
    for known in classes.iter().map(|&bits| published(bits)) {
        let hits = kernel.hits(threads, known.seed, known.samples(), 2);
        assert_eq!(hits, Ok(known.hits), "{} of {}", kernel.full_name(), known.count);
    }
}

/// Every `npb` kernel counts the classes S, W and A. The kernel that `auto` chooses counts B too.
#[test]
fn npb_gives_the_published_counts() {
    for kernel in exact_kernels().filter(|kernel| kernel.generator() == Generator::Npb) {
        assert_published(kernel, &[24, 25, 28]);
    }
    assert_published(Catalog::here().kernel(Generator::Npb, "auto").unwrap(), &[30]);
}

#[test]
#[ignore = "counts 1.5·10^11 samples: see make test-all"]
fn npb_gives_the_published_counts_of_the_classes_c_and_d() {
    let catalog = Catalog::here();
    for name in ["auto", "c-simd"] {
        if let Ok(kernel) = catalog.kernel(Generator::Npb, name) {
            assert_published(kernel, &[32, 36]);
        }
    }
}

#[test]
fn the_reference_gives_the_known_counts() {
    for generator in EXACT {
        let hits = |seed, first, count| REFERENCE.hits(generator, seed, first, count);
        assert_eq!(first_wrong(generator, 1_000_003, hits), None);
    }
    assert_eq!(first_wrong_point(|x, y| REFERENCE.is_hit(x, y)), None);
    assert_eq!(first_wrong_npb_point(|x, y| REFERENCE.is_npb_hit(x, y)), None);
}

/// A kernel is missing only if its level may not be used or the build lacks its compiler.
#[test]
fn every_kernel_that_can_run_does() {
    let catalog = Catalog::here();
    for kernel in &catalog.kernels {
        // The plain kernel by the same compiler, which has the base level everywhere.
        let plain = ["-simd", "-textbook"].map(|suffix| kernel.name().strip_suffix(suffix));
        let plain = plain.into_iter().flatten().next().unwrap_or(kernel.name());
        let base = catalog.kernel(Generator::Philox, &format!("{plain}@{}", Level::ALL[0]));
        let is_built = base.is_ok();
        let level_is_missing = kernel.level().and_then(Level::missing);
        let name = kernel.full_name();
        match kernel.missing() {
            None => assert!(is_built && level_is_missing.is_none(), "{name}"),
            Some(reason) if is_built => assert_eq!(Some(reason), level_is_missing.as_deref()),
            Some(reason) => assert!(!reason.is_empty(), "{name}"),
        }
        let found = catalog.kernel(kernel.generator(), &name).map(libpi::Kernel::full_name);
        let run = kernel.hits(
            checks::serial(),
            kernel.generator().default_seed(),
            libpi::Samples::new(0, 1).unwrap(),
            1,
        );
        match kernel.missing() {
            None => assert_eq!((found, run.is_ok()), (Ok(name), true)),
            Some(reason) => {
                let error =
                    Error::Missing { name: format!("kernel {name}"), reason: reason.to_owned() };
                assert_eq!((found, run), (Err(error.clone()), Err(error)));
            }
        }
    }
}

/// A second compiler that the build names has its kernels, and those of clang and flang are always
/// listed.
#[test]
fn all_languages_and_compilers_have_all_levels() {
    let built = libpi::build_info::COMPILERS.iter().map(|compiler| compiler.kernel);
    let names = ["rust", "c", "fortran", "c-clang", "fortran-flang"].into_iter().chain(built);
    for generator in EXACT {
        for language in names.clone() {
            let kernels = Catalog::here().kernels.iter();
            let levels: Vec<Level> = kernels
                .filter(|kernel| (kernel.generator(), kernel.name()) == (generator, language))
                .filter_map(libpi::Kernel::level)
                .collect();
            assert_eq!(levels, Level::ALL, "{generator}/{language}");
        }
    }
}
