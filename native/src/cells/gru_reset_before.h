// The gated recurrent unit as Cho et al. 2014 wrote it, reset before the product: n = tanh(W x + b + U (r ⊙ h₋₁) + b').
//
// The candidate's product needs r of all units, so a step has two phases, forward and back, and threads that share rows
// meet once more.
#pragma once

#include "activations.h"
#include "backward_steps.h"
#include "forward_steps.h"

namespace selfloop::SELFLOOP_ISA_NAME {

struct GruResetBefore {
  static constexpr int GATES = 3, UNITS = 1, BIASES = 3, KEPT = 3;
  // Gate gradients are n r z: the input is seen by all, h by the last two, r ⊙ h by the first.
  static constexpr int X = 3, HS = 2, D = 3;
  static constexpr int X_GATE[] = {2, 0, 1}, H_GATE[] = {0, 1}, SECOND_GATE = 2;  // torch's order is r z n
  static constexpr int BH_OFFSET = 0, BH_GATE[] = {2, 0, 1};
  static constexpr bool HAS_CELL = false, TWO_PHASES = true;
  static constexpr int UNSPLIT_BLOCKS = 4;  // blocks of one panel of U_n

  // U_n alone, in blocks of four vectors of units.
  struct CandidatePanel {
    static constexpr int UNITS = UNSPLIT_BLOCKS, X = UNSPLIT_BLOCKS;
  };

  template <class T>
  static index_t second_size(index_t H) {
    return blocks_of<CandidatePanel, T>(H) * H * UNSPLIT_BLOCKS * LANES<T>;
  }

  template <class T>
  static void pack_second(const Layer<T>& layer, T* to) {
    const index_t size = layer.H * UNSPLIT_BLOCKS * LANES<T>;
    for (index_t panel = 0; panel < blocks_of<CandidatePanel, T>(layer.H); ++panel, to += size) {
      with_vectors<CandidatePanel, T>(panel, layer.H, [&](auto vectors) {
        constexpr int N = vectors.value, V = LANES<T>;
        for (int v = 0; v < N; ++v) {
          const Source source = source_of<CandidatePanel, T>(panel, v, SECOND_GATE, layer.H);
          pack_vector(to + v * V, N * V, layer.W_hh, layer.H, source);
        }
      });
    }
  }

  template <class T, int N>
  static void pack_biases(const Layer<T>& layer, index_t block, T* to) {
    for (int v = 0; v < N; ++v) {
      pack_bias(to + v * LANES<T>, layer.b_ih, layer.b_hh, source_of<GruResetBefore, T>(block, v, X_GATE[v], layer.H));
    }
  }

  // What the first phase hands to the second: r ⊙ h₋₁, z, and the candidate's sum so far.
  template <class T>
  struct PhaseBuffers {
    T *rh, *z, *n;
  };
  template <class Run>
  static auto phase_buffers(const Run& run) {
    const index_t size = run.call.order.B * run.states.stride;
    return PhaseBuffers<typename Run::Number>{
        run.states.phase_buffer, run.states.phase_buffer + size, run.states.phase_buffer + 2 * size};
  }

  template <class T>
  static void step(const ForwardSteps<GruResetBefore, T>& run, const CurrentStep<T>& current, index_t rows, int team) {
    each_block(run, [&](index_t block) {
      in_blocks<ROWS<X>>(run.part.row0, rows, [&](auto count, index_t b) {
        gates<T, count.value>(run, current, b, block);
      });
    });
    if (run.part.by_blocks) barrier(team);
    for (index_t panel = run.part.block0 / UNSPLIT_BLOCKS; panel < ceil_div(run.part.block1, UNSPLIT_BLOCKS); ++panel) {
      with_vectors<CandidatePanel, T>(panel, run.call.H, [&](auto vectors) {
        constexpr int N = vectors.value;
        in_blocks<ROWS<N>>(run.part.row0, rows, [&](auto count, index_t b) {
          candidates<T, count.value, N>(run, current, b, panel);
        });
      });
    }
  }

  // First phase: r and z.
  template <class T, int R>
  static SELFLOOP_INLINE void gates(const ForwardSteps<GruResetBefore, T>& run, const CurrentStep<T>& current, index_t b,
                                    index_t block) {
    constexpr int V = LANES<T>;
    const PhaseBuffers<T> phase = phase_buffers(run);
    Sums<T, R, 3> x;
    Sums<T, R, 2> a;
    start_sums(run, current, b, block, x);
    for (int k = 0; k < R; ++k) {
      a.v[k][0] = x.v[k][1];
      a.v[k][1] = x.v[k][2];
    }
    add_hidden(run, current.h, b, run.packed(block) + run.layout.hidden, a);
    for (int k = 0; k < R; ++k) {
      const index_t at = (b + k) * run.states.stride + block * V;
      const Vec<T> r = sigmoid<T>(a.v[k][0]), z = sigmoid<T>(a.v[k][1]);
      store(phase.rh + at, r * load(current.h + at));
      store(phase.z + at, z);
      store(phase.n + at, x.v[k][0]);
      if (run.call.kept.gates) store_side_by_side(run.kept_gates(current.t, b + k, block) + V, r, z);
    }
  }

