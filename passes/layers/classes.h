/* Layers that do the same: classes of structure. */
#ifndef ALPA_PASSES_LAYERS_CLASSES_H
#define ALPA_PASSES_LAYERS_CLASSES_H

#include "passes/layers/program.h"

/* classes[n_layers], numbered by first occurrence; returns their number.  Layers of one class have the same ops with
 * the same types and attributes, connected in the same way, over forward, backward and update; names, constants that
 * make random keys, and initial values do not count. */
uint32_t layer_classes_find(const layer_program *program, uint32_t n_layers, uint32_t *out_classes);

#endif
