/* What a cluster is, in the public API. */
#include <stdio.h>

#include "driver/api_context.h"
#include "passes/cost/cluster.h"

typedef struct cluster_args {
  alpa_context *ctx;
  alpa_arena *arena;
  const char *name;
  alpa_cluster cluster;
} cluster_args;

static alpa_status read_cluster(void *arguments) {
  cluster_args *args = arguments;
  return alpa_cluster_read(args->arena, &args->ctx->diag, args->name, &args->cluster);
}

alpa_status alpa_cluster_get_info(alpa_context *context, const char *cluster, alpa_cluster_info *out_info) {
  if (!context || !cluster || !out_info)
    return ALPA_INVALID_ARGUMENT;
  alpa_arena arena;
  alpa_arena_init(&arena, &context->memory);
  cluster_args args = {.ctx = context, .arena = &arena, .name = cluster};
  alpa_status status = alpa_guard(&context->memory, read_cluster, &args);
  if (status == ALPA_OK) {
    alpa_cluster_info info = {.struct_size = sizeof info,
                              .n_devices = (uint32_t)alpa_cluster_devices(&args.cluster),
                              .devices_per_host = (uint32_t)args.cluster.devices_per_host,
                              .is_host = args.cluster.is_host,
                              .memory_bytes = args.cluster.device.memory_bytes};
    snprintf(info.device_name, sizeof info.device_name, "%s", args.cluster.device.name);
    alpa_api_give(out_info, &info, sizeof info);
  }
  alpa_arena_deinit(&arena);
  return status;
}
