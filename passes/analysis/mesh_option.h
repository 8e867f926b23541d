/* The option `mesh` of passes that need one. */
#ifndef ALPA_PASSES_ANALYSIS_MESH_OPTION_H
#define ALPA_PASSES_ANALYSIS_MESH_OPTION_H

#include "dialects/sdy/sharding.h"

/* The mesh that the module declares; where it declares none, the one that `text` says ("8", "2x4", "data=2,model=4";
 * axes without names are a, b, c, ...), which is then declared as @mesh.  Neither, or two that differ in
 * their sizes, is an error. */
alpa_status alpa_mesh_option_apply(alpa_arena *arena, alpa_op *module, const char *text, const alpa_mesh **out_mesh);

#endif
