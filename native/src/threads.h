// A team of threads from OpenMP's runtime, looked up when it is first needed: torch's own where torch is loaded. A second
// pool would fight torch's threads, which spin for a while after their last region: half a batch on each of two threads
// took 0.57 ms in torch's pool and 1.16 ms in one of our own, right after a matrix product of torch's.
#pragma once

namespace selfloop {

// Runs work(context, thread, team) on each thread of a team, 0 <= thread < team, and returns when all have returned. The
// team may be smaller than asked for (OMP_THREAD_LIMIT, OMP_DYNAMIC, a call inside another parallel region, no OpenMP, a
// forked child): work divides by `team`, which is at least 1 and at most `threads`. `work` does not throw.
using Work = void (*)(void* context, int thread, int team);
void parallel(int threads, Work work, void* context);

// Waits until all of the team have come here. Only inside `work`, with the `team` that it was given.
void barrier(int team);

// The largest team that parallel() can give now; 1 where there is no OpenMP and in a forked child.
int available_threads();

// Where threads come from: "gomp" or "none".
const char* threads_source();

}  // namespace selfloop
