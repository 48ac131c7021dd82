// Calls as Python makes them, with plain numbers for addresses: checked, their memory found, and handed to the kernels.
#pragma once

#include "checks.h"

namespace selfloop {

struct Rows {
  address_t data;
  index_t time, row;  // strides in elements
};

struct LayerCall {
  int cell, real, threads;
  index_t T, B, I, H;
  bool reverse;
  address_t lengths;      // int64[B] or null; not both with batch_sizes
  address_t batch_sizes;  // int64[T] or null: then x, y and the rest are a packed sequence's data
  address_t W_ih, W_hh, b_ih, b_hh;
  Rows x;
  address_t h0, c0;
  Rows y;
};

struct KeptCall {
  address_t gates, cells, checkpoints;
};

struct ForwardCall {
  LayerCall layer;
  address_t hn, cn;
  KeptCall kept;
};

struct BackwardCall {
  LayerCall layer;
  KeptCall kept;
  Rows dy;
  address_t dhn, dcn;
  Rows dx;
  address_t dW_ih, dW_hh, db_ih, db_hh, dh0, dc0;
  Rows grad_h, grad_c;
};

void forward(const ForwardCall& call);
void backward(const BackwardCall& call);

}  // namespace selfloop
