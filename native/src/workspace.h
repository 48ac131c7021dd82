// Memory for the length of a call, kept by each thread for its next call: fresh pages cost more than the arithmetic of a
// small layer.
#pragma once

#include <cstddef>
#include <memory>

namespace selfloop {

// Memory that grows when it must and stays.
class ReusableBuffer {
 public:
  // At least `bytes`, aligned to 64, until the next call of take or trim. Throws std::bad_alloc.
  std::byte* take(std::size_t bytes);

  // To call when a call is over: gives memory back that is more than one would keep.
  void trim() noexcept;

 private:
  struct Free {
    void operator()(std::byte* memory) const noexcept;
  };
  std::unique_ptr<std::byte, Free> memory_;
  std::size_t size_ = 0;
};

// What a call of a layer needs, apart so that a sanitizer sees a step over the end of either.
struct Workspace {
  ReusableBuffer packed, scratch;
};

// This thread's own, for as long as this object lives. A thread is in one call at a time: kernels never call back.
class WorkspaceLease {
 public:
  WorkspaceLease();
  ~WorkspaceLease();
  WorkspaceLease(const WorkspaceLease&) = delete;
  WorkspaceLease& operator=(const WorkspaceLease&) = delete;
  Workspace* operator->() const { return workspace_; }

 private:
  Workspace* workspace_;
};

}  // namespace selfloop
