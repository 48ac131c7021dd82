// What can be known to be wrong about a call before it runs. Each throws std::invalid_argument with one sentence, which
// Python sees as a ValueError.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

#include "abi.h"

namespace selfloop {

using address_t = std::uintptr_t;  // of a buffer; 0: there is none

[[noreturn]] void refuse(const std::string& sentence);

// Throws unless cell and real are among the enumerations and the sizes are at least 1 and can be multiplied.
void check_layer(int cell, int real, index_t I, index_t H);
void check_sizes(int threads, index_t T, index_t B, index_t I, index_t H);

enum class Access { read, written };
enum class Needed { yes, no };

struct Buffer {
  const char* name;
  address_t address;
  Access access;
  Needed needed;
};

// What is needed is there, all are aligned, and nothing written starts where something else does.
void check_buffers(std::initializer_list<Buffer> buffers, std::size_t alignment);

struct Named {
  const char* name;
  address_t address;
};

// Only the LSTM has these.
void check_lstm_alone(int cell, std::initializer_list<Named> buffers);

struct Grid {
  index_t T, B;
  bool packed;
};

// Steps and rows of `width` elements lie inside what can be addressed; what is written does not overlap itself; packed
// data lie row after row.
void check_strides(const char* name, const Grid& grid, index_t time, index_t row, index_t width, Access access);

// Each 0..T.
void check_lengths(std::span<const index_t> lengths, index_t T);

// Falling from B, and at least 1.
void check_batch_sizes(std::span<const index_t> batch_sizes, index_t B);

}  // namespace selfloop
