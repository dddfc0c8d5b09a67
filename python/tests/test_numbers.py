"""Counts and numbers: what must be the same everywhere."""

import math

import pytest

import libpi

# The known answers of SAMPLER.md, computed by programs that share no code with the library.
KNOWN = [
    ("philox", 42, 0, 10**6, 785987),
    ("philox", 42, 0, 10**9, 785379393),
]


@pytest.mark.parametrize(("generator", "seed", "first", "count", "hits"), KNOWN)
def test_the_known_answers(generator, seed, first, count, hits):
    assert libpi.hits(count, seed=seed, first=first, generator=generator) == hits


def test_every_kernel_and_driver_that_can_run_counts_the_same():
    generators = {"philox", "npb", "xoshiro"}
    expected = {name: libpi.hits(300_001, first=70_000, generator=name) for name in generators}
    drivers = [driver.name for driver in libpi.drivers() if driver.missing is None]
    for kernel in libpi.kernels():
        if kernel.missing is not None or kernel.generator not in generators:
            continue
        for driver in drivers:
            for threads in (1,) if driver == "serial" else (1, 3):
                hits = libpi.hits(
                    300_001,
                    first=70_000,
                    generator=kernel.generator,
                    kernel=kernel.name,
                    driver=driver,
                    threads=threads,
                )
                assert hits == expected[kernel.generator], (kernel, driver, threads)


def test_the_parts_of_a_range_add_up_to_it():
    whole = libpi.hits(1_000_000, first=12_345)
    parts = [libpi.split(1_000_000, 7, part, first=12_345) for part in range(7)]
    assert sum(count for _, count in parts) == 1_000_000
    assert sum(libpi.hits(count, first=first) for first, count in parts) == whole


def test_the_usual_seed_of_a_generator_is_the_one_without_a_seed():
    for generator, seed in [("philox", 42), ("npb", 271828183), ("xoshiro", 42)]:
        without = libpi.hits(1000, generator=generator)
        assert without == libpi.hits(1000, generator=generator, seed=seed)


def test_numbers_reach_to_the_end_of_64_bits():
    last = 2**64 - 1
    assert libpi.hits(1, first=last) in (0, 1)
    assert libpi.hits(10, first=2**63 - 5, seed=last) <= 10
    assert libpi.hits(0, first=last) == 0
    assert libpi.split(last, 2, 1)[0] + libpi.split(last, 2, 1)[1] == last


def test_an_estimate_has_pi_its_error_and_its_interval():
    estimate = libpi.estimate(1_000_000)
    assert estimate.hits == 785987
    assert estimate.count == 1_000_000
    assert estimate.pi == 4 * 785987 / 1_000_000
    lower, upper = estimate.interval
    assert lower < math.pi < upper
    share = 785987 / 1_000_000
    error = 4 * math.sqrt(share * (1 - share) / 1_000_000)
    assert estimate.standard_error == pytest.approx(error, rel=1e-5)
    assert estimate == libpi.Estimate.of(785987, 1_000_000)


def test_an_estimate_prints_well():
    estimate = libpi.estimate(1_000_000)
    assert str(estimate) == (
        "pi = 3.1439 ± 0.0016 (standard error)\n"
        "  95% interval  3.1407 to 3.1472\n"
        "  hits          785987 of 1000000 samples"
    )
    html = estimate._repr_html_()
    assert html.startswith("<table>")
    assert "785987 of 1000000 samples" in html
    for hits, count in [(0, 1), (1, 1), (1, 2), (2**64 - 1, 2**64 - 1), (7 * 10**18, 9 * 10**18)]:
        assert "pi = " in str(libpi.Estimate.of(hits, count))


def test_the_threads_and_their_rule():
    number, rule = libpi.threads()
    assert 1 <= number <= 1024
    assert rule
