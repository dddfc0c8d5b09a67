// The sampler in C++, called through pybind11.
//
// Build: c++ -std=c++17 -Wall -Wextra -O3 ${LEVEL:+-march=$LEVEL} -fopenmp -fPIC -shared
//     -fvisibility=hidden $(python -m pybind11 --includes) $SRC/sampler_pybind11.cpp -o sampler_pybind11.so
#include "sampler.hpp"
#include <pybind11/pybind11.h>

PYBIND11_MODULE(sampler_pybind11, module) {
    namespace py = pybind11;
    module.def("hits", &sampler::hits, py::call_guard<py::gil_scoped_release>());
}
