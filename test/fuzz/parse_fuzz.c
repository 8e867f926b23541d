/* Bytes as MLIR text.  The first byte chooses whether unregistered ops are allowed and in which form to print.  A text
 * that is accepted must print, and what was printed must be accepted and print the same again. */
#include <stdlib.h>
#include <string.h>

#include "dialects/ir/context.h"
#include "dialects/ir/parse.h"
#include "dialects/ir/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Counts errors without a place. */
static void check_place(void *user, alpa_severity severity, alpa_place place, const char *message) {
  (void)user;
  if (severity == ALPA_ERROR && (!place.file || place.line == 0 || place.column == 0 || !*message))
    abort();
}

/* Reads and prints; false where the text is refused. */
static bool round_trip(alpa_context *ctx, alpa_arena *arena, alpa_str text, const alpa_print_options *options,
                       alpa_str *out_text) {
  alpa_module *module;
  alpa_parse_options parse = {.name = "fuzz"};
  if (alpa_module_read(ctx, text, &parse, &module) != ALPA_OK)
    return false;
  alpa_text printed;
  alpa_text_init(&printed, arena);
  alpa_op_print(&printed, module->op, options);
  *out_text = (alpa_str){printed.data, printed.size};
  alpa_module_destroy(module);
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0)
    return 0;
  alpa_context ctx;
  alpa_context_init(&ctx, NULL, NULL, check_place, NULL);
  alpa_arena arena;
  alpa_arena_init(&arena, &ctx.memory);
  ctx.allow_unregistered = data[0] & 1;
  alpa_print_options options = {.generic = data[0] & 2, .debug_info = data[0] & 4, .local_scope = data[0] & 8};
  alpa_str first, second;
  if (round_trip(&ctx, &arena, (alpa_str){(const char *)data + 1, size - 1}, &options, &first)) {
    if (!round_trip(&ctx, &arena, first, &options, &second))
      abort();
    if (first.size != second.size || memcmp(first.data, second.data, first.size) != 0)
      abort();
  }
  alpa_arena_deinit(&arena);
  alpa_context_deinit(&ctx);
  return 0;
}
