## Counts the indices in [first, first + count) that have a property. The range ends at 2^64 at most, so
## first + count may be 0: compare no index with the end.

func counts(seed, index: uint64): bool {.inline.} =
  ## Whether an index counts: here, if 3 divides it. Put your own property in its place. A problem that
  ## needs random numbers makes them from the seed and the index.
  index mod 3 == 0

func count_range(seed, first, count: uint64): uint64 {.exportc, dynlib, cdecl.} =
  for i in 0'u64 ..< count:
    result += uint64(counts(seed, first + i))
