// pybind11.
//
// Build: c++ -std=c++17 -O3 -fPIC -shared -fvisibility=hidden $(python -m pybind11 --includes)
//     $SRC/crossings_pybind11.cpp -L. -lcallees_c -Wl,-rpath,'$ORIGIN' -o crossings_pybind11.so
#include "callees.h"
#include <pybind11/pybind11.h>

PYBIND11_MODULE(crossings_pybind11, module) {
    module.def("callee", &libpi_callee_c);
    module.def("kernel", &libpi_philox_c);
}
