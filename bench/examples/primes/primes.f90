!> Counts the primes among the numbers [first, first + count).
module primes
    use, intrinsic :: iso_c_binding, only: c_int64_t
    implicit none
    private
    public :: count_primes

contains

    !> A problem without random numbers needs no seed. Fortran has no unsigned integers: numbers from
    !> 2^63 on are negative here, sums wrap (-fwrapv), and functions of their own compare and divide.
    function count_primes(seed, first, count) bind(c) result(found)
        integer(c_int64_t), value, intent(in) :: seed, first, count
        integer(c_int64_t) :: found, index

        associate (unused => seed)
        end associate
        found = 0
        do index = 0, count - 1
            if (is_prime(first + index)) found = found + 1
        end do
    end function count_primes

    pure logical function is_prime(number)
        integer(c_int64_t), intent(in) :: number
        integer(c_int64_t) :: divisor

        is_prime = .false.
        if (number >= 0 .and. number < 4) then
            is_prime = number > 1
            return
        end if
        if (divides(2_c_int64_t, number) .or. divides(3_c_int64_t, number)) return
        ! Every other prime is one below or above a multiple of 6. The quotient cannot overflow, as a
        ! square could.
        divisor = 5
        do while (divisor <= quotient(number, divisor))
            if (divides(divisor, number) .or. divides(divisor + 2, number)) return
            divisor = divisor + 6
        end do
        is_prime = .true.
    end function is_prime

    pure logical function divides(divisor, number)
        integer(c_int64_t), intent(in) :: divisor, number

        divides = number == quotient(number, divisor)*divisor
    end function divides

    !> The quotient of an unsigned number and a positive divisor.
    pure function quotient(number, divisor)
        integer(c_int64_t), intent(in) :: number, divisor
        integer(c_int64_t) :: quotient, rest

        if (number >= 0) then
            quotient = number/divisor
            return
        end if
        ! Half of the number is positive. The rest tells whether the doubled quotient is one too small.
        quotient = 2*(shiftr(number, 1)/divisor)
        rest = number - quotient*divisor
        if (rest < 0 .or. rest >= divisor) quotient = quotient + 1
    end function quotient

end module primes
