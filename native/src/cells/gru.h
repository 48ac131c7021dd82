// The gated recurrent unit that resets after the product: n = tanh(W x + b + r ⊙ (U h₋₁ + b')), z keeps.
#pragma once

#include "activations.h"
#include "backward_steps.h"
#include "forward_steps.h"

namespace selfloop::SELFLOOP_ISA_NAME {

struct Gru : OnePhase {
  static constexpr int GATES = 3, UNITS = 1, BIASES = 4, KEPT = 4;
  // Gate gradients are n r z u, with u = U h₋₁ + b' under the reset: the input is seen by the first three, h by the last.
  static constexpr int X = 3, HS = 3, D = 4;
  static constexpr int X_GATE[] = {2, 0, 1}, H_GATE[] = {0, 1, 2};  // torch's order is r z n
  static constexpr int BH_OFFSET = 1, BH_GATE[] = {0, 1, 2};
  static constexpr bool HAS_CELL = false;

  template <class T, int N>
  static void pack_biases(const Layer<T>& layer, index_t block, T* to) {
    const auto source = [&](int gate) { return source_of<Gru, T>(block, 0, gate, layer.H); };
    pack_bias<T>(to, layer.b_ih, nullptr, source(2));
    pack_bias<T>(to + LANES<T>, layer.b_ih, layer.b_hh, source(0));
    pack_bias<T>(to + 2 * LANES<T>, layer.b_ih, layer.b_hh, source(1));
    pack_bias<T>(to + 3 * LANES<T>, nullptr, layer.b_hh, source(2));
  }

  template <class T>
  static void step(const ForwardSteps<Gru, T>& run, const CurrentStep<T>& current, index_t rows, int) {
    each_block(run, [&](index_t block) {
      in_blocks<ROWS<X>>(run.part.row0, rows, [&](auto count, index_t b) {
        step_rows<T, count.value>(run, current, b, block);
      });
    });
  }

  template <class T, int R>
  static SELFLOOP_INLINE void step_rows(const ForwardSteps<Gru, T>& run, const CurrentStep<T>& current, index_t b,
                                        index_t block) {
    constexpr int V = LANES<T>;
    const Vec<T> one = broadcast<T>(T{1});
    Sums<T, R, 3> x, a;  // n r z of the input; r z u with h₋₁
    start_sums(run, current, b, block, x);
    const Vec<T> b_u = load(run.packed(block) + 3 * V);
    for (int r = 0; r < R; ++r) {
      a.v[r][0] = x.v[r][1];
      a.v[r][1] = x.v[r][2];
      a.v[r][2] = b_u;
    }
    add_hidden(run, current.h, b, run.packed(block) + run.layout.hidden, a);
    for (int k = 0; k < R; ++k) {
      const index_t at = (b + k) * run.states.stride + block * V;
      const Vec<T> r = sigmoid<T>(a.v[k][0]), z = sigmoid<T>(a.v[k][1]), u = a.v[k][2];
      const Vec<T> n = tanh<T>(fma(r, u, x.v[k][0]));
      const Vec<T> h = fma(z, load(current.h + at), (one - z) * n);
      store(current.h_next + at, h);
      run.write_y(current.t, b + k, block * V, h);
      if (run.call.kept.gates) store_side_by_side(run.kept_gates(current.t, b + k, block), n, r, z, u);
    }
  }

  template <class T>
  static SELFLOOP_INLINE void unit_back(const BackwardSteps<Gru, T>& run, index_t t, index_t b, index_t block, T* d) {
    constexpr int V = LANES<T>;
    const Vec<T> one = broadcast<T>(T{1});
    const index_t unit = block * V;
    const T* gates = run.kept_gates(t, b, block);
    const Vec<T> n = load(gates), r = load(gates + V), z = load(gates + 2 * V), u = load(gates + 3 * V);
    const Vec<T> h_prev = run.part_of_row(run.h_before(t, b), unit), dh = run.dh(t, b, unit);
    store(run.incoming.h[0] + b * run.incoming.stride + unit, dh * z);  // what z keeps, it keeps of the gradient
    const Vec<T> dn = dh * (one - z) * (one - n * n);
    const Vec<T> dr = dn * u * (r * (one - r));
    const Vec<T> dz = dh * (h_prev - n) * (z * (one - z));
    store_side_by_side(d, dn, dr, dz, dn * r);
  }

  template <class T>
  static void step_back(const BackwardSteps<Gru, T>& run, index_t t, index_t first, index_t rows, int team) {
    back_in_one_phase(run, t, first, rows, team);
  }
};

}  // namespace selfloop::SELFLOOP_ISA_NAME
