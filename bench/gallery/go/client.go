// Calls libpi.so: counts, shows an error, and has a kernel of its own counted, which can fail.
//
//	go build -o client client.go
package main

/*
#cgo LDFLAGS: -lpi
#include <stdlib.h>
#include <libpi.h>

int32_t kernel(void *context, uint64_t first, uint64_t count, uint64_t *hits);
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/cgo"
	"unsafe"
)

var errForbidden = errors.New("index 500000 is forbidden")

// call calls libpi. Its last error belongs to a thread of the system, so the goroutine must stay there.
func call(function func() C.libpi_status) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	switch status := function(); status {
	case C.LIBPI_OK:
		return nil
	case C.LIBPI_ERROR_KERNEL:
		return fmt.Errorf("error %d, kernel's %d: %w", status, C.libpi_last_kernel_error(), errForbidden)
	default:
		return fmt.Errorf("error %d: %s", status, C.GoString(C.libpi_last_error()))
	}
}

// multiples is the context of the kernel. C may not keep a pointer of Go's, so it gets a handle.
type multiples struct{ divisor, forbidden uint64 }

//export kernel
func kernel(context unsafe.Pointer, first, count C.uint64_t, hits *C.uint64_t) C.int32_t {
	m := (*(*cgo.Handle)(context)).Value().(multiples)
	for i := uint64(first); i-uint64(first) < uint64(count); i++ {
		if i == m.forbidden {
			return 42 // a number of our own: a panic would end the process
		}
		if i%m.divisor == 0 {
			*hits++
		}
	}
	return 0
}

// drive counts the multiples of 7 among the first million numbers, on two threads.
func drive(forbidden uint64) (C.uint64_t, error) {
	handle := cgo.NewHandle(multiples{7, forbidden})
	defer handle.Delete()
	driver := C.CString("threads")
	defer C.free(unsafe.Pointer(driver))
	var hits C.uint64_t
	err := call(func() C.libpi_status {
		return C.libpi_drive_context(driver, C.libpi_context_kernel(C.kernel), unsafe.Pointer(&handle), 0, 1000000, 0, 2, &hits)
	})
	return hits, err
}

func main() {
	var hits C.uint64_t
	err := call(func() C.libpi_status { return C.libpi_hits(C.LIBPI_PHILOX, 42, 0, 1000000, 0, &hits) })
	fmt.Println(hits, "of 1000000 samples are hits")
	err = call(func() C.libpi_status { return C.libpi_hits(C.LIBPI_NPB, 42, 0, 1000000, 0, &hits) })
	fmt.Println(err) // NPB's seeds are odd.
	hits, _ = drive(1000000)
	fmt.Println(hits, "of 1000000 numbers are multiples of 7")
	_, err = drive(500000)
	fmt.Println(err)
}
