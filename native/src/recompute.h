// Gates computed again for one chunk of backward, instead of kept: the same kernel, hence the same bits.
#pragma once

#include "backward_steps.h"

namespace selfloop::SELFLOOP_ISA_NAME {

// What one chunk keeps while backward goes through it.
template <class T>
struct Recompute {
  T* gates;
  T* cells;
  States<T> states;
  InputSums<T> input_sums;  // of this thread
  index_t* time_pos;        // [T], the first kept row of a step of the chunk
  index_t* row_pos;         // [B], 0 1 2 ...
};

// States before `position`: h from the outputs, c from the checkpoint.
template <class C, class T>
void start_recompute(const ForwardSteps<C, T>& steps, const BackwardSteps<C, T>& run, index_t position) {
  const index_t t = step_at(run.call.order, position), H = run.call.layer.H, width = C::UNITS * LANES<T>;
  const index_t from = run.part.block0 * width, padded = run.part.block1 * width - from;
  const index_t there = smaller(H, run.part.block1 * width) - from;
  for (index_t b = run.part.row0; b < run.part.row1; ++b) {
    const T* h = run.h_before(t, b);
    const index_t at = b * steps.states.stride + from;
    for (T* copy : steps.states.h) fill_row(copy + at, h ? h + from : nullptr, there, padded);
    if (!C::HAS_CELL) continue;
    fill_row(steps.states.c + at, run.kept.checkpoints + b * run.blocks * LANES<T> + from, padded, padded);
  }
}

// The gates of positions [from, to), left where `run.kept` then points.
template <class C, class T>
void recompute_gates(BackwardSteps<C, T>& run, const Recompute<T>& recompute, index_t from, index_t to, int team) {
  const Backward<T>& call = run.call;
  const index_t chunk = from / chunk_steps(call.order.B, call.layer.H, C::GATES, sizeof(T));
  for (index_t position = from; position < to; ++position) {
    recompute.time_pos[step_at(call.order, position)] = run.samples.first[position - from];
  }
  run.kept = {recompute.gates, recompute.cells, nullptr, 1, 1};
  if (C::HAS_CELL) run.kept.checkpoints = call.kept.checkpoints + chunk * call.order.B * run.blocks * LANES<T>;
  run.checkpoint_step = C::HAS_CELL ? step_at(call.order, from) : -1;
  const Forward<T> forward{.order = call.order,
                           .I = call.layer.I,
                           .H = call.layer.H,
                           .packed = call.packed,
                           .x = call.x,
                           .h0 = call.h0,
                           .c0 = call.c0,
                           .y = {},
                           .hn = nullptr,
                           .cn = nullptr,
                           .kept = {recompute.gates, recompute.cells, nullptr, 1, 1},
                           .threads = team,
                           .scratch = nullptr};
  ForwardSteps<C, T> steps{forward,
                           BlockLayout<C, T>(call.layer.I, call.layer.H),
                           run.blocks,
                           recompute.states,
                           recompute.input_sums,
                           run.part,
                           recompute.time_pos,
                           recompute.row_pos,
                           nullptr};
  start_recompute(steps, run, from);
  if (run.part.by_blocks) barrier(team);
  run_steps(steps, from, to, team);
}

}  // namespace selfloop::SELFLOOP_ISA_NAME
