/* Collectives between the devices of a mesh in lockstep.  Groups are formed as the StableHLO specification says
 * ("cross_replica", "cross_replica_and_partition", "cross_partition" and "flattened_ids"), then every group computes
 * from the operands of its members in their order. */
#include <string.h>

#include "dialects/stablehlo/stablehlo.h"
#include "interp/convert.h"
#include "interp/eval.h"
#include "interp/strided.h"
#include "support/number.h"

/* One group: devices by number, in the group's order. */
typedef struct group {
  const uint32_t *devices;
  uint32_t n;
} group;

typedef alpa_status group_fn(alpa_call *call, const group *members, void *user);

static uint32_t n_partitions(const alpa_machine *machine) { return machine->n_devices / machine->n_replicas; }

static bool is_active(const alpa_call *call, uint32_t device) {
  for (uint32_t i = 0; i < call->active.n; i++)
    if (call->active.devices[i] == device)
      return true;
  return false;
}

/* All members execute the op, or none of them. */
static alpa_status check_members(const alpa_call *call, const group *members, bool *out_present) {
  uint32_t present = 0;
  for (uint32_t i = 0; i < members->n; i++)
    present += is_active(call, members->devices[i]);
  if (present != 0 && present != members->n)
    return alpa_op_error(call->op, "is reached by %u of the %u devices of a group; the others took another way",
                         present, members->n);
  *out_present = present != 0;
  return ALPA_OK;
}

static alpa_slot *operand_of(const alpa_call *call, uint32_t device, uint32_t i) {
  return alpa_call_slot(call, device, call->step->operands[i]);
}

/* The result slot, with its type and with storage. */
static alpa_tensor *make_result(alpa_call *call, uint32_t device, uint32_t i) {
  alpa_slot *slot = alpa_call_slot(call, device, call->step->results[i]);
  alpa_slot_clear(call->machine, slot);
  const alpa_type *type = call->op->results[i].type;
  slot->tensor = (alpa_tensor){.dtype = type->dtype, .rank = type->rank, .dims = type->dims};
  alpa_slot_allocate(call->machine, slot);
  return &slot->tensor;
}

/* ---- groups ----------------------------------------------------------------------------------------------------- */

/* How the numbers of replica_groups are to be read. */
typedef enum group_mode { CROSS_REPLICA, CROSS_PARTITION, CROSS_BOTH, FLATTENED } group_mode;

static bool has_channel(const alpa_op *op, int channel_attr) {
  const alpa_attr *channel = channel_attr >= 0 ? alpa_op_attr(op, channel_attr) : NULL;
  return channel && alpa_attr_field(channel, STABLEHLO_CHANNEL_HANDLE)->integer > 0;
}

static group_mode mode_of(const alpa_op *op, int channel_attr, int global_attr) {
  bool channel = has_channel(op, channel_attr);
  if (global_attr < 0)
    return channel ? CROSS_PARTITION : CROSS_REPLICA;
  return !channel ? CROSS_REPLICA : alpa_op_attr(op, global_attr) ? FLATTENED : CROSS_BOTH;
}

static alpa_status run_group(alpa_call *call, uint32_t *devices, uint32_t n, group_fn *run, void *user) {
  group members = {devices, n};
  for (uint32_t i = 0; i < n; i++)
    if (devices[i] >= call->machine->n_devices)
      return alpa_op_error(call->op, "names device %u, but the program runs on %u devices", devices[i],
                           call->machine->n_devices);
  bool present = false;
  ALPA_TRY(check_members(call, &members, &present));
  return present && n ? run(call, &members, user) : ALPA_OK;
}

/* What to do with each group. */
typedef struct formation {
  group_mode mode;
  group_fn *run;
  void *user;
} formation;

/* The device that an id means within replica or partition `k`. */
static uint32_t device_of(const alpa_machine *machine, group_mode mode, uint32_t id, uint32_t k) {
  switch (mode) {
  case CROSS_REPLICA:
  case CROSS_BOTH:
    return id * n_partitions(machine) + k;
  case CROSS_PARTITION:
    return k * n_partitions(machine) + id;
  case FLATTENED:
    break;
  }
  return id;
}

/* The groups of one row of ids; -1 pads rows to equal length.  With both replicas and partitions the members of all
 * partitions, one partition after the other, are one group. */
