#include "driver/withhold.h"

static void keep(void *user, alpa_severity severity, alpa_place place, const char *message) {
  alpa_withheld *w = user;
  alpa_withheld_message kept = {severity, place, alpa_arena_strdup(&w->arena, message)};
  alpa_vec_push(&w->arena, &w->messages, kept);
}

void alpa_withhold_begin(alpa_withheld *withheld, alpa_diag *diag) {
  *withheld = (alpa_withheld){
      .diag = diag, .sink = diag->sink, .user = diag->user, .n_errors = diag->n_errors, .n_warnings = diag->n_warnings};
  alpa_arena_init(&withheld->arena, diag->arena.memory);
  diag->sink = keep;
  diag->user = withheld;
}

void alpa_withhold_drop(alpa_withheld *withheld) {
  withheld->messages.n = 0;
  withheld->diag->n_errors = withheld->n_errors;
  withheld->diag->n_warnings = withheld->n_warnings;
}

void alpa_withhold_end(alpa_withheld *withheld) {
  withheld->diag->sink = withheld->sink;
  withheld->diag->user = withheld->user;
  for (size_t i = 0; withheld->sink && i < withheld->messages.n; i++) {
    const alpa_withheld_message *m = &withheld->messages.items[i];
    withheld->sink(withheld->user, m->severity, m->place, m->text);
  }
  alpa_arena_deinit(&withheld->arena);
}
