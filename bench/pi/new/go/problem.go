// Counts the indices in [first, first + count) that have a property. The range ends at 2^64 at most, so
// first + count may be 0: compare no index with the end.
package main

import "C"

// counts is 1 if an index counts, else 0: here, if 3 divides it. Put your own property in its place. A
// problem that needs random numbers makes them from the seed and the index.
func counts(seed, index uint64) uint64 {
	if index%3 == 0 {
		return 1
	}
	return 0
}

//export count_range
func count_range(seed, first, count uint64) uint64 {
	hits := uint64(0)
	for i := uint64(0); i < count; i++ {
		hits += counts(seed, first+i)
	}
	return hits
}

func main() {}
