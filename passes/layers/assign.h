/* Giving ops their layers: the forward part by a partition of its sequence, the backward part by minimum cuts, the
 * update by its owners.  Each step fills `layer` of its ops; they run in this order. */
#ifndef ALPA_PASSES_LAYERS_ASSIGN_H
#define ALPA_PASSES_LAYERS_ASSIGN_H

#include "passes/layers/program.h"

typedef struct layer_options {
  uint32_t min_layers, max_layers;
  double imbalance;
} layer_options;

/* The smallest interval of layers that something belongs to; empty while first > last. */
typedef struct layer_range {
  int32_t first, last;
} layer_range;

static inline bool layer_range_is_single(layer_range r) { return r.first == r.last; }

/* What is known of the update before and after the backward part has layers. */
typedef struct layer_owners {
  layer_range *weights; /* by value: the layers that read it in the forward part, through casts and transposes */
  uint32_t *component;  /* by op: of the update ops that are connected by values of more than one element; else own */
  uint32_t *value_component; /* by value: likewise */
  layer_range *owners;       /* by component: the layers that its weights say */
} layer_owners;

/* Reported: contradictions between what the user wrote, a forward part that is empty. */
alpa_status layer_assign_forward(layer_program *program, const layer_options *options, uint32_t *out_layers);
void layer_owners_find(const layer_program *program, layer_owners *out_owners);
void layer_assign_backward(layer_program *program, const layer_owners *owners, uint32_t n_layers);
void layer_assign_update(layer_program *program, const layer_owners *owners);

#endif
