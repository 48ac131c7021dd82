#include "arrays.h"

#include <algorithm>
#include <vector>

namespace nb = nanobind;

namespace selfloop {
namespace {

std::string shape_of(const Py_ssize_t* first, const Py_ssize_t* last) {
  std::string shape;
  for (const Py_ssize_t* size = first; size != last; ++size) shape += (shape.empty() ? "" : ", ") + std::to_string(*size);
  return "(" + shape + (last - first == 1 ? ",)" : ")");
}

std::string type_of(nb::handle object) { return Py_TYPE(object.ptr())->tp_name; }

}  // namespace

const char* name_of(Real real) { return real == Real::f32 ? "float32" : "float64"; }

Array::Array(nb::handle object, const char* name, Access access) : view_{}, name_(name) {
  if (PyObject_GetBuffer(object.ptr(), &view_, PyBUF_FORMAT | PyBUF_STRIDES) != 0) {
    PyErr_Clear();
    throw nb::type_error((std::string(name) + " is of type " + type_of(object) + "; expected a NumPy array.").c_str());
  }
  const std::string format = view_.format ? view_.format : "B";
  std::string wrong;
  if (format != "f" && format != "d") {
    wrong = " has format '" + format + "'; expected float32 or float64.";
  } else if (!PyBuffer_IsContiguous(&view_, 'C')) {
    wrong = " is not C-contiguous; expected numpy.ascontiguousarray of it.";
  } else if (access == Access::written && view_.readonly) {
    wrong = " is read-only; expected an array that can be updated in place.";
  } else if (reinterpret_cast<address_t>(view_.buf) % static_cast<address_t>(view_.itemsize) != 0) {
    wrong = " is not aligned to its elements; expected a copy of it.";
  }
  if (!wrong.empty()) {
    PyBuffer_Release(&view_);
    refuse(name + wrong);
  }
  real_ = format == "f" ? Real::f32 : Real::f64;
}

void Array::check(Real like, std::initializer_list<index_t> shape) const {
  if (real_ != like) refuse(std::string(name_) + " is " + name_of(real_) + "; expected " + name_of(like) + ".");
  if (!std::equal(shape.begin(), shape.end(), view_.shape, view_.shape + view_.ndim)) {
    const std::vector<Py_ssize_t> expected(shape.begin(), shape.end());
    refuse(std::string(name_) + " has shape " + shape_of(view_.shape, view_.shape + view_.ndim) + "; expected " +
           shape_of(expected.data(), expected.data() + expected.size()) + ".");
  }
}

}  // namespace selfloop
