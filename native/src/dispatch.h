// The kernels of the instruction set that this process uses.
#pragma once

#include <string>
#include <vector>

#include "abi.h"

namespace selfloop {

// The best that this processor and its operating system run, or what SELFLOOP_ISA names; chosen once, at the first call.
// Throws std::runtime_error where SELFLOOP_ISA names what is not there.
const Isa& isa();

// What this build holds and this processor runs, best last but for "wide", which only SELFLOOP_ISA chooses.
std::vector<std::string> available_isas();

template <class T>
const Kernels<T>& kernels();
template <>
inline const Kernels<float>& kernels<float>() {
  return isa().f32;
}
template <>
inline const Kernels<double>& kernels<double>() {
  return isa().f64;
}

}  // namespace selfloop
