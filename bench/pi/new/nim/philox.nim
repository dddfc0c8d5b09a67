## Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC11): the number of hits among the samples
## [first, first + count). The options leave out what a kernel must not have: checks that raise, a
## garbage collector, and Nim's own main.
##
##     nim c --app:lib --noMain --mm:arc --panics:on -d:danger --passC:"-O3 -march=x86-64-v3" \
##         -o:kernel.so kernel.nim

const lanes = 32

type Blocks[N: static int] = object
  ## The words of N consecutive blocks; a block has two samples, (c0, c1) and (c2, c3).
  c0, c1, c2, c3: array[N, uint32]

func high(a, b: uint32): uint32 {.inline.} =
  ## The high word of the product, from products of 16-bit halves, which never overflow. gcc makes a
  ## 64-bit product of 32-bit lanes by AVX2 with more shuffles than products.
  let
    (a0, a1, b0, b1) = (a and 0xFFFF, a shr 16, b and 0xFFFF, b shr 16)
    middle = a1 * b0 + (a0 * b0 shr 16)
    carry = a0 * b1 + (middle and 0xFFFF)
  a1 * b1 + (middle shr 16) + (carry shr 16)

func fill[N: static int](w: var Blocks[N], seed, first: uint64) {.inline.} =
  ## Every loop over the lanes becomes vector instructions. The rounds are unrolled.
  var (key0, key1) = (uint32(seed and 0xFFFF_FFFF'u64), uint32(seed shr 32))
  for l in 0 ..< N:
    w.c0[l] = cast[uint32](first + uint64(l))
    w.c1[l] = uint32((first + uint64(l)) shr 32)
    w.c2[l] = 0
    w.c3[l] = 0
  template round() =
    for l in 0 ..< N:
      let
        (high0, low0) = (high(w.c0[l], 0xD2511F53'u32), w.c0[l] * 0xD2511F53'u32)
        (high1, low1) = (high(w.c2[l], 0xCD9E8D57'u32), w.c2[l] * 0xCD9E8D57'u32)
      w.c0[l] = high1 xor w.c1[l] xor key0
      w.c1[l] = low1
      w.c2[l] = high0 xor w.c3[l] xor key1
      w.c3[l] = low0
    key0 += 0x9E3779B9'u32
    key1 += 0xBB67AE85'u32
  round; round; round; round; round; round; round; round; round; round

func square(word: uint32): uint64 {.inline.} =
  ## The square of a word that is read as a signed number.
  let number = int64(cast[int32](word))
  cast[uint64](number * number)

func miss(x, y: uint32): uint64 {.inline.} =
  ## 1 if x^2 + y^2 >= 2^62, else 0: adding 2^62 carries a miss into the top bit.
  (square(x) + square(y) + (1'u64 shl 62)) shr 63

func edge(seed, first, count: uint64): uint64 {.noinline.} =
  ## One sample after the other, for the ends of a range.
  result = count
  var w {.noinit.}: Blocks[1]
  for i in 0'u64 ..< count:
    w.fill(seed, (first + i) div 2)
    result -= (if (first + i) mod 2 == 0: miss(w.c0[0], w.c1[0]) else: miss(w.c2[0], w.c3[0]))

func philox(seed, first, count: uint64): uint64 {.exportc, dynlib, cdecl.} =
  let
    odd = min(first mod 2, count)
    groups = (count - odd) div (2 * lanes)
    body = 2 * lanes * groups
  var
    misses: array[lanes, uint64]
    w {.noinit.}: Blocks[lanes]
  for group in 0'u64 ..< groups:
    w.fill(seed, first div 2 + odd + lanes * group)
    for l in 0 ..< lanes:
      misses[l] += miss(w.c0[l], w.c1[l]) + miss(w.c2[l], w.c3[l])
  result = edge(seed, first, odd) + body + edge(seed, first + odd + body, count - odd - body)
  for lane in misses:
    result -= lane
