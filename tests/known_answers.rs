//! Every kernel that can run here gives the published counts and the counts of independent
//! programs.

mod checks;
mod reference;

use checks::{EXACT, count, exact_kernels, first_wrong, first_wrong_npb_point, first_wrong_point};
use libpi::known::COUNTS;
use libpi::{Catalog, Error, Generator, Level};
use reference::REFERENCE;

#[test]
fn every_kernel_gives_the_known_counts() {
    for kernel in exact_kernels() {
        let hits = |seed, first, length| count(kernel, seed, first, length);
        let wrong = first_wrong(kernel.generator(), 1 << 24, hits);
        assert_eq!(wrong, None, "{} of {}", kernel.full_name(), kernel.generator());
    }
}

/// Every `npb` kernel counts the classes S, W and A. The kernel that `auto` chooses counts B too.
#[test]
fn npb_gives_the_published_counts() {
    let catalog = Catalog::here();
    let threads = catalog.driver("threads").unwrap();
    let fastest = catalog.kernel(Generator::Npb, "auto").unwrap().full_name();
    let published = |bits: u32| {
        let class = |known: &&libpi::known::KnownCount| {
            known.generator == Generator::Npb && (known.first, known.count) == (0, 1 << bits)
        };
        COUNTS.iter().find(class).expect("the class is known")
    };
    for kernel in exact_kernels().filter(|kernel| kernel.generator() == Generator::Npb) {
        let classes: &[u32] =
            if kernel.full_name() == fastest { &[24, 25, 28, 30] } else { &[24, 25, 28] };
        for known in classes.iter().map(|&bits| published(bits)) {
            let hits = kernel.hits(threads, known.seed, known.samples(), 2);
            assert_eq!(hits, Ok(known.hits), "{} of {}", kernel.full_name(), known.count);
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

/// A kernel is missing only if its level may not be used or the build lacks its language.
#[test]
fn every_kernel_that_can_run_does() {
    let catalog = Catalog::here();
    for kernel in &catalog.kernels {
        // The plain kernel by the same compiler, which has the base level everywhere.
        let plain = ["-simd", "-textbook"].map(|suffix| kernel.name().strip_suffix(suffix));
        let plain = plain.into_iter().flatten().next().unwrap_or(kernel.name());
        let base = catalog.kernel(Generator::Philox, &format!("{plain}@{}", Level::ALL[0]));
        let is_built = base.is_ok();
        let level_is_missing = kernel.level().missing();
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
                .map(libpi::Kernel::level)
                .collect();
            assert_eq!(levels, Level::ALL, "{generator}/{language}");
        }
    }
}
