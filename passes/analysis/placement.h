/* Where ops stand in a pipeline, as their attributes say: `alpa.layer = 3 : i64`, `alpa.stage = 1 : i64`. */
#ifndef ALPA_PASSES_ANALYSIS_PLACEMENT_H
#define ALPA_PASSES_ANALYSIS_PLACEMENT_H

#include "dialects/ir/op.h"

#define ALPA_LAYER_ATTR "alpa.layer"               /* of ops */
#define ALPA_STAGE_ATTR "alpa.stage"               /* of ops */
#define ALPA_FORWARD_ATTR "alpa.forward"           /* unit, of ops */
#define ALPA_LAYERS_ATTR "alpa.layers"             /* of the module */
#define ALPA_STAGES_ATTR "alpa.stages"             /* of the module */
#define ALPA_MICROBATCHES_ATTR "alpa.microbatches" /* of the module: i64 */

enum { ALPA_NOWHERE = -1 };

/* The number that an op has by that attribute, ALPA_NOWHERE where it has none.  Reported: anything but an integer that
 * is not negative. */
alpa_status alpa_placement_get(const alpa_op *op, const char *attr, int32_t *out_number);
/* ALPA_NOWHERE removes it. */
void alpa_placement_set(alpa_op *op, const char *attr, int32_t number);

#endif
