// Umbrella of the kernels: each header has one subject and names its units, overflow bounds and rounding.
#ifndef TANDEM_CKERNELS_H
#define TANDEM_CKERNELS_H

#include "tandem_distance.h"
#include "tandem_graph.h"
#include "tandem_memory.h"
#include "tandem_pool.h"
#include "tandem_unpack.h"
#include "tandem_window.h"

#endif
