// Calls from Go: caller HOW SEED FIRST COUNT WARMUP RUNS prints a line for each run. See GUESTS.md.
package main

/*
#include "libpi.h"
uint64_t libpi_callee_c(uint64_t seed, uint64_t first, uint64_t count);
*/
import "C"

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

func withoutCall(seed, first, count uint64) uint64 {
	answer := seed
	for i := uint64(0); i < count; i++ {
		answer = ((3 * answer) ^ (first + i)) - 1
	}
	return answer
}

func shared(seed, first, count uint64) uint64 {
	answer := seed
	for i := uint64(0); i < count; i++ {
		answer = uint64(C.libpi_callee_c(C.uint64_t(answer), C.uint64_t(first+i), 1))
	}
	return answer
}

func checked(seed, first, count uint64) uint64 {
	kernel, driver := C.CString("c"), C.CString("serial")
	answered := uint64(0)
	for i := uint64(0); i < count; i++ {
		hits := C.uint64_t(1)
		status := C.libpi_hits_with(kernel, driver, C.LIBPI_PHILOX, C.uint64_t(seed),
			C.uint64_t(first+i), 0, 1, &hits)
		if status == C.LIBPI_OK && hits == 0 {
			answered++
		}
	}
	return answered
}

func number(word string) uint64 {
	number, err := strconv.ParseUint(word, 10, 64)
	if err != nil {
		panic(err)
	}
	return number
}

func main() {
	// The loop is found when the program runs, so its call stays between the two clocks.
	loop := map[string]func(seed, first, count uint64) uint64{
		"floor": withoutCall, "shared": shared, "checked": checked,
	}[os.Args[1]]
	seed, first, count := number(os.Args[2]), number(os.Args[3]), number(os.Args[4])
	warmup, runs := number(os.Args[5]), number(os.Args[6])
	for run := uint64(0); run < warmup+runs; run++ {
		start := time.Now()
		answer := loop(seed, first, count)
		seconds := time.Since(start).Seconds()
		if run >= warmup {
			fmt.Printf("run %.9f %d\n", seconds, answer)
		}
	}
}
