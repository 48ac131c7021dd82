// Forward over time, the same for every cell: who has a step, where things lie, and when threads wait for each other.
//
// The cell's own part is C::step: from the sums over the inputs to the states of some rows and one block.
#pragma once

#include "cache.h"
#include "packing.h"
#include "partition.h"
#include "scratch.h"
#include "threads.h"

namespace selfloop::SELFLOOP_ISA_NAME {

// The states of all rows between steps, and where a step writes. h is kept twice: a step reads one and writes the other.
template <class T>
struct States {
  T* h[2];          // [B][stride]
  T* c;             // [B][stride], in place: a unit's c is its own affair
  T* phase_buffer;  // 3 [B][stride], a cell of two phases: what the first leaves for the second; else null
  index_t stride;
};

// Sums over the inputs, made for several steps at once where a step has too few rows for the microkernel.
template <class T>
struct InputSums {
  T* sums;               // [own block][item][vectors]
  const T** inputs;      // [item], the row of x
  index_t* first;        // [step], its first item
  index_t steps;         // made at once; 0: every step makes its own
  index_t items;         // capacity
};

// One step: its number, its place among the input sums, and the states it reads and writes.
template <class T>
struct CurrentStep {
  index_t t, slot;
  const T* h;
  T* h_next;
};

// The panel that the products after this one will read, where all panels are more than the second cache holds: each
// product fetches a part of it, so that arithmetic and the outer cache work side by side. Every pass over the panels turns
// round where the last one ended, and finds there what the cache still holds.
template <class T>
struct PrefetchRange {
  const T* next = nullptr;
  const T* end = nullptr;
  bool reversed = false;
};

// Whether a thread's panels are more than it can hope to find in its second cache at the next step.
template <class T>
SELFLOOP_INLINE bool exceeds_cache(index_t elements) {
  return elements * static_cast<index_t>(sizeof(T)) > resident_bytes();
}

template <class C, class T>
struct ForwardSteps {
  using Number = T;
  const Forward<T>& call;
  BlockLayout<C, T> layout;
  index_t blocks;
  States<T> states;
  InputSums<T> input_sums;  // of this thread
  Part part;
  const index_t* kept_time_pos;  // where kept rows lie: the row order's, or those of one chunk
  const index_t* kept_row_pos;
  PrefetchRange<T>* prefetch;  // null: the cache holds the panels

