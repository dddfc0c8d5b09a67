/// Calls libpi.so: counts, shows an error, and has a kernel of its own counted, which can throw.
///
///     ldc2 -O client.d -L-lpi -of=client
import core.thread : thread_attachThis, thread_detachThis;
import std.format : format;
import std.stdio : writef, writeln;
import std.string : fromStringz;
extern (C) nothrow // the part of libpi.h that is used here
{
    alias Kernel = int function(void* context, ulong first, ulong count, ulong* hits);
    int libpi_hits(int generator, ulong seed, ulong first, ulong count, int threads, ulong* hits);
    int libpi_drive_context(const char* driver, Kernel kernel, void* context, ulong first,
        ulong count, ulong block, int threads, ulong* hits);
    const(char)* libpi_last_error();
    int libpi_last_kernel_error();
}

enum philox = 1, npb = 2, kernelFailed = 15;
void check(int status)
{
    if (status != 0) throw new Exception(format("error %s: %s", status, libpi_last_error().fromStringz));
}

struct Multiples
{
    ulong forbidden;
    shared Exception thrown;
}

/// No exception may pass through libpi. libpi's threads are not D's: attach them for the collector.
extern (C) int kernel(void* context, ulong first, ulong count, ulong* hits) nothrow
{
    auto multiples = cast(Multiples*) context;
    try
    {
        thread_attachThis();
        scope (exit) thread_detachThis();
        foreach (index; first .. first + count)
            if (index == multiples.forbidden)
                throw new Exception(format("index %s is forbidden", index));
            else
                *hits += index % 7 == 0;
        return 0;
    }
    catch (Exception exception)
    {
        multiples.thrown = cast(shared) exception;
        return 42;
    }
}

/// Counts the multiples of 7 among the first million numbers, on two threads.
void drive(ulong forbidden)
{
    auto multiples = new Multiples(forbidden);
    ulong hits;
    const status = libpi_drive_context("threads", &kernel, multiples, 0, 1_000_000, 0, 2, &hits);
    if (status == kernelFailed)
    {
        writef("error %s, kernel's %s: ", status, libpi_last_kernel_error());
        throw cast(Exception) multiples.thrown;
    }
    check(status);
    writeln(hits, " of 1000000 numbers are multiples of 7");
}

void main()
{
    ulong hits;
    check(libpi_hits(philox, 42, 0, 1_000_000, 0, &hits));
    writeln(hits, " of 1000000 samples are hits");
    void delegate()[] attempts = [
        () => check(libpi_hits(npb, 42, 0, 1_000_000, 0, &hits)), // NPB's seeds are odd.
        () => drive(1_000_000), () => drive(500_000)
    ];
    foreach (attempt; attempts)
        try attempt();
        catch (Exception exception) writeln(exception.msg);
}
