// All steps of a layer on a team of threads: who reads what, in what memory.
#pragma once

#include "forward_steps.h"

namespace selfloop::SELFLOOP_ISA_NAME {

template <class C, class T>
Part forward_part(const Forward<T>& call, int thread, int team) {
  Part part = part_of(call.order, ceil_div(blocks_of<C, T>(call.H), C::UNSPLIT_BLOCKS), ROWS<C::X>, thread, team);
  part.block0 *= C::UNSPLIT_BLOCKS;
  part.block1 = smaller(blocks_of<C, T>(call.H), part.block1 * C::UNSPLIT_BLOCKS);
  return part;
}

// The most that any team of at most call.threads takes.
template <class C, class T>
std::size_t forward_scratch(const Forward<T>& call) {
  ScratchAllocator scratch(nullptr);
  take_states<C, T>(scratch, call.order.B, call.H);
  std::size_t most = 0;
  for (int team = 1; team <= call.threads; ++team) {
    ScratchAllocator threads(nullptr);
    for (int thread = 0; thread < team; ++thread) {
      const Part part = forward_part<C, T>(call, thread, team);
      take_input_sums<C, T>(threads, part, input_sum_steps<C, T>(part, call.order, call.I, call.H));
    }
    if (threads.used() > most) most = threads.used();
  }
  return scratch.used() + most;
}

template <class C, class T>
void forward_work(const Forward<T>& call, int thread, int team) {
  const FlushToZero flush;
  ScratchAllocator scratch(call.scratch);
  const States<T> states = take_states<C, T>(scratch, call.order.B, call.H);
  InputSums<T> input_sums;
  for (int k = 0; k <= thread; ++k) {
    const Part part = forward_part<C, T>(call, k, team);
    input_sums = take_input_sums<C, T>(scratch, part, input_sum_steps<C, T>(part, call.order, call.I, call.H));
  }
  ForwardSteps<C, T> run{call,
                         BlockLayout<C, T>(call.I, call.H),
                         blocks_of<C, T>(call.H),
                         states,
                         input_sums,
                         forward_part<C, T>(call, thread, team),
                         call.order.time_pos,
                         call.order.row_pos,
                         nullptr};
  PrefetchRange<T> prefetch;
  if (exceeds_cache<T>((run.part.block1 - run.part.block0) * run.layout.size)) run.prefetch = &prefetch;
  run_all_steps(run, team);
}

template <class C, class T>
void forward(const Forward<T>& call) {
  const index_t step = C::GATES * call.H * (call.I + call.H);
  const int threads = team_for(call.order, step, ROWS<C::X>, call.threads);
  if (threads <= 1) return forward_work<C, T>(call, 0, 1);
  parallel(
      threads,
      [](void* context, int thread, int team) { forward_work<C, T>(*static_cast<const Forward<T>*>(context), thread, team); },
      const_cast<Forward<T>*>(&call));
}

}  // namespace selfloop::SELFLOOP_ISA_NAME
