/* What the user wrote about layers: alpa.layer and alpa.stage on ops, alpa.stage on arguments, and boundary markers, which are calls
 *
 *   %1:2 = stablehlo.custom_call @alpa.pipeline_boundary(%0#0, %0#1) : (T, U) -> (T, U)
 *
 * that give their operands back, or have none: a layer ends before each. */
#ifndef ALPA_PASSES_LAYERS_HINTS_H
#define ALPA_PASSES_LAYERS_HINTS_H

#include "passes/layers/program.h"

/* Where the markers stood: the ops behind them, in program order. */
typedef struct layer_markers {
  ALPA_VEC(const alpa_op *) followers;
} layer_markers;

/* Takes the markers out of the function.  Reported: a marker whose results are not its operands, or in a region. */
alpa_status layer_markers_take(alpa_arena *arena, alpa_op *func, layer_markers *out_markers);
/* Fills hints and groups; the alpa.stage of an argument is that of what reads it.  Reported: attributes that are no numbers, or that contradict markers. */
alpa_status layer_hints_read(layer_program *program, const layer_markers *markers);
/* Reports the first op whose layer is not the one that the user wrote. */
alpa_status layer_hints_check(const layer_program *program);

#endif
