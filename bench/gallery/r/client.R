# Calls libpi.so: counts, shows an error, and has a kernel of its own counted, which can fail.
#
#     Rscript client.R client.so
dyn.load(commandArgs(trailingOnly = TRUE)[1])

PHILOX <- 1L
NPB <- 2L

hits <- function(generator, seed, count) .Call("client_hits", generator, seed, count)

# Counts the multiples of 7 among the first million numbers. An error in the kernel becomes a number,
# and its message is kept here.
drive <- function(forbidden) {
  message <- NULL
  multiples <- function(first, count) {
    indices <- first + seq_len(count) - 1
    tryCatch({
      if (forbidden %in% indices) stop(sprintf("index %d is forbidden", forbidden))
      sum(indices %% 7 == 0)
    }, error = function(e) {
      message <<- conditionMessage(e)
      stop(e)
    })
  }
  found <- tryCatch(.Call("client_drive", multiples, 1e6), error = function(e) {
    stop(paste(c(conditionMessage(e), message), collapse = ": "), call. = FALSE)
  })
  cat(found, "of 1000000 numbers are multiples of 7\n")
}

attempt <- function(action) tryCatch(action, error = function(e) cat(conditionMessage(e), "\n", sep = ""))

cat(hits(PHILOX, 42, 1e6), "of 1000000 samples are hits\n")
attempt(hits(NPB, 42, 1e6)) # NPB's seeds are odd.
attempt(drive(1e6))
attempt(drive(500000L))