static alpa_status run_row(alpa_call *call, const int64_t *ids, size_t n_ids, const formation *f) {
  const alpa_machine *machine = call->machine;
  uint32_t partitions = n_partitions(machine), n = 0;
  uint32_t repeats = f->mode == FLATTENED ? 1 : f->mode == CROSS_PARTITION ? machine->n_replicas : partitions;
  uint32_t *devices = alpa_call_scratch(call, (n_ids + 1) * repeats * sizeof *devices);
  for (uint32_t k = 0; k < repeats; k++) {
    for (size_t i = 0; i < n_ids; i++)
      if (ids[i] >= 0)
        devices[n++] = device_of(machine, f->mode, (uint32_t)ids[i], k);
    if (f->mode == CROSS_BOTH && k + 1 < repeats)
      continue;
    ALPA_TRY(run_group(call, devices, n, f->run, f->user));
    n = 0;
  }
  return ALPA_OK;
}

/* Runs `run` for every group of the op's replica_groups; an empty list is one group of all. */
static alpa_status for_groups(alpa_call *call, int groups_attr, group_mode mode, group_fn *run, void *user) {
  const alpa_attr *groups = alpa_op_attr(call->op, groups_attr);
  if (groups->kind != ALPA_ATTR_ELEMENTS || groups->type->dtype != ALPA_I64)
    return alpa_op_unsupported(call->op, "has replica_groups in a form that the interpreter does not know");
  int64_t rows = groups->type->rank == 2 ? groups->type->dims[0] : 0;
  int64_t columns = groups->type->rank == 2 ? groups->type->dims[1] : 0;
  if (rows * columns == 0) {
    rows = 1;
    columns = mode == FLATTENED         ? call->machine->n_devices
              : mode == CROSS_PARTITION ? n_partitions(call->machine)
                                        : call->machine->n_replicas;
    groups = NULL;
  }
  int64_t *ids = alpa_call_scratch(call, (size_t)columns * sizeof *ids);
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t i = 0; i < columns; i++)
      ids[i] = groups ? *(const int64_t *)alpa_attr_element(groups, r * columns + i) : i;
    ALPA_TRY(run_row(call, ids, (size_t)columns, &(formation){mode, run, user}));
  }
  return ALPA_OK;
}

/* ---- moving ----------------------------------------------------------------------------------------------------- */

/* Copies all of `from` into `to`, from position `at` of one dimension on; other dimensions agree. */
static void copy_into(const alpa_call *call, const alpa_tensor *to, const alpa_tensor *from, int64_t along,
                      int64_t at) {
  alpa_copy copy = alpa_copy_of(from, alpa_call_element_bytes(call, from->dtype));
  alpa_strides_of(to->rank, to->dims, copy.to);
  copy.to_first = at * copy.to[along];
  alpa_copy_run(&copy, to->data, from->data);
}

/* Fills `to` from position `at` of one dimension of `from` on. */
static void copy_out(const alpa_call *call, const alpa_tensor *to, const alpa_tensor *from, int64_t along, int64_t at) {
  alpa_copy copy = alpa_copy_of(to, alpa_call_element_bytes(call, to->dtype));
  alpa_strides_of(from->rank, from->dims, copy.from);
  copy.from_first = at * copy.from[along];
  alpa_copy_run(&copy, to->data, from->data);
}

static alpa_status gather_group(alpa_call *call, const group *members, void *user) {
  int64_t along = *(const int64_t *)user;
  for (uint32_t i = 0; i < call->op->n_operands; i++)
    for (uint32_t d = 0; d < members->n; d++) {
      const alpa_tensor *out = make_result(call, members->devices[d], i);
      int64_t at = 0;
      for (uint32_t s = 0; s < members->n; s++) {
        const alpa_tensor *in = &operand_of(call, members->devices[s], i)->tensor;
        if (at + in->dims[along] > out->dims[along])
          return alpa_op_error(call->op, "gathers %u shards of %lld along dimension %lld into a result of %lld",
                               members->n, (long long)in->dims[along], (long long)along, (long long)out->dims[along]);
        copy_into(call, out, in, along, at);
        at += in->dims[along];
      }
    }
  return ALPA_OK;
}

alpa_status alpa_eval_all_gather(alpa_call *call) {
  int64_t along = alpa_op_int(call->op, stablehlo_all_gather_all_gather_dim, 0);
  group_mode mode = mode_of(call->op, stablehlo_all_gather_channel_handle, stablehlo_all_gather_use_global_device_ids);
  return for_groups(call, stablehlo_all_gather_replica_groups, mode, gather_group, &along);
}

