// Backward of a call: threads, memory, and the chunks from the last to the first.
#pragma once

#include "recompute.h"
#include "weight_gradients.h"

namespace selfloop::SELFLOOP_ISA_NAME {

template <class C, class T>
index_t chunk_of(const Backward<T>& call) {
  return smaller(larger(1, call.order.T), chunk_steps(call.order.B, call.layer.H, C::GATES, sizeof(T)));
}

// Whole panels of units for each thread: what it carries back it also starts from.
template <class C, class T>
Part backward_part(const Backward<T>& call, int thread, int team) {
  constexpr index_t PANEL_BLOCKS = PANEL_VECTORS / C::UNITS;
  const index_t blocks = blocks_of<C, T>(call.layer.H);
  Part part = part_of(call.order, ceil_div(blocks, PANEL_BLOCKS), ROWS<PANEL_VECTORS>, thread, team);
  part.block0 = smaller(blocks, part.block0 * PANEL_BLOCKS);
  part.block1 = smaller(blocks, part.block1 * PANEL_BLOCKS);
  return part;
}

template <class C, class T>
bool recomputes(const Backward<T>& call) {
  return C::KEPT > 0 && !call.kept.gates;
}

template <class C, class T>
Samples<T> take_samples(ScratchAllocator& scratch, const Backward<T>& call, int thread, int team) {
  const index_t chunk = chunk_of<C, T>(call), n = chunk * call.order.B, capacity = n | 1;
  const index_t width = call.layer.I + call.layer.H * (C::TWO_PHASES ? 2 : 1);
  Samples<T> samples{};
  samples.capacity = capacity;
  samples.width = width;
  samples.gradients = scratch.take<T>(blocks_of<C, T>(call.layer.H) * capacity * C::D * LANES<T>);
  samples.inputs = call.dW_ih ? scratch.take<T>(n * width) : nullptr;
  samples.dx = call.dx.data ? scratch.take<T*>(n) : nullptr;
  for (int k = 0; k < team; ++k) {
    index_t* first = scratch.take<index_t>(chunk);
    if (k == thread) samples.first = first;
  }
  return samples;
}

template <class C, class T>
WeightGradients<T> take_sums(ScratchAllocator& scratch, const Backward<T>& call) {
  if (!call.dW_ih) return {};
  const index_t blocks = blocks_of<C, T>(call.layer.H), I = call.layer.I, H = call.layer.H, V = LANES<T>;
  const index_t x = blocks * I * C::X * V, h = blocks * H * C::HS * V, b = blocks * C::D * V;
  const index_t second = C::TWO_PHASES ? blocks * H * V : 0, size = x + h + b + second;
  T* start = scratch.take<T>(size);
  return {start, start + x, start + x + h, start + x + h + b, start, size};
}

template <class C, class T>
TransposedWeights<T> take_transposed(ScratchAllocator& scratch, const Backward<T>& call) {
  TransposedWeights<T> weights{};
  weights.hidden = take_panels<C, T, C::HS>(scratch, call.layer.H, call.layer.H);
  if (C::TWO_PHASES) weights.second = take_panels<C, T, 1>(scratch, call.layer.H, call.layer.H);
  if (call.dx.data) weights.inputs = take_panels<C, T, C::X>(scratch, call.layer.I, call.layer.H);
  return weights;
}

template <class C, class T>
Recompute<T> take_recompute(ScratchAllocator& scratch, const Backward<T>& call, int thread, int team) {
  if (!recomputes<C, T>(call)) return {};
  const index_t blocks = blocks_of<C, T>(call.layer.H), n = chunk_of<C, T>(call) * call.order.B;
  Recompute<T> recompute{};
  recompute.gates = scratch.take<T>(n * blocks * C::KEPT * LANES<T>);
  recompute.cells = C::HAS_CELL ? scratch.take<T>(n * blocks * LANES<T>) : nullptr;
  recompute.states = take_states<C, T>(scratch, call.order.B, call.layer.H);
  for (int k = 0; k < team; ++k) {
    const Part part = backward_part<C, T>(call, k, team);
    const index_t steps = input_sum_steps<C, T>(part, call.order, call.layer.I, call.layer.H);
    const InputSums<T> input_sums = take_input_sums<C, T>(scratch, part, smaller(chunk_of<C, T>(call), steps));
    index_t* time_pos = scratch.take<index_t>(call.order.T);
    index_t* row_pos = scratch.take<index_t>(call.order.B);
    if (k != thread) continue;
    recompute.input_sums = input_sums;
    recompute.time_pos = time_pos;
    recompute.row_pos = row_pos;
  }
  return recompute;
}

// A call's scratch memory.
template <class C, class T>
struct BackwardMemory {
  States<T> incoming;
  Samples<T> samples;
  WeightGradients<T> sums;
  TransposedWeights<T> weights;
  Recompute<T> recompute;
  std::size_t bytes;
};

template <class C, class T>
BackwardMemory<C, T> take_memory(const Backward<T>& call, int thread, int team) {
  ScratchAllocator scratch(call.scratch);
  BackwardMemory<C, T> memory{};
  memory.incoming = take_states<C, T>(scratch, call.order.B, call.layer.H);
  memory.samples = take_samples<C, T>(scratch, call, thread, team);
  memory.sums = take_sums<C, T>(scratch, call);
  memory.weights = take_transposed<C, T>(scratch, call);
  memory.recompute = take_recompute<C, T>(scratch, call, thread, team);
  memory.bytes = scratch.used();
  return memory;
}

// Zeroes the sums and packs the transposed weights, each thread its share; and this thread's incoming gradients.
template <class C, class T>
void prepare(const BackwardSteps<C, T>& run, int thread, int team) {
  const Backward<T>& call = run.call;
  const index_t H = call.layer.H, I = call.layer.I;
  const Share own = share(run.sums.size, thread, team);
  for (index_t k = own.from; k < own.to; ++k) run.sums.start[k] = T{0};
  for (index_t panel = thread; panel < panels_of<T>(H); panel += team) {
    pack_columns<C, T>(run.weights.hidden + panel * panel_size<C, T, C::HS>(H), call.layer.W_hh, H, H, C::H_GATE, panel);
    if constexpr (C::TWO_PHASES) {
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
    const index_t at = b * run.incoming.stride + from, source = call.order.row_pos[b] * H + from;
    fill_row(run.incoming.h[0] + at, call.dhn ? call.dhn + source : nullptr, there, padded);
    if (C::HAS_CELL) fill_row(run.incoming.c + at, call.dcn ? call.dcn + source : nullptr, there, padded);
  }
}

// What is left of the gradient after the first step: that of the initial states.
template <class C, class T>
void write_initial(const BackwardSteps<C, T>& run) {
  const index_t H = run.call.layer.H, width = C::UNITS * LANES<T>;
  const index_t from = run.part.block0 * width, to = smaller(H, run.part.block1 * width);
  for (index_t b = run.part.row0; b < run.part.row1; ++b) {
    const index_t row = run.call.order.row_pos[b] * H;
    const index_t at = b * run.incoming.stride;
    for (index_t k = from; run.call.dh0 && k < to; ++k) run.call.dh0[row + k] = run.incoming.h[0][at + k];
    if (!C::HAS_CELL) continue;
    for (index_t k = from; run.call.dc0 && k < to; ++k) run.call.dc0[row + k] = run.incoming.c[at + k];
  }
}

// Positions [from, to), the last first.
template <class C, class T>
void backward_chunk(BackwardSteps<C, T>& run, const Recompute<T>& recompute, index_t from, index_t to, int thread,
                    int team) {
  const RowOrder& order = run.call.order;
  run.samples.n = 0;
  for (index_t position = from; position < to; ++position) {
    run.samples.first[position - from] = run.samples.n;
    run.samples.n += order.active[step_at(order, position)];
  }
  if (recomputes<C, T>(run.call)) recompute_gates(run, recompute, from, to, team);
  for (index_t position = to - 1; position >= from; --position) {
    const index_t t = step_at(order, position), first = run.samples.first[position - from];
    const index_t rows = smaller(run.part.row1, order.active[t]);
    const Share recorded = run.part.by_blocks ? share(order.active[t], thread, team) : Share{run.part.row0, rows};
    record_inputs(run, t, first, recorded.from, recorded.to);
    C::step_back(run, t, first, rows, team);
  }
  if (team > 1) barrier(team);
  if (run.call.dW_ih) add_weights(run, thread, team);
  if (run.call.dx.data) write_input_gradients(run, thread, team);
  if (team > 1) barrier(team);
}

template <class C, class T>
void backward_work(const Backward<T>& call, int thread, int team) {
  const FlushToZero flush;
  const BackwardMemory<C, T> memory = take_memory<C, T>(call, thread, team);
  BackwardSteps<C, T> run{call,
                          blocks_of<C, T>(call.layer.H),
                          memory.incoming,
                          memory.samples,
                          memory.sums,
                          memory.weights,
                          call.kept,
                          call.order.time_pos,
                          call.order.row_pos,
                          -1,
                          backward_part<C, T>(call, thread, team)};
  if (recomputes<C, T>(call)) {
    for (index_t b = 0; b < call.order.B; ++b) memory.recompute.row_pos[b] = b;
    run.kept_time_pos = memory.recompute.time_pos;
    run.kept_row_pos = memory.recompute.row_pos;
  }
  prepare(run, thread, team);
  if (team > 1) barrier(team);
  const index_t chunk = chunk_of<C, T>(call);
  for (index_t from = (ceil_div(call.order.T, chunk) - 1) * chunk; from >= 0; from -= chunk) {
    backward_chunk(run, memory.recompute, from, smaller(call.order.T, from + chunk), thread, team);
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
    const std::size_t bytes = take_memory<C, T>(unplaced, 0, team).bytes;
    if (bytes > most) most = bytes;
  }
  return most;
}

template <class C, class T>
void backward(const Backward<T>& call) {
  const index_t step = C::GATES * call.layer.H * (call.layer.I + call.layer.H);
  const int threads = team_for(call.order, step, ROWS<PANEL_VECTORS>, call.threads);
  if (threads <= 1) return backward_work<C, T>(call, 0, 1);
  parallel(
      threads,
      [](void* context, int thread, int team) {
        backward_work<C, T>(*static_cast<const Backward<T>*>(context), thread, team);
      },
      const_cast<Backward<T>*>(&call));
}

}  // namespace selfloop::SELFLOOP_ISA_NAME
