#include "cells/rnn.h"

#include "cell_kernels.h"

namespace selfloop::SELFLOOP_ISA_NAME {

constinit const CellUnit rnn_relu = unit_of<Rnn<Relu>>();

}  // namespace selfloop::SELFLOOP_ISA_NAME
