/* Attaches the structural hash of the module (dialects/ir/fingerprint.h) to it: equal for programs that differ in names
 * and locations only.  The plan cache is keyed by it. */
#include "passes/pass.h"

#include <inttypes.h>

#include "dialects/ir/fingerprint.h"

static const char attr_name[] = "alpa.fingerprint";

static alpa_status run(alpa_op *module, const void *options, alpa_pass_context *pass) {
  (void)options;
  alpa_op_set_attr(module, attr_name, NULL);
  alpa_hash128 hash = alpa_op_fingerprint(module);
  const char *digits = alpa_arena_printf(pass->arena, "%016" PRIx64 "%016" PRIx64, hash.high, hash.low);
  alpa_op_set_attr(module, attr_name, alpa_attr_get_string(alpa_op_context(module), digits));
  return ALPA_OK;
}

const alpa_pass_def alpa_pass_fingerprint = {
    .name = "fingerprint",
    .summary = "attach the structural hash of the module as alpa.fingerprint",
    .anchor = "builtin.module",
    .preserves = ALPA_HAS_ALL,
    .run = run,
};
