// The order in which a call reads its rows and steps, from lengths or from a packed sequence's batch sizes.
#pragma once

#include <span>
#include <vector>

#include "abi.h"

namespace selfloop {

// Owns what a RowOrder points at.
class OwnedRowOrder {
 public:
  // All T steps of B rows.
  static OwnedRowOrder dense(index_t T, index_t B);
  // lengths: [B], each 0..T. Longest first; rows of one length stay in the user's order.
  static OwnedRowOrder padded(index_t T, std::span<const index_t> lengths);
  // batch_sizes: [T], falling, the last at least 1.
  static OwnedRowOrder packed(std::span<const index_t> batch_sizes);

  RowOrder view(bool reverse) const;

 private:
  std::vector<index_t> active_, time_pos_, row_pos_;
};

// Zeroes what lies beyond the rows' lengths; `width` elements lie side by side.
template <class T>
void zero_padding(Strided<T> data, index_t T_, index_t width, std::span<const index_t> lengths) {
  for (std::size_t b = 0; b < lengths.size(); ++b) {
    for (index_t t = lengths[b]; t < T_; ++t) {
      T* row = data.data + t * data.time + static_cast<index_t>(b) * data.row;
      for (index_t k = 0; k < width; ++k) row[k] = T{0};
    }
  }
}

}  // namespace selfloop
