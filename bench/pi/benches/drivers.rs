//! Benches every driver on all usable CPUs, with every kernel of the catalog at its best level.

mod cells;

use criterion::{Criterion, criterion_group, criterion_main};
use libpi::cpus::CpuCount;
use libpi::{Catalog, Generator};
use std::collections::BTreeSet;

libpi::save_cpu_mask!();

fn drivers(criterion: &mut Criterion) {
    let catalog = Catalog::here();
    let threads = CpuCount::of_this_process().threads().expect("LIBPI_NUM_THREADS makes sense");
    for generator in Generator::ALL.into_iter().filter(|generator| generator.is_exact()) {
        for driver in catalog.drivers.iter().filter(|driver| driver.missing().is_none()) {
            let kernels = catalog.kernels.iter().filter(|kernel| kernel.generator() == generator);
            let names: BTreeSet<&str> = kernels.map(|kernel| kernel.name()).collect();
            for name in names {
                // A kernel that was not built or cannot run here is not compared.
                if let Ok(kernel) = catalog.kernel(generator, name) {
                    cells::bench(
                        criterion,
                        kernel,
                        driver,
                        if driver.is_serial() { 1 } else { threads },
                    );
                }
            }
        }
    }
}

criterion_group! { name = benches; config = cells::config(); targets = drivers }
criterion_main!(benches);
