{ Counts the indices in [first, first + count) that have a property. The range ends at 2^64 at most, so
  first + count may be 0: compare no index with the end. }
library kernel;

{$mode objfpc}{$inline on}{$rangechecks off}{$overflowchecks off}

{ 1 if an index counts, else 0: here, if 3 divides it. Put your own property in its place. A problem that
  needs random numbers makes them from the seed and the index. }
function Counts(seed, index: UInt64): UInt64; inline;
begin
  Counts := Ord(index mod 3 = 0);
end;

function CountRange(seed, first, count: UInt64): UInt64; cdecl;
var
  hits: UInt64;
begin
  hits := 0;
  while count > 0 do
  begin
    hits := hits + Counts(seed, first);
    first := first + 1;
    count := count - 1;
  end;
  CountRange := hits;
end;

exports
  CountRange name 'count_range';
end.
