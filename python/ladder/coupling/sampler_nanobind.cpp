// The sampler in C++, called through nanobind. The library of nanobind is one more source file.
//
// Build: nanobind=$(python -c 'import nanobind; print(nanobind.include_dir())')/.. &&
//     c++ -std=c++17 -Wall -Wextra -O3 ${LEVEL:+-march=$LEVEL} -fopenmp -fPIC -shared
//     -fvisibility=hidden -fno-strict-aliasing -DNDEBUG -isystem $INCLUDE
//     -isystem $nanobind/include -isystem $nanobind/ext/robin_map/include
//     $nanobind/src/nb_combined.cpp $SRC/sampler_nanobind.cpp -o sampler_nanobind.so
#include "sampler.hpp"
#include <nanobind/nanobind.h>

NB_MODULE(sampler_nanobind, module) {
    namespace nb = nanobind;
    module.def("hits", &sampler::hits, nb::call_guard<nb::gil_scoped_release>());
}
