{ Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC11): the number of hits among the samples
  [first, first + count). Free Pascal makes no vector code.

      fpc -O4 -Cg kernel.pas -okernel.so }
library kernel;

{$mode objfpc}{$inline on}{$rangechecks off}{$overflowchecks off}

type
  TWords = record
    c0, c1, c2, c3: UInt32;
  end;

{ The words of a block, which are its two samples (c0, c1) and (c2, c3). }
procedure FillWords(seed, block: UInt64; out words: TWords); inline;
var
  c0, c1, c2, c3, k0, k1: UInt32;
  product0, product1: UInt64;
  round: Int32;
begin
  c0 := UInt32(block);
  c1 := UInt32(block shr 32);
  c2 := 0;
  c3 := 0;
  k0 := UInt32(seed);
  k1 := UInt32(seed shr 32);
  for round := 1 to 10 do
  begin
    product0 := UInt64(c0) * $D2511F53;
    product1 := UInt64(c2) * $CD9E8D57;
    c0 := UInt32(product1 shr 32) xor c1 xor k0;
    c1 := UInt32(product1);
    c2 := UInt32(product0 shr 32) xor c3 xor k1;
    c3 := UInt32(product0);
    k0 := UInt32(k0 + $9E3779B9);
    k1 := UInt32(k1 + $BB67AE85);
  end;
  words.c0 := c0;
  words.c1 := c1;
  words.c2 := c2;
  words.c3 := c3;
end;

{ 1 if x^2 + y^2 >= 2^62, else 0: adding 2^62 carries a miss into the top bit. Words are signed. }
function Miss(x, y: UInt32): UInt64; inline;
begin
  Miss := (UInt64(Int64(Int32(x)) * Int32(x)) + UInt64(Int64(Int32(y)) * Int32(y))
    + UInt64(1) shl 62) shr 63;
end;

function Philox(seed, first, count: UInt64): UInt64; cdecl;
var
  hits, block: UInt64;
  w: TWords;
begin
  hits := count;
  block := first shr 1;
  if (count > 0) and odd(first) then
  begin
    FillWords(seed, block, w);
    hits := hits - Miss(w.c2, w.c3);
    block := block + 1;
    count := count - 1;
  end;
  while count > 0 do
  begin
    FillWords(seed, block, w);
    hits := hits - Miss(w.c0, w.c1);
    if count = 1 then break;
    hits := hits - Miss(w.c2, w.c3);
    block := block + 1;
    count := count - 2;
  end;
  Philox := hits;
end;

exports
  Philox name 'philox';
end.
