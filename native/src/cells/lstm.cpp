#include "cells/lstm.h"

#include "cell_kernels.h"

namespace selfloop::SELFLOOP_ISA_NAME {

constinit const CellUnit lstm = unit_of<Lstm>();

}  // namespace selfloop::SELFLOOP_ISA_NAME
