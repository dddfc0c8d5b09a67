! The callee in Fortran.
module crossings_callee
   use, intrinsic :: iso_c_binding, only: i64 => c_int64_t
   implicit none
   private
   public :: libpi_callee_fortran

contains

   pure function libpi_callee_fortran(seed, first, count) result(answer) &
      bind(C, name="libpi_callee_fortran")
      integer(i64), value :: seed, first, count
      integer(i64) :: answer

      answer = ieor(3*seed, first) - count
   end function libpi_callee_fortran
end module crossings_callee
