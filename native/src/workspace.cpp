#include "workspace.h"

#include <cstdlib>
#include <cstring>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace selfloop {
namespace {

constexpr std::size_t LINE = 64, HUGE_PAGE = std::size_t{2} << 20;

// Kept between calls: enough for the packed weights of an LSTM of 1,024 units on 1,024 inputs (32 MiB in float32). Above
// it the pages cost little beside the products that need them, and a process with many threads should not keep them.
constexpr std::size_t KEPT = std::size_t{64} << 20;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool EXACT = true;  // a block of its own for each call, so that a step over its end is seen
#else
constexpr bool EXACT = false;
#endif

// Large blocks lie in huge pages where the system has them: weights that are read at every step, page by page, would
// otherwise wait for address translation as long as for the cache.
std::byte* allocate(std::size_t bytes) {
  const bool large = bytes >= HUGE_PAGE && !EXACT;
  const std::size_t unit = large ? HUGE_PAGE : LINE;
  const std::size_t whole = EXACT ? bytes : (bytes + unit - 1) / unit * unit;
  void* memory = nullptr;
  if (posix_memalign(&memory, unit, whole) != 0) throw std::bad_alloc();
#if defined(__linux__)
  if (large) madvise(memory, whole, MADV_HUGEPAGE);
#endif
  return static_cast<std::byte*>(memory);
}

}  // namespace

void ReusableBuffer::Free::operator()(std::byte* memory) const noexcept { std::free(memory); }

std::byte* ReusableBuffer::take(std::size_t bytes) {
  if (size_ < bytes || EXACT) {
    memory_.reset();  // before the new one: both at once may be too much
    size_ = 0;
    memory_.reset(allocate(bytes));
    size_ = bytes;
    if (EXACT) std::memset(memory_.get(), 0xff, bytes);  // NaN, which what is read unwritten hands on
  }
  return memory_.get();
}

void ReusableBuffer::trim() noexcept {
  if (size_ <= KEPT && !EXACT) return;
  memory_.reset();
  size_ = 0;
}

WorkspaceLease::WorkspaceLease() {
  static thread_local Workspace workspace;
  workspace_ = &workspace;
}

WorkspaceLease::~WorkspaceLease() {
  workspace_->packed.trim();
  workspace_->scratch.trim();
}

}  // namespace selfloop