static alpa_status exchange_group(alpa_call *call, const group *members, void *user) {
  (void)user;
  int64_t split = alpa_op_int(call->op, stablehlo_all_to_all_split_dimension, 0);
  int64_t concat = alpa_op_int(call->op, stablehlo_all_to_all_concat_dimension, 0);
  int64_t parts = alpa_op_int(call->op, stablehlo_all_to_all_split_count, 1);
  if (parts != (int64_t)members->n)
    return alpa_op_error(call->op, "splits into %lld parts for a group of %u devices", (long long)parts, members->n);
  for (uint32_t i = 0; i < call->op->n_operands; i++)
    for (uint32_t d = 0; d < members->n; d++) {
      const alpa_tensor *out = make_result(call, members->devices[d], i);
      for (uint32_t s = 0; s < members->n; s++) {
        const alpa_tensor *in = &operand_of(call, members->devices[s], i)->tensor;
        int64_t size = in->dims[split] / parts;
        alpa_copy copy = alpa_copy_of(in, alpa_call_element_bytes(call, in->dtype));
        alpa_strides_of(out->rank, out->dims, copy.to);
        copy.dims[split] = size;
        copy.from_first = (int64_t)d * size * copy.from[split];
        copy.to_first = (int64_t)s * (out->dims[concat] / parts) * copy.to[concat];
        alpa_copy_run(&copy, out->data, in->data);
      }
    }
  return ALPA_OK;
}

alpa_status alpa_eval_all_to_all(alpa_call *call) {
  group_mode mode = mode_of(call->op, stablehlo_all_to_all_channel_handle, -1);
  return for_groups(call, stablehlo_all_to_all_replica_groups, mode, exchange_group, NULL);
}

static void copy_all(const alpa_call *call, const alpa_tensor *to, const alpa_tensor *from) {
  memcpy(to->data, from->data, alpa_tensor_bytes(to, call->machine->arith));
}

static void make_zeros(alpa_call *call, uint32_t device) {
  for (uint32_t i = 0; i < call->op->n_results; i++) {
    alpa_tensor *out = make_result(call, device, i);
    memset(out->data, 0, alpa_tensor_bytes(out, call->machine->arith));
  }
}

/* The member from or to which value i goes: the first, or the one that the last operand names. */
static alpa_status find_root(const alpa_call *call, const group *members, int dynamic_attr, uint32_t i,
                             uint32_t *out_root) {
  int64_t root = 0;
  if (alpa_op_attr(call->op, dynamic_attr))
    root = alpa_tensor_integer(&operand_of(call, members->devices[0], call->op->n_operands - 1)->tensor, i);
  if (root < 0 || root >= (int64_t)members->n)
    return alpa_op_error(call->op, "names member %lld of a group of %u devices as root", (long long)root, members->n);
  *out_root = members->devices[root];
  return ALPA_OK;
}

static alpa_status broadcast_group(alpa_call *call, const group *members, void *user) {
  (void)user;
  for (uint32_t i = 0; i < call->op->n_results; i++) {
    uint32_t root = 0;
    ALPA_TRY(find_root(call, members, stablehlo_collective_broadcast_has_dynamic_root, i, &root));
    for (uint32_t d = 0; d < members->n; d++)
      copy_all(call, make_result(call, members->devices[d], i), &operand_of(call, root, i)->tensor);
  }
  return ALPA_OK;
}

alpa_status alpa_eval_collective_broadcast(alpa_call *call) {
  for (uint32_t d = 0; d < call->active.n; d++)
    make_zeros(call, call->active.devices[d]); /* devices in no group */
  group_mode mode = mode_of(call->op, stablehlo_collective_broadcast_channel_handle, -1);
  return for_groups(call, stablehlo_collective_broadcast_replica_groups, mode, broadcast_group, NULL);
}

static alpa_status permute_pair(alpa_call *call, const group *members, void *user) {
  (void)user;
  uint32_t to = members->devices[members->n - 1];
  copy_all(call, &alpa_call_slot(call, to, call->step->results[0])->tensor,
           &operand_of(call, members->devices[0], 0)->tensor);
  return ALPA_OK;
}

alpa_status alpa_eval_collective_permute(alpa_call *call) {
  for (uint32_t d = 0; d < call->active.n; d++)
    make_zeros(call, call->active.devices[d]);
  group_mode mode = mode_of(call->op, stablehlo_collective_permute_channel_handle, -1);
  const alpa_attr *pairs = alpa_op_attr(call->op, stablehlo_collective_permute_source_target_pairs);
  int64_t n = pairs->type->rank == 2 ? pairs->type->dims[0] : 0;
  for (int64_t i = 0; i < n; i++) {
    int64_t pair[2] = {*(const int64_t *)alpa_attr_element(pairs, 2 * i),
                       *(const int64_t *)alpa_attr_element(pairs, 2 * i + 1)};
    ALPA_TRY(run_row(call, pair, 2, &(formation){mode, permute_pair, NULL}));
  }
  return ALPA_OK;
}

