#include "threads.h"

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <type_traits>

namespace selfloop {
namespace {

struct OpenMP {
  void (*parallel)(void (*work)(void*), void* context, unsigned threads, unsigned flags);
  void (*barrier)();
  int (*thread)();
  int (*team)();
  int (*limit)();
};

bool find(void* library, OpenMP& found) {
  const auto symbol = [library](auto& function, const char* name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
    return function != nullptr;
  };
  return symbol(found.parallel, "GOMP_parallel") && symbol(found.barrier, "GOMP_barrier") &&
         symbol(found.thread, "omp_get_thread_num") && symbol(found.team, "omp_get_num_threads") &&
         symbol(found.limit, "omp_get_thread_limit");
}

// GNU's own, loaded for us alone while nobody has made one visible.
const OpenMP* own() {
  static OpenMP found{};
  static const bool is_there = [] {
    void* library = dlopen("libgomp.so.1", RTLD_NOW | RTLD_LOCAL);
    return library != nullptr && find(library, found);
  }();
  return is_there ? &found : nullptr;
}

// A program may call a layer first and import torch later, so a private runtime is given up when a shared one appears.
const OpenMP* openmp() {
  static std::atomic<const OpenMP*> shared{nullptr};
  if (const OpenMP* known = shared.load(std::memory_order_acquire)) return known;
  OpenMP visible{};
  if (!find(RTLD_DEFAULT, visible)) return own();
  static const OpenMP kept = visible;
  shared.store(&kept, std::memory_order_release);
  return &kept;
}

// The threads of a team do not survive fork(), but the runtime in the child believes that they do and would wait for them
// for ever.
std::atomic<bool> forked{false};
[[maybe_unused]] const int watching = pthread_atfork(nullptr, nullptr, [] { forked.store(true); });

struct Region {
  const OpenMP* openmp;
  Work work;
  void* context;
};

thread_local const OpenMP* team_runtime = nullptr;  // whose barrier this thread's team meets at

void run_region(void* data) {
  const auto& region = *static_cast<const Region*>(data);
  const OpenMP* outside = team_runtime;
  team_runtime = region.openmp;
  region.work(region.context, region.openmp->thread(), region.openmp->team());
  team_runtime = outside;
}

}  // namespace

void parallel(int threads, Work work, void* context) {
  const OpenMP* found = threads > 1 && !forked.load(std::memory_order_relaxed) ? openmp() : nullptr;
  if (!found) return work(context, 0, 1);
  Region region{found, work, context};
  found->parallel(run_region, &region, static_cast<unsigned>(threads), 0);
}

void barrier(int team) {
  if (team > 1) team_runtime->barrier();
}

int available_threads() {
  if (forked.load(std::memory_order_relaxed)) return 1;
  const OpenMP* found = openmp();
  return found ? found->limit() : 1;
}

const char* threads_source() { return openmp() ? "gomp" : "none"; }

}  // namespace selfloop
