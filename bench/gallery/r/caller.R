# Calls from R: caller.R FOLDER HOW SEED FIRST COUNT WARMUP RUNS prints a line for each run. See GUESTS.md.
# The floor keeps the number of the call, as in Node: R has no numbers of 64 bits. Those of the others travel
# as the bits of a double.
words <- commandArgs(trailingOnly = TRUE)
dyn.load(file.path(words[1], "caller.so"))

PHILOX <- 1L

callee <- getNativeSymbolInfo("caller_callee")
hits_with <- getNativeSymbolInfo("caller_hits_with")

loops <- list(
  floor = function(seed, first, count) {
    answer <- seed
    for (i in seq_len(count) - 1) answer <- first + i
    format(answer, scientific = FALSE)
  },
  shared = function(seed, first, count) {
    answer <- .Call("caller_number", seed)
    for (i in seq_len(count) - 1) answer <- .Call(callee, answer, first + i, 1)
    .Call("caller_text", answer)
  },
  checked = function(seed, first, count) {
    seed <- .Call("caller_number", seed)
    answered <- 0
    for (i in seq_len(count) - 1) {
      hits <- .Call(hits_with, "c", "serial", PHILOX, seed, first + i, 0, 1L)
      if (hits == 0) answered <- answered + 1
    }
    format(answered, scientific = FALSE)
  }
)

loop <- loops[[words[2]]]
seed <- words[3]
numbers <- as.numeric(words[4:7])
first <- numbers[1]
count <- numbers[2]
warmup <- numbers[3]
for (run in seq_len(warmup + numbers[4])) {
  start <- .Call("caller_now")
  answer <- loop(seed, first, count)
  seconds <- .Call("caller_now") - start
  if (run > warmup) cat(sprintf("run %.9f %s\n", seconds, answer))
}
