// The one SIMD type: GCC's and Clang's vector extensions, as wide as the instruction set that this file is compiled for.
//
// Everything lives in a namespace named after the instruction set, and nothing here uses inline templates of `std`: the
// linker would keep one copy of those for all, perhaps the one that only some processors run.
//
// Bits are promised to be the same on every instruction set with fma, so only +, -, *, / and `fma` are used, each
// correctly rounded; the build forbids the compiler to contract, which it does differently from place to place.
#pragma once

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#include <utility>  // for a type alone, which makes no code

#include "abi.h"

#define SELFLOOP_INLINE inline __attribute__((always_inline))
#define SELFLOOP_INLINE_LAMBDA __attribute__((always_inline))

namespace selfloop::SELFLOOP_ISA_NAME {

constexpr int BYTES = SELFLOOP_VECTOR_BYTES;

template <class T>
struct Types;
template <>
struct Types<float> {
  using Int = std::int32_t;
  typedef float Vec __attribute__((vector_size(BYTES)));
  typedef Int IntVec __attribute__((vector_size(BYTES)));
  typedef float Unaligned __attribute__((vector_size(BYTES), aligned(4), may_alias));
};
template <>
struct Types<double> {
  using Int = std::int64_t;
  typedef double Vec __attribute__((vector_size(BYTES)));
  typedef Int IntVec __attribute__((vector_size(BYTES)));
  typedef double Unaligned __attribute__((vector_size(BYTES), aligned(8), may_alias));
};

template <class T>
using Vec = typename Types<T>::Vec;
template <class T>
using IntVec = typename Types<T>::IntVec;
template <class T>
constexpr int LANES = BYTES / static_cast<int>(sizeof(T));

template <class T>
SELFLOOP_INLINE Vec<T> load(const T* from) {
  return *reinterpret_cast<const typename Types<T>::Unaligned*>(from);
}

template <class T>
SELFLOOP_INLINE void store(T* to, Vec<T> v) {
  *reinterpret_cast<typename Types<T>::Unaligned*>(to) = v;
}

// The first n lanes, 0 < n <= LANES; the others zero. Masked moves are slow on some processors, hence the loop.
template <class T>
SELFLOOP_INLINE Vec<T> load_part(const T* from, index_t n) {
  if (n >= LANES<T>) return load(from);
  alignas(BYTES) T lanes[LANES<T>] = {};
  for (index_t k = 0; k < n; ++k) lanes[k] = from[k];
  return load(lanes);
}

template <class T>
SELFLOOP_INLINE void store_part(T* to, Vec<T> v, index_t n) {
  if (n >= LANES<T>) return store(to, v);
  alignas(BYTES) T lanes[LANES<T>];
  store(lanes, v);
  for (index_t k = 0; k < n; ++k) to[k] = lanes[k];
}

template <class T>
SELFLOOP_INLINE Vec<T> broadcast(T value) {
  return value - Vec<T>{};  // subtracting zero changes no bit, not even of -0
}

// The first half of a and of b, or the second, lane by lane in turn.
template <int HALF, class V, int... K>
SELFLOOP_INLINE V interleave(V a, V b, std::integer_sequence<int, K...>) {
  constexpr int N = sizeof...(K), FROM = HALF * N / 2;
  return __builtin_shufflevector(a, b, (FROM + K / 2 + K % 2 * N)...);
}

// rows[i][j] <-> rows[j][i]: dealing the rows out like a pack of cards, as often as it takes.
template <class T>
SELFLOOP_INLINE void transpose(Vec<T> (&rows)[LANES<T>]) {
  constexpr int N = LANES<T>;
  constexpr std::make_integer_sequence<int, N> lanes{};
#pragma GCC unroll 8
  for (int dealt = 1; dealt < N; dealt *= 2) {
    Vec<T> next[N];
#pragma GCC unroll 16
    for (int k = 0; k < N / 2; ++k) {
      next[2 * k] = interleave<0>(rows[k], rows[k + N / 2], lanes);
      next[2 * k + 1] = interleave<1>(rows[k], rows[k + N / 2], lanes);
    }
#pragma GCC unroll 16
    for (int k = 0; k < N; ++k) rows[k] = next[k];
  }
}

// a * b + c, rounded once where the instruction set can.
#if !SELFLOOP_FUSED
template <class V>
SELFLOOP_INLINE V fma(V a, V b, V c) {
  return a * b + c;
}
#elif defined(__aarch64__)
SELFLOOP_INLINE Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) { return vfmaq_f32(c, a, b); }
SELFLOOP_INLINE Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) { return vfmaq_f64(c, a, b); }
#elif SELFLOOP_VECTOR_BYTES == 32
SELFLOOP_INLINE Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) { return _mm256_fmadd_ps(a, b, c); }
SELFLOOP_INLINE Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) { return _mm256_fmadd_pd(a, b, c); }
#elif defined(__AVX512F__)
SELFLOOP_INLINE Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) { return _mm512_fmadd_ps(a, b, c); }
SELFLOOP_INLINE Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) { return _mm512_fmadd_pd(a, b, c); }
#else  // "wide": the shape of the AVX-512 kernels in pairs of 256 bits, to test that shape on more machines
SELFLOOP_INLINE Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) {
  struct Pair {
    __m256 low, high;
  };
  const Pair x = __builtin_bit_cast(Pair, a), y = __builtin_bit_cast(Pair, b), z = __builtin_bit_cast(Pair, c);
  return __builtin_bit_cast(
      Vec<float>, (Pair{_mm256_fmadd_ps(x.low, y.low, z.low), _mm256_fmadd_ps(x.high, y.high, z.high)}));
}
SELFLOOP_INLINE Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) {
  struct Pair {
    __m256d low, high;
  };
  const Pair x = __builtin_bit_cast(Pair, a), y = __builtin_bit_cast(Pair, b), z = __builtin_bit_cast(Pair, c);
  return __builtin_bit_cast(
      Vec<double>, (Pair{_mm256_fmadd_pd(x.low, y.low, z.low), _mm256_fmadd_pd(x.high, y.high, z.high)}));
}
#endif

