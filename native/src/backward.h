// Backward of a call: threads, memory, and the walk back over the chunks.
#pragma once

#include "recompute.h"
#include "weight_gradients.h"

namespace selfloop::SELFLOOP_ISA_NAME {

template <class C, class T>
index_t chunk_of(const Backward<T>& call) {
  return smaller(larger(1, call.walk.T), chunk_steps(call.walk.B, call.layer.H, C::GATES, sizeof(T)));
}

// Whole panels of units for each thread: what it carries back it also starts from.
template <class C, class T>
Part backward_part(const Backward<T>& call, int thread, int team) {
  constexpr index_t PANEL_BLOCKS = WIDE / C::UNITS;
  const index_t blocks = blocks_of<C, T>(call.layer.H);
  Part part = part_of(call.walk, ceil_div(blocks, PANEL_BLOCKS), ROWS<WIDE>, thread, team);
  part.block0 = smaller(blocks, part.block0 * PANEL_BLOCKS);
  part.block1 = smaller(blocks, part.block1 * PANEL_BLOCKS);
  return part;
}

template <class C, class T>
bool computes_again(const Backward<T>& call) {
  return C::KEPT > 0 && !call.kept.gates;
}

template <class C, class T>
Samples<T> take_samples(Arena& arena, const Backward<T>& call, int thread, int team) {
  const index_t chunk = chunk_of<C, T>(call), n = chunk * call.walk.B, capacity = n | 1;
  const index_t width = call.layer.I + call.layer.H * (C::HAS_EXTRA ? 2 : 1);
  Samples<T> samples{};
  samples.capacity = capacity;
  samples.width = width;
  samples.d = arena.take<T>(blocks_of<C, T>(call.layer.H) * capacity * C::D * LANES<T>);
  samples.seen = call.dW_ih ? arena.take<T>(n * width) : nullptr;
  samples.dx = call.dx.data ? arena.take<T*>(n) : nullptr;
  for (int k = 0; k < team; ++k) {
    index_t* first = arena.take<index_t>(chunk);
    if (k == thread) samples.first = first;
  }
  return samples;
}

template <class C, class T>
WeightGradients<T> take_sums(Arena& arena, const Backward<T>& call) {
  if (!call.dW_ih) return {};
  const index_t blocks = blocks_of<C, T>(call.layer.H), I = call.layer.I, H = call.layer.H, V = LANES<T>;
  const index_t x = blocks * I * C::X * V, h = blocks * H * C::HS * V, b = blocks * C::D * V;
  const index_t second = C::HAS_EXTRA ? blocks * H * V : 0, size = x + h + b + second;
  T* start = arena.take<T>(size);
  return {start, start + x, start + x + h, start + x + h + b, start, size};
}

template <class C, class T>
Transposed<T> take_transposed(Arena& arena, const Backward<T>& call) {
  Transposed<T> weights{};
  weights.hidden = take_panels<C, T, C::HS>(arena, call.layer.H, call.layer.H);
  if (C::HAS_EXTRA) weights.second = take_panels<C, T, 1>(arena, call.layer.H, call.layer.H);
  if (call.dx.data) weights.inputs = take_panels<C, T, C::X>(arena, call.layer.I, call.layer.H);
  return weights;
}

template <class C, class T>
Again<T> take_again(Arena& arena, const Backward<T>& call, int thread, int team) {
  if (!computes_again<C, T>(call)) return {};
  const index_t blocks = blocks_of<C, T>(call.layer.H), n = chunk_of<C, T>(call) * call.walk.B;
  Again<T> again{};
  again.gates = arena.take<T>(n * blocks * C::KEPT * LANES<T>);
  again.cells = C::HAS_CELL ? arena.take<T>(n * blocks * LANES<T>) : nullptr;
  again.states = take_states<C, T>(arena, call.walk.B, call.layer.H);
  for (int k = 0; k < team; ++k) {
    const Part part = backward_part<C, T>(call, k, team);
    const index_t steps = smaller(chunk_of<C, T>(call), steps_ahead<C, T>(part, call.walk, call.layer.I, call.layer.H));
    const Ahead<T> ahead = take_ahead<C, T>(arena, part.row1 - part.row0, part.block1 - part.block0, steps);
    index_t* time_pos = arena.take<index_t>(call.walk.T);
    index_t* row_pos = arena.take<index_t>(call.walk.B);
    if (k != thread) continue;
    again.ahead = ahead;
    again.time_pos = time_pos;
    again.row_pos = row_pos;
  }
  return again;
}

// Everything of a call but the part; `again` too.
template <class C, class T>
struct Taken {
  States<T> carry;
  Samples<T> samples;
  WeightGradients<T> sums;
  Transposed<T> weights;
  Again<T> again;
  std::size_t bytes;
};

template <class C, class T>
Taken<C, T> take_all(const Backward<T>& call, int thread, int team) {
  Arena arena(call.scratch);
  Taken<C, T> taken{};
  taken.carry = take_states<C, T>(arena, call.walk.B, call.layer.H);
  taken.samples = take_samples<C, T>(arena, call, thread, team);
  taken.sums = take_sums<C, T>(arena, call);
  taken.weights = take_transposed<C, T>(arena, call);
  taken.again = take_again<C, T>(arena, call, thread, team);
  taken.bytes = arena.used();
  return taken;
}

// Zeroes the sums and packs the transposed weights, each thread its share; and this thread's carry.
template <class C, class T>
void prepare(const Returning<C, T>& run, int thread, int team) {
  const Backward<T>& call = run.call;
  const index_t H = call.layer.H, I = call.layer.I;
  const Share own = share(run.sums.size, thread, team);
  for (index_t k = own.from; k < own.to; ++k) run.sums.start[k] = T{0};
  for (index_t panel = thread; panel < panels_of<T>(H); panel += team) {
    pack_columns<C, T>(run.weights.hidden + panel * panel_size<C, T, C::HS>(H), call.layer.W_hh, H, H, C::H_GATE, panel);
    if constexpr (C::HAS_EXTRA) {
      constexpr int gate[] = {C::SECOND_GATE};
      pack_columns<C, T>(run.weights.second + panel * panel_size<C, T, 1>(H), call.layer.W_hh, H, H, gate, panel);
    }
  }
  for (index_t panel = thread; call.dx.data && panel < panels_of<T>(I); panel += team) {
    pack_columns<C, T>(run.weights.inputs + panel * panel_size<C, T, C::X>(H), call.layer.W_ih, I, H, C::X_GATE, panel);
  }
  const index_t width = C::UNITS * LANES<T>, from = run.part.block0 * width, padded = run.part.block1 * width - from;
  const index_t there = smaller(H, run.part.block1 * width) - from;
  for (index_t b = run.part.row0; b < run.part.row1; ++b) {
    const index_t at = b * run.carry.stride + from, source = call.walk.row_pos[b] * H + from;
    fill_row(run.carry.h[0] + at, call.dhn ? call.dhn + source : nullptr, there, padded);
    if (C::HAS_CELL) fill_row(run.carry.c + at, call.dcn ? call.dcn + source : nullptr, there, padded);
  }
}

// What is left of the gradient when all steps are walked back: that of the initial states.
template <class C, class T>
void write_initial(const Returning<C, T>& run) {
  const index_t H = run.call.layer.H, width = C::UNITS * LANES<T>;
  const index_t from = run.part.block0 * width, to = smaller(H, run.part.block1 * width);
  for (index_t b = run.part.row0; b < run.part.row1; ++b) {
    const index_t row = run.call.walk.row_pos[b] * H;
    for (index_t k = from; run.call.dh0 && k < to; ++k) run.call.dh0[row + k] = run.carry.h[0][b * run.carry.stride + k];
    if (!C::HAS_CELL) continue;
    for (index_t k = from; run.call.dc0 && k < to; ++k) run.call.dc0[row + k] = run.carry.c[b * run.carry.stride + k];
  }
}

// Positions [from, to), the last first.
template <class C, class T>
void return_chunk(Returning<C, T>& run, const Again<T>& again, index_t from, index_t to, int thread, int team) {
  const Walk& walk = run.call.walk;
  run.samples.n = 0;
  for (index_t position = from; position < to; ++position) {
    run.samples.first[position - from] = run.samples.n;
    run.samples.n += walk.active[step_at(walk, position)];
  }
  if (computes_again<C, T>(run.call)) read_again(run, again, from, to, team);
  for (index_t position = to - 1; position >= from; --position) {
    const index_t t = step_at(walk, position), first = run.samples.first[position - from];
    const index_t rows = smaller(run.part.row1, walk.active[t]);
    const Share noted = run.part.together ? share(walk.active[t], thread, team) : Share{run.part.row0, rows};
    note_inputs(run, t, first, noted.from, noted.to);
    C::step_back(run, t, first, rows, team);
  }
  if (team > 1) barrier(team);
  if (run.call.dW_ih) add_weights(run, thread, team);
  if (run.call.dx.data) return_inputs(run, thread, team);
  if (team > 1) barrier(team);
}

template <class C, class T>
void backward_work(const Backward<T>& call, int thread, int team) {
  const FlushToZero flush;
  const Taken<C, T> taken = take_all<C, T>(call, thread, team);
  Returning<C, T> run{call,
                      blocks_of<C, T>(call.layer.H),
                      taken.carry,
                      taken.samples,
                      taken.sums,
                      taken.weights,
                      call.kept,
                      call.walk.time_pos,
                      call.walk.row_pos,
                      -1,
                      backward_part<C, T>(call, thread, team)};
  if (computes_again<C, T>(call)) {
    for (index_t b = 0; b < call.walk.B; ++b) taken.again.row_pos[b] = b;
    run.kept_time_pos = taken.again.time_pos;
    run.kept_row_pos = taken.again.row_pos;
  }
  prepare(run, thread, team);
  if (team > 1) barrier(team);
  const index_t chunk = chunk_of<C, T>(call);
  for (index_t from = (ceil_div(call.walk.T, chunk) - 1) * chunk; from >= 0; from -= chunk) {
    return_chunk(run, taken.again, from, smaller(call.walk.T, from + chunk), thread, team);
  }
  write_initial(run);
  if (call.dW_ih) write_weights(run, thread, team);
}

template <class C, class T>
std::size_t backward_scratch(const Backward<T>& call) {
  Backward<T> unplaced = call;
  unplaced.scratch = nullptr;
  std::size_t most = 0;
  for (int team = 1; team <= call.threads; ++team) {
    const std::size_t bytes = take_all<C, T>(unplaced, 0, team).bytes;
    if (bytes > most) most = bytes;
  }
  return most;
}

template <class C, class T>
void backward(const Backward<T>& call) {
  const index_t step = C::GATES * call.layer.H * (call.layer.I + call.layer.H);
  const int threads = team_for(call.walk, step, ROWS<WIDE>, call.threads);
  if (threads <= 1) return backward_work<C, T>(call, 0, 1);
  parallel(
      threads,
      [](void* context, int thread, int team) {
        backward_work<C, T>(*static_cast<const Backward<T>*>(context), thread, team);
      },
      const_cast<Backward<T>*>(&call));
}

}  // namespace selfloop::SELFLOOP_ISA_NAME
