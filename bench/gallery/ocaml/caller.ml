(* Calls from OCaml: caller HOW SEED FIRST COUNT WARMUP RUNS prints a line for each run. See GUESTS.md.

   A call that is declared [@@noalloc] passes unboxed numbers, and the runtime need not know of it. Strings
   and bytes are passed by their address. The first name would be that of bytecode, which is not built. *)
external callee :
  (int64[@unboxed]) -> (int64[@unboxed]) -> (int64[@unboxed]) -> (int64[@unboxed])
  = "no_bytecode" "libpi_callee_c" [@@noalloc]

external hits_with :
  string -> string -> (int32[@unboxed]) -> (int64[@unboxed]) -> (int64[@unboxed]) ->
  (int64[@unboxed]) -> (int32[@unboxed]) -> bytes -> (int32[@unboxed])
  = "no_bytecode" "libpi_hits_with" [@@noalloc]

let philox = 1l
let ok = 0l

let without_call seed first count =
  let answer = ref seed in
  for i = 0 to count - 1 do
    let number = Int64.add first (Int64.of_int i) in
    answer := Int64.sub (Int64.logxor (Int64.mul 3L !answer) number) 1L
  done;
  !answer

let shared seed first count =
  let answer = ref seed in
  for i = 0 to count - 1 do
    answer := callee !answer (Int64.add first (Int64.of_int i)) 1L
  done;
  !answer

let checked seed first count =
  let answered = ref 0 and hits = Bytes.create 8 in
  for i = 0 to count - 1 do
    Bytes.set_int64_ne hits 0 1L;
    let number = Int64.add first (Int64.of_int i) in
    let status = hits_with "c" "serial" philox seed number 0L 1l hits in
    if status = ok && Bytes.get_int64_ne hits 0 = 0L then incr answered
  done;
  Int64.of_int !answered

let () =
  let number place = Int64.of_string ("0u" ^ Sys.argv.(place)) in
  let small place = Int64.to_int (number place) in
  let loops = [ ("floor", without_call); ("shared", shared); ("checked", checked) ] in
  let loop = List.assoc Sys.argv.(1) loops in
  let seed, first, count = (number 2, number 3, small 4) in
  let warmup, runs = (small 5, small 6) in
  for run = 1 to warmup + runs do
    let start = Unix.gettimeofday () in
    let answer = loop seed first count in
    let seconds = Unix.gettimeofday () -. start in
    if run > warmup then Printf.printf "run %.9f %Lu\n" seconds answer
  done
