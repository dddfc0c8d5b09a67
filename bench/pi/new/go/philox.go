// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC11): the number of hits among the samples
// [first, first + count). The build mode c-shared adds Go's runtime to the library.
//
//	go build -buildmode=c-shared -o kernel.so kernel.go
package main

import "C"

// words returns the four words of a block: two samples. The compiler of Go makes no vector code, but
// the CPU works on both products of a round at once.
func words(seed, block uint64) (c0, c1, c2, c3 uint32) {
	c0, c1 = uint32(block), uint32(block>>32)
	k0, k1 := uint32(seed), uint32(seed>>32)
	for round := 0; round < 10; round++ {
		product0, product1 := uint64(c0)*0xD2511F53, uint64(c2)*0xCD9E8D57
		c0, c1 = uint32(product1>>32)^c1^k0, uint32(product1)
		c2, c3 = uint32(product0>>32)^c3^k1, uint32(product0)
		k0 += 0x9E3779B9
		k1 += 0xBB67AE85
	}
	return c0, c1, c2, c3
}

// miss is 1 if x^2 + y^2 >= 2^62, else 0: adding 2^62 carries a miss into the top bit.
func miss(x, y uint32) uint64 {
	a, b := int64(int32(x)), int64(int32(y))
	return (uint64(a*a) + uint64(b*b) + 1<<62) >> 63
}

//export philox
func philox(seed, first, count uint64) uint64 {
	hits, block := count, first/2
	if count > 0 && first%2 == 1 {
		_, _, c2, c3 := words(seed, block)
		hits -= miss(c2, c3)
		block++
		count--
	}
	for ; count >= 2; count -= 2 {
		c0, c1, c2, c3 := words(seed, block)
		hits -= miss(c0, c1) + miss(c2, c3)
		block++
	}
	if count == 1 {
		c0, c1, _, _ := words(seed, block)
		hits -= miss(c0, c1)
	}
	return hits
}

func main() {}
