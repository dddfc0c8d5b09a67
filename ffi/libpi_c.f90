!! The functions of libpi.h, for libpi.f90 and libpi_errors.f90 alone. Each has the name that it has
!! in libpi.h, with c_ in place of libpi_.
module libpi_c
   use, intrinsic :: iso_c_binding, only: c_char, c_double, c_funptr, c_int32_t, c_int64_t, c_ptr, &
      c_size_t
   implicit none
   public

   interface
      function c_hits(generator, seed, first, count, threads, hits) result(status) &
         bind(C, name='libpi_hits')
         import :: c_int32_t, c_int64_t
         integer(c_int32_t), value :: generator, threads
         integer(c_int64_t), value :: seed, first, count
         integer(c_int64_t), intent(inout) :: hits
         integer(c_int32_t) :: status
      end function c_hits

      function c_hits_with(kernel, driver, generator, seed, first, count, threads, hits) &
         result(status) bind(C, name='libpi_hits_with')
         import :: c_char, c_int32_t, c_int64_t
         character(kind=c_char), intent(in) :: kernel(*), driver(*)
         integer(c_int32_t), value :: generator, threads
         integer(c_int64_t), value :: seed, first, count
         integer(c_int64_t), intent(inout) :: hits
         integer(c_int32_t) :: status
      end function c_hits_with

      function c_drive(driver, kernel, seed, first, count, threads, hits) result(status) &
         bind(C, name='libpi_drive')
         import :: c_char, c_funptr, c_int32_t, c_int64_t
         character(kind=c_char), intent(in) :: driver(*)
         type(c_funptr), value :: kernel
         integer(c_int64_t), value :: seed, first, count
         integer(c_int32_t), value :: threads
         integer(c_int64_t), intent(inout) :: hits
         integer(c_int32_t) :: status
      end function c_drive

      function c_drive_context(driver, kernel, context, first, count, block, threads, hits) &
         result(status) bind(C, name='libpi_drive_context')
         import :: c_char, c_funptr, c_int32_t, c_int64_t, c_ptr
         character(kind=c_char), intent(in) :: driver(*)
         type(c_funptr), value :: kernel
         type(c_ptr), value :: context
         integer(c_int64_t), value :: first, count, block
         integer(c_int32_t), value :: threads
         integer(c_int64_t), intent(inout) :: hits
         integer(c_int32_t) :: status
      end function c_drive_context

      function c_hits_progress(kernel, driver, generator, seed, first, count, threads, callback, &
                               user_data, hits, done) result(status) &
         bind(C, name='libpi_hits_progress')
         import :: c_char, c_funptr, c_int32_t, c_int64_t, c_ptr
         character(kind=c_char), intent(in) :: kernel(*), driver(*)
         integer(c_int32_t), value :: generator, threads
         integer(c_int64_t), value :: seed, first, count
         type(c_funptr), value :: callback
         type(c_ptr), value :: user_data
         integer(c_int64_t), intent(inout) :: hits, done
         integer(c_int32_t) :: status
      end function c_hits_progress

      function c_threads() result(threads) bind(C, name='libpi_threads')
         import :: c_int32_t
         integer(c_int32_t) :: threads
      end function c_threads

      function c_threads_rule() result(rule) bind(C, name='libpi_threads_rule')
         import :: c_ptr
         type(c_ptr) :: rule
      end function c_threads_rule

      function c_set_threads(threads) result(status) bind(C, name='libpi_set_threads')
         import :: c_int32_t
         integer(c_int32_t), value :: threads
         integer(c_int32_t) :: status
      end function c_set_threads

      function c_split(first, count, parts, part, part_first, part_count) result(status) &
         bind(C, name='libpi_split')
         import :: c_int32_t, c_int64_t
         integer(c_int64_t), value :: first, count, parts, part
         integer(c_int64_t), intent(inout) :: part_first, part_count
         integer(c_int32_t) :: status
      end function c_split

      function c_estimate(hits, count, pi, standard_error) result(status) &
         bind(C, name='libpi_estimate')
         import :: c_double, c_int32_t, c_int64_t
         integer(c_int64_t), value :: hits, count
         real(c_double), intent(inout) :: pi, standard_error
         integer(c_int32_t) :: status
      end function c_estimate

      function c_interval(hits, count, lower, upper) result(status) bind(C, name='libpi_interval')
         import :: c_double, c_int32_t, c_int64_t
         integer(c_int64_t), value :: hits, count
         real(c_double), intent(inout) :: lower, upper
         integer(c_int32_t) :: status
      end function c_interval

      function c_kernel_at(index, generator, name, missing) result(status) &
         bind(C, name='libpi_kernel_at')
         import :: c_int32_t, c_ptr
         integer(c_int32_t), value :: index
         integer(c_int32_t), intent(inout) :: generator
         type(c_ptr), intent(inout) :: name, missing
         integer(c_int32_t) :: status
      end function c_kernel_at

      function c_driver_at(index, name, missing) result(status) bind(C, name='libpi_driver_at')
         import :: c_int32_t, c_ptr
         integer(c_int32_t), value :: index
         type(c_ptr), intent(inout) :: name, missing
         integer(c_int32_t) :: status
      end function c_driver_at

      function c_last_error() result(message) bind(C, name='libpi_last_error')
         import :: c_ptr
         type(c_ptr) :: message
      end function c_last_error

      function c_last_kernel_error() result(error) bind(C, name='libpi_last_kernel_error')
         import :: c_int32_t
         integer(c_int32_t) :: error
      end function c_last_kernel_error

      function c_status_text(status) result(meaning) bind(C, name='libpi_status_text')
         import :: c_int32_t, c_ptr
         integer(c_int32_t), value :: status
         type(c_ptr) :: meaning
      end function c_status_text

      function c_version() result(version) bind(C, name='libpi_version')
         import :: c_ptr
         type(c_ptr) :: version
      end function c_version

      function c_abi_version() result(version) bind(C, name='libpi_abi_version')
         import :: c_int32_t
         integer(c_int32_t) :: version
      end function c_abi_version

      function c_strlen(string) result(length) bind(C, name='strlen')
         import :: c_ptr, c_size_t
         type(c_ptr), value :: string
         integer(c_size_t) :: length
      end function c_strlen
   end interface
end module libpi_c
