#include "bindings_arrays.h"

#include <optional>
#include <variant>

#include "arrays.h"
#include "step.h"

namespace nb = nanobind;

namespace selfloop {
namespace {

// Multiply-adds (about 50 microseconds) from which a step lets other Python threads run. A shorter one keeps the GIL:
// having to wait for it again, behind a busy thread, costs up to 5 ms.
constexpr index_t LONG_STEP = index_t{1} << 20;

using AnyStep = std::variant<Step<float>, Step<double>>;

// The buffers of a layer of `cell`, checked against each other.
struct Weights {
  Array W_ih, W_hh;
  std::optional<Array> b_ih, b_hh;
  index_t I = 0, H = 0;

  Weights(int cell, nb::handle W_ih_, nb::handle W_hh_, nb::handle b_ih_, nb::handle b_hh_)
      : W_ih(W_ih_, "W_ih", Access::read), W_hh(W_hh_, "W_hh", Access::read) {
    if (!b_ih_.is_none()) b_ih.emplace(b_ih_, "b_ih", Access::read);
    if (!b_hh_.is_none()) b_hh.emplace(b_hh_, "b_hh", Access::read);
    if (W_ih.dimensions() != 2 || W_hh.dimensions() != 2) refuse("W_ih and W_hh have two dimensions each.");
    I = W_ih.extent(1);
    H = W_hh.extent(1);
    check_layer(cell, static_cast<int>(W_ih.real()), I, H);
    const index_t G = kernels<float>().cells[cell]->gates;
    W_ih.check(W_ih.real(), {G * H, I});
    W_hh.check(W_ih.real(), {G * H, H});
    for (const std::optional<Array>* bias : {&b_ih, &b_hh}) {
      if (*bias) (*bias)->check(W_ih.real(), {G * H});
    }
  }

  template <class T>
  Layer<T> layer() const {
    return {I, H, W_ih.data<T>(), W_hh.data<T>(), b_ih ? b_ih->data<T>() : nullptr, b_hh ? b_hh->data<T>() : nullptr};
  }
};

AnyStep make_step(int cell, const Weights& weights) {
  if (weights.W_ih.real() == Real::f32) return AnyStep(std::in_place_index<0>, Cell{cell}, weights.layer<float>());
  return AnyStep(std::in_place_index<1>, Cell{cell}, weights.layer<double>());
}

class PyStep {
 public:
  PyStep(int cell, nb::handle W_ih, nb::handle W_hh, nb::handle b_ih, nb::handle b_hh)
      : step_(make_step(cell, Weights(cell, W_ih, W_hh, b_ih, b_hh))) {}

  void step(nb::handle x, nb::handle h, nb::handle c) const {
    std::visit([&](const auto& step) { run(step, x, h, c); }, step_);
  }

 private:
  template <class T>
  static void run(const Step<T>& step, nb::handle x_, nb::handle h_, nb::handle c_) {
    constexpr Real real = sizeof(T) == sizeof(float) ? Real::f32 : Real::f64;
    const bool has_c = step.cell() == Cell::lstm;
    if (has_c == c_.is_none()) refuse(has_c ? "c is None; an LSTM has a cell state." : "c is given; expected None.");
    const Array x(x_, "x", Access::read), h(h_, "h", Access::written);
    std::optional<Array> c;
    if (has_c) c.emplace(c_, "c", Access::written);
    const index_t B = x.dimensions() == 2 ? x.extent(0) : 1;
    x.check(real, {B, step.I()});
    h.check(real, {B, step.H()});
    if (c) c->check(real, {B, step.H()});
    if (B == 0) return;
    check_buffers({{"x", x.address(), Access::read, Needed::yes},
                   {"h", h.address(), Access::written, Needed::yes},
                   {"c", c ? c->address() : 0, Access::written, Needed::no}},
                  sizeof(T));
    std::optional<nb::gil_scoped_release> release;
    if (B * (step.I() + step.H()) * step.H() * step.gates() >= LONG_STEP) release.emplace();
    step.run(B, x.data<T>(), h.data<T>(), c ? c->data<T>() : nullptr);
  }

  AnyStep step_;
};

template <class Pick>
void apply(nb::handle x_, nb::handle y_, Pick pick) {
  const Array x(x_, "x", Access::read), y(y_, "y", Access::written);
  if (y.size() != x.size()) refuse("y has " + std::to_string(y.size()) + " elements; expected as many as x.");
  if (y.real() != x.real()) refuse(std::string("y is ") + name_of(y.real()) + "; expected the numbers of x.");
  if (x.real() == Real::f32) {
    pick(kernels<float>())(x.data<float>(), y.data<float>(), x.size());
  } else {
    pick(kernels<double>())(x.data<double>(), y.data<double>(), x.size());
  }
}

double peak(int real, index_t rounds) {
  check_layer(0, real, 1, 1);
  if (rounds < 1) refuse("rounds is " + std::to_string(rounds) + "; expected at least 1.");
  const nb::gil_scoped_release release;
  return real == 0 ? kernels<float>().peak(rounds) : kernels<double>().peak(rounds);
}

}  // namespace

void bind_arrays(nb::module_& m) {
  nb::class_<PyStep>(m, "Step")
      .def(nb::init<int, nb::handle, nb::handle, nb::handle, nb::handle>(), nb::arg(), nb::arg(), nb::arg(),
           nb::arg().none(), nb::arg().none())
      .def("step", &PyStep::step, nb::arg(), nb::arg(), nb::arg().none());
  m.def("sigmoid", [](nb::handle x, nb::handle y) { apply(x, y, [](const auto& k) { return k.sigmoid; }); });
  m.def("tanh", [](nb::handle x, nb::handle y) { apply(x, y, [](const auto& k) { return k.tanh; }); });
  m.def("peak", &peak);
}

}  // namespace selfloop
