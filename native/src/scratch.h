// The scratch memory of one call, divided among what needs some.
#pragma once

#include "abi.h"

namespace selfloop::SELFLOOP_ISA_NAME {

// Memory for a call, handed out in order; the same order gives its size when there is no memory yet.
class ScratchAllocator {
 public:
  explicit ScratchAllocator(std::byte* base) : base_(base) {}
  template <class T>
  T* take(index_t n) {
    T* found = base_ ? reinterpret_cast<T*>(base_ + used_) : nullptr;
    used_ += (static_cast<std::size_t>(n) * sizeof(T) + 127) / 64 * 64;  // a line more: loads may read past the end
    return found;
  }
  std::size_t used() const { return used_; }

 private:
  std::byte* base_;
  std::size_t used_ = 0;
};

}  // namespace selfloop::SELFLOOP_ISA_NAME
