/* A record of what ran where and when, in the JSON of Chrome's trace events, which Perfetto shows (ui.perfetto.dev):
 * slices on tracks, and numbers over time.  It serves simulated and measured time alike. */
#ifndef ALPA_SUPPORT_TIMELINE_H
#define ALPA_SUPPORT_TIMELINE_H

#include "support/text.h"

typedef struct alpa_timeline {
  alpa_text text;
} alpa_timeline;

/* A row of the picture: a process is a group of tracks. */
typedef struct alpa_track {
  uint32_t process, thread;
} alpa_track;

void alpa_timeline_init(alpa_timeline *timeline, alpa_arena *arena);
/* What the group and the track are called; either name may be NULL. */
void alpa_timeline_label(alpa_timeline *timeline, alpa_track track, const char *process, const char *thread);
/* Something that took from begin to end, in seconds from the start of the record; `where` is a place in the source, or
 * "". Slices of one track do not overlap, or one is inside the other. */
void alpa_timeline_slice(alpa_timeline *timeline, alpa_track track, const char *name, const char *where, double begin_s,
                         double end_s);
/* The value of a number from that time on. */
void alpa_timeline_number(alpa_timeline *timeline, uint32_t process, const char *name, double time_s, int64_t value);
/* The JSON text; nothing may be added any more. */
const char *alpa_timeline_finish(alpa_timeline *timeline);

#endif
