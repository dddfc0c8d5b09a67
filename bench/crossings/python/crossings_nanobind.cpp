// nanobind. Its library is one more source file.
//
// Build: nanobind=$(python -c 'import nanobind; print(nanobind.include_dir())')/.. &&
//     c++ -std=c++17 -O3 -DNDEBUG -fPIC -shared -fvisibility=hidden -fno-strict-aliasing
//     -I$INCLUDE -I$nanobind/include -I$nanobind/ext/robin_map/include
//     $nanobind/src/nb_combined.cpp $SRC/crossings_nanobind.cpp
//     -L. -lcallees_c -Wl,-rpath,'$ORIGIN' -o crossings_nanobind.so
#include "callees.h"
#include <nanobind/nanobind.h>

NB_MODULE(crossings_nanobind, module) {
    module.def("callee", &libpi_callee_c);
    module.def("kernel", &libpi_philox_c);
}
