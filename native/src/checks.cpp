#include "checks.h"

#include <stdexcept>

namespace selfloop {
namespace {

constexpr index_t LARGEST = index_t{1} << 40;  // elements: far beyond any memory, far from where products overflow
constexpr int MOST_THREADS = 1024;

std::string number(index_t value) { return std::to_string(value); }

std::string pair(const char* name, index_t time, index_t row) {
  return std::string(name) + " has strides (" + number(time) + ", " + number(row) + ") in elements";
}

bool beyond(std::initializer_list<index_t> factors) {
  index_t product = 1;
  for (const index_t factor : factors) {
    if (__builtin_mul_overflow(product, factor, &product) || product > LARGEST) return true;
  }
  return false;
}

}  // namespace

void refuse(const std::string& sentence) { throw std::invalid_argument(sentence); }

void check_layer(int cell, int real, index_t I, index_t H) {
  if (cell < 0 || cell >= CELLS) refuse("cell is " + number(cell) + "; expected 0 to " + number(CELLS - 1) + ".");
  if (real < 0 || real > 1) refuse("real is " + number(real) + "; expected 0 (float32) or 1 (float64).");
  if (I < 1 || H < 1) refuse("The layer has sizes I, H = " + number(I) + ", " + number(H) + "; expected at least 1.");
  if (I > LARGEST || beyond({4 * 64, H, I}) || beyond({4 * 64, H, H})) {
    refuse("The layer's sizes I, H = " + number(I) + ", " + number(H) + " are too large.");
  }
}

void check_sizes(int threads, index_t T, index_t B, index_t I, index_t H) {
  if (threads < 1 || threads > MOST_THREADS) {
    refuse("threads is " + number(threads) + "; expected 1 to " + number(MOST_THREADS) + ".");
  }
  if (T < 1 || B < 1) refuse("The data have T, B = " + number(T) + ", " + number(B) + "; expected at least 1.");
  if (I > LARGEST || H > LARGEST || beyond({4 * 64, T, B, I}) || beyond({4 * 64, T, B, H})) {
    refuse("The data's sizes T, B = " + number(T) + ", " + number(B) + " are too large.");
  }
}

void check_buffers(std::initializer_list<Buffer> buffers, std::size_t alignment) {
  for (const Buffer& buffer : buffers) {
    if (buffer.needed == Needed::yes && buffer.address == 0) refuse(std::string(buffer.name) + " is null.");
    if (buffer.address % alignment != 0) {
      refuse(std::string(buffer.name) + " is not aligned to its elements of " + std::to_string(alignment) + " bytes.");
    }
  }
  for (const Buffer& written : buffers) {
    if (written.access == Access::read || written.address == 0) continue;
    for (const Buffer& other : buffers) {
      if (&other != &written && other.address == written.address) {
        refuse(std::string(written.name) + " is written and lies where " + other.name + " does.");
      }
    }
  }
}

void check_lstm_alone(int cell, std::initializer_list<Named> buffers) {
  if (static_cast<Cell>(cell) == Cell::lstm) return;
  for (const Named& buffer : buffers) {
    if (buffer.address) refuse(std::string(buffer.name) + " is given; only the LSTM has a cell state.");
  }
}

void check_strides(const char* name, const Grid& grid, index_t time, index_t row, index_t width, Access access) {
  const auto [T, B, packed] = grid;
  if (packed && (time != row || row < width)) {
    refuse(pair(name, time, row) + "; packed rows of " + number(width) + " want the same stride twice, no smaller.");
  }
  if (packed) return;
  const bool steps = T > 1, rows = B > 1;  // a size of one leaves its stride open
  if ((steps && (time < 0 || beyond({T, time}))) || (rows && (row < 0 || beyond({B, row})))) {
    refuse(pair(name, time, row) + "; expected none negative and none beyond memory.");
  }
  if (access == Access::read) return;
  const bool rows_apart = !rows || row >= width;
  const bool steps_apart = !steps || time >= width;
  const bool nested = !steps || !rows || time >= (B - 1) * row + width || row >= (T - 1) * time + width;
  if (!(rows_apart && steps_apart && nested)) {
    refuse(pair(name, time, row) + "; " + number(T) + " steps of " + number(B) + " rows of " + number(width) +
           " would overlap.");
  }
}

void check_lengths(std::span<const index_t> lengths, index_t T) {
  for (std::size_t b = 0; b < lengths.size(); ++b) {
    if (lengths[b] < 0 || lengths[b] > T) {
      refuse("lengths[" + std::to_string(b) + "] is " + number(lengths[b]) + "; expected 0 to " + number(T) + ".");
    }
  }
}

void check_batch_sizes(std::span<const index_t> batch_sizes, index_t B) {
  index_t most = B;
  if (batch_sizes[0] != B) {
    refuse("batch_sizes[0] is " + number(batch_sizes[0]) + "; expected the number of rows, " + number(B) + ".");
  }
  for (std::size_t t = 0; t < batch_sizes.size(); ++t) {
    if (batch_sizes[t] < 1 || batch_sizes[t] > most) {
      refuse("batch_sizes[" + std::to_string(t) + "] is " + number(batch_sizes[t]) + "; expected 1 to " + number(most) +
             ", falling.");
    }
    most = batch_sizes[t];
  }
}

}  // namespace selfloop
