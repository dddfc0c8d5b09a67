--  Calls libpi.so: counts, shows an error, and has a kernel of its own counted, which can raise.
--
--     gnatmake client.adb -largs -lpi
with Ada.Exceptions; use Ada.Exceptions;
with Ada.Strings.Fixed; use Ada.Strings.Fixed;
with Ada.Text_IO; use Ada.Text_IO;
with Interfaces; use Interfaces;
with Interfaces.C.Strings; use Interfaces.C.Strings;

procedure Client is
   --  The part of libpi.h that is used here.
   function Libpi_Hits (Generator : Integer_32; Seed, First, Count : Unsigned_64;
                        Threads : Integer_32; Hits : access Unsigned_64) return Integer_32
   with Import, Convention => C, External_Name => "libpi_hits";
   type Kernel is access function (Context : access constant Unsigned_64; First, Count : Unsigned_64;
                                   Hits : access Unsigned_64) return Integer_32
   with Convention => C;
   function Libpi_Drive_Context (Driver : chars_ptr; Count : Kernel; Context : access constant Unsigned_64;
                                 First, Number, Block : Unsigned_64; Threads : Integer_32;
                                 Hits : access Unsigned_64) return Integer_32
   with Import, Convention => C, External_Name => "libpi_drive_context";
   function Libpi_Last_Error return chars_ptr
   with Import, Convention => C, External_Name => "libpi_last_error";
   function Libpi_Last_Kernel_Error return Integer_32
   with Import, Convention => C, External_Name => "libpi_last_kernel_error";

   Kernel_Failed : constant := 15;
   Libpi_Error : exception;
   --  Raises what libpi says about a status.
   procedure Check (Status : Integer_32) is
   begin
      if Status = Kernel_Failed then
         raise Libpi_Error with "error" & Status'Image & ", kernel's" & Libpi_Last_Kernel_Error'Image
           & ": index 500000 is forbidden";
      elsif Status /= 0 then
         raise Libpi_Error with "error" & Status'Image & ": " & Value (Libpi_Last_Error);
      end if;
   end Check;

   --  Counts multiples of 7, unless an index is forbidden. No exception may pass through libpi.
   function Multiples (Context : access constant Unsigned_64; First, Count : Unsigned_64;
                       Hits : access Unsigned_64) return Integer_32
   with Convention => C;
   function Multiples (Context : access constant Unsigned_64; First, Count : Unsigned_64;
                       Hits : access Unsigned_64) return Integer_32 is
   begin
      for Index in First .. First + Count - 1 loop
         Hits.all := Hits.all + (if Index = Context.all then raise Program_Error
                                 elsif Index mod 7 = 0 then 1 else 0);
      end loop;
      return 0;
   exception
      when others => return 42;  --  a number of our own
   end Multiples;
   procedure Show (Hits : Unsigned_64; What : String) is
   begin
      Put_Line (Trim (Hits'Image, Ada.Strings.Left) & " of 1000000 " & What);
   end Show;

   Hits : aliased Unsigned_64;
   Indices : constant array (1 .. 2) of aliased Unsigned_64 := (1_000_000, 500_000);
   Threads : constant chars_ptr := New_String ("threads");
begin
   Check (Libpi_Hits (1, 42, 0, 1_000_000, 0, Hits'Access));  --  LIBPI_PHILOX
   Show (Hits, "samples are hits");
   begin
      Check (Libpi_Hits (2, 42, 0, 1_000_000, 0, Hits'Access));  --  LIBPI_NPB: its seeds are odd.
   exception
      when Error : Libpi_Error => Put_Line (Exception_Message (Error));
   end;
   for Forbidden_Number of Indices loop
      Check (Libpi_Drive_Context (Threads, Multiples'Access, Forbidden_Number'Access, 0, 1_000_000,
                                  0, 2, Hits'Access));
      Show (Hits, "numbers are multiples of 7");
   end loop;
exception
   when Error : Libpi_Error => Put_Line (Exception_Message (Error));
end Client;
