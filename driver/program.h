/* What stands behind the handles of devices and programs. */
#ifndef ALPA_DRIVER_PROGRAM_H
#define ALPA_DRIVER_PROGRAM_H

#include "dialects/ir/type.h"
#include "runtime/executor.h"

struct alpa_devices {
  alpa_context *ctx;
  alpa_device_mesh *mesh;
};

struct alpa_program {
  alpa_context *ctx;
  alpa_devices *devices;
  alpa_executable *executable;
  alpa_program_info info;
};

#endif
