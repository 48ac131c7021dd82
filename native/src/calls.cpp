#include "calls.h"

#include <algorithm>

#include "workspace.h"
#include "dispatch.h"
#include "threads.h"
#include "row_order.h"

namespace selfloop {
namespace {

constexpr Needed needed_if(bool condition) { return condition ? Needed::yes : Needed::no; }

template <class T>
T* at(address_t address) {
  return reinterpret_cast<T*>(address);
}

template <class T>
Strided<T> strided(const Rows& rows) {
  return {at<T>(rows.data), rows.time, rows.row};
}

Grid grid_of(const LayerCall& call) { return {call.T, call.B, call.batch_sizes != 0}; }

std::span<const index_t> lengths_of(const LayerCall& call) {
  return {at<const index_t>(call.lengths), call.lengths ? static_cast<std::size_t>(call.B) : 0};
}

std::span<const index_t> batch_sizes_of(const LayerCall& call) {
  return {at<const index_t>(call.batch_sizes), call.batch_sizes ? static_cast<std::size_t>(call.T) : 0};
}

std::size_t element(const LayerCall& call) { return call.real == 0 ? sizeof(float) : sizeof(double); }

bool is_lstm(const LayerCall& call) { return static_cast<Cell>(call.cell) == Cell::lstm; }

bool keeps_gates(const LayerCall& call) {
  return static_cast<Cell>(call.cell) != Cell::rnn_tanh && static_cast<Cell>(call.cell) != Cell::rnn_relu;
}

void check_call(const LayerCall& call) {
  check_layer(call.cell, call.real, call.I, call.H);
  check_sizes(call.threads, call.T, call.B, call.I, call.H);
  if (call.lengths && call.batch_sizes) refuse("lengths and batch_sizes are both given; expected one of them.");
  check_buffers({{"lengths", call.lengths, Access::read, Needed::no},
                 {"batch_sizes", call.batch_sizes, Access::read, Needed::no}},
                sizeof(index_t));
  check_lengths(lengths_of(call), call.T);
  if (call.batch_sizes) check_batch_sizes(batch_sizes_of(call), call.B);
  check_strides("x", grid_of(call), call.x.time, call.x.row, call.I, Access::read);
}

void check_kept(const LayerCall& call, const KeptCall& kept) {
  if (kept.gates && !keeps_gates(call)) refuse("gates is given; an RNN keeps none.");
  check_lstm_alone(call.cell, {{"cells", kept.cells}, {"checkpoints", kept.checkpoints}});
  if (is_lstm(call) && (kept.gates != 0) != (kept.cells != 0)) refuse("gates and cells go together; one is null.");
  if (kept.gates && kept.checkpoints) refuse("gates and checkpoints are both given; expected one of them.");
}

void check_forward(const ForwardCall& call) {
  const auto& [layer, hn, cn, kept] = call;
  check_call(layer);
  check_strides("y", grid_of(layer), layer.y.time, layer.y.row, layer.H, Access::written);
  check_lstm_alone(layer.cell, {{"c0", layer.c0}, {"cn", cn}});
  check_kept(layer, kept);
  check_buffers({{"W_ih", layer.W_ih, Access::read, Needed::yes},
                 {"W_hh", layer.W_hh, Access::read, Needed::yes},
                 {"b_ih", layer.b_ih, Access::read, Needed::no},
                 {"b_hh", layer.b_hh, Access::read, Needed::no},
                 {"x", layer.x.data, Access::read, Needed::yes},
                 {"h0", layer.h0, Access::read, Needed::no},
                 {"c0", layer.c0, Access::read, Needed::no},
                 {"y", layer.y.data, Access::written, Needed::yes},
                 {"hn", hn, Access::written, Needed::yes},
                 {"cn", cn, Access::written, needed_if(is_lstm(layer))},
                 {"gates", kept.gates, Access::written, Needed::no},
                 {"cells", kept.cells, Access::written, Needed::no},
                 {"checkpoints", kept.checkpoints, Access::written, Needed::no}},
                element(layer));
}

void check_wanted(const char* name, const LayerCall& layer, const Rows& rows, index_t width) {
  if (rows.data) check_strides(name, grid_of(layer), rows.time, rows.row, width, Access::written);
}

void check_backward(const BackwardCall& call) {
  const LayerCall& layer = call.layer;
  check_call(layer);
  check_strides("y", grid_of(layer), layer.y.time, layer.y.row, layer.H, Access::read);
  if (call.dy.data) check_strides("dy", grid_of(layer), call.dy.time, call.dy.row, layer.H, Access::read);
  check_wanted("dx", layer, call.dx, layer.I);
  check_wanted("grad_h", layer, call.grad_h, layer.H);
  check_wanted("grad_c", layer, call.grad_c, layer.H);
  check_lstm_alone(layer.cell,
                   {{"c0", layer.c0}, {"dcn", call.dcn}, {"dc0", call.dc0}, {"grad_c", call.grad_c.data}});
  check_kept(layer, call.kept);
  if (is_lstm(layer) && !call.kept.gates && !call.kept.checkpoints) refuse("gates and checkpoints are both null.");
  if ((call.dW_ih != 0) != (call.dW_hh != 0)) refuse("dW_ih and dW_hh go together; one is null.");
  if ((call.db_ih || call.db_hh) && !call.dW_ih) refuse("db_ih or db_hh is given without dW_ih.");
}

void check_backward_buffers(const BackwardCall& call) {
  const LayerCall& layer = call.layer;
  check_buffers({{"W_ih", layer.W_ih, Access::read, Needed::yes},
                 {"W_hh", layer.W_hh, Access::read, Needed::yes},
                 {"b_ih", layer.b_ih, Access::read, Needed::no},
                 {"b_hh", layer.b_hh, Access::read, Needed::no},
                 {"x", layer.x.data, Access::read, Needed::yes},
                 {"h0", layer.h0, Access::read, Needed::no},
                 {"c0", layer.c0, Access::read, Needed::no},
                 {"y", layer.y.data, Access::read, Needed::yes},
                 {"gates", call.kept.gates, Access::read, Needed::no},
                 {"cells", call.kept.cells, Access::read, Needed::no},
                 {"checkpoints", call.kept.checkpoints, Access::read, Needed::no},
                 {"dy", call.dy.data, Access::read, Needed::no},
                 {"dhn", call.dhn, Access::read, Needed::no},
                 {"dcn", call.dcn, Access::read, Needed::no},
                 {"dx", call.dx.data, Access::written, Needed::no},
                 {"dW_ih", call.dW_ih, Access::written, Needed::no},
                 {"dW_hh", call.dW_hh, Access::written, Needed::no},
                 {"db_ih", call.db_ih, Access::written, Needed::no},
                 {"db_hh", call.db_hh, Access::written, Needed::no},
                 {"dh0", call.dh0, Access::written, Needed::no},
                 {"dc0", call.dc0, Access::written, Needed::no},
                 {"grad_h", call.grad_h.data, Access::written, Needed::no},
                 {"grad_c", call.grad_c.data, Access::written, Needed::no}},
                element(layer));
}

OwnedRowOrder order_of(const LayerCall& call) {
  if (call.lengths) return OwnedRowOrder::padded(call.T, lengths_of(call));
  return call.batch_sizes ? OwnedRowOrder::packed(batch_sizes_of(call)) : OwnedRowOrder::dense(call.T, call.B);
}

int threads_of(const LayerCall& call) { return call.threads == 1 ? 1 : std::min(call.threads, available_threads()); }

template <class T>
Layer<T> layer_of(const LayerCall& call) {
  return {call.I,
          call.H,
          at<const T>(call.W_ih),
          at<const T>(call.W_hh),
          at<const T>(call.b_ih),
          at<const T>(call.b_hh)};
}

template <class T>
const CellKernels<T>& kernels_of(const LayerCall& call) {
  return *kernels<T>().cells[call.cell];
}

template <class T>
const T* pack(const CellKernels<T>& cell, const Layer<T>& layer, ReusableBuffer& buffer) {
  T* packed = reinterpret_cast<T*>(buffer.take(static_cast<std::size_t>(cell.pack_size(layer.I, layer.H)) * sizeof(T)));
  cell.pack(layer, packed);
  return packed;
}

// Rows of gates and cells: the packed data's, or (t, b) at t * B + b.
template <class T>
Kept<T> kept_of(const LayerCall& call, const KeptCall& kept) {
  return {at<T>(kept.gates), at<T>(kept.cells), at<T>(kept.checkpoints), call.batch_sizes ? 1 : call.B, 1};
}

template <class T>
void zero_beyond(const LayerCall& call, const Rows& rows, index_t width) {
  if (call.lengths && rows.data) zero_padding(strided<T>(rows), call.T, width, lengths_of(call));
}

template <class T>
void run_forward(const ForwardCall& request) {
  const LayerCall& layer = request.layer;
  const CellKernels<T>& cell = kernels_of<T>(layer);
  const OwnedRowOrder order = order_of(layer);
  const WorkspaceLease workspace;
  Forward<T> call{.order = order.view(layer.reverse),
                  .I = layer.I,
                  .H = layer.H,
                  .packed = pack(cell, layer_of<T>(layer), workspace->packed),
                  .x = strided<const T>(layer.x),
                  .h0 = at<const T>(layer.h0),
                  .c0 = at<const T>(layer.c0),
                  .y = strided<T>(layer.y),
                  .hn = at<T>(request.hn),
                  .cn = at<T>(request.cn),
                  .kept = kept_of<T>(layer, request.kept),
                  .threads = threads_of(layer),
                  .scratch = nullptr};
  call.scratch = workspace->scratch.take(cell.forward_scratch(call));
  cell.forward(call);
  zero_beyond<T>(layer, layer.y, layer.H);
}

template <class T>
void run_backward(const BackwardCall& request) {
  const LayerCall& layer = request.layer;
  const CellKernels<T>& cell = kernels_of<T>(layer);
  const OwnedRowOrder order = order_of(layer);
  const WorkspaceLease workspace;
  const bool recompute = keeps_gates(layer) && !request.kept.gates;
  Backward<T> call{.order = order.view(layer.reverse),
                   .layer = layer_of<T>(layer),
                   .packed = recompute ? pack(cell, layer_of<T>(layer), workspace->packed) : nullptr,
                   .x = strided<const T>(layer.x),
                   .h0 = at<const T>(layer.h0),
                   .c0 = at<const T>(layer.c0),
                   .y = strided<const T>(layer.y),
                   .kept = kept_of<const T>(layer, request.kept),
                   .dy = strided<const T>(request.dy),
                   .dhn = at<const T>(request.dhn),
                   .dcn = at<const T>(request.dcn),
                   .dx = strided<T>(request.dx),
                   .dW_ih = at<T>(request.dW_ih),
                   .dW_hh = at<T>(request.dW_hh),
                   .db_ih = at<T>(request.db_ih),
                   .db_hh = at<T>(request.db_hh),
                   .dh0 = at<T>(request.dh0),
                   .dc0 = at<T>(request.dc0),
                   .grad_h = strided<T>(request.grad_h),
                   .grad_c = strided<T>(request.grad_c),
                   .threads = threads_of(layer),
                   .scratch = nullptr};
  call.scratch = workspace->scratch.take(cell.backward_scratch(call));
  cell.backward(call);
  zero_beyond<T>(layer, request.dx, layer.I);
  zero_beyond<T>(layer, request.grad_h, layer.H);
  zero_beyond<T>(layer, request.grad_c, layer.H);
}

}  // namespace

void forward(const ForwardCall& call) {
  check_forward(call);
  call.layer.real == 0 ? run_forward<float>(call) : run_forward<double>(call);
}

void backward(const BackwardCall& call) {
  check_backward(call);
  check_backward_buffers(call);
  call.layer.real == 0 ? run_backward<float>(call) : run_backward<double>(call);
}

}  // namespace selfloop
