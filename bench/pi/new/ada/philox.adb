--  Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC11): the number of hits among the samples
--  [First, First + Count). -gnatp leaves out the checks: a kernel must not raise an exception.
--
--     gcc -c -O3 -gnatp -march=x86-64-v3 -fPIC kernel.adb && gcc -shared kernel.o -o kernel.so
package body Kernel is
   Lanes : constant := 32;  --  There is a lane for each of 32 consecutive blocks.
   type Words is array (Unsigned_64 range 0 .. Lanes - 1) of Unsigned_32;
   type Samples is array (Unsigned_64 range 0 .. 1, Words'Range) of Unsigned_64;

   --  The high word of the product, from products of 16-bit halves, which never overflow. gcc makes
   --  a 64-bit product of 32-bit lanes by AVX2 with more shuffles than products.
   function High (A, B : Unsigned_32) return Unsigned_32 with Inline_Always is
      A0 : constant Unsigned_32 := A and 16#FFFF#;
      B0 : constant Unsigned_32 := B and 16#FFFF#;
      Middle : constant Unsigned_32 := A / 2**16 * B0 + A0 * B0 / 2**16;
      Carry  : constant Unsigned_32 := A0 * (B / 2**16) + (Middle and 16#FFFF#);
   begin
      return A / 2**16 * (B / 2**16) + Middle / 2**16 + Carry / 2**16;
   end High;

   --  1 if X**2 + Y**2 >= 2**62, else 0. A word from 2**31 on stands for a negative number.
   function Miss (X, Y : Unsigned_32) return Unsigned_64 with Inline_Always is
      Size_X : constant Unsigned_64 := Unsigned_64 (Unsigned_32'Min (X, -X));
      Size_Y : constant Unsigned_64 := Unsigned_64 (Unsigned_32'Min (Y, -Y));
   begin
      return (Size_X * Size_X + Size_Y * Size_Y + 2**62) / 2**63;
   end Miss;

   --  Counts the misses of the two samples of each block. Loops over lanes become vector code.
   procedure Add_Misses (Seed, Block : Unsigned_64; Misses : in out Samples) is
      C0, C1, C2, C3 : Words := (others => 0);
      K0 : Unsigned_32 := Unsigned_32'Mod (Seed);
      K1 : Unsigned_32 := Unsigned_32 (Seed / 2**32);
      High0, High1 : Unsigned_32;
   begin
      for L in Words'Range loop
         C0 (L) := Unsigned_32'Mod (Block + L);
         C1 (L) := Unsigned_32 ((Block + L) / 2**32);
      end loop;
      for Round in 1 .. 10 loop
         pragma Loop_Optimize (Unroll);
         for L in Words'Range loop
            High0 := High (C0 (L), 16#D251_1F53#) xor C3 (L) xor K1;
            High1 := High (C2 (L), 16#CD9E_8D57#) xor C1 (L) xor K0;
            C3 (L) := C0 (L) * 16#D251_1F53#;
            C1 (L) := C2 (L) * 16#CD9E_8D57#;
            C0 (L) := High1;
            C2 (L) := High0;
         end loop;
         K0 := K0 + 16#9E37_79B9#;
         K1 := K1 + 16#BB67_AE85#;
      end loop;
      for L in Words'Range loop
         Misses (0, L) := Misses (0, L) + Miss (C0 (L), C1 (L));
         Misses (1, L) := Misses (1, L) + Miss (C2 (L), C3 (L));
      end loop;
   end Add_Misses;

   function Philox (Seed, First, Count : Unsigned_64) return Unsigned_64 is
      --  Counts from the first sample of a block on, then takes off what was before First.
      Odd    : constant Unsigned_64 := First mod 2;
      Groups : constant Unsigned_64 := (Odd + Count) / (2 * Lanes);
      Hits   : Unsigned_64 := Count;
      Misses, Start, Rest : Samples := (others => (others => 0));
   begin
      for Group in 1 .. Groups loop
         Add_Misses (Seed, First / 2 + Lanes * (Group - 1), Misses);
      end loop;
      for Lane of Misses loop
         Hits := Hits - Lane;
      end loop;
      Add_Misses (Seed, First / 2, Start);
      Add_Misses (Seed, First / 2 + Lanes * Groups, Rest);
      for Sample in 1 .. (Odd + Count) mod (2 * Lanes) loop
         Hits := Hits - Rest ((Sample - 1) mod 2, (Sample - 1) / 2);
      end loop;
      return Hits + Odd * Start (0, 0);
   end Philox;
end Kernel;