template <class T>
SELFLOOP_INLINE IntVec<T> bits(Vec<T> x) {
  return __builtin_bit_cast(IntVec<T>, x);
}

template <class T>
SELFLOOP_INLINE Vec<T> number(IntVec<T> bits) {
  return __builtin_bit_cast(Vec<T>, bits);
}

// The larger one, and the smaller; b where either is NaN. Compilers make two instructions of the comparison and the choice.
#if defined(__AVX512F__)
SELFLOOP_INLINE Vec<float> largest(Vec<float> a, Vec<float> b) { return _mm512_max_ps(a, b); }
SELFLOOP_INLINE Vec<double> largest(Vec<double> a, Vec<double> b) { return _mm512_max_pd(a, b); }
SELFLOOP_INLINE Vec<float> smallest(Vec<float> a, Vec<float> b) { return _mm512_min_ps(a, b); }
SELFLOOP_INLINE Vec<double> smallest(Vec<double> a, Vec<double> b) { return _mm512_min_pd(a, b); }
#elif SELFLOOP_VECTOR_BYTES == 32
SELFLOOP_INLINE Vec<float> largest(Vec<float> a, Vec<float> b) { return _mm256_max_ps(a, b); }
SELFLOOP_INLINE Vec<double> largest(Vec<double> a, Vec<double> b) { return _mm256_max_pd(a, b); }
SELFLOOP_INLINE Vec<float> smallest(Vec<float> a, Vec<float> b) { return _mm256_min_ps(a, b); }
SELFLOOP_INLINE Vec<double> smallest(Vec<double> a, Vec<double> b) { return _mm256_min_pd(a, b); }
#else
template <class V>
SELFLOOP_INLINE V largest(V a, V b) {
  return a > b ? a : b;
}
template <class V>
SELFLOOP_INLINE V smallest(V a, V b) {
  return a < b ? a : b;
}
#endif

// Denormal numbers slow arithmetic 10 to 200 times, and forgotten states and vanished gradients are full of them. They
// count as zero while this lives; then the thread's setting is as before.
class FlushToZero {
 public:
#if defined(__x86_64__)
  FlushToZero() : before_(_mm_getcsr()) { _mm_setcsr(before_ | 0x8040u); }
  ~FlushToZero() { _mm_setcsr(before_); }

 private:
  unsigned before_;
#elif defined(__aarch64__)
  FlushToZero() {
    asm volatile("mrs %0, fpcr" : "=r"(before_));
    asm volatile("msr fpcr, %0" ::"r"(before_ | (1ull << 24)));
  }
  ~FlushToZero() { asm volatile("msr fpcr, %0" ::"r"(before_)); }

 private:
  unsigned long long before_;
#endif
 public:
  FlushToZero(const FlushToZero&) = delete;
  FlushToZero& operator=(const FlushToZero&) = delete;
};

SELFLOOP_INLINE index_t smaller(index_t a, index_t b) { return a < b ? a : b; }
SELFLOOP_INLINE index_t larger(index_t a, index_t b) { return a > b ? a : b; }
SELFLOOP_INLINE index_t ceil_div(index_t a, index_t b) { return (a + b - 1) / b; }

}  // namespace selfloop::SELFLOOP_ISA_NAME
