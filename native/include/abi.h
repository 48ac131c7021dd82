// What the kernels take: plain structs of pointers and sizes. Nothing here knows Python or torch.
//
// A kernel call reads one layer in one direction, all its steps. Callers allocate everything; kernels do not throw,
// do not allocate, and never write what is const here. Buffers named "not aliased" overlap no other buffer of the call.
#pragma once

#include <cstddef>
#include <cstdint>

namespace selfloop {

using index_t = std::int64_t;

enum class Cell : int { rnn_tanh = 0, rnn_relu = 1, lstm = 2, gru = 3, gru_reset_before = 4 };
constexpr int CELLS = 5;

enum class Real : int { f32 = 0, f64 = 1 };

// The order in which rows (sequences) and steps are read. Rows are sorted, longest first, so that the rows that have
// a step t are the first active[t]. Element (t, b) of a tensor lies at time_pos[t] * time + row_pos[b] * row, where
// `time` and `row` are that tensor's strides in elements; its last dimension is contiguous.
// For padded input time_pos[t] = t and row_pos is the sorting permutation; for packed input time_pos[t] is the first
// row of step t in the packed data, row_pos[b] = b, and both strides are the row's length.
struct RowOrder {
  index_t T;                  // steps of the longest row
  index_t B;                  // rows
  const index_t* active;      // [T], falling; active[0] <= B: rows of no steps keep their initial state
  const index_t* time_pos;    // [T]
  const index_t* row_pos;     // [B]; also the row of h0, c0, hn, cn, dh0, ...
  bool reverse;               // read from each row's last step to its first
};

template <class T>
struct Strided {
  T* data;
  index_t time;  // elements from one step to the next
  index_t row;   // elements from one row to the next
};

// What training keeps for backward, by step and row, in blocks of `lanes` hidden units, one vector for each kept gate:
// [t][b][block][gate][lane]. The last block is filled up with units whose weights are zero.
template <class T>
struct Kept {
  T* gates;            // [rows][blocks * kept gates * lanes], addressed as all tensors are; null: nothing is kept
  T* cells;            // [rows][blocks * lanes], the LSTM's c; null with gates, or where the cell has none
  T* checkpoints;      // [chunks][B][blocks * lanes]: c before each chunk's first step, instead of both (recompute)
  index_t time, row;   // strides of `gates` and `cells` in rows
};

template <class T>
struct Layer {
  index_t I, H;
  const T* W_ih;  // [G*H, I]
  const T* W_hh;  // [G*H, H]
  const T* b_ih;  // [G*H] or null
  const T* b_hh;  // [G*H] or null
};

template <class T>
struct Forward {
  RowOrder order;
  index_t I, H;
  const T* packed;      // what Kernels::pack wrote
  Strided<const T> x;   // [t, b, I]
  const T* h0;          // [B, H] or null: zeros
  const T* c0;          // [B, H] or null: zeros; the LSTM's
  Strided<T> y;         // [t, b, H], not aliased; only valid steps are written
  T* hn;                // [B, H], not aliased
  T* cn;                // [B, H], not aliased; the LSTM's
  Kept<T> kept;
  int threads;
  std::byte* scratch;   // Kernels::forward_scratch bytes, aligned to 64
};

template <class T>
struct Backward {
  RowOrder order;
  Layer<T> layer;
  const T* packed;        // as for Forward; read only where the gates are computed again
  Strided<const T> x;     // [t, b, I]
  const T* h0;            // [B, H] or null
  const T* c0;            // [B, H] or null
  Strided<const T> y;     // what forward wrote
  Kept<const T> kept;     // gates (and cells), or for recompute checkpoints alone
  Strided<const T> dy;    // [t, b, H]; data null: zeros
  const T* dhn;           // [B, H] or null: zeros
  const T* dcn;           // [B, H] or null: zeros
  Strided<T> dx;          // [t, b, I], not aliased; data null: not wanted. Only valid steps are written
  T* dW_ih;               // [G*H, I]; null: no weight gradients at all
  T* dW_hh;               // [G*H, H]
  T* db_ih;               // [G*H] or null
  T* db_hh;               // [G*H] or null
  T* dh0;                 // [B, H] or null
  T* dc0;                 // [B, H] or null
  Strided<T> grad_h;      // [t, b, H]: dL/dh of each step, all paths together; data null: not wanted
  Strided<T> grad_c;      // [t, b, H]: the same for c; data null: not wanted
  int threads;
  std::byte* scratch;     // Kernels::backward_scratch bytes, aligned to 64
};

// The kernels of one instruction set for one type of number; a function each for every cell.
template <class T>
struct CellKernels {
  index_t (*pack_size)(index_t I, index_t H);             // elements of `packed`
  void (*pack)(const Layer<T>& layer, T* packed);         // packed: aligned to 64
  std::size_t (*forward_scratch)(const Forward<T>& call);
  void (*forward)(const Forward<T>& call);
  std::size_t (*backward_scratch)(const Backward<T>& call);
  void (*backward)(const Backward<T>& call);
  int gates;                                               // G
  int kept_gates;                                          // vectors a block in Kept::gates
};

template <class T>
struct Kernels {
  int lanes;                                               // hidden units in a vector
  const CellKernels<T>* cells[CELLS];                      // by Cell
  void (*sigmoid)(const T* x, T* y, index_t n);            // the activations alone, for their tests
  void (*tanh)(const T* x, T* y, index_t n);
  double (*peak)(index_t k);                               // flops of k rounds of the microkernel, for the roofline
};

struct Isa {
  const char* name;       // "avx512", "avx2", "neon", "plain"
  bool fused;             // has fma: promises the bits of every other that has
  Kernels<float> f32;
  Kernels<double> f64;
};

// Steps in a chunk of backward, and between checkpoints: set by B and H alone, so that every sum has one order. About
// half a megabyte of gate gradients, but rows enough that adding a chunk to the weights' gradients is mostly arithmetic.
inline index_t chunk_steps(index_t B, index_t H, int gates, std::size_t size) {
  const index_t budget = 512 * 1024, rows = 384;
  const index_t step = B * H * gates * static_cast<index_t>(size);
  if (step <= 0) return rows;
  const index_t fit = budget / step, filled = (rows + B - 1) / B;
  return fit > filled ? fit : filled;
}

}  // namespace selfloop
