/// Counts the indices in [first, first + count) that have a property. The range ends at 2^64 at most, so
/// first + count may be 0: compare no index with the end. `-betterC` leaves out the runtime library of D.
module kernel;

/// Whether an index counts: here, if 3 divides it. Put your own property in its place. A problem that
/// needs random numbers makes them from the seed and the index.
private bool counts(ulong seed, ulong index)
{
    return index % 3 == 0;
}

extern (C) ulong count_range(ulong seed, ulong first, ulong count)
{
    ulong hits;
    foreach (i; 0 .. count)
        hits += counts(seed, first + i);
    return hits;
}
