// Backward over time, the same for every cell: in chunks of steps from the last to the first, and after each chunk its
// share of the weights' and the inputs' gradients, by the same microkernel.
//
// The cell's own part is C::step_back: from dL/dh of a step to the gradients of its gates.
#pragma once

#include "forward_steps.h"
#include "packing.h"

namespace selfloop::SELFLOOP_ISA_NAME {

constexpr int PANEL_VECTORS = 4;  // vectors in a panel of transposed weights

// One chunk's gradients of the gates: [block][sample][vectors], where a sample is a row at a step.
template <class T>
struct Samples {
  T* gradients;
  index_t capacity;     // of samples a block, odd: blocks must not fall into one set of the cache
  T* inputs;            // [sample][width]: x, h of the step before, and for one cell r ⊙ h
  index_t width;
  T** dx;               // [sample], the row of dx
  index_t* first;       // [position in the chunk], its first sample
  index_t n;
};

template <class T>
struct WeightGradients {
  T* x;       // [block][I][X vectors]
  T* h;       // [block][H][HS vectors]
  T* b;       // [block][D vectors]
  T* second;  // [block][H][vector], of a second phase
  T* start;   // all of them, to be zeroed
  index_t size;
};

template <class T>
struct TransposedWeights {
  T* hidden;  // [panel][block][K][panel's vectors]
  T* second;  // the same, of a second phase
  T* inputs;
};

template <class C, class T>
struct BackwardSteps {
  const Backward<T>& call;
  index_t blocks;
  States<T> incoming;  // h[0]: dL/dh from the steps after; h[1]: sums that wait; c: dL/dc
  Samples<T> samples;
  WeightGradients<T> sums;
  TransposedWeights<T> weights;
  Kept<const T> kept;   // the caller's, or those of the chunk, computed again
  const index_t* kept_time_pos;
  const index_t* kept_row_pos;
  index_t checkpoint_step;  // the step whose c before lies in kept.checkpoints, where gates are computed again; else -1
  Part part;

