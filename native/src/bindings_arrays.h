// What Python calls with NumPy arrays: Step, and for tests and measurements the activations and the microkernel alone.
#pragma once

#include <nanobind/nanobind.h>

namespace selfloop {

void bind_arrays(nanobind::module_& m);

}  // namespace selfloop
