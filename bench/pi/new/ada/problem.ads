--  The kernel: in C, uint64_t count_range(uint64_t seed, uint64_t first, uint64_t count).
with Interfaces; use Interfaces;

package Kernel with Pure is
   function Count_Range (Seed, First, Count : Unsigned_64) return Unsigned_64
   with Export, Convention => C, External_Name => "count_range";
end Kernel;
