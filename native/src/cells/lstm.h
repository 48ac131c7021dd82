// Long short-term memory: c = f ⊙ c₋₁ + i ⊙ g and h = o ⊙ tanh(c).
#pragma once

#include "activations.h"
#include "backward_steps.h"
#include "forward_steps.h"

namespace selfloop::SELFLOOP_ISA_NAME {

struct Lstm : OnePhase {
  static constexpr int GATES = 4, UNITS = 1, BIASES = 4, KEPT = 4;
  static constexpr int X = 4, HS = 4, D = 4;                               // i f g o
  static constexpr int X_GATE[] = {0, 1, 2, 3}, H_GATE[] = {0, 1, 2, 3};
  static constexpr int BH_OFFSET = 0, BH_GATE[] = {0, 1, 2, 3};
  static constexpr bool HAS_CELL = true;

  template <class T, int N>
  static void pack_biases(const Layer<T>& layer, index_t block, T* to) {
    for (int v = 0; v < N; ++v) {
      pack_bias(to + v * LANES<T>, layer.b_ih, layer.b_hh, source_of<Lstm, T>(block, v, X_GATE[v], layer.H));
    }
  }

  template <class T>
  static void step(const ForwardSteps<Lstm, T>& run, const CurrentStep<T>& current, index_t rows, int) {
    each_block(run, [&](index_t block) {
      in_blocks<ROWS<X>>(run.part.row0, rows, [&](auto count, index_t b) {
        step_rows<T, count.value>(run, current, b, block);
      });
    });
  }

  template <class T, int R>
  static SELFLOOP_INLINE void step_rows(const ForwardSteps<Lstm, T>& run, const CurrentStep<T>& current, index_t b,
                                        index_t block) {
    constexpr int V = LANES<T>;
    Sums<T, R, 4> a;
    start_sums(run, current, b, block, a);
    add_hidden(run, current.h, b, run.packed(block) + run.layout.hidden, a);
    for (int r = 0; r < R; ++r) {
      const index_t at = (b + r) * run.states.stride + block * V;
      const Vec<T> i = sigmoid<T>(a.v[r][0]), f = sigmoid<T>(a.v[r][1]);
      const Vec<T> g = tanh<T>(a.v[r][2]), o = sigmoid<T>(a.v[r][3]);
      const Vec<T> c = fma(f, load(run.states.c + at), i * g);
      const Vec<T> h = o * tanh<T>(c);
      store(run.states.c + at, c);
      store(current.h_next + at, h);
      run.write_y(current.t, b + r, block * V, h);
      if (!run.call.kept.gates) continue;
      store_side_by_side(run.kept_gates(current.t, b + r, block), i, f, g, o);
      store(run.kept_cells(current.t, b + r, block), c);
    }
  }

  // From dL/dh and dL/dc after the step to dL/d(the sums under the gates), and along the belt to dL/dc before it.
  template <class T>
  static SELFLOOP_INLINE void unit_back(const BackwardSteps<Lstm, T>& run, index_t t, index_t b, index_t block, T* d) {
    constexpr int V = LANES<T>;
    const Vec<T> one = broadcast<T>(T{1});
    const index_t unit = block * V, at = b * run.incoming.stride + unit;
    const T* gates = run.kept_gates(t, b, block);
    const Vec<T> i = load(gates), f = load(gates + V), g = load(gates + 2 * V), o = load(gates + 3 * V);
    const Vec<T> c_prev = run.c_before(t, b, block);
    const Vec<T> tanh_c = tanh<T>(load(run.kept_cells(t, b, block)));
    const Vec<T> dh = run.dh(t, b, unit);
    const Vec<T> dc = fma(dh * o, one - tanh_c * tanh_c, load(run.incoming.c + at));  // through h, and from the step after
    run.export_c(t, b, unit, dc);
    store(run.incoming.c + at, dc * f);         // dL/dc₋₁
    store(run.incoming.h[0] + at, Vec<T>{});    // to h₋₁ only through the weights
    const Vec<T> di = dc * g * (i * (one - i));
    const Vec<T> df = dc * c_prev * (f * (one - f));
    const Vec<T> dg = dc * i * (one - g * g);
    const Vec<T> do_ = dh * tanh_c * (o * (one - o));
    store_side_by_side(d, di, df, dg, do_);
  }

  template <class T>
  static void step_back(const BackwardSteps<Lstm, T>& run, index_t t, index_t first, index_t rows, int team) {
    back_in_one_phase(run, t, first, rows, team);
  }
};

}  // namespace selfloop::SELFLOOP_ISA_NAME
