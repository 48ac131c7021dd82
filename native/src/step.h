// One layer, one step at a time, for streams: the weights packed once, the same bits as the whole sequence at once.
#pragma once

#include "workspace.h"
#include "dispatch.h"
#include "row_order.h"

namespace selfloop {

template <class T>
class Step {
 public:
  // Packs the layer's weights; keeps no pointer into them.
  Step(Cell cell, const Layer<T>& layer)
      : kernels_(*kernels<T>().cells[static_cast<int>(cell)]), cell_(cell), I_(layer.I), H_(layer.H) {
    T* packed = reinterpret_cast<T*>(memory_.take(static_cast<std::size_t>(kernels_.pack_size(I_, H_)) * sizeof(T)));
    kernels_.pack(layer, packed);
    packed_ = packed;
  }

  // h and, for the LSTM, c go from the state before to the state after.
  void run(index_t B,
           const T* x,  // [B, I]
           T* h,        // [B, H]
           T* c) const  // [B, H], or null where the cell has none
  {
    const OwnedRowOrder several = B == 1 ? OwnedRowOrder() : OwnedRowOrder::dense(1, B);
    const index_t one = 1, zero = 0;
    const RowOrder order = B == 1 ? RowOrder{1, 1, &one, &zero, &zero, false} : several.view(false);
    const WorkspaceLease workspace;
    // A kernel writes no buffer that it reads, so the state before is copied. The workspace's `packed` is free: ours is
    // `packed_`.
    const index_t state = B * H_;
    T* before = reinterpret_cast<T*>(workspace->packed.take(static_cast<std::size_t>(3 * state) * sizeof(T)));
    copy(before, h, state);
    if (c) copy(before + state, c, state);
    Forward<T> call{.order = order,
                    .I = I_,
                    .H = H_,
                    .packed = packed_,
                    .x = {x, B * I_, I_},
                    .h0 = before,
                    .c0 = c ? before + state : nullptr,
                    .y = {before + 2 * state, state, H_},
                    .hn = h,
                    .cn = c,
                    .kept = {},
                    .threads = 1,
                    .scratch = nullptr};
    call.scratch = workspace->scratch.take(kernels_.forward_scratch(call));
    kernels_.forward(call);
  }

  Cell cell() const { return cell_; }
  index_t I() const { return I_; }
  index_t H() const { return H_; }
  int gates() const { return kernels_.gates; }

 private:
  static void copy(T* to, const T* from, index_t n) {
    for (index_t k = 0; k < n; ++k) to[k] = from[k];
  }

  const CellKernels<T>& kernels_;
  ReusableBuffer memory_;
  const T* packed_ = nullptr;
  Cell cell_;
  index_t I_, H_;
};

}  // namespace selfloop
