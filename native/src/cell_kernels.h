// What a cell's compile unit hands to the table of its instruction set. A unit includes this and its cell's header.
#pragma once

#include "backward.h"
#include "cells.h"
#include "forward.h"

namespace selfloop::SELFLOOP_ISA_NAME {

template <class C, class T>
constexpr CellKernels<T> kernels_of() {
  return {pack_size<C, T>,        pack<C, T>,     forward_scratch<C, T>, forward<C, T>,
          backward_scratch<C, T>, backward<C, T>, C::GATES,              C::KEPT};
}

template <class C>
constexpr CellUnit unit_of() {
  return {kernels_of<C, float>(), kernels_of<C, double>()};
}

}  // namespace selfloop::SELFLOOP_ISA_NAME
