--  Counts the indices in [First, First + Count) that have a property. The range ends at 2**64 at most, so
--  First + Count may be 0: compare no index with the end.
package body Kernel is

   --  Whether an index counts: here, if 3 divides it. Put your own property in its place. A problem that
   --  needs random numbers makes them from the seed and the index.
   function Counts (Seed, Index : Unsigned_64) return Boolean is
      pragma Unreferenced (Seed);
   begin
      return Index mod 3 = 0;
   end Counts;

   function Count_Range (Seed, First, Count : Unsigned_64) return Unsigned_64 is
      Hits  : Unsigned_64 := 0;
      Index : Unsigned_64 := First;
      Left  : Unsigned_64 := Count;
   begin
      while Left > 0 loop
         if Counts (Seed, Index) then
            Hits := Hits + 1;
         end if;
         Index := Index + 1;
         Left := Left - 1;
      end loop;
      return Hits;
   end Count_Range;
end Kernel;
