"""Bad input: each exception names the value and the rule, and nothing is counted."""

import pickle

import pytest

import libpi

CALLS = [
    (lambda value: libpi.hits(value), "count"),
    (lambda value: libpi.estimate(value), "count"),
    (lambda value: libpi.hits(1, seed=value), "seed"),
    (lambda value: libpi.hits(1, first=value), "first"),
    (lambda value: libpi.hits(1, threads=value), "threads"),
    (lambda value: libpi.split(value, 2, 0), "count"),
    (lambda value: libpi.split(10, value, 0), "parts"),
    (lambda value: libpi.split(10, 2, value), "part"),
    (lambda value: libpi.drive(len, value), "count"),
    (lambda value: libpi.drive(len, 1, first=value), "first"),
    (lambda value: libpi.drive(len, 1, seed=value), "seed"),
    (lambda value: libpi.drive(len, 1, block=value), "block"),
    (lambda value: libpi.Estimate.of(value, 10), "hits"),
    (lambda value: libpi.Estimate.of(0, value), "count"),
]


@pytest.mark.parametrize(("call", "name"), CALLS)
@pytest.mark.parametrize("value", [1e9, 1.5, True, False, "5", b"5", [1], 1j, float("nan")])
def test_other_types_are_a_type_error(call, name, value):
    with pytest.raises(TypeError, match=f"{name} is .*pass an int"):
        call(value)


@pytest.mark.parametrize(("call", "name"), CALLS)
def test_negative_numbers_are_a_value_error(call, name):
    for value in (-1, -(2**63), -(2**70)):
        with pytest.raises(ValueError, match=f"{name} is {value}: it must be at least"):
            call(value)


@pytest.mark.parametrize(("call", "name"), CALLS)
def test_numbers_beyond_64_bits_are_an_overflow(call, name):
    for value in (2**64, 10**30):
        with pytest.raises(OverflowError, match=f"{name} is {value}: it must be at most"):
            call(value)


def test_none_is_no_number():
    for call in (
        lambda: libpi.hits(None),
        lambda: libpi.hits(1, first=None),
        lambda: libpi.split(1, None, 0),
        lambda: libpi.drive(len, None),
    ):
        with pytest.raises(TypeError, match="is None, a NoneType: pass an int"):
            call()


def test_a_range_past_the_last_index_is_an_overflow():
    for call in (
        libpi.hits,
        libpi.estimate,
        lambda count, first: libpi.split(count, 1, 0, first=first),
    ):
        with pytest.raises(OverflowError, match=r"first \+ count must not exceed 2\^64"):
            call(2, first=2**64 - 1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"generator": "phlox"}, "unknown generator 'phlox'; the generators are philox"),
        ({"kernel": "rsut"}, "did you mean 'rust'"),
        ({"kernel": ""}, "unknown kernel ''"),
        ({"kernel": "rust@x86-64-v9"}, "level"),
        ({"kernel": "ru\0st"}, "contains no NUL"),
        ({"driver": "thread"}, "did you mean 'threads'"),
        ({"driver": "\udc80"}, "driver"),
        ({"threads": 1025}, "the number must be from 1 to 1024"),
        ({"threads": 0}, "threads is 0: it must be at least 1"),
        ({"driver": "serial", "threads": 2}, "serial"),
        ({"generator": "npb", "seed": 2}, "seed 2 does not suit generator npb"),
    ],
)
@pytest.mark.parametrize("count", [1, 2**27])
def test_wrong_values_are_a_value_error(options, words, count):
    with pytest.raises(ValueError, match=words.replace("^", r"\^")):
        libpi.hits(count, **options)


@pytest.mark.parametrize("option", ["generator", "kernel", "driver"])
@pytest.mark.parametrize("value", [None, 1, b"rust", ["rust"]])
def test_a_name_is_a_str(option, value):
    with pytest.raises(TypeError, match=f"{option} is .*pass a str"):
        libpi.hits(1, **{option: value})


def test_estimates_that_cannot_be():
    with pytest.raises(ValueError, match="0 samples give no estimate"):
        libpi.estimate(0)
    with pytest.raises(ValueError, match="there cannot be more hits than samples"):
        libpi.Estimate.of(2, 1)
    with pytest.raises(ValueError, match="part"):
        libpi.split(10, 2, 2)


def test_progress_is_a_bool_or_a_function():
    for value in (1, "bar", None):
        with pytest.raises(TypeError, match="progress is .*pass a bool or a function"):
            libpi.hits(1, progress=value)


def test_a_kernel_that_cannot_run_here_is_libpis_error():
    for kernel in libpi.kernels():
        if kernel.missing is not None:
            with pytest.raises(libpi.Error, match="cannot run here") as caught:
                libpi.hits(1, generator=kernel.generator, kernel=kernel.name)
            assert caught.value.status == 4


def test_libpis_error_goes_to_another_process_and_back():
    error = pickle.loads(pickle.dumps(libpi.Error("no thread", 8)))
    assert (type(error), str(error), error.status) == (libpi.Error, "no thread", 8)


@pytest.mark.parametrize("kernel", [None, 1.5, "rust", True, [], 0, -1, 2**64])
def test_a_kernel_that_is_no_function(kernel):
    with pytest.raises((TypeError, ValueError), match="kernel is"):
        libpi.drive(kernel, 1)
