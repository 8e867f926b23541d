/* NCCL as this library sees it: types, constants and the table of its functions; no header of it is needed to build. */
#ifndef ALPA_RUNTIME_CHANNEL_NCCL_API_H
#define ALPA_RUNTIME_CHANNEL_NCCL_API_H

#include "alpa/alpa.h"
#include "runtime/hal/cuda/driver.h"

typedef unsigned alpa_nccl_result;
typedef struct ncclComm *alpa_nccl_comm; /* the tag of nccl.h */
typedef struct alpa_nccl_id {
  char bytes[128];
} alpa_nccl_id;

/* The members that version 2.18 knows; `size` and `version` tell a newer library so. */
typedef struct alpa_nccl_config {
  size_t size;
  unsigned magic, version;
  int blocking, cluster_size, least_blocks, most_blocks;
  const char *network;
  int split_share;
} alpa_nccl_config;

/* X(name, name in nccl.h, value) */
#define ALPA_NCCL_CONSTANT_TABLE(X)                                                                                    \
  X(SUCCESS, ncclSuccess, 0)                                                                                           \
  X(DEVICE_ERROR, ncclUnhandledCudaError, 1)                                                                           \
  X(REMOTE_ERROR, ncclRemoteError, 6)                                                                                  \
  X(IN_PROGRESS, ncclInProgress, 7)                                                                                    \
  X(NO_COLOR, NCCL_SPLIT_NOCOLOR, -1)                                                                                  \
  X(SUM, ncclSum, 0)                                                                                                   \
  X(PRODUCT, ncclProd, 1)                                                                                              \
  X(MAXIMUM, ncclMax, 2)                                                                                               \
  X(MINIMUM, ncclMin, 3)                                                                                               \
  X(BYTE, ncclInt8, 0)                                                                                                 \
  X(NO_TYPE, -1, -1)

enum {
#define X(name, nccl, value) ALPA_NCCL_##name = (value),
  ALPA_NCCL_CONSTANT_TABLE(X)
#undef X
};

/* How NCCL reduces a type: its own type for elements, and whether a complex number is two of them.
 * X(dtype, type in nccl.h or -1, value, elements) */
#define ALPA_NCCL_TYPE_TABLE(X)                                                                                        \
  X(I1, ncclUint8, 1, 1)                                                                                               \
  X(I2, -1, -1, 1)                                                                                                     \
  X(I4, -1, -1, 1)                                                                                                     \
  X(I8, ncclInt8, 0, 1)                                                                                                \
  X(I16, -1, -1, 1)                                                                                                    \
  X(I32, ncclInt32, 2, 1)                                                                                              \
  X(I64, ncclInt64, 4, 1)                                                                                              \
  X(UI2, -1, -1, 1)                                                                                                    \
  X(UI4, -1, -1, 1)                                                                                                    \
  X(UI8, ncclUint8, 1, 1)                                                                                              \
  X(UI16, -1, -1, 1)                                                                                                   \
  X(UI32, ncclUint32, 3, 1)                                                                                            \
  X(UI64, ncclUint64, 5, 1)                                                                                            \
  X(F4E2M1FN, -1, -1, 1)                                                                                               \
  X(F6E2M3FN, -1, -1, 1)                                                                                               \
  X(F6E3M2FN, -1, -1, 1)                                                                                               \
  X(F8E3M4, -1, -1, 1)                                                                                                 \
  X(F8E4M3, -1, -1, 1)                                                                                                 \
  X(F8E4M3B11FNUZ, -1, -1, 1)                                                                                          \
  X(F8E4M3FN, -1, -1, 1)                                                                                               \
  X(F8E4M3FNUZ, -1, -1, 1)                                                                                             \
  X(F8E5M2, -1, -1, 1)                                                                                                 \
  X(F8E5M2FNUZ, -1, -1, 1)                                                                                             \
  X(F8E8M0FNU, -1, -1, 1)                                                                                              \
  X(BF16, ncclBfloat16, 9, 1)                                                                                          \
  X(F16, ncclFloat16, 6, 1)                                                                                            \
  X(F32, ncclFloat32, 7, 1)                                                                                            \
  X(F64, ncclFloat64, 8, 1)                                                                                            \
  X(C64, ncclFloat32, 7, 2)                                                                                            \
  X(C128, ncclFloat64, 8, 2)

typedef struct alpa_nccl_api {
#define X(name, parameters) alpa_nccl_result(*name) parameters;
#include "runtime/channel/nccl/nccl.def"
#undef X
  const char *(*ncclGetErrorString)(alpa_nccl_result result);
  const char *(*ncclGetLastError)(alpa_nccl_comm comm);
} alpa_nccl_api;

#endif
