#include "cells/gru_reset_before.h"

#include "cell_kernels.h"

namespace selfloop::SELFLOOP_ISA_NAME {

constinit const CellUnit gru_reset_before = unit_of<GruResetBefore>();

}  // namespace selfloop::SELFLOOP_ISA_NAME