  T* gate_gradients(index_t block, index_t sample) const {
    return samples.gradients + (block * samples.capacity + sample) * C::D * LANES<T>;
  }
  index_t kept_row(index_t t, index_t b) const {
    return kept_time_pos[t] * kept.time + kept_row_pos[b] * kept.row;
  }
  const T* kept_gates(index_t t, index_t b, index_t block) const {
    return kept.gates + (kept_row(t, b) * blocks + block) * C::KEPT * LANES<T>;
  }
  const T* kept_cells(index_t t, index_t b, index_t block) const {
    return kept.cells + (kept_row(t, b) * blocks + block) * LANES<T>;
  }
  template <class U>
  U* at(const Strided<U>& tensor, index_t t, index_t b) const {
    return tensor.data + call.order.time_pos[t] * tensor.time + call.order.row_pos[b] * tensor.row;
  }
  index_t step_before(index_t t) const { return call.order.reverse ? t + 1 : t - 1; }
  // h of the step before, or null for zeros.
  const T* h_before(index_t t, index_t b) const {
    if (b < rows_before(call.order, t)) return at(call.y, step_before(t), b);
    return call.h0 ? call.h0 + call.order.row_pos[b] * call.layer.H : nullptr;
  }
  Vec<T> part_of_row(const T* row, index_t unit) const {
    return row ? load_part(row + unit, call.layer.H - unit) : Vec<T>{};
  }
  Vec<T> c_before(index_t t, index_t b, index_t block) const {
    if (t == checkpoint_step) return load(kept.checkpoints + (b * blocks + block) * LANES<T>);
    if (b < rows_before(call.order, t)) return load(kept_cells(step_before(t), b, block));
    return part_of_row(call.c0 ? call.c0 + call.order.row_pos[b] * call.layer.H : nullptr, block * LANES<T>);
  }
  // dL/dh of the step: from its output and from the steps after.
  Vec<T> dh(index_t t, index_t b, index_t unit) const {
    Vec<T> sum = load(incoming.h[0] + b * incoming.stride + unit);
    if (call.dy.data) sum += part_of_row(at(call.dy, t, b), unit);
    if (call.grad_h.data) store_part(at(call.grad_h, t, b) + unit, sum, call.layer.H - unit);
    return sum;
  }
  void export_c(index_t t, index_t b, index_t unit, Vec<T> dc) const {
    if (call.grad_c.data) store_part(at(call.grad_c, t, b) + unit, dc, call.layer.H - unit);
  }
};

// W[gate * H + unit, columns of a panel], for the gates' vectors of every block in order: what multiplies gate gradients.
template <class C, class T, int COUNT>
void pack_columns(T* to, const T* W, index_t columns, index_t H, const int (&gate)[COUNT], index_t panel) {
  constexpr int V = LANES<T>;
  const index_t column = panel * PANEL_VECTORS * V;
  const index_t vectors = smaller(PANEL_VECTORS, ceil_div(columns - column, V));
  for (index_t block = 0; block < blocks_of<C, T>(H); ++block) {
    for (int v = 0; v < COUNT; ++v) {
      const Source source = source_of<C, T>(block, v, gate[v], H);
      if (C::UNITS > 1 && source.units == 0) break;
      for (index_t lane = 0; lane < V; ++lane)
        for (index_t n = 0; n < vectors; ++n, to += V) {
          const index_t left = columns - column - n * V;
          store(to, lane < source.units ? load_part(W + (source.row + lane) * columns + column + n * V, left) : Vec<T>{});
        }
    }
  }
}

template <class T>
SELFLOOP_INLINE index_t panels_of(index_t columns) {
  return ceil_div(columns, PANEL_VECTORS * LANES<T>);
}

// Vectors of a block's gate gradients that a product reads: COUNT, or as many as block `block` has.
template <class C, class T, int COUNT>
SELFLOOP_INLINE index_t vectors_of(index_t block, index_t H) {
  if constexpr (C::UNITS == 1) return COUNT;
  return smaller(COUNT, ceil_div(H - block * C::UNITS * LANES<T>, LANES<T>));
}

template <class C, class T, int COUNT>
SELFLOOP_INLINE index_t panel_size(index_t H) {
  const index_t vectors = C::UNITS == 1 ? blocks_of<C, T>(H) * COUNT : ceil_div(H, LANES<T>);
  return vectors * LANES<T> * PANEL_VECTORS * LANES<T>;
}

template <class C, class T, int COUNT>
T* take_panels(ScratchAllocator& scratch, index_t columns, index_t H) {
  return scratch.take<T>(panels_of<T>(columns) * panel_size<C, T, COUNT>(H));
}

// Elements of one block in a panel of N vectors.
template <class T, int COUNT>
SELFLOOP_INLINE index_t block_size(index_t N) {
  return COUNT * LANES<T> * N * LANES<T>;
}

// A range of blocks of one panel, and what is fetched meanwhile.
template <class T>
struct BlockRange {
  const T* panel;
  index_t number, vectors;  // of the panel
  index_t from, to;         // blocks
  PrefetchRange<T>* prefetch;
};

// to(sample, vector) = from(sample, vector) + gate gradients times the range; of each it takes vectors OFFSET to
// OFFSET + COUNT.
template <class C, class T, int OFFSET, int COUNT, class From, class To>
SELFLOOP_INLINE void multiply_range(const BackwardSteps<C, T>& run, const BlockRange<T>& range, index_t sample0,
                                    index_t sample1, From&& from, To&& to) {
  constexpr int V = LANES<T>;
  with_count<PANEL_VECTORS>(static_cast<int>(range.vectors), [&](auto vectors) {
    constexpr int N = vectors.value;
    in_blocks<ROWS<N>>(sample0, sample1, [&](auto count, index_t sample) {
      constexpr int R = count.value;
      Sums<T, R, N> sums;
      for (int r = 0; r < R; ++r)
        for (int n = 0; n < N; ++n) sums.v[r][n] = from(sample + r, range.number * PANEL_VECTORS + n);
      with_prefetch(range.prefetch, (range.to - range.from) * COUNT * V, [&](auto fetch) SELFLOOP_INLINE_LAMBDA {
        const T* w = range.panel + range.from * block_size<T, COUNT>(N);
        for (index_t block = range.from; block < range.to; ++block, w += block_size<T, COUNT>(N)) {
          const index_t K = vectors_of<C, T, COUNT>(block, run.call.layer.H) * V;
          const T* d[R];
          for (int r = 0; r < R; ++r) d[r] = run.gate_gradients(block, sample + r) + OFFSET * V;
          multiply(sums, K, d, 1, w, N * V, fetch);
        }
      });
      for (int r = 0; r < R; ++r)
        for (int n = 0; n < N; ++n) to(sample + r, range.number * PANEL_VECTORS + n, sums.v[r][n]);
    });
  });
}

// This thread's panels of units: parts hold whole panels.
template <class C, class T>
Share own_panels(const BackwardSteps<C, T>& run) {
  return {run.part.block0 * C::UNITS / PANEL_VECTORS, ceil_div(run.part.block1 * C::UNITS, PANEL_VECTORS)};
}

// dL/dh that a step hands to the step before through the weights: one sum, then added to what its cell put there. Panels
// beyond the cache are read in ranges of blocks that it holds twice: one is used for all rows while the next one is
// fetched, and sums wait between them. Every other step goes through the panels the other way round.
template <class C, class T, int OFFSET, int COUNT>
void propagate_hidden(const BackwardSteps<C, T>& run, const T* weights, index_t t, index_t first, index_t rows, T* to) {
  constexpr index_t RANGE_ELEMENTS = 128 * 1024 / static_cast<index_t>(sizeof(T));
  const index_t stride = run.incoming.stride, row0 = run.part.row0, H = run.call.layer.H;
  const index_t size = panel_size<C, T, COUNT>(H);
  const Share own = own_panels(run);
  const bool beyond_cache = exceeds_cache<T>((own.to - own.from) * size);
  T* const waiting = run.incoming.h[1];
  const index_t direction = beyond_cache && t % 2 == 1 ? -1 : 1;
  PrefetchRange<T> prefetch;
  for (index_t place = own.from; place < own.to; ++place) {
    const index_t number = direction == 1 ? place : own.from + own.to - 1 - place;
    const index_t vectors = smaller(PANEL_VECTORS, ceil_div(H, LANES<T>) - number * PANEL_VECTORS);
    const index_t apart = beyond_cache ? larger(1, RANGE_ELEMENTS / block_size<T, COUNT>(vectors)) : run.blocks;
    for (index_t block = 0; block < run.blocks; block += apart) {
      const BlockRange<T> range{weights + number * size, number, vectors, block, smaller(run.blocks, block + apart),
                                beyond_cache ? &prefetch : nullptr};
      const bool ends = range.to == run.blocks, last = ends && place + 1 == own.to;
      const T* after = range.panel + range.to * block_size<T, COUNT>(vectors);
      if (ends) after = weights + (last ? number : number + direction) * size;
      prefetch = {after, last ? after : after + apart * block_size<T, COUNT>(vectors)};
      const bool starts = range.from == 0;
      multiply_range<C, T, OFFSET, COUNT>(
          run, range, first + row0, first + larger(rows, row0),
          [&](index_t sample, index_t vector) {
            return starts ? Vec<T>{} : load(waiting + (sample - first) * stride + vector * LANES<T>);
          },
          [&](index_t sample, index_t vector, Vec<T> v) {
            const index_t at = (sample - first) * stride + vector * LANES<T>;
            ends ? store(to + at, load(to + at) + v) : store(waiting + at, v);
          });
    }
  }
}

// dL/dx of this thread's share of the chunk's samples.
template <class C, class T>
void write_input_gradients(const BackwardSteps<C, T>& run, int thread, int team) {
  const Share own = share(run.samples.n, thread, team);
  const index_t I = run.call.layer.I;
  for (index_t number = 0; number < panels_of<T>(I); ++number) {
    const T* panel = run.weights.inputs + number * panel_size<C, T, C::X>(run.call.layer.H);
    const index_t vectors = smaller(PANEL_VECTORS, ceil_div(I, LANES<T>) - number * PANEL_VECTORS);
    multiply_range<C, T, 0, C::X>(
        run, BlockRange<T>{panel, number, vectors, 0, run.blocks, nullptr}, own.from, own.to,
        [](index_t, index_t) { return Vec<T>{}; },
        [&](index_t sample, index_t vector, Vec<T> v) {
          store_part(run.samples.dx[sample] + vector * LANES<T>, v, I - vector * LANES<T>);
        });
  }
}

// What the weights multiplied at step t, for this thread's rows: x, h of the step before, and what the cell adds.
template <class C, class T>
void record_inputs(const BackwardSteps<C, T>& run, index_t t, index_t first, index_t from, index_t to) {
  const index_t I = run.call.layer.I, H = run.call.layer.H;
  for (index_t b = from; b < to; ++b) {
    if (run.call.dx.data) run.samples.dx[first + b] = run.at(run.call.dx, t, b);
    if (!run.call.dW_ih) continue;
    T* row = run.samples.inputs + (first + b) * run.samples.width;
    const T* x = run.at(run.call.x, t, b);
    for (index_t k = 0; k < I; ++k) row[k] = x[k];
    fill_row(row + I, run.h_before(t, b), H, H);
    if constexpr (C::TWO_PHASES) C::record_reset_states(run, t, b, row + I, row + I + H);
  }
}

// A step back of a cell whose gates need nothing of each other: its units, then what the weights carry.
template <class C, class T>
void back_in_one_phase(const BackwardSteps<C, T>& run, index_t t, index_t first, index_t rows, int team) {
  for (index_t block = run.part.block0; block < run.part.block1; ++block) {
    for (index_t b = run.part.row0; b < rows; ++b) C::unit_back(run, t, b, block, run.gate_gradients(block, first + b));
  }
  if (run.part.by_blocks) barrier(team);
  propagate_hidden<C, T, C::D - C::HS, C::HS>(run, run.weights.hidden, t, first, rows, run.incoming.h[0]);
}

}  // namespace selfloop::SELFLOOP_ISA_NAME
