// The module selfloop._native; its functions are described in src/selfloop/_native.pyi. Addresses come as plain numbers:
// ten tensors as objects took 20 microseconds, their addresses take one.

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "calls.h"
#include "dispatch.h"
#include "bindings_arrays.h"
#include "threads.h"

namespace nb = nanobind;

namespace selfloop {
namespace {

nb::dict info() {
  nb::dict found;
  found["isa"] = isa().name;
  found["fused"] = isa().fused;
  found["available"] = available_isas();
  found["lanes_f32"] = isa().f32.lanes;
  found["lanes_f64"] = isa().f64.lanes;
  found["threads"] = threads_source();
  found["version"] = SELFLOOP_VERSION;
  return found;
}

struct CellSizes {
  int gates, kept_gates;
  index_t lanes;
};

CellSizes sizes_of(int cell, int real) {
  if (real == 0) return {isa().f32.cells[cell]->gates, isa().f32.cells[cell]->kept_gates, isa().f32.lanes};
  return {isa().f64.cells[cell]->gates, isa().f64.cells[cell]->kept_gates, isa().f64.lanes};
}

nb::tuple kept_row(int cell, int real, index_t H) {
  check_layer(cell, real, 1, H);
  const auto [gates, kept_gates, lanes] = sizes_of(cell, real);
  const index_t units = (H + lanes - 1) / lanes * lanes;
  return nb::make_tuple(units * kept_gates, static_cast<Cell>(cell) == Cell::lstm ? units : 0);
}

nb::tuple kept_order(int cell) {
  check_layer(cell, 0, 1, 1);
  switch (static_cast<Cell>(cell)) {
    case Cell::lstm: return nb::make_tuple("i", "f", "g", "o");
    case Cell::gru: return nb::make_tuple("n", "r", "z", "u");
    case Cell::gru_reset_before: return nb::make_tuple("n", "r", "z");
    default: return nb::make_tuple();
  }
}

index_t chunk(int cell, int real, index_t B, index_t H) {
  check_layer(cell, real, 1, H);
  check_sizes(1, 1, B, 1, H);
  return chunk_steps(B, H, sizes_of(cell, real).gates, real == 0 ? sizeof(float) : sizeof(double));
}

// Without nb::arg, so that nanobind takes its short way from Python.
void bind_forward(nb::module_& m) {
  m.def(
      "forward",
      [](int cell, int real, int threads, index_t T, index_t B, index_t I, index_t H, bool reverse, address_t lengths,
         address_t batch_sizes, address_t W_ih, address_t W_hh, address_t b_ih, address_t b_hh, address_t x,
         index_t x_time, index_t x_row, address_t h0, address_t c0, address_t y, index_t y_time, index_t y_row,
         address_t hn, address_t cn, address_t gates, address_t cells, address_t checkpoints) {
        forward({{cell, real, threads, T, B, I, H, reverse, lengths, batch_sizes, W_ih, W_hh, b_ih, b_hh,
                  {x, x_time, x_row}, h0, c0, {y, y_time, y_row}},
                 hn, cn, {gates, cells, checkpoints}});
      },
      nb::call_guard<nb::gil_scoped_release>());
}

void bind_backward(nb::module_& m) {
  m.def(
      "backward",
      [](int cell, int real, int threads, index_t T, index_t B, index_t I, index_t H, bool reverse, address_t lengths,
         address_t batch_sizes, address_t W_ih, address_t W_hh, address_t b_ih, address_t b_hh, address_t x,
         index_t x_time, index_t x_row, address_t h0, address_t c0, address_t y, index_t y_time, index_t y_row,
         address_t gates, address_t cells, address_t checkpoints, address_t dy, index_t dy_time, index_t dy_row,
         address_t dhn, address_t dcn, address_t dx, index_t dx_time, index_t dx_row, address_t dW_ih, address_t dW_hh,
         address_t db_ih, address_t db_hh, address_t dh0, address_t dc0, address_t grad_h, index_t grad_h_time,
         index_t grad_h_row, address_t grad_c, index_t grad_c_time, index_t grad_c_row) {
        backward({{cell, real, threads, T, B, I, H, reverse, lengths, batch_sizes, W_ih, W_hh, b_ih, b_hh,
                   {x, x_time, x_row}, h0, c0, {y, y_time, y_row}},
                  {gates, cells, checkpoints}, {dy, dy_time, dy_row}, dhn, dcn, {dx, dx_time, dx_row},
                  dW_ih, dW_hh, db_ih, db_hh, dh0, dc0,
                  {grad_h, grad_h_time, grad_h_row}, {grad_c, grad_c_time, grad_c_row}});
      },
      nb::call_guard<nb::gil_scoped_release>());
}

}  // namespace
}  // namespace selfloop

NB_MODULE(_native, m) {
  using namespace selfloop;
  m.doc() = "RNN, LSTM and GRU for this processor: forward, backward, one step; addresses in, numbers at their place.";
  isa();  // an instruction set that is not there is refused when the module is imported
  m.def("info", &info);
  m.def("kept_row", &kept_row);
  m.def("kept_order", &kept_order);
  m.def("chunk_steps", &chunk);
  bind_forward(m);
  bind_backward(m);
  bind_arrays(m);
}
