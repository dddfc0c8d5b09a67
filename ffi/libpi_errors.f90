!! How the modules libpi and libpi_mpi report errors, and how they check integers that C would take
!! for other numbers.
module libpi_errors
   use, intrinsic :: iso_c_binding, only: c_associated, c_char, c_f_pointer, c_int32_t, c_ptr
   use, intrinsic :: iso_fortran_env, only: int64
   use libpi_c, only: c_last_error, c_strlen
   use libpi_types
   implicit none
   private
   public :: mistake, mistake_in, refused, finish, narrow, text

   !! What is wrong with an argument. The status is LIBPI_OK if nothing is.
   type :: mistake
      integer(c_int32_t) :: status = LIBPI_OK
      character(:), allocatable :: message
   end type mistake

contains

   ! The first mistake in these arguments. A negative number of samples or parts is one, because it
   ! comes from an integer overflow and not from a range of more than 2^63 samples. libpi itself
   ! checks the rest.
   pure recursive function mistake_in(generator, index, hits, count, parts, part, block, &
                                     threads) &
      result(wrong)
      integer, intent(in), optional :: generator, index, threads
      integer(int64), intent(in), optional :: hits, count, parts, part, block
      type(mistake) :: wrong

      call check_size('generator', generator, LIBPI_ERROR_GENERATOR, wrong)
      if (present(index)) call check_sign('index', int(index, int64), LIBPI_ERROR_INDEX, wrong)
      call check_size('index', index, LIBPI_ERROR_INDEX, wrong)
      call check_sign('hits', hits, LIBPI_ERROR_HITS, wrong)
      call check_sign('count', count, LIBPI_ERROR_RANGE, wrong)
      call check_sign('parts', parts, LIBPI_ERROR_PART, wrong)
      call check_sign('part', part, LIBPI_ERROR_PART, wrong)
      call check_sign('block', block, LIBPI_ERROR_BLOCK, wrong)
      call check_size('threads', threads, LIBPI_ERROR_THREADS, wrong)
   end function mistake_in

   ! Finds a negative number.
   pure recursive subroutine check_sign(name, value, status, wrong)
      character(*), intent(in) :: name
      integer(int64), intent(in), optional :: value
      integer, intent(in) :: status
      type(mistake), intent(inout) :: wrong

      if (.not. present(value) .or. wrong%status /= LIBPI_OK) return
      if (value >= 0) return
      wrong = mistake(int(status, c_int32_t), name//' is '//decimal(value)//', but it cannot be &
         &negative: pass 0 or more, and look for an integer overflow')
   end subroutine check_sign

   ! Finds a number that does not fit into 32 bits. A default integer may have 64.
   pure recursive subroutine check_size(name, value, status, wrong)
      character(*), intent(in) :: name
      integer, intent(in), optional :: value
      integer, intent(in) :: status
      type(mistake), intent(inout) :: wrong

      if (.not. present(value) .or. wrong%status /= LIBPI_OK) return
      if (int(narrow(value)) == value) return
      wrong = mistake(int(status, c_int32_t), name//' is '//decimal(int(value, int64))//', but &
         &libpi takes numbers of 32 bits here: pass a smaller number')
   end subroutine check_size

   ! An integer as C takes it, or the nearest one that fits; 0 if it is absent, which stands for the
   ! default.
   pure recursive function narrow(value)
      integer, intent(in), optional :: value
      integer(c_int32_t) :: narrow
      integer(int64), parameter :: most = huge(narrow)

      narrow = 0
      if (present(value)) narrow = int(max(-most, min(most, int(value, int64))), c_int32_t)
   end function narrow

   pure recursive function decimal(value) result(digits)
      integer(int64), intent(in) :: value
      character(:), allocatable :: digits
      character(20) :: buffer

      write (buffer, '(i0)') value
      digits = trim(buffer)
   end function decimal

   ! Reports a mistake, if there is one, and says whether there is.
   recursive function refused(wrong, stat, errmsg)
      type(mistake), intent(in) :: wrong
      integer, intent(inout), optional :: stat
      character(*), intent(inout), optional :: errmsg
      logical :: refused

      refused = wrong%status /= LIBPI_OK
      if (refused) call report(wrong%status, wrong%message, stat, errmsg)
   end function refused

   ! Passes a status to the caller, or stops the program. Call it right after the failed function:
   ! the message is valid until the thread's next call of libpi. It is that of another library if
   ! the library's function for it is given.
   recursive subroutine finish(status, stat, errmsg, last_error)
      integer(c_int32_t), intent(in) :: status
      integer, intent(inout), optional :: stat
      character(*), intent(inout), optional :: errmsg
      procedure(c_last_error), optional :: last_error

      if (status /= LIBPI_OK .and. present(last_error)) then
         call report(status, text(last_error()), stat, errmsg)
      else if (status /= LIBPI_OK) then
         call report(status, text(c_last_error()), stat, errmsg)
      else if (present(stat)) then
         stat = LIBPI_OK
      end if
   end subroutine finish

   ! Passes an error to the caller, or stops the program. LIBPI_STOPPED is no error.
   recursive subroutine report(status, message, stat, errmsg)
      integer(c_int32_t), intent(in) :: status
      character(*), intent(in) :: message
      integer, intent(inout), optional :: stat
      character(*), intent(inout), optional :: errmsg

      if (present(stat)) then
         stat = int(status)
      else if (status /= LIBPI_STOPPED) then
         error stop message
      end if
      if (present(errmsg)) errmsg = message
   end subroutine report

   ! A copy of a C string; '' for NULL.
   recursive function text(string) result(copy)
      type(c_ptr), intent(in) :: string
      character(:), allocatable :: copy
      character(kind=c_char), pointer :: characters(:)
      integer :: i

      copy = ''
      if (.not. c_associated(string)) return
      call c_f_pointer(string, characters, [c_strlen(string)])
      copy = repeat(' ', size(characters))
      do i = 1, size(characters)
         copy(i:i) = characters(i)
      end do
   end function text
end module libpi_errors
