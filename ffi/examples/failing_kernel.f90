! Runs the program's own kernel, which can fail: it takes square roots, and one value is negative.
! The kernel gets the program's data by a pointer, and the caller gets the kernel's error number.
!
!     gfortran libpi.f90 failing_kernel.f90 -lpi -o failing_kernel
module roots
   use, intrinsic :: iso_c_binding, only: c_double, c_f_pointer, c_int32_t, c_int64_t, c_ptr
   implicit none
   integer(c_int32_t), parameter :: negative_value = -5
contains
   ! Counts the values whose square root is above 2. libpi calls this from several threads at once,
   ! with a part of the range each, so it must be recursive and must not change the values.
   recursive function count_large_roots(context, first, count, hits) result(error) bind(C)
      type(c_ptr), value :: context
      integer(c_int64_t), value :: first, count
      integer(c_int64_t), intent(inout) :: hits
      integer(c_int32_t) :: error
      real(c_double), pointer :: values(:)
      integer(c_int64_t) :: i

      call c_f_pointer(context, values, [first + count])
      error = negative_value
      do i = first + 1, first + count
         if (values(i) < 0) return
         if (sqrt(values(i)) > 2) hits = hits + 1
      end do
      error = 0
   end function count_large_roots
end module roots

program failing_kernel
   use, intrinsic :: iso_c_binding, only: c_double, c_loc
   use, intrinsic :: iso_fortran_env, only: int64
   use libpi, only: LIBPI_OK, libpi_drive_context, libpi_last_kernel_error
   use roots, only: count_large_roots
   implicit none
   integer(int64), parameter :: first = 0, count = 1000, block = 100
   real(c_double), target :: values(count)
   integer(int64) :: found
   integer :: i, status
   character(256) :: message

   values = [(mod(i, 10), i=1, int(count))]
   call libpi_drive_context('auto', count_large_roots, c_loc(values), first, count, found, block)
   print '(i0, a)', found, ' square roots are above 2'

   values(700) = -1
   call libpi_drive_context('auto', count_large_roots, c_loc(values), first, count, found, block, &
                            stat=status, errmsg=message)
   if (status /= LIBPI_OK) print '(a, i0, 2a)', 'kernel error ', libpi_last_kernel_error(), ': ', &
      trim(message)
end program failing_kernel
