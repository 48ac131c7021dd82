// The one microkernel. Sums are kept in registers for R rows and N vectors, and every sum runs over k in order, one fma
// after the other, so its bits depend neither on R and N nor on who computes it.
//
// Forward, the gradient of the inputs and the gradient of the weights are all this product, with other strides.
#pragma once

#include "vec.h"

namespace selfloop::SELFLOOP_ISA_NAME {

#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int REGISTERS = 32;
#else
constexpr int REGISTERS = 16;
#endif

// Rows at once beside N vectors: what leaves room for the vectors, or the broadcasts, of one k.
template <int N>
constexpr int ROWS = REGISTERS == 32 ? (N <= 3 ? 8 : 6) : (N <= 2 ? 6 : N == 3 ? 4 : 3);

template <class T, int R, int N>
struct Sums {
  Vec<T> v[R][N];
};

// What the products to come will read, fetched into the second cache meanwhile: LINES cache lines a k.
template <class T, int LINES>
struct Prefetch {
  const T* next = nullptr;
  SELFLOOP_INLINE void fetch() {
    constexpr int LINE = 64 / static_cast<int>(sizeof(T));
#pragma GCC unroll 4
    for (int n = 0; n < LINES; ++n) __builtin_prefetch(next + n * LINE, 0, 2);
    next += LINES * LINE;
  }
};

// sums[r][n] += Σ_k a[r][k * a_step] * b[k * b_step + n * lanes]
template <class T, int R, int N, int LINES>
SELFLOOP_INLINE void multiply(Sums<T, R, N>& sums, index_t K, const T* const (&a)[R], index_t a_step, const T* b,
                              index_t b_step, Prefetch<T, LINES>& prefetch) {
  for (index_t k = 0; k < K; ++k, b += b_step) {
    prefetch.fetch();
    if constexpr (R <= N) {
      Vec<T> x[R];
#pragma GCC unroll 16
      for (int r = 0; r < R; ++r) x[r] = broadcast<T>(a[r][k * a_step]);
#pragma GCC unroll 16
      for (int n = 0; n < N; ++n) {
        const Vec<T> w = load(b + n * LANES<T>);
#pragma GCC unroll 16
        for (int r = 0; r < R; ++r) sums.v[r][n] = fma(x[r], w, sums.v[r][n]);
      }
    } else {
      Vec<T> w[N];
#pragma GCC unroll 16
      for (int n = 0; n < N; ++n) w[n] = load(b + n * LANES<T>);
#pragma GCC unroll 16
      for (int r = 0; r < R; ++r) {
        const Vec<T> x = broadcast<T>(a[r][k * a_step]);
#pragma GCC unroll 16
        for (int n = 0; n < N; ++n) sums.v[r][n] = fma(x, w[n], sums.v[r][n]);
      }
    }
  }
}

template <class T, int R, int N>
SELFLOOP_INLINE void multiply(Sums<T, R, N>& sums, index_t K, const T* const (&a)[R], index_t a_step, const T* b,
                              index_t b_step) {
  Prefetch<T, 0> nothing;
  multiply(sums, K, a, a_step, b, b_step, nothing);
}

// Calls f(std::integral_constant-like R, first row) for rows [from, to) in even blocks of at most MOST rows.
template <int R>
struct Count {
  static constexpr int value = R;
};

template <int MOST, class F>
SELFLOOP_INLINE void with_count(int count, F&& f) {
  if constexpr (MOST == 1) {
    f(Count<1>{});
  } else {
    if (count == MOST) {
      f(Count<MOST>{});
    } else {
      with_count<MOST - 1>(count, f);
    }
  }
}

template <int MOST, class F>
SELFLOOP_INLINE void in_blocks(index_t from, index_t to, F&& f) {
  for (index_t blocks = ceil_div(to - from, MOST); blocks > 0; --blocks) {
    const index_t count = ceil_div(to - from, blocks);
    with_count<MOST>(static_cast<int>(count), [&](auto n) { f(n, from); });
    from += count;
  }
}

}  // namespace selfloop::SELFLOOP_ISA_NAME
