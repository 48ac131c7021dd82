// How much of the weights a thread may hope to find in its cache at the next step.
#pragma once

#include "abi.h"

namespace selfloop {

// Bytes of weights that stay in a core's second cache beside what a step writes: half of it, as the system says.
index_t resident_bytes();

}  // namespace selfloop
