## Calls from Nim: caller HOW SEED FIRST COUNT WARMUP RUNS prints a line for each run. See GUESTS.md.
import std/[monotimes, os, strformat, strutils, tables, times]

proc callee(seed, first, count: uint64): uint64 {.importc: "libpi_callee_c", cdecl.}
proc hitsWith(kernel, driver: cstring, generator: int32, seed, first, count: uint64,
              threads: cint, hits: ptr uint64): int32 {.importc: "libpi_hits_with", cdecl.}

const
  philox = 1'i32
  ok = 0'i32

proc withoutCall(seed, first, count: uint64): uint64 =
  result = seed
  for i in 0'u64 ..< count:
    result = ((3 * result) xor (first + i)) - 1

proc shared(seed, first, count: uint64): uint64 =
  result = seed
  for i in 0'u64 ..< count:
    result = callee(result, first + i, 1)

proc checked(seed, first, count: uint64): uint64 =
  for i in 0'u64 ..< count:
    var hits = 1'u64
    if hitsWith("c", "serial", philox, seed, first + i, 0, 1, addr hits) == ok and hits == 0:
      inc result

# The loop is found when the program runs, so its call stays between the two clocks.
let loops = {"floor": withoutCall, "shared": shared, "checked": checked}.toTable
let loop = loops[paramStr(1)]
let (seed, first) = (parseBiggestUInt(paramStr(2)), parseBiggestUInt(paramStr(3)))
let count = parseBiggestUInt(paramStr(4))
let (warmup, runs) = (parseInt(paramStr(5)), parseInt(paramStr(6)))
for run in 0 ..< warmup + runs:
  let start = getMonoTime()
  let answer = loop(seed, first, count)
  let seconds = (getMonoTime() - start).inNanoseconds.float * 1e-9
  if run >= warmup:
    echo &"run {seconds:.9f} {answer}"
