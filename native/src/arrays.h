// NumPy arrays by Python's buffer protocol, which takes a tenth of a microsecond an array.
#pragma once

#include <nanobind/nanobind.h>

#include <string>

#include "checks.h"

namespace selfloop {

// Holds an array's memory for as long as it lives. Throws, in one sentence, where the object is no C-contiguous NumPy
// array of float32 or float64, or where it must be written and cannot be.
class Array {
 public:
  Array(nanobind::handle object, const char* name, Access access);
  ~Array() { PyBuffer_Release(&view_); }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

  Real real() const { return real_; }
  index_t size() const { return view_.len / view_.itemsize; }
  index_t dimensions() const { return view_.ndim; }
  index_t extent(int axis) const { return view_.shape[axis]; }
  address_t address() const { return reinterpret_cast<address_t>(view_.buf); }
  template <class T>
  T* data() const {
    return static_cast<T*>(view_.buf);
  }

  // Throws unless this array has `like`'s numbers and this shape.
  void check(Real like, std::initializer_list<index_t> shape) const;

 private:
  Py_buffer view_;
  const char* name_;
  Real real_;
};

const char* name_of(Real real);

}  // namespace selfloop
