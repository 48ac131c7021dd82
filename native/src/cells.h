// The cells of one instruction set, each compiled in a unit of its own in cells/: constants, there before anything runs.
#pragma once

#include "abi.h"

namespace selfloop::SELFLOOP_ISA_NAME {

struct CellUnit {
  CellKernels<float> f32;
  CellKernels<double> f64;
};

extern const CellUnit rnn_tanh, rnn_relu, lstm, gru, gru_reset_before;

}  // namespace selfloop::SELFLOOP_ISA_NAME
