// All steps of a layer on a team of threads: who reads what, in what memory.
#pragma once

#include "forward_steps.h"

namespace selfloop::SELFLOOP_ISA_NAME {

template <class C, class T>
Part forward_part(const Forward<T>& call, int thread, int team) {
  Part part = part_of(call.walk, ceil_div(blocks_of<C, T>(call.H), C::TOGETHER), ROWS<C::X>, thread, team);
  part.block0 *= C::TOGETHER;
  part.block1 = smaller(blocks_of<C, T>(call.H), part.block1 * C::TOGETHER);
  return part;
}

// The most that any team of at most call.threads takes.
template <class C, class T>
std::size_t forward_scratch(const Forward<T>& call) {
  Arena arena(nullptr);
  take_states<C, T>(arena, call.walk.B, call.H);
  std::size_t most = 0;
  for (int team = 1; team <= call.threads; ++team) {
    Arena threads(nullptr);
    for (int thread = 0; thread < team; ++thread) {
      const Part part = forward_part<C, T>(call, thread, team);
      take_ahead<C, T>(threads, part.row1 - part.row0, part.block1 - part.block0, steps_ahead<C, T>(part, call.walk, call.I, call.H));
    }
    if (threads.used() > most) most = threads.used();
  }
  return arena.used() + most;
}

template <class C, class T>
void forward_work(const Forward<T>& call, int thread, int team) {
  const FlushToZero flush;
  Arena arena(call.scratch);
  const States<T> states = take_states<C, T>(arena, call.walk.B, call.H);
  Ahead<T> ahead;
  for (int k = 0; k <= thread; ++k) {
    const Part part = forward_part<C, T>(call, k, team);
    ahead = take_ahead<C, T>(arena, part.row1 - part.row0, part.block1 - part.block0, steps_ahead<C, T>(part, call.walk, call.I, call.H));
  }
  Reading<C, T> run{call,
                    Panel<C, T>(call.I, call.H),
                    blocks_of<C, T>(call.H),
                    states,
                    ahead,
                    forward_part<C, T>(call, thread, team),
                    call.walk.time_pos,
                    call.walk.row_pos,
                    nullptr};
  Coming<T> coming;
  if (is_far<T>((run.part.block1 - run.part.block0) * run.panel.size)) run.coming = &coming;
  read(run, team);
}

template <class C, class T>
void forward(const Forward<T>& call) {
  const index_t step = C::GATES * call.H * (call.I + call.H);
  const int threads = team_for(call.walk, step, ROWS<C::X>, call.threads);
  if (threads <= 1) return forward_work<C, T>(call, 0, 1);
  parallel(
      threads,
      [](void* context, int thread, int team) { forward_work<C, T>(*static_cast<const Forward<T>*>(context), thread, team); },
      const_cast<Forward<T>*>(&call));
}

}  // namespace selfloop::SELFLOOP_ISA_NAME