  const T* packed(index_t block) const { return call.packed + block * layout.size; }
  const T* x(index_t t, index_t b) const {
    return call.x.data + call.order.time_pos[t] * call.x.time + call.order.row_pos[b] * call.x.row;
  }
  T* y(index_t t, index_t b) const {
    return call.y.data + call.order.time_pos[t] * call.y.time + call.order.row_pos[b] * call.y.row;
  }
  index_t kept_row(index_t t, index_t b) const {
    return kept_time_pos[t] * call.kept.time + kept_row_pos[b] * call.kept.row;
  }
  void write_y(index_t t, index_t b, index_t unit, Vec<T> h) const {
    if (call.y.data) store_part(y(t, b) + unit, h, call.H - unit);
  }
  T* kept_gates(index_t t, index_t b, index_t block) const {
    return call.kept.gates + (kept_row(t, b) * blocks + block) * C::KEPT * LANES<T>;
  }
  T* kept_cells(index_t t, index_t b, index_t block) const {
    return call.kept.cells + (kept_row(t, b) * blocks + block) * LANES<T>;
  }
};

// Calls f(Prefetch) with what products of K rounds fetch of it, if there is any left.
template <class T, class F>
SELFLOOP_INLINE void with_prefetch(PrefetchRange<T>* prefetch, index_t K, F&& f) {
  if (!prefetch || prefetch->next >= prefetch->end) return f(Prefetch<T, 0>{});
  constexpr int LINES = 2;
  f(Prefetch<T, LINES>{prefetch->next});
  prefetch->next += K * LINES * 64 / static_cast<index_t>(sizeof(T));
}

// sums += Σ_k a[r][k] * panel[k], and a part of what comes next is fetched.
template <class T, int R, int N>
SELFLOOP_INLINE void multiply_panel(Sums<T, R, N>& sums, index_t K, const T* const (&a)[R], const T* panel,
                                    PrefetchRange<T>* prefetch) {
  with_prefetch(prefetch, K, [&](auto fetch) SELFLOOP_INLINE_LAMBDA {
    multiply(sums, K, a, 1, panel, N * LANES<T>, fetch);
  });
}

// bias + W x for some rows of x.
template <class C, class T, int R, int N>
SELFLOOP_INLINE void sum_inputs(const T* block, const BlockLayout<C, T>& layout, index_t I, const T* const (&x)[R],
                                Sums<T, R, N>& sums, PrefetchRange<T>* prefetch) {
  for (int r = 0; r < R; ++r)
    for (int n = 0; n < N; ++n) sums.v[r][n] = load(block + n * LANES<T>);
  multiply_panel(sums, I, x, block + layout.inputs, prefetch);
}

// Calls f(block) for this thread's blocks. [from, to) of the block after is what the products of a block fetch.
template <class C, class T, class F>
SELFLOOP_INLINE void each_block(const ForwardSteps<C, T>& run, index_t from, index_t to, F&& f) {
  const index_t first = run.part.block0, last = run.part.block1 - 1;
  if (!run.prefetch) {
    for (index_t block = first; block <= last; ++block) f(block);
    return;
  }
  const bool reversed = run.prefetch->reversed;
  for (index_t place = first; place <= last; ++place) {
    const index_t block = reversed ? first + last - place : place;
    const T* after = run.packed(place == last ? block : reversed ? block - 1 : block + 1);
    *run.prefetch = {after + from, place == last ? after + from : after + to};
    f(block);
  }
  run.prefetch->reversed = !reversed;
}

// A step's loop over blocks: each fetches U of the next.
template <class C, class T, class F>
SELFLOOP_INLINE void each_block(const ForwardSteps<C, T>& run, F&& f) {
  each_block(run, run.layout.hidden, run.layout.size, f);
}

// The sums over the inputs of the steps from `position` on, for this thread's rows and blocks.
template <class C, class T>
void sum_inputs_ahead(ForwardSteps<C, T>& run, index_t position, index_t end) {
  InputSums<T>& input_sums = run.input_sums;
  const RowOrder& order = run.call.order;
  index_t items = 0;
  for (index_t s = 0; s < input_sums.steps && position + s < end; ++s) {
    const index_t t = step_at(order, position + s);
    input_sums.first[s] = items;
    const index_t rows = smaller(run.part.row1, order.active[t]);
    for (index_t b = run.part.row0; b < rows; ++b) input_sums.inputs[items++] = run.x(t, b);
  }
  each_block(run, run.layout.inputs, run.layout.hidden, [&](index_t block) {
    with_vectors<C, T>(block, run.call.H, [&](auto n) {
      constexpr int N = n.value;
      T* to = input_sums.sums + (block - run.part.block0) * input_sums.items * C::X * LANES<T>;
      in_blocks<ROWS<N>>(0, items, [&](auto count, index_t item) {
        constexpr int R = count.value;
        const T* x[R];
        for (int r = 0; r < R; ++r) x[r] = input_sums.inputs[item + r];
        Sums<T, R, N> sums;
        sum_inputs<C>(run.packed(block), run.layout, run.call.I, x, sums, run.prefetch);
        for (int r = 0; r < R; ++r)
          for (int v = 0; v < N; ++v) store(to + ((item + r) * C::X + v) * LANES<T>, sums.v[r][v]);
      });
    });
  });
}

// Start of a step for R rows and one block: what the inputs contribute.
template <class C, class T, int R, int N>
SELFLOOP_INLINE void start_sums(const ForwardSteps<C, T>& run, const CurrentStep<T>& current, index_t b, index_t block,
                                Sums<T, R, N>& sums) {
  const InputSums<T>& input_sums = run.input_sums;
  if (input_sums.steps == 0) {
    const T* x[R];
    for (int r = 0; r < R; ++r) x[r] = run.x(current.t, b + r);
    return sum_inputs<C>(run.packed(block), run.layout, run.call.I, x, sums, static_cast<PrefetchRange<T>*>(nullptr));
  }
  const index_t item = input_sums.first[current.slot] + b - run.part.row0;
  const T* from = input_sums.sums + ((block - run.part.block0) * input_sums.items + item) * C::X * LANES<T>;
  for (int r = 0; r < R; ++r)
    for (int n = 0; n < N; ++n) sums.v[r][n] = load(from + (r * C::X + n) * LANES<T>);
}

// U h₋₁ for R rows: all units of h, one panel.
template <class C, class T, int R, int N>
SELFLOOP_INLINE void add_hidden(const ForwardSteps<C, T>& run, const T* states, index_t b, const T* panel,
                                Sums<T, R, N>& sums) {
  const T* h[R];
  for (int r = 0; r < R; ++r) h[r] = states + (b + r) * run.states.stride;
  multiply_panel(sums, run.call.H, h, panel, run.prefetch);
}

template <class T, class... More>
SELFLOOP_INLINE void store_side_by_side(T* to, Vec<T> v, More... more) {
  store(to, v);
  if constexpr (sizeof...(more) > 0) store_side_by_side(to + LANES<T>, more...);
}

template <class T>
inline void fill_row(T* to, const T* from, index_t n, index_t stride) {
  for (index_t k = 0; k < n; ++k) to[k] = from ? from[k] : T{0};
  for (index_t k = n; k < stride; ++k) to[k] = T{0};
}

// Initial states of this thread's units, in both copies of h: a row that starts later finds it in either.
template <class C, class T>
void start_states(const ForwardSteps<C, T>& run) {
  const States<T>& states = run.states;
  const index_t H = run.call.H, width = C::UNITS * LANES<T>;
  const index_t from = run.part.block0 * width, to = smaller(H, run.part.block1 * width);
  for (index_t b = run.part.row0; b < run.part.row1; ++b) {
    const index_t at = b * states.stride + from, source = run.call.order.row_pos[b] * H + from;
    const index_t padded = run.part.block1 * width - from;
    for (T* h : states.h) fill_row(h + at, run.call.h0 ? run.call.h0 + source : nullptr, to - from, padded);
    if (states.c) fill_row(states.c + at, run.call.c0 ? run.call.c0 + source : nullptr, to - from, padded);
  }
}

// Final states of rows [from, to), this thread's units.
template <class C, class T>
void end_states(const ForwardSteps<C, T>& run, const T* h, index_t from, index_t to) {
  const index_t H = run.call.H, width = C::UNITS * LANES<T>;
  const index_t unit0 = run.part.block0 * width, unit1 = smaller(H, run.part.block1 * width);
  for (index_t b = larger(from, run.part.row0); b < smaller(to, run.part.row1); ++b) {
    const index_t row = run.call.order.row_pos[b] * H;
    for (index_t k = unit0; k < unit1; ++k) run.call.hn[row + k] = h[b * run.states.stride + k];
    if (!run.states.c) continue;
    for (index_t k = unit0; k < unit1; ++k) run.call.cn[row + k] = run.states.c[b * run.states.stride + k];
  }
}

template <class C, class T>
void keep_checkpoint(const ForwardSteps<C, T>& run, index_t chunk) {
  const index_t width = run.blocks * LANES<T>;
  for (index_t b = run.part.row0; b < run.part.row1; ++b) {
    T* to = run.call.kept.checkpoints + (chunk * run.call.order.B + b) * width;
    const T* from = run.states.c + b * run.states.stride;
    for (index_t k = run.part.block0 * LANES<T>; k < run.part.block1 * LANES<T>; ++k) to[k] = from[k];
  }
}

// Steps [from, to) in the order of reading; the states are those before `from`.
template <class C, class T>
void run_steps(ForwardSteps<C, T>& run, index_t from, index_t to, int team) {
  const RowOrder& order = run.call.order;
  const index_t chunk = chunk_steps(order.B, run.call.H, C::GATES, sizeof(T));
  for (index_t position = from; position < to; ++position) {
    const index_t t = step_at(order, position);
    const index_t rows = smaller(run.part.row1, order.active[t]);
    if (run.call.kept.checkpoints && position % chunk == 0) keep_checkpoint(run, position / chunk);
    if (run.input_sums.steps && (position - from) % run.input_sums.steps == 0) sum_inputs_ahead(run, position, to);
    const T* h = run.states.h[position & 1];
    T* h_next = run.states.h[(position + 1) & 1];
    const index_t slot = run.input_sums.steps ? (position - from) % run.input_sums.steps : 0;
    C::step(run, CurrentStep<T>{t, slot, h, h_next}, rows, team);
    if (run.part.by_blocks) barrier(team);
    if (run.call.hn) end_states(run, h_next, rows_after(order, t), order.active[t]);
  }
}

template <class C, class T>
void run_all_steps(ForwardSteps<C, T>& run, int team) {
  const RowOrder& order = run.call.order;
  start_states(run);
  end_states(run, run.states.h[0], order.T ? order.active[0] : 0, order.B);  // rows of no steps
  if (run.part.by_blocks) barrier(team);
  run_steps(run, 0, order.T, team);
}

// Steps whose input sums are made at once: none where each step has rows enough for as many panels, else what a part of
// the cache holds, or rows enough if that is more.
template <class C, class T>
inline index_t input_sum_steps(const Part& part, const RowOrder& order, index_t I, index_t H) {
  constexpr index_t INPUT_SUM_BYTES = 192 * 1024, FEW_PANELS = 128 * 1024, SIZE = static_cast<index_t>(sizeof(T));
  const index_t rows = part.row1 - part.row0, blocks = part.block1 - part.block0;
  const index_t enough = (blocks * BlockLayout<C, T>(I, H).size * SIZE > FEW_PANELS ? 8 : 2) * ROWS<C::X>;
  if (rows == 0 || blocks == 0 || rows >= enough) return 0;
  const index_t step = rows * blocks * C::X * LANES<T> * SIZE;
  return smaller(order.T, larger(ceil_div(enough, rows), INPUT_SUM_BYTES / step));
}

template <class C, class T>
InputSums<T> take_input_sums(ScratchAllocator& scratch, const Part& part, index_t steps) {
  const index_t items = (part.row1 - part.row0) * steps, sums = items * (part.block1 - part.block0) * C::X * LANES<T>;
  return {scratch.take<T>(sums), scratch.take<const T*>(items), scratch.take<index_t>(steps), steps, items};
}

template <class C, class T>
States<T> take_states(ScratchAllocator& scratch, index_t B, index_t H) {
  const index_t stride = row_stride<C, T>(H), n = B * stride;
  return {{scratch.take<T>(n), scratch.take<T>(n)},
          C::HAS_CELL ? scratch.take<T>(n) : nullptr,
          C::TWO_PHASES ? scratch.take<T>(3 * n) : nullptr,
          stride};
}

}  // namespace selfloop::SELFLOOP_ISA_NAME
