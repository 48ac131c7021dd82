// Sigmoid and tanh, from additions, products, fma and one division each, so that their bits do not depend on the machine.
//
// Errors, measured over all floats and stated in docs/kernels.md: a few ulp. Results below the smallest normal number
// are zero. NaN gives NaN: clamps hand it on.
#pragma once

#include "vec.h"

namespace selfloop::SELFLOOP_ISA_NAME {

template <class T>
struct Exponential;

// (expm1(r) - r) / r^2 on |r| <= ln(2) / 2, interpolated at Chebyshev's points and rounded to the type: for float off
// by 0.38 * 2^-24 of expm1(r) at most, for double by 0.005 * 2^-53.
template <>
struct Exponential<float> {
  static constexpr int BITS = 23;
  static constexpr float MAGIC = 0x1.8p23f;  // adding it rounds to a whole number, kept in the low bits
  static constexpr float LOG2E = 0x1.715476p+0f, LN2_HIGH = 0x1.63p-1f, LN2_LOW = -0x1.bd0106p-13f;
  static constexpr float Q[] = {0x1p-1f, 0x1.5554dcp-3f, 0x1.55551ap-5f, 0x1.120ba2p-7f, 0x1.6d113cp-10f};
  static constexpr float ONE_FROM = 10.0f;                   // tanh is 1 beyond
  static constexpr float LOWEST = -88.0f, HIGHEST = 87.0f;   // sigmoid: 0 below (flushed), 1 above
};

template <>
struct Exponential<double> {
  static constexpr int BITS = 52;
  static constexpr double MAGIC = 0x1.8p52;
  static constexpr double LOG2E = 0x1.71547652b82fep+0, LN2_HIGH = 0x1.62e42feep-1, LN2_LOW = 0x1.a39ef35793c76p-33;
  static constexpr double Q[] = {0x1p-1,
                                 0x1.5555555555557p-3,
                                 0x1.5555555555556p-5,
                                 0x1.11111111100cep-7,
                                 0x1.6c16c16c162ccp-10,
                                 0x1.a01a01abef415p-13,
                                 0x1.a01a01a6dcaffp-16,
                                 0x1.71de021a90822p-19,
                                 0x1.27e4db57442fbp-22,
                                 0x1.af4e196027428p-26,
                                 0x1.1f731ea5352cap-29};
  static constexpr double ONE_FROM = 20.0;
  static constexpr double LOWEST = -709.0, HIGHEST = 708.0;
};

template <class T>
struct Split {
  Vec<T> power;  // 2^k
  Vec<T> rest;   // exp(y) / 2^k - 1
};

template <class T>
SELFLOOP_INLINE Split<T> exponential(Vec<T> y) {
  using E = Exponential<T>;
  const Vec<T> magic = broadcast<T>(E::MAGIC);
  const Vec<T> rounded = fma(y, broadcast<T>(E::LOG2E), magic);
  const Vec<T> k = rounded - magic;
  Vec<T> r = fma(k, broadcast<T>(-E::LN2_HIGH), y);
  r = fma(k, broadcast<T>(-E::LN2_LOW), r);
  constexpr int DEGREE = static_cast<int>(sizeof(E::Q) / sizeof(T)) - 1;
  Vec<T> q = broadcast<T>(E::Q[DEGREE]);
#pragma GCC unroll 16
  for (int n = DEGREE - 1; n >= 0; --n) q = fma(q, r, broadcast<T>(E::Q[n]));
  const IntVec<T> one = __builtin_bit_cast(IntVec<T>, broadcast<T>(T{1}));
  const IntVec<T> exponent = (__builtin_bit_cast(IntVec<T>, rounded) << E::BITS) + one;
  return {__builtin_bit_cast(Vec<T>, exponent), fma(r * r, q, r)};
}

template <class T>
SELFLOOP_INLINE Vec<T> clamp(Vec<T> x, T low, T high) {
  return smallest(broadcast<T>(high), largest(broadcast<T>(low), x));
}

template <class T>
SELFLOOP_INLINE Vec<T> sigmoid(Vec<T> x) {
  using E = Exponential<T>;
  const Split<T> e = exponential<T>(-clamp<T>(x, E::LOWEST, E::HIGHEST));
  const Vec<T> one = broadcast<T>(T{1});
  return one / (one + fma(e.power, e.rest, e.power));
}

// e / (e + 2) with e = expm1(2 |x|); the form 1 - 2 / (1 + exp) loses all digits near zero, and e of a negative x is near
// -1, where its error would count twice.
template <class T>
SELFLOOP_INLINE Vec<T> tanh(Vec<T> x) {
  using E = Exponential<T>;
  const IntVec<T> sign = bits<T>(x) & bits<T>(broadcast<T>(-T{0}));
  const Vec<T> size = smallest(broadcast<T>(E::ONE_FROM), number<T>(bits<T>(x) ^ sign));
  const Split<T> s = exponential<T>(size + size);
  const Vec<T> e = fma(s.power, s.rest, s.power - broadcast<T>(T{1}));
  return number<T>(bits<T>(e / (e + broadcast<T>(T{2}))) | sign);
}

template <class T>
SELFLOOP_INLINE Vec<T> relu(Vec<T> x) {
  const Vec<T> zero = Vec<T>{};
  return x < zero ? zero : x;
}

}  // namespace selfloop::SELFLOOP_ISA_NAME
