! The caller in Fortran.
module crossings_caller
   use, intrinsic :: iso_c_binding, only: c_f_procpointer, c_funptr, i64 => c_int64_t
   implicit none
   private
   public :: loop_floor, loop_direct_rust, loop_direct_c, loop_direct_fortran, loop_pointer
   public :: loop_batches

   abstract interface
      function kernel_type(seed, first, count) result(hits) bind(C)
         import :: i64
         integer(i64), value :: seed, first, count
         integer(i64) :: hits
      end function kernel_type
   end interface

   ! These interfaces are written out because of a bug in gfortran 12: if a procedure(kernel_type)
   ! is called in two places, one of the calls passes addresses instead of values.
   interface
      function callee_rust(seed, first, count) result(answer) bind(C, name="libpi_callee_rust")
         import :: i64
         integer(i64), value :: seed, first, count
         integer(i64) :: answer
      end function callee_rust

      function callee_c(seed, first, count) result(answer) bind(C, name="libpi_callee_c")
         import :: i64
         integer(i64), value :: seed, first, count
         integer(i64) :: answer
      end function callee_c

      function callee_fortran(seed, first, count) result(answer) &
         bind(C, name="libpi_callee_fortran")
         import :: i64
         integer(i64), value :: seed, first, count
         integer(i64) :: answer
      end function callee_fortran
   end interface

contains

   pure function callee_inlined(seed, first, count) result(answer)
      integer(i64), value :: seed, first, count
      integer(i64) :: answer

      answer = ieor(3*seed, first) - count
   end function callee_inlined

   function loop_floor(seed, first, count) result(answer) bind(C, name="libpi_loop_fortran_floor")
      integer(i64), value :: seed, first, count
      integer(i64) :: answer, i

      answer = seed
      do i = 0, count - 1
         answer = callee_inlined(answer, first + i, 1_i64)
      end do
   end function loop_floor

   function loop_direct_rust(seed, first, count) result(answer) &
      bind(C, name="libpi_loop_fortran_direct_rust")
      integer(i64), value :: seed, first, count
      integer(i64) :: answer, i

      answer = seed
      do i = 0, count - 1
         answer = callee_rust(answer, first + i, 1_i64)
      end do
   end function loop_direct_rust

   function loop_direct_c(seed, first, count) result(answer) &
      bind(C, name="libpi_loop_fortran_direct_c")
      integer(i64), value :: seed, first, count
      integer(i64) :: answer, i

      answer = seed
      do i = 0, count - 1
         answer = callee_c(answer, first + i, 1_i64)
      end do
   end function loop_direct_c

   function loop_direct_fortran(seed, first, count) result(answer) &
      bind(C, name="libpi_loop_fortran_direct_fortran")
      integer(i64), value :: seed, first, count
      integer(i64) :: answer, i

      answer = seed
      do i = 0, count - 1
         answer = callee_fortran(answer, first + i, 1_i64)
      end do
   end function loop_direct_fortran

   function loop_pointer(callee, seed, first, count) result(answer) &
      bind(C, name="libpi_loop_fortran_pointer")
      type(c_funptr), value :: callee
      integer(i64), value :: seed, first, count
      integer(i64) :: answer, i
      procedure(kernel_type), pointer :: call_it

      call c_f_procpointer(callee, call_it)
      answer = seed
      do i = 0, count - 1
         answer = call_it(answer, first + i, 1_i64)
      end do
   end function loop_pointer

   function loop_batches(kernel, seed, first, count, batch) result(hits) &
      bind(C, name="libpi_loop_fortran_batches")
      type(c_funptr), value :: kernel
      integer(i64), value :: seed, first, count, batch
      integer(i64) :: hits, done, size
      procedure(kernel_type), pointer :: call_it

      call c_f_procpointer(kernel, call_it)
      hits = 0
      done = 0
      do while (done < count)
         size = min(batch, count - done)
         hits = hits + call_it(seed, first + done, size)
         done = done + size
      end do
   end function loop_batches
end module crossings_caller
