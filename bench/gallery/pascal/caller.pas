{ Calls from Pascal: caller HOW SEED FIRST COUNT WARMUP RUNS prints a line for each run. See GUESTS.md. }
program caller;

{$mode objfpc}{$Q-}{$R-}
{$linklib c}

uses
  SysUtils, Linux, UnixType;

const
  Philox = 1;
  OK = 0;

type
  TLoop = function(Seed, First, Count: QWord): QWord;

function Callee(Seed, First, Count: QWord): QWord; cdecl; external name 'libpi_callee_c';
function HitsWith(Kernel, Driver: PAnsiChar; Generator: LongInt; Seed, First, Count: QWord;
  Threads: LongInt; out Hits: QWord): LongInt; cdecl; external name 'libpi_hits_with';

function WithoutCall(Seed, First, Count: QWord): QWord;
var
  I: QWord;
begin
  Result := Seed;
  I := 0;
  while I < Count do
  begin
    Result := ((3 * Result) xor (First + I)) - 1;
    Inc(I);
  end;
end;

function SharedLibrary(Seed, First, Count: QWord): QWord;
var
  I: QWord;
begin
  Result := Seed;
  I := 0;
  while I < Count do
  begin
    Result := Callee(Result, First + I, 1);
    Inc(I);
  end;
end;

function Checked(Seed, First, Count: QWord): QWord;
var
  I, Hits: QWord;
begin
  Result := 0;
  I := 0;
  while I < Count do
  begin
    Hits := 1;
    if (HitsWith('c', 'serial', Philox, Seed, First + I, 0, 1, Hits) = OK) and (Hits = 0) then
      Inc(Result);
    Inc(I);
  end;
end;

function Now: Double;
var
  Time: TTimeSpec;
begin
  clock_gettime(CLOCK_MONOTONIC, @Time);
  Result := Time.tv_sec + Time.tv_nsec * 1e-9;
end;

var
  Loop: TLoop;
  Seed, First, Count, Answer: QWord;
  Run, Warmup: LongInt;
  Start, Seconds: Double;
begin
  case ParamStr(1) of
    'floor': Loop := @WithoutCall;
    'shared': Loop := @SharedLibrary;
    'checked': Loop := @Checked;
  end;
  Seed := StrToQWord(ParamStr(2));
  First := StrToQWord(ParamStr(3));
  Count := StrToQWord(ParamStr(4));
  Warmup := StrToInt(ParamStr(5));
  for Run := 1 to Warmup + StrToInt(ParamStr(6)) do
  begin
    Start := Now;
    Answer := Loop(Seed, First, Count);
    Seconds := Now - Start;
    if Run > Warmup then
      WriteLn('run ', Seconds:0:9, ' ', Answer);
  end;
end.
