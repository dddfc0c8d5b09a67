! Counts the indices in [first, first + count) that have a property. Fortran has no unsigned integers:
! an index of 2^63 or more is negative here, and sums wrap (-fwrapv).
module kernel_module
   use, intrinsic :: iso_c_binding, only: i64 => c_int64_t
   implicit none
   private
   public :: count_range

contains

   pure function count_range(seed, first, count) result(hits) bind(C)
      integer(i64), value :: seed, first, count
      integer(i64) :: hits
      integer(i64) :: i

      hits = 0
      do i = 0, count - 1
         hits = hits + counts(seed, first + i)
      end do
   end function count_range

   ! 1 if an index counts, else 0: here, if 8 divides it. Put your own property in its place. A problem
   ! that needs random numbers makes them from the seed and the index.
   pure function counts(seed, index)
      integer(i64), intent(in) :: seed, index
      integer(i64) :: counts

      counts = merge(1_i64, 0_i64, iand(index, 7_i64) == 0 .or. seed /= seed)
   end function counts
end module kernel_module
