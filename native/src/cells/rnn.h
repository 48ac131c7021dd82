// The simple recurrent network: h = tanh(W x + b + U h₋₁ + b'), or max(0, ·). What it keeps is its output.
#pragma once

#include "activations.h"
#include "backward_steps.h"
#include "forward_steps.h"

namespace selfloop::SELFLOOP_ISA_NAME {

template <class Activation>
struct Rnn : OnePhase {
  using Self = Rnn;
  static constexpr int GATES = 1, UNITS = 4, BIASES = 4, KEPT = 0;
  static constexpr int X = 4, HS = 4, D = 4;  // vectors of units, all of the one gate
  static constexpr int X_GATE[] = {0, 0, 0, 0}, H_GATE[] = {0, 0, 0, 0};
  static constexpr int BH_OFFSET = 0, BH_GATE[] = {0, 0, 0, 0};
  static constexpr bool HAS_CELL = false;

  template <class T, int N>
  static void pack_biases(const Layer<T>& layer, index_t block, T* to) {
    for (int v = 0; v < N; ++v) {
      pack_bias(to + v * LANES<T>, layer.b_ih, layer.b_hh, source_of<Self, T>(block, v, 0, layer.H));
    }
  }

  template <class T>
  static void step(const ForwardSteps<Self, T>& run, const CurrentStep<T>& current, index_t rows, int) {
    each_block(run, [&](index_t block) {
      with_vectors<Self, T>(block, run.call.H, [&](auto vectors) {
        constexpr int N = vectors.value;
        in_blocks<ROWS<N>>(run.part.row0, rows, [&](auto count, index_t b) {
          step_rows<T, count.value, N>(run, current, b, block);
        });
      });
    });
  }

  template <class T, int R, int N>
  static SELFLOOP_INLINE void step_rows(const ForwardSteps<Self, T>& run, const CurrentStep<T>& current, index_t b,
                                        index_t block) {
    constexpr int V = LANES<T>;
    Sums<T, R, N> a;
    start_sums(run, current, b, block, a);
    add_hidden(run, current.h, b, run.packed(block) + run.layout.hidden, a);
    for (int r = 0; r < R; ++r) {
      for (int n = 0; n < N; ++n) {
        const index_t unit = (block * UNITS + n) * V;
        const Vec<T> h = Activation::template of<T>(a.v[r][n]);
        store(current.h_next + (b + r) * run.states.stride + unit, h);
        run.write_y(current.t, b + r, unit, h);
      }
    }
  }

  template <class T>
  static SELFLOOP_INLINE void unit_back(const BackwardSteps<Self, T>& run, index_t t, index_t b, index_t block, T* d) {
    constexpr int V = LANES<T>;
    const T* y = run.at(run.call.y, t, b);
    const index_t vectors = vectors_of<Self, T, D>(block, run.call.layer.H);
    for (index_t n = 0; n < D; ++n) {
      const index_t unit = (block * UNITS + n) * V;
      Vec<T> dh = {};
      if (n < vectors) {
        dh = run.dh(t, b, unit);
        store(run.incoming.h[0] + b * run.incoming.stride + unit, Vec<T>{});  // to h₋₁ only through the weights
        dh = Activation::template back<T>(dh, run.part_of_row(y, unit));
      }
      store(d + n * V, dh);
    }
  }

  template <class T>
  static void step_back(const BackwardSteps<Self, T>& run, index_t t, index_t first, index_t rows, int team) {
    back_in_one_phase(run, t, first, rows, team);
  }
};

struct Tanh {
  template <class T>
  static SELFLOOP_INLINE Vec<T> of(Vec<T> a) {
    return tanh<T>(a);
  }
  template <class T>
  static SELFLOOP_INLINE Vec<T> back(Vec<T> dh, Vec<T> h) {
    return dh * (broadcast<T>(T{1}) - h * h);
  }
};

struct Relu {
  template <class T>
  static SELFLOOP_INLINE Vec<T> of(Vec<T> a) {
    return relu<T>(a);
  }
  template <class T>
  static SELFLOOP_INLINE Vec<T> back(Vec<T> dh, Vec<T> h) {
    return h <= Vec<T>{} ? Vec<T>{} : dh;
  }
};

}  // namespace selfloop::SELFLOOP_ISA_NAME
