/// Calls from D: caller HOW SEED FIRST COUNT WARMUP RUNS prints a line for each run. See GUESTS.md.
module caller;

import core.time : MonoTime;
import std.conv : to;
import std.stdio : writefln;

extern (C) nothrow @nogc
{
    ulong libpi_callee_c(ulong seed, ulong first, ulong count);
    int libpi_hits_with(const char* kernel, const char* driver, int generator, ulong seed,
            ulong first, ulong count, int threads, ulong* hits);
}

enum philox = 1, ok = 0;

ulong withoutCall(ulong seed, ulong first, ulong count)
{
    ulong answer = seed;
    foreach (i; 0 .. count)
        answer = ((3 * answer) ^ (first + i)) - 1;
    return answer;
}

ulong shared_(ulong seed, ulong first, ulong count)
{
    ulong answer = seed;
    foreach (i; 0 .. count)
        answer = libpi_callee_c(answer, first + i, 1);
    return answer;
}

ulong checked(ulong seed, ulong first, ulong count)
{
    ulong answered = 0;
    foreach (i; 0 .. count)
    {
        ulong hits = 1;
        if (libpi_hits_with("c", "serial", philox, seed, first + i, 0, 1, &hits) == ok)
            answered += hits == 0;
    }
    return answered;
}

void main(string[] words)
{
    // The loop is found when the program runs, so its call stays between the two clocks.
    auto loop = ["floor": &withoutCall, "shared": &shared_, "checked": &checked][words[1]];
    const numbers = words[2 .. 7].to!(ulong[]);
    const warmup = numbers[3];
    foreach (run; 0 .. warmup + numbers[4])
    {
        const start = MonoTime.currTime;
        const answer = loop(numbers[0], numbers[1], numbers[2]);
        const time = MonoTime.currTime - start;
        if (run >= warmup)
            writefln("run %.9f %d", time.total!"nsecs" * 1e-9, answer);
    }
}
