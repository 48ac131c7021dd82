#include "cells/rnn.h"

#include "cell_kernels.h"

namespace selfloop::SELFLOOP_ISA_NAME {

constinit const CellUnit rnn_tanh = unit_of<Rnn<Tanh>>();

}  // namespace selfloop::SELFLOOP_ISA_NAME