/* ---- reductions ------------------------------------------------------------------------------------------------- */

/* Combines operand i of all members, in their order, elementwise by the op's region; result in `out`, of the operand's
 * dims and the region's type. */
static alpa_status combine(alpa_call *call, const group *members, uint32_t i, const alpa_tensor *out) {
  const alpa_tensor *first = &operand_of(call, members->devices[0], i)->tensor;
  int64_t n = alpa_tensor_count(first);
  if (members->n == 1 || out->dtype != first->dtype)
    alpa_elements_convert(call->machine, first, (size_t)n, out);
  else
    copy_all(call, out, first);
  for (uint32_t d = 1; d < members->n; d++) {
    alpa_tensor args[2] = {*out, operand_of(call, members->devices[d], i)->tensor};
    call->device = members->devices[0];
    ALPA_TRY(alpa_call_apply(call, 0, args, n, out));
  }
  return ALPA_OK;
}

static alpa_status reduce_group(alpa_call *call, const group *members, void *user) {
  (void)user;
  for (uint32_t i = 0; i < call->op->n_operands; i++) {
    const alpa_tensor *sum = make_result(call, members->devices[0], i);
    ALPA_TRY(combine(call, members, i, sum));
    for (uint32_t d = 1; d < members->n; d++)
      copy_all(call, make_result(call, members->devices[d], i), sum);
  }
  return ALPA_OK;
}

alpa_status alpa_eval_all_reduce(alpa_call *call) {
  group_mode mode = mode_of(call->op, stablehlo_all_reduce_channel_handle, stablehlo_all_reduce_use_global_device_ids);
  return for_groups(call, stablehlo_all_reduce_replica_groups, mode, reduce_group, NULL);
}

static alpa_status reduce_scatter_group(alpa_call *call, const group *members, void *user) {
  (void)user;
  int64_t along = alpa_op_int(call->op, stablehlo_reduce_scatter_scatter_dimension, 0);
  alpa_tensor sum = operand_of(call, members->devices[0], 0)->tensor;
  sum.dtype = alpa_op_type(call->op)->dtype;
  sum.data = alpa_call_scratch(call, alpa_tensor_bytes(&sum, call->machine->arith));
  ALPA_TRY(combine(call, members, 0, &sum));
  int64_t size = sum.dims[along] / members->n;
  if (size * members->n != sum.dims[along])
    return alpa_op_error(call->op, "scatters a dimension of %lld over a group of %u devices",
                         (long long)sum.dims[along], members->n);
  for (uint32_t d = 0; d < members->n; d++)
    copy_out(call, make_result(call, members->devices[d], 0), &sum, along, d * size);
  return ALPA_OK;
}

alpa_status alpa_eval_reduce_scatter(alpa_call *call) {
  group_mode mode =
      mode_of(call->op, stablehlo_reduce_scatter_channel_handle, stablehlo_reduce_scatter_use_global_device_ids);
  return for_groups(call, stablehlo_reduce_scatter_replica_groups, mode, reduce_scatter_group, NULL);
}

static alpa_status reduce_to_root(alpa_call *call, const group *members, void *user) {
  (void)user;
  for (uint32_t i = 0; i < call->op->n_results; i++) {
    uint32_t root = 0;
    ALPA_TRY(find_root(call, members, stablehlo_collective_reduce_has_dynamic_root, i, &root));
    ALPA_TRY(combine(call, members, i, make_result(call, root, i)));
  }
  return ALPA_OK;
}

alpa_status alpa_eval_collective_reduce(alpa_call *call) {
  for (uint32_t d = 0; d < call->active.n; d++)
    make_zeros(call, call->active.devices[d]);
  group_mode mode =
      mode_of(call->op, stablehlo_collective_reduce_channel_handle, stablehlo_collective_reduce_use_global_device_ids);
  return for_groups(call, stablehlo_collective_reduce_replica_groups, mode, reduce_to_root, NULL);
}

/* ---- ids -------------------------------------------------------------------------------------------------------- */

alpa_status alpa_eval_partition_id(alpa_call *call) {
  alpa_integer_store(ALPA_UI32, alpa_call_out(call, 0)->data, call->device % n_partitions(call->machine));
  return ALPA_OK;
}

alpa_status alpa_eval_replica_id(alpa_call *call) {
  alpa_integer_store(ALPA_UI32, alpa_call_out(call, 0)->data, call->device / n_partitions(call->machine));
  return ALPA_OK;
}
