// Gates computed again for one chunk of backward, instead of kept: the same kernel, hence the same bits.
#pragma once

#include "backward_steps.h"

namespace selfloop::SELFLOOP_ISA_NAME {

// What one chunk keeps while backward goes through it.
template <class T>
struct Again {
  T* gates;
  T* cells;
  States<T> states;
  Ahead<T> ahead;       // of this thread
  index_t* time_pos;    // [T], the first kept row of a step of the chunk
  index_t* row_pos;     // [B], 0 1 2 ...
};

// States before `position`: h from the outputs, c from the checkpoint.
template <class C, class T>
void start_again(const Reading<C, T>& reading, const Returning<C, T>& run, index_t position) {
  const index_t t = step_at(run.call.walk, position), H = run.call.layer.H, width = C::UNITS * LANES<T>;
  const index_t from = run.part.block0 * width, padded = run.part.block1 * width - from;
  const index_t there = smaller(H, run.part.block1 * width) - from;
  for (index_t b = run.part.row0; b < run.part.row1; ++b) {
    const T* h = run.h_before(t, b);
    const index_t at = b * reading.states.stride + from;
    for (T* copy : reading.states.h) fill_row(copy + at, h ? h + from : nullptr, there, padded);
    if (C::HAS_CELL) fill_row(reading.states.c + at, run.kept.checkpoints + b * run.blocks * LANES<T> + from, padded, padded);
  }
}

// The gates of positions [from, to), left where `run.kept` then points.
template <class C, class T>
void read_again(Returning<C, T>& run, const Again<T>& again, index_t from, index_t to, int team) {
  const Backward<T>& call = run.call;
  const index_t chunk = from / chunk_steps(call.walk.B, call.layer.H, C::GATES, sizeof(T));
  for (index_t position = from; position < to; ++position) {
    again.time_pos[step_at(call.walk, position)] = run.samples.first[position - from];
  }
  run.kept = {again.gates, again.cells, nullptr, 1, 1};
  if (C::HAS_CELL) run.kept.checkpoints = call.kept.checkpoints + chunk * call.walk.B * run.blocks * LANES<T>;
  run.checkpoint_step = C::HAS_CELL ? step_at(call.walk, from) : -1;
  const Forward<T> forward{.walk = call.walk,
                           .I = call.layer.I,
                           .H = call.layer.H,
                           .packed = call.packed,
                           .x = call.x,
                           .h0 = call.h0,
                           .c0 = call.c0,
                           .y = {},
                           .hn = nullptr,
                           .cn = nullptr,
                           .kept = {again.gates, again.cells, nullptr, 1, 1},
                           .threads = team,
                           .scratch = nullptr};
  Reading<C, T> reading{forward,        Panel<C, T>(call.layer.I, call.layer.H),
                        run.blocks,     again.states,
                        again.ahead,    run.part,
                        again.time_pos, again.row_pos, nullptr};
  start_again(reading, run, from);
  if (run.part.together) barrier(team);
  read_steps(reading, from, to, team);
}

}  // namespace selfloop::SELFLOOP_ISA_NAME
