! A driver: splits a range over OpenMP threads and adds up what a kernel counts in the parts. The
! kernel may be written in any language.
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

   ! Hits of `kernel` among the samples [first, first + count), in `threads` parts, 1 to 1024. first
   ! is unsigned, first + count at most 2^64 and count below 2^63.
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
      ! As many threads as asked for, not as many as the runtime thinks wise (OMP_DYNAMIC).
      dynamic = omp_get_dynamic()
      call omp_set_dynamic(.false.)
      ! A loop over the parts, not a part for each thread: the runtime may give fewer threads than
      ! asked for, and every part must be counted still.
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

   ! How many samples of the range are in the parts before `part`.
   pure function samples_before(first, count, part, parts) result(samples)
      integer(i64), intent(in) :: first, count
      integer(i32), intent(in) :: part, parts
      integer(i64) :: samples
      integer(i64) :: blocks, block

      ! At most 2^48 + 1 blocks are touched, and parts are at most 1024: 64 bits hold the product.
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
