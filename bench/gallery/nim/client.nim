## Calls libpi.so: counts, shows an error, and has a kernel of its own counted, which can raise.
##
##     nim c --mm:arc --threads:on --passL:-lpi client.nim

{.push importc, cdecl.} # The part of libpi.h that is used here.
type Kernel = proc(context: pointer, first, count: uint64, hits: ptr uint64): int32 {.cdecl, gcsafe.}
proc libpi_hits(generator: int32, seed, first, count: uint64, threads: int32, hits: ptr uint64): int32
proc libpi_drive_context(driver: cstring, kernel: Kernel, context: pointer, first, count, block_len: uint64,
                         threads: int32, hits: ptr uint64): int32
proc libpi_last_error(): cstring
proc libpi_last_kernel_error(): int32
{.pop.}

const
  philox = 1
  npb = 2
  kernelFailed = 15
  forbiddenIndex = 42'i32

type
  LibpiError = object of CatchableError
  Multiples = object
    divisor, forbidden: uint64

proc check(status: int32) =
  ## Raises what libpi says about a status.
  if status == kernelFailed:
    let number = libpi_last_kernel_error()
    doAssert number == forbiddenIndex
    raise newException(LibpiError, "error " & $status & ", kernel's " & $number & ": index 500000 is forbidden")
  if status != 0:
    raise newException(LibpiError, "error " & $status & ": " & $libpi_last_error())

func count(multiples: Multiples, first, number: uint64): uint64 =
  for index in first ..< first + number:
    if index == multiples.forbidden:
      raise newException(ValueError, "forbidden")
    if index mod multiples.divisor == 0:
      inc result

proc kernel(context: pointer, first, count: uint64, hits: ptr uint64): int32 {.cdecl, gcsafe.} =
  ## No exception may pass through libpi, so a number does. The memory of an exception belongs to its
  ## thread, which may be one of libpi's.
  try:
    hits[] = cast[ptr Multiples](context)[].count(first, count)
  except ValueError:
    return forbiddenIndex

proc drive(forbidden: uint64) =
  ## Counts the multiples of 7 among the first million numbers, on two threads.
  var
    multiples = Multiples(divisor: 7, forbidden: forbidden)
    hits: uint64
  check libpi_drive_context("threads", kernel, addr multiples, 0, 1_000_000, 0, 2, addr hits)
  echo hits, " of 1000000 numbers are multiples of 7"

template attempt(action: untyped) =
  try: action
  except LibpiError as error: echo error.msg

var hits: uint64
check libpi_hits(philox, 42, 0, 1_000_000, 0, addr hits)
echo hits, " of 1000000 samples are hits"
attempt: check libpi_hits(npb, 42, 0, 1_000_000, 0, addr hits) # NPB's seeds are odd.
attempt: drive(1_000_000)
attempt: drive(500_000)
