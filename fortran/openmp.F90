! The OpenMP driver in Fortran: splits a range over OpenMP threads and adds up the hits that a
! kernel counts in the parts. The kernel may be written in any language.
module libpi_openmp
   use, intrinsic :: iso_c_binding, only: c_f_procpointer, c_funptr, i32 => c_int32_t, &
      i64 => c_int64_t
   use omp_lib, only: omp_get_dynamic, omp_set_dynamic
   implicit none
   private
   public :: libpi_openmp_fortran

   abstract interface
      function kernel_type(seed, first, count) result(hits) bind(C)
         import :: i64
         integer(i64), value :: seed, first, count
         integer(i64) :: hits
      end function kernel_type
   end interface

   integer, parameter :: block_bits = 16  ! a block has 65536 samples

contains

   ! Counts the hits of `kernel` among the samples [first, first + count) in `threads` parts.
   ! threads is 1 to 1024, first is unsigned, first + count is at most 2^64 and count below 2^63.
   function libpi_openmp_fortran(kernel, seed, first, count, threads) result(total) &
      bind(C, name="libpi_openmp_fortran")
      type(c_funptr), value :: kernel
      integer(i64), value :: seed, first, count
      integer(i32), value :: threads
      integer(i64) :: total
      procedure(kernel_type), pointer :: hits
      integer(i64) :: part_first, part_count
      integer(i32) :: part
      logical :: dynamic

      call c_f_procpointer(kernel, hits)
      total = 0
      ! OMP_DYNAMIC would let the runtime start fewer threads than asked for.
      dynamic = omp_get_dynamic()
      call omp_set_dynamic(.false.)
      ! The loop runs over parts instead of giving each thread number one part. So every part is
      ! counted even if the runtime starts fewer threads than asked for.
      !$omp parallel do schedule(static, 1) num_threads(threads) default(none) &
      !$omp shared(hits, seed, first, count, threads) private(part_first, part_count) &
      !$omp reduction(+:total)
      do part = 0, threads - 1
         call split(first, count, part, threads, part_first, part_count)
         if (part_count > 0) total = total + hits(seed, part_first, part_count)
      end do
      !$omp end parallel do
      call omp_set_dynamic(dynamic)
   end function libpi_openmp_fortran

   ! Part `part` (from 0) of `parts`: whole blocks counted from index 0, clipped to the range.
   pure subroutine split(first, count, part, parts, part_first, part_count)
      integer(i64), intent(in) :: first, count
      integer(i32), intent(in) :: part, parts
      integer(i64), intent(out) :: part_first, part_count
      integer(i64) :: from

      from = samples_before(first, count, part, parts)
      part_first = first + from
      part_count = samples_before(first, count, part + 1, parts) - from
   end subroutine split

   ! The number of samples of the range in the parts before `part`.
   pure function samples_before(first, count, part, parts) result(samples)
      integer(i64), intent(in) :: first, count
      integer(i32), intent(in) :: part, parts
      integer(i64) :: samples
      integer(i64) :: blocks, block

      ! A range touches at most 2^48 blocks and there are at most 1024 parts, so the product fits
      ! into 64 bits.
      blocks = shiftr(first + (count - 1), block_bits) - shiftr(first, block_bits) + 1
      block = blocks*part/parts
      if (count == 0 .or. block == 0) then
         samples = 0
      else if (block == blocks) then
         samples = count
      else
         samples = shiftl(block, block_bits) - ibits(first, 0, block_bits)
      end if
   end function samples_before
end module libpi_openmp
