// The table of one instruction set's kernels. This and the cells' units are compiled once for each, into its namespace.
#include "activations.h"
#include "cells.h"
#include "gemm.h"

namespace selfloop {
namespace SELFLOOP_ISA_NAME {

template <class T, Vec<T> (*F)(Vec<T>)>
void map(const T* x, T* y, index_t n) {
  const FlushToZero flush;
  for (index_t k = 0; k < n; k += LANES<T>) store_part(y + k, F(load_part(x + k, n - k)), n - k);
}

// Rounds of the microkernel on one panel in the first cache: the most that a product can reach here.
template <class T>
double peak(index_t rounds) {
  constexpr int N = 4, R = ROWS<N>, K = 128;
  alignas(64) static thread_local T panel[K * N * LANES<T>], rows[R * K];
  const T* a[R];
  for (int r = 0; r < R; ++r) a[r] = rows + r * K;
  Sums<T, R, N> sums{};
  for (index_t k = 0; k < rounds; ++k) {
    multiply(sums, K, a, 1, panel, N * LANES<T>);
    asm volatile("" ::: "memory");  // each round reads the panel again
  }
  for (int r = 0; r < R; ++r) store(rows + r * LANES<T>, sums.v[r][0]);
  return 2.0 * R * N * LANES<T> * K * static_cast<double>(rounds);
}

// In the order of the enumeration Cell.
template <class T, CellKernels<T> CellUnit::* OF>
constexpr Kernels<T> kernels() {
  return {LANES<T>,
          {&(rnn_tanh.*OF), &(rnn_relu.*OF), &(lstm.*OF), &(gru.*OF), &(gru_reset_before.*OF)},
          map<T, sigmoid<T>>,
          map<T, tanh<T>>,
          peak<T>};
}

}  // namespace SELFLOOP_ISA_NAME

#define SELFLOOP_JOINED(a, b) a##b
#define SELFLOOP_JOIN(a, b) SELFLOOP_JOINED(a, b)
#define SELFLOOP_TEXT_OF(a) #a
#define SELFLOOP_TEXT(a) SELFLOOP_TEXT_OF(a)

const Isa& SELFLOOP_JOIN(isa_, SELFLOOP_ISA_NAME)();
const Isa& SELFLOOP_JOIN(isa_, SELFLOOP_ISA_NAME)() {
  using namespace SELFLOOP_ISA_NAME;
  static constexpr Isa table{SELFLOOP_TEXT(SELFLOOP_ISA_NAME), SELFLOOP_FUSED == 1,
                             SELFLOOP_ISA_NAME::kernels<float, &CellUnit::f32>(),
                             SELFLOOP_ISA_NAME::kernels<double, &CellUnit::f64>()};
  return table;
}

}  // namespace selfloop
