// Who computes what: a call's rows, or its blocks of hidden units, are shared out among threads once.
#pragma once

#include "vec.h"

namespace selfloop::SELFLOOP_ISA_NAME {

// What one thread computes. By rows: its rows, all steps, and it waits for nobody. By blocks: its blocks of every row,
// and all threads meet at each step, because a step needs h of all units of the step before.
struct Part {
  index_t row0, row1;
  index_t block0, block1;
  bool by_blocks;
};

// The first row of thread `part` when rows are shared out by the steps they have.
inline index_t row_of_part(const RowOrder& order, index_t steps, int part, int team) {
  index_t row = 0, passed = 0, live = order.T;  // rows are sorted: row b has as many steps as active[] exceeds b
  while (row < order.B) {
    while (live > 0 && order.active[live - 1] <= row) --live;
    if (passed * team >= steps * part) return row;
    passed += live;
    ++row;
  }
  return row;
}

inline index_t valid_steps(const RowOrder& order) {
  index_t steps = 0;
  for (index_t t = 0; t < order.T; ++t) steps += order.active[t];
  return steps;
}

// `most_rows` is what the microkernel takes at once; a thread with fewer rows of its own would waste it.
inline Part part_of(const RowOrder& order, index_t blocks, int most_rows, int thread, int team) {
  if (team == 1) return {0, order.B, 0, blocks, false};
  if (order.B >= static_cast<index_t>(team) * most_rows) {
    const index_t steps = valid_steps(order);
    const index_t from = thread == 0 ? 0 : row_of_part(order, steps, thread, team);
    const index_t to = thread == team - 1 ? order.B : row_of_part(order, steps, thread + 1, team);
    return {from, to, 0, blocks, false};
  }
  return {0, order.B, blocks * thread / team, blocks * (thread + 1) / team, true};
}

// Threads that pay: starting a team costs microseconds, and so does meeting at every step. `step` counts the
// multiply-adds of a row's step.
inline int team_for(const RowOrder& order, index_t step, int most_rows, int threads) {
  constexpr index_t WORTH_A_TEAM = 1000 * 1000, WORTH_BARRIERS = 150 * 1000;
  if (threads <= 1 || valid_steps(order) * step < WORTH_A_TEAM) return 1;
  if (order.B >= static_cast<index_t>(threads) * most_rows) return threads;
  if (order.B * step >= WORTH_BARRIERS) return threads;
  return static_cast<int>(larger(1, order.B / most_rows));  // too little for all: each has rows of its own
}

// An even share of n things.
struct Share {
  index_t from, to;
};
SELFLOOP_INLINE Share share(index_t n, int thread, int team) { return {n * thread / team, n * (thread + 1) / team}; }

// Steps in the order of reading, and back.
SELFLOOP_INLINE index_t step_at(const RowOrder& order, index_t position) {
  return order.reverse ? order.T - 1 - position : position;
}

// How many of the first `rows` rows read something before step t: the others start at t from their initial states.
SELFLOOP_INLINE index_t rows_before(const RowOrder& order, index_t t) {
  if (!order.reverse) return t == 0 ? 0 : order.active[t];
  return t == order.T - 1 ? 0 : order.active[t + 1];
}

// How many of the active rows of step t go on after it; the others end here.
SELFLOOP_INLINE index_t rows_after(const RowOrder& order, index_t t) {
  if (order.reverse) return t == 0 ? 0 : order.active[t];
  return t == order.T - 1 ? 0 : order.active[t + 1];
}

}  // namespace selfloop::SELFLOOP_ISA_NAME
