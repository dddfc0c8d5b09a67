{ Calls libpi.so: counts, shows an error, and has a kernel of its own counted, which can raise.

      fpc client.pas -k-lpi }
program client;

{$mode objfpc}{$h+}

uses
  cthreads, SysUtils;

type
  PUInt64 = ^UInt64;
  TKernel = function(context: Pointer; first, count: UInt64; hits: PUInt64): Int32; cdecl;

{ The part of libpi.h that is used here. }
function libpi_hits(generator: Int32; seed, first, count: UInt64; threads: Int32;
  out hits: UInt64): Int32; cdecl; external 'pi';
function libpi_drive_context(driver: PChar; kernel: TKernel; context: Pointer;
  first, count, block: UInt64; threads: Int32; out hits: UInt64): Int32; cdecl; external 'pi';
function libpi_last_error: PChar; cdecl; external 'pi';
function libpi_last_kernel_error: Int32; cdecl; external 'pi';

const
  Philox = 1;
  Npb = 2;
  KernelFailed = 15;
  ForbiddenIndex = 42;

{ Raises what libpi says about a status. }
procedure Check(status: Int32);
begin
  if status = KernelFailed then
    raise Exception.CreateFmt('error %d, kernel''s %d: index 500000 is forbidden',
      [status, libpi_last_kernel_error]);
  if status <> 0 then
    raise Exception.CreateFmt('error %d: %s', [status, libpi_last_error]);
end;

{ Counts multiples of 7, unless an index is forbidden. It uses neither exceptions nor strings, because
  libpi's threads are not Pascal's. }
function Multiples(context: Pointer; first, count: UInt64; hits: PUInt64): Int32; cdecl;
var
  index: UInt64;
begin
  for index := first to first + count - 1 do
  begin
    if index = PUInt64(context)^ then exit(ForbiddenIndex);
    if index mod 7 = 0 then inc(hits^);
  end;
  Multiples := 0;
end;

{ Counts the multiples of 7 among the first million numbers, on two threads. }
procedure Drive(forbidden: UInt64);
var
  hits: UInt64;
begin
  Check(libpi_drive_context('threads', @Multiples, @forbidden, 0, 1000000, 0, 2, hits));
  WriteLn(hits, ' of 1000000 numbers are multiples of 7');
end;

var
  hits: UInt64;
begin
  try
    Check(libpi_hits(Philox, 42, 0, 1000000, 0, hits));
    WriteLn(hits, ' of 1000000 samples are hits');
    Check(libpi_hits(Npb, 42, 0, 1000000, 0, hits)); { NPB's seeds are odd. }
  except
    on error: Exception do WriteLn(error.Message);
  end;
  try
    Drive(1000000);
    Drive(500000);
  except
    on error: Exception do WriteLn(error.Message);
  end;
end.
