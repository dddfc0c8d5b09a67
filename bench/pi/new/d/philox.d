/// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC11): the number of hits among the samples
/// [first, first + count). `-betterC` leaves out the runtime library of D, which a kernel does not need.
///
///     ldc2 -O3 -betterC -mcpu=x86-64-v3 -shared -relocation-model=pic kernel.d -of=kernel.so
module kernel;

private:
/// A word of 32 bits lies in a lane of 64 bits, so that a product of two words needs no shuffles.
enum lanes = 12;
enum ulong low = 0xFFFFFFFF;

/// The words of N consecutive blocks; a block has two samples, (c0, c1) and (c2, c3).
struct Blocks(size_t N)
{
    align(64) ulong[N] c0, c1, c2, c3;
}

/// Every loop over the lanes becomes vector instructions. The rounds are unrolled.
pragma(inline, true) void fill(size_t N)(ref Blocks!N w, ulong seed, ulong first)
{
    uint key0 = cast(uint) seed, key1 = cast(uint)(seed >> 32);
    foreach (l; 0 .. N)
    {
        w.c0[l] = (first + l) & low;
        w.c1[l] = (first + l) >> 32;
        w.c2[l] = w.c3[l] = 0;
    }
    static foreach (round; 0 .. 10)
    {
        foreach (l; 0 .. N)
        {
            const product0 = w.c0[l] * 0xD2511F53, product1 = w.c2[l] * 0xCD9E8D57;
            w.c0[l] = (product1 >> 32) ^ w.c1[l] ^ key0;
            w.c1[l] = product1 & low;
            w.c2[l] = (product0 >> 32) ^ w.c3[l] ^ key1;
            w.c3[l] = product0 & low;
        }
        key0 += 0x9E3779B9;
        key1 += 0xBB67AE85;
    }
}

/// 1 if x^2 + y^2 >= 2^62, else 0: adding 2^62 carries a miss into the top bit. Words are signed.
ulong miss(ulong x, ulong y)
{
    const long signed_x = cast(int) x, signed_y = cast(int) y;
    return (ulong(signed_x * signed_x) + ulong(signed_y * signed_y) + (1UL << 62)) >> 63;
}

/// One sample after the other, for the ends of a range.
pragma(inline, false) ulong edge(ulong seed, ulong first, ulong count)
{
    ulong hits = count;
    foreach (i; 0 .. count)
    {
        Blocks!1 w = void;
        fill(w, seed, (first + i) / 2);
        hits -= (first + i) % 2 == 0 ? miss(w.c0[0], w.c1[0]) : miss(w.c2[0], w.c3[0]);
    }
    return hits;
}

public extern (C) ulong philox(ulong seed, ulong first, ulong count)
{
    const odd = count > 0 ? first % 2 : 0, groups = (count - odd) / (2 * lanes);
    const body_ = 2 * lanes * groups;
    align(64) ulong[lanes] misses = 0;
    Blocks!lanes w = void;
    foreach (group; 0 .. groups)
    {
        fill(w, seed, first / 2 + odd + lanes * group);
        foreach (l; 0 .. lanes)
            misses[l] += miss(w.c0[l], w.c1[l]) + miss(w.c2[l], w.c3[l]);
    }
    ulong hits = edge(seed, first, odd) + body_ + edge(seed, first + odd + body_, count - odd - body_);
    foreach (lane; misses)
        hits -= lane;
    return hits;
}
