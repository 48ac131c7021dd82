#include "arena.h"

#include <cstring>
#include <new>

namespace selfloop {
namespace {

constexpr std::align_val_t LINE{64};

// Kept between calls: enough for the packed weights of an LSTM of 1,024 units on 1,024 inputs (32 MiB in float32). Above
// it the pages cost little beside the products that need them, and a process with many threads should not keep them.
constexpr std::size_t KEPT = std::size_t{64} << 20;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool EXACT = true;  // a block of its own for each call, so that a step over its end is seen
#else
constexpr bool EXACT = false;
#endif

}  // namespace

void Arena::Free::operator()(std::byte* memory) const noexcept { ::operator delete(memory, LINE); }

std::byte* Arena::take(std::size_t bytes) {
  if (size_ < bytes || EXACT) {
    memory_.reset();  // before the new one: both at once may be too much
    size_ = 0;
    memory_.reset(static_cast<std::byte*>(::operator new(bytes, LINE)));
    size_ = bytes;
    if (EXACT) std::memset(memory_.get(), 0xff, bytes);  // NaN, which what is read unwritten hands on
  }
  return memory_.get();
}

void Arena::rest() noexcept {
  if (size_ <= KEPT && !EXACT) return;
  memory_.reset();
  size_ = 0;
}

Lease::Lease() {
  static thread_local Workspace workspace;
  workspace_ = &workspace;
}

Lease::~Lease() {
  workspace_->packed.rest();
  workspace_->scratch.rest();
}

}  // namespace selfloop
