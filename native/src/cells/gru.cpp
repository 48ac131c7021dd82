#include "cells/gru.h"

#include "cell_kernels.h"

namespace selfloop::SELFLOOP_ISA_NAME {

constinit const CellUnit gru = unit_of<Gru>();

}  // namespace selfloop::SELFLOOP_ISA_NAME
