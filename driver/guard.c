/* Recovery from exhausted memory.  Arenas may stand in the frames that longjmp leaves, and releasing them reads those
 * frames; so the body runs a good way further down the stack than the calls that release, which would otherwise
 * overwrite them. */
#include "driver/guard.h"

enum { CLEARANCE = 8192 };

__attribute__((noinline)) static alpa_status run_below(alpa_guarded_fn *body, void *arguments) {
  volatile char clearance[CLEARANCE];
  clearance[0] = 0;
  alpa_status status = body(arguments);
  clearance[CLEARANCE - 1] = clearance[0];
  return status;
}

alpa_status alpa_guard(alpa_memory *memory, alpa_guarded_fn *body, void *arguments) {
  jmp_buf here;
  jmp_buf *volatile outer = memory->recovery;
  alpa_arena *volatile kept = memory->newest;
  volatile alpa_status status;
  if (setjmp(here) == 0) {
    memory->recovery = &here;
    status = run_below(body, arguments);
  } else {
    while (memory->newest != kept)
      alpa_arena_deinit(memory->newest);
    status = ALPA_OUT_OF_MEMORY;
  }
  memory->recovery = outer;
  return status;
}
