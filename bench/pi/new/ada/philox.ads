--  The kernel: in C, uint64_t philox(uint64_t seed, uint64_t first, uint64_t count).
with Interfaces; use Interfaces;

package Kernel with Pure is
   function Philox (Seed, First, Count : Unsigned_64) return Unsigned_64
   with Export, Convention => C, External_Name => "philox";
end Kernel;