  // Second phase: n and h.
  template <class T, int R, int N>
  static SELFLOOP_INLINE void candidates(const ForwardSteps<GruResetBefore, T>& run, const CurrentStep<T>& current,
                                         index_t b, index_t panel) {
    constexpr int V = LANES<T>;
    const Vec<T> one = broadcast<T>(T{1});
    const PhaseBuffers<T> phase = phase_buffers(run);
    Sums<T, R, N> a;
    for (int k = 0; k < R; ++k) {
      const T* n = phase.n + (b + k) * run.states.stride + panel * UNSPLIT_BLOCKS * V;
      for (int v = 0; v < N; ++v) a.v[k][v] = load(n + v * V);
    }
    const T* U = run.packed(run.blocks) + panel * run.call.H * UNSPLIT_BLOCKS * V;
    add_hidden(run, phase.rh, b, U, a);
    for (int k = 0; k < R; ++k) {
      for (int v = 0; v < N; ++v) {
        const index_t block = panel * UNSPLIT_BLOCKS + v, at = (b + k) * run.states.stride + block * V;
        const Vec<T> n = tanh<T>(a.v[k][v]), z = load(phase.z + at);
        const Vec<T> h = fma(z, load(current.h + at), (one - z) * n);
        store(current.h_next + at, h);
        run.write_y(current.t, b + k, block * V, h);
        if (run.call.kept.gates) store(run.kept_gates(current.t, b + k, block), n);
      }
    }
  }

  template <class T>
  static void record_reset_states(const BackwardSteps<GruResetBefore, T>& run, index_t t, index_t b, const T* h, T* rh) {
    constexpr int V = LANES<T>;
    for (index_t block = 0; block < run.blocks; ++block) {
      const index_t unit = block * V;
      const Vec<T> r = load(run.kept_gates(t, b, block) + V);
      store_part(rh + unit, r * load_part(h + unit, run.call.layer.H - unit), run.call.layer.H - unit);
    }
  }

  template <class T>
  static void step_back(const BackwardSteps<GruResetBefore, T>& run, index_t t, index_t first, index_t rows, int team) {
    T* drh = run.incoming.phase_buffer;  // dL/d(r ⊙ h₋₁)
    each(run, rows, [&](index_t b, index_t block) {
      candidate_back(run, t, b, block, run.gate_gradients(block, first + b), drh);
    });
    if (run.part.by_blocks) barrier(team);
    propagate_hidden<GruResetBefore, T, 0, 1>(run, run.weights.second, t, first, rows, drh);
    each(run, rows, [&](index_t b, index_t block) {
      reset_back(run, t, b, block, run.gate_gradients(block, first + b), drh);
    });
    if (run.part.by_blocks) barrier(team);
    propagate_hidden<GruResetBefore, T, 1, 2>(run, run.weights.hidden, t, first, rows, run.incoming.h[0]);
  }

 private:
  template <class T, class F>
  static SELFLOOP_INLINE void each(const BackwardSteps<GruResetBefore, T>& run, index_t rows, F&& f) {
    for (index_t block = run.part.block0; block < run.part.block1; ++block)
      for (index_t b = run.part.row0; b < rows; ++b) f(b, block);
  }

  template <class T>
  static SELFLOOP_INLINE void candidate_back(const BackwardSteps<GruResetBefore, T>& run, index_t t, index_t b,
                                             index_t block, T* d, T* drh) {
    constexpr int V = LANES<T>;
    const Vec<T> one = broadcast<T>(T{1});
    const index_t unit = block * V, at = b * run.incoming.stride + unit;
    const T* gates = run.kept_gates(t, b, block);
    const Vec<T> n = load(gates), z = load(gates + 2 * V);
    const Vec<T> h_prev = run.part_of_row(run.h_before(t, b), unit), dh = run.dh(t, b, unit);
    store(run.incoming.h[0] + at, dh * z);  // what z keeps, it keeps of the gradient
    store(drh + at, Vec<T>{});
    store(d, dh * (one - z) * (one - n * n));
    store(d + 2 * V, dh * (h_prev - n) * (z * (one - z)));
  }

  template <class T>
  static SELFLOOP_INLINE void reset_back(const BackwardSteps<GruResetBefore, T>& run, index_t t, index_t b,
                                         index_t block, T* d, const T* drh) {
    constexpr int V = LANES<T>;
    const Vec<T> one = broadcast<T>(T{1});
    const index_t unit = block * V, at = b * run.incoming.stride + unit;
    const Vec<T> r = load(run.kept_gates(t, b, block) + V), h_prev = run.part_of_row(run.h_before(t, b), unit);
    const Vec<T> through = load(drh + at);
    store(run.incoming.h[0] + at, fma(through, r, load(run.incoming.h[0] + at)));
    store(d + V, through * h_prev * (r * (one - r)));
  }
};

}  // namespace selfloop::SELFLOOP_ISA_NAME
