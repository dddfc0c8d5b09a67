--  Calls from Ada: caller HOW SEED FIRST COUNT WARMUP RUNS prints a line for each run. See GUESTS.md.
with Ada.Command_Line; use Ada.Command_Line;
with Ada.Real_Time;    use Ada.Real_Time;
with Ada.Text_IO;      use Ada.Text_IO;
with Interfaces;       use Interfaces;
with Interfaces.C;     use Interfaces.C;

procedure Caller is
   Philox : constant := 1;
   OK     : constant := 0;

   function Callee (Seed, First, Count : Unsigned_64) return Unsigned_64
   with Import, Convention => C, External_Name => "libpi_callee_c";

   function Hits_With
     (Kernel, Driver : char_array; Generator : Integer_32; Seed, First, Count : Unsigned_64;
      Threads : int; Hits : in out Unsigned_64) return Integer_32
   with Import, Convention => C, External_Name => "libpi_hits_with";

   type Loop_Of_Calls is access function (Seed, First, Count : Unsigned_64) return Unsigned_64;

   function Without_Call (Seed, First, Count : Unsigned_64) return Unsigned_64 is
      Answer : Unsigned_64 := Seed;
      I      : Unsigned_64 := 0;
   begin
      while I < Count loop
         Answer := ((3 * Answer) xor (First + I)) - 1;
         I := I + 1;
      end loop;
      return Answer;
   end Without_Call;

   function Shared_Library (Seed, First, Count : Unsigned_64) return Unsigned_64 is
      Answer : Unsigned_64 := Seed;
      I      : Unsigned_64 := 0;
   begin
      while I < Count loop
         Answer := Callee (Answer, First + I, 1);
         I := I + 1;
      end loop;
      return Answer;
   end Shared_Library;

   function Checked (Seed, First, Count : Unsigned_64) return Unsigned_64 is
      Kernel      : constant char_array := To_C ("c");
      Driver      : constant char_array := To_C ("serial");
      Answered, I : Unsigned_64 := 0;
      Hits        : Unsigned_64;
      Status      : Integer_32;
   begin
      while I < Count loop
         Hits := 1;
         Status := Hits_With (Kernel, Driver, Philox, Seed, First + I, 0, 1, Hits);
         if Status = OK and Hits = 0 then
            Answered := Answered + 1;
         end if;
         I := I + 1;
      end loop;
      return Answered;
   end Checked;

   --  Volatile: the compiler cannot see which loop this is, so it leaves the call between the clocks.
   Chosen : Loop_Of_Calls
   with Volatile;
   function Number (Place : Positive) return Unsigned_64
   is (Unsigned_64'Value (Argument (Place)));
   Seed    : constant Unsigned_64 := Number (2);
   First   : constant Unsigned_64 := Number (3);
   Count   : constant Unsigned_64 := Number (4);
   Warmup  : constant Unsigned_64 := Number (5);
   Start   : Time;
   Answer  : Unsigned_64;
   Seconds : Duration;
begin
   if Argument (1) = "floor" then
      Chosen := Without_Call'Unrestricted_Access;
   elsif Argument (1) = "shared" then
      Chosen := Shared_Library'Unrestricted_Access;
   elsif Argument (1) = "checked" then
      Chosen := Checked'Unrestricted_Access;
   end if;
   for Run in 1 .. Warmup + Number (6) loop
      Start := Clock;
      Answer := Chosen (Seed, First, Count);
      Seconds := To_Duration (Clock - Start);
      if Run > Warmup then
         Put_Line ("run" & Seconds'Image & Answer'Image);
      end if;
   end loop;
end Caller;
