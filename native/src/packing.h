// How weights are laid out for the microkernel, and gradients brought back from that layout.
//
// A block holds C::UNITS vectors of hidden units; units beyond H have zero weights. For each block there are its biases,
// then for every input, then for every hidden unit of the step before, one vector for each of the cell's gates.
#pragma once

#include "gemm.h"

namespace selfloop::SELFLOOP_ISA_NAME {

template <class C, class T>
SELFLOOP_INLINE index_t blocks_of(index_t H) {
  return ceil_div(H, C::UNITS * LANES<T>);
}

// Calls f(Count<N>) with the vectors of a block: the cell's gates, or, where one gate takes several vectors of units,
// as many as there are units left.
template <class C, class T, class F>
SELFLOOP_INLINE void with_vectors(index_t block, index_t H, F&& f) {
  if constexpr (C::UNITS == 1) {
    f(Count<C::X>{});
  } else {
    const index_t left = ceil_div(H - block * C::UNITS * LANES<T>, LANES<T>);
    with_count<C::UNITS>(static_cast<int>(smaller(left, C::UNITS)), f);
  }
}

// Elements of a row of states: all blocks, and a line more, lest all rows fall into one set of the cache.
template <class C, class T>
SELFLOOP_INLINE index_t row_stride(index_t H) {
  return blocks_of<C, T>(H) * C::UNITS * LANES<T> + 64 / static_cast<index_t>(sizeof(T));
}

// One vector of a block, seen from the layer's weights.
struct Source {
  index_t row;    // of W, for its first lane
  index_t units;  // lanes that exist
};

template <class C, class T>
SELFLOOP_INLINE Source source_of(index_t block, int vector, int gate, index_t H) {
  const index_t unit = (block * C::UNITS + (C::UNITS == 1 ? 0 : vector)) * LANES<T>;
  return {gate * H + unit, larger(0, smaller(LANES<T>, H - unit))};
}

// to[k * step + lane] = W[row + lane, k] for k < K, where W is [G*H, K]; lanes without a unit are zero.
template <class T>
inline void pack_vector(T* to, index_t step, const T* W, index_t K, Source from) {
  constexpr int V = LANES<T>;
  for (index_t k = 0; k < K; k += V) {
    Vec<T> tile[V];
    for (int lane = 0; lane < V; ++lane) {
      tile[lane] = lane < from.units ? load_part(W + (from.row + lane) * K + k, K - k) : Vec<T>{};
    }
    transpose<T>(tile);
    for (int n = 0; n < smaller(V, K - k); ++n) store(to + (k + n) * step, tile[n]);
  }
}

template <class T>
inline void unpack_vector(T* W, const T* from, index_t step, index_t K, Source to) {
  constexpr int V = LANES<T>;
  for (index_t k = 0; k < K; k += V) {
    Vec<T> tile[V];
    for (int n = 0; n < V; ++n) tile[n] = k + n < K ? load(from + (k + n) * step) : Vec<T>{};
    transpose<T>(tile);
    for (int lane = 0; lane < smaller(V, to.units); ++lane) store_part(W + (to.row + lane) * K + k, tile[lane], K - k);
  }
}

// Where the parts of a block lie, in elements from its start.
template <class C, class T>
struct BlockLayout {
  index_t inputs, hidden, size;
  BlockLayout(index_t I, index_t H)
      : inputs(C::BIASES * LANES<T>),
        hidden(inputs + I * C::X * LANES<T>),
        size(hidden + H * C::HS * LANES<T>) {}
};

template <class C, class T>
index_t pack_size(index_t I, index_t H) {
  return blocks_of<C, T>(H) * BlockLayout<C, T>(I, H).size + C::template second_size<T>(H);
}

template <class C, class T>
void pack_block(const Layer<T>& layer, index_t block, T* to) {
  const BlockLayout<C, T> layout(layer.I, layer.H);
  with_vectors<C, T>(block, layer.H, [&](auto n) {
    constexpr int V = LANES<T>;
    constexpr int X = n.value, HS = C::UNITS == 1 ? C::HS : n.value;
    for (int v = 0; v < X; ++v) {
      const Source source = source_of<C, T>(block, v, C::X_GATE[v], layer.H);
      pack_vector(to + layout.inputs + v * V, X * V, layer.W_ih, layer.I, source);
    }
    for (int v = 0; v < HS; ++v) {
      const Source source = source_of<C, T>(block, v, C::H_GATE[v], layer.H);
      pack_vector(to + layout.hidden + v * V, HS * V, layer.W_hh, layer.H, source);
    }
    C::template pack_biases<T, X>(layer, block, to);
  });
}

template <class C, class T>
void pack(const Layer<T>& layer, T* packed) {
  const index_t size = BlockLayout<C, T>(layer.I, layer.H).size;
  for (index_t block = 0; block < blocks_of<C, T>(layer.H); ++block) pack_block<C, T>(layer, block, packed + block * size);
  C::pack_second(layer, packed + blocks_of<C, T>(layer.H) * size);
}

// A cell of one phase has nothing to pack for a second.
struct OnePhase {
  static constexpr bool TWO_PHASES = false;
  static constexpr int UNSPLIT_BLOCKS = 1;  // blocks that one thread takes at least
  template <class T>
  static index_t second_size(index_t) {
    return 0;
  }
  template <class T>
  static void pack_second(const Layer<T>&, T*) {}
};

// One vector of biases: b_ih, b_hh, or their sum, as the cell adds them; zeros where there are none.
template <class T>
inline void pack_bias(T* to, const T* b_ih, const T* b_hh, Source from) {
  for (index_t lane = 0; lane < LANES<T>; ++lane) {
    const bool there = lane < from.units;
    const T first = there && b_ih ? b_ih[from.row + lane] : T{0};
    const T second = there && b_hh ? b_hh[from.row + lane] : T{0};
    to[lane] = first + second;
  }
}

}  // namespace selfloop::SELFLOOP_ISA_NAME
