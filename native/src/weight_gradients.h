// The weights' gradients: sums over a chunk's samples in their order, in the layout of the packed weights.
#pragma once

#include "backward_steps.h"

namespace selfloop::SELFLOOP_ISA_NAME {

// sums[k][vectors] += Σ_samples inputs[sample][k] * gate_gradients[sample][OFFSET...] for K rows of
// one block's gradient.
template <class C, class T, int OFFSET, int COUNT>
SELFLOOP_INLINE void add_tile(const BackwardSteps<C, T>& run, T* sums, index_t block, index_t column, index_t K,
                              index_t sample0, index_t sample1) {
  constexpr int V = LANES<T>;
  const auto tile = [&](auto vectors) {
    constexpr int N = vectors.value;
    in_blocks<ROWS<N>>(0, K, [&](auto count, index_t k) {
      constexpr int R = count.value;
      const T* a[R];
      for (int r = 0; r < R; ++r) a[r] = run.samples.inputs + sample0 * run.samples.width + column + k + r;
      Sums<T, R, N> tile_sums{};  // of these samples alone: sums of sums are off by less than one long sum
      T* at = sums + k * N * V;
      const T* gradients = run.gate_gradients(block, sample0) + OFFSET * V;
      multiply(tile_sums, sample1 - sample0, a, run.samples.width, gradients, C::D * V);
      for (int r = 0; r < R; ++r)
        for (int n = 0; n < N; ++n) store(at + (r * N + n) * V, load(at + (r * N + n) * V) + tile_sums.v[r][n]);
    });
  };
  if constexpr (C::UNITS == 1) {
    tile(Count<COUNT>{});
  } else {
    with_count<COUNT>(static_cast<int>(vectors_of<C, T, COUNT>(block, run.call.layer.H)), tile);
  }
}

template <class C, class T>
void add_biases(const BackwardSteps<C, T>& run, index_t block, index_t sample0, index_t sample1) {
  for (int v = 0; v < C::D; ++v) {
    T* at = run.sums.b + (block * C::D + v) * LANES<T>;
    Vec<T> sums[4] = {};  // side by side: sooner done, and off by less, than one after the other
    for (index_t s = sample0; s < sample1; ++s) sums[s & 3] += load(run.gate_gradients(block, s) + v * LANES<T>);
    store(at, load(at) + ((sums[0] + sums[1]) + (sums[2] + sums[3])));
  }
}

template <class C, class T>
SELFLOOP_INLINE void input_tile(const BackwardSteps<C, T>& run, index_t block, index_t k0, index_t k1, index_t s0,
                                index_t s1) {
  const index_t N = vectors_of<C, T, C::X>(block, run.call.layer.H);
  T* sums = run.sums.x + (block * run.call.layer.I * C::X + k0 * N) * LANES<T>;
  add_tile<C, T, 0, C::X>(run, sums, block, k0, k1 - k0, s0, s1);
}

template <class C, class T>
SELFLOOP_INLINE void hidden_tile(const BackwardSteps<C, T>& run, index_t block, index_t k0, index_t k1, index_t s0,
                                 index_t s1) {
  const index_t N = vectors_of<C, T, C::HS>(block, run.call.layer.H);
  T* sums = run.sums.h + (block * run.call.layer.H * C::HS + k0 * N) * LANES<T>;
  add_tile<C, T, C::D - C::HS, C::HS>(run, sums, block, run.call.layer.I + k0, k1 - k0, s0, s1);
  if constexpr (C::TWO_PHASES) {  // the candidate, which saw r ⊙ h
    T* second = run.sums.second + (block * run.call.layer.H + k0) * LANES<T>;
    add_tile<C, T, 0, 1>(run, second, block, run.call.layer.I + run.call.layer.H + k0, k1 - k0, s0, s1);
  }
}

// Rows of a weight gradient that a thread takes at once: enough to share out one block of a small layer.
constexpr index_t TILE_ROWS = 24;

// The chunk's part of the weights' gradients: tiles are shared out, each sums over all samples in order.
template <class C, class T>
void add_weights(const BackwardSteps<C, T>& run, int thread, int team) {
  constexpr index_t AT_ONCE = 128;  // samples whose gate gradients stay in the first cache
  const index_t I = run.call.layer.I, H = run.call.layer.H;
  const index_t x_tiles = ceil_div(I, TILE_ROWS), tiles = x_tiles + ceil_div(H, TILE_ROWS);
  const Share own = share(run.blocks * tiles, thread, team);
  for (index_t s0 = 0; s0 < run.samples.n; s0 += AT_ONCE) {
    const index_t s1 = smaller(run.samples.n, s0 + AT_ONCE);
    for (index_t tile = own.from; tile < own.to; ++tile) {
      const index_t block = tile / tiles, k = tile % tiles;
      if (k == 0) add_biases(run, block, s0, s1);
      if (k < x_tiles) {
        input_tile(run, block, k * TILE_ROWS, smaller(I, (k + 1) * TILE_ROWS), s0, s1);
      } else {
        hidden_tile(run, block, (k - x_tiles) * TILE_ROWS, smaller(H, (k - x_tiles + 1) * TILE_ROWS), s0, s1);
      }
    }
  }
}

template <class C, class T>
void write_weights(const BackwardSteps<C, T>& run, int thread, int team) {
  constexpr int V = LANES<T>;
  const Layer<T>& layer = run.call.layer;
  const Share own = share(run.blocks, thread, team);
  for (index_t block = own.from; block < own.to; ++block) {
    const index_t X = vectors_of<C, T, C::X>(block, layer.H), HS = vectors_of<C, T, C::HS>(block, layer.H);
    for (int v = 0; v < X; ++v) {
      const T* from = run.sums.x + block * layer.I * C::X * V + v * V;
      unpack_vector(run.call.dW_ih, from, X * V, layer.I, source_of<C, T>(block, v, C::X_GATE[v], layer.H));
    }
    for (int v = 0; v < HS; ++v) {
      const T* from = run.sums.h + block * layer.H * C::HS * V + v * V;
      unpack_vector(run.call.dW_hh, from, HS * V, layer.H, source_of<C, T>(block, v, C::H_GATE[v], layer.H));
    }
    const T* b = run.sums.b + block * C::D * V;
    for (int v = 0; v < X && run.call.db_ih; ++v) {
      unpack_vector(run.call.db_ih, b + v * V, 0, 1, source_of<C, T>(block, v, C::X_GATE[v], layer.H));
    }
    for (int v = 0; v < X && run.call.db_hh; ++v) {
      unpack_vector(run.call.db_hh, b + (C::BH_OFFSET + v) * V, 0, 1, source_of<C, T>(block, v, C::BH_GATE[v], layer.H));
    }
    if constexpr (C::TWO_PHASES) {
      const T* from = run.sums.second + block * layer.H * V;
      unpack_vector(run.call.dW_hh, from, V, layer.H, source_of<C, T>(block, 0, C::SECOND_GATE, layer.H));
    }
  }
}

}  // namespace selfloop::SELFLOOP_ISA_NAME
