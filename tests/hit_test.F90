! Calls the hit test of a Fortran kernel for the points in the arguments (for npb: the states),
! which are x y x y ... Prints 1 for a hit and 0 for a miss. The kernel's module is compiled with
! -Dprivate=public, so that its hit test can be called.
program hit_test
   use, intrinsic :: iso_fortran_env, only: int64
#if defined PHILOX
   use LIBPI_MODULE, only: miss, word
#elif defined XOSHIRO
   use LIBPI_MODULE, only: miss
#else
   use LIBPI_MODULE, only: hit
#endif
   implicit none
   integer :: i

   do i = 1, command_argument_count(), 2
      print '(i0)', is_hit(number(i), number(i + 1))
   end do

contains

   integer(int64) function is_hit(x, y)
      integer(int64), intent(in) :: x, y

#if defined PHILOX
      is_hit = 1 - miss(int(x, word), int(y, word))
#elif defined XOSHIRO
      is_hit = 1 - miss(ior(shiftl(y, 32), ibits(x, 0, 32)))
#else
      is_hit = hit(shiftl(x, 18), shiftl(y, 18))
#endif
   end function is_hit

   integer(int64) function number(i)
      integer, intent(in) :: i
      character(len=20) :: text

      call get_command_argument(i, text)
      read (text, *) number
   end function number
end program hit_test
