#include "row_order.h"

#include <algorithm>
#include <numeric>

namespace selfloop {

OwnedRowOrder OwnedRowOrder::dense(index_t T, index_t B) {
  OwnedRowOrder order;
  order.active_.assign(static_cast<std::size_t>(T), B);
  order.time_pos_.resize(static_cast<std::size_t>(T));
  std::iota(order.time_pos_.begin(), order.time_pos_.end(), index_t{0});
  order.row_pos_.resize(static_cast<std::size_t>(B));
  std::iota(order.row_pos_.begin(), order.row_pos_.end(), index_t{0});
  return order;
}

OwnedRowOrder OwnedRowOrder::padded(index_t T, std::span<const index_t> lengths) {
  OwnedRowOrder order = dense(T, static_cast<index_t>(lengths.size()));
  std::stable_sort(order.row_pos_.begin(), order.row_pos_.end(),
                   [&](index_t a, index_t b) { return lengths[a] > lengths[b]; });
  index_t live = static_cast<index_t>(lengths.size());
  for (index_t t = 0; t < T; ++t) {
    while (live > 0 && lengths[order.row_pos_[live - 1]] <= t) --live;
    order.active_[t] = live;
  }
  order.active_.resize(static_cast<std::size_t>(lengths[order.row_pos_[0]]));
  return order;
}

OwnedRowOrder OwnedRowOrder::packed(std::span<const index_t> batch_sizes) {
  OwnedRowOrder order = dense(static_cast<index_t>(batch_sizes.size()), batch_sizes[0]);
  std::copy(batch_sizes.begin(), batch_sizes.end(), order.active_.begin());
  std::exclusive_scan(batch_sizes.begin(), batch_sizes.end(), order.time_pos_.begin(), index_t{0});
  return order;
}

RowOrder OwnedRowOrder::view(bool reverse) const {
  return {static_cast<index_t>(active_.size()),  static_cast<index_t>(row_pos_.size()), active_.data(), time_pos_.data(),
          row_pos_.data(), reverse};
}

}  // namespace selfloop
