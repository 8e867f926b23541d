/* Events are written as they come, one per line; times are in microseconds, as the format has them. */
#include "support/timeline.h"

#include <math.h>

/* A string with its quotes; control characters become spaces. */
static void append_string(alpa_text *text, const char *string) {
  alpa_text_char(text, '"');
  for (; *string; string++) {
    if (*string == '"' || *string == '\\')
      alpa_text_char(text, '\\');
    alpa_text_char(text, (unsigned char)*string < ' ' ? ' ' : *string);
  }
  alpa_text_char(text, '"');
}

/* The beginning of an event, up to its name; the caller goes on with members and the closing brace. */
static alpa_text *begin_event(alpa_timeline *timeline, char phase, alpa_track track, const char *name) {
  alpa_text *text = &timeline->text;
  alpa_text_string(text, text->data[text->size - 1] == '[' ? "\n" : ",\n");
  alpa_text_printf(text, "{\"ph\": \"%c\", \"pid\": %u, \"tid\": %u, \"name\": ", phase, track.process, track.thread);
  append_string(text, name);
  return text;
}

/* Microseconds with three places, whatever the locale's decimal point is. */
static void append_us(alpa_text *text, const char *member, double seconds) {
  long long ns = llround(seconds * 1e9);
  alpa_text_printf(text, ", \"%s\": %lld.%03lld", member, ns / 1000, ns % 1000);
}

void alpa_timeline_init(alpa_timeline *timeline, alpa_arena *arena) {
  alpa_text_init(&timeline->text, arena);
  alpa_text_string(&timeline->text, "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [");
}

static void label(alpa_timeline *timeline, alpa_track track, const char *what, const char *name) {
  if (name == NULL)
    return;
  alpa_text *text = begin_event(timeline, 'M', track, what);
  alpa_text_string(text, ", \"args\": {\"name\": ");
  append_string(text, name);
  alpa_text_string(text, "}}");
}

void alpa_timeline_label(alpa_timeline *timeline, alpa_track track, const char *process, const char *thread) {
  label(timeline, track, "process_name", process);
  label(timeline, track, "thread_name", thread);
}

void alpa_timeline_slice(alpa_timeline *timeline, alpa_track track, const char *name, const char *where, double begin_s,
                         double end_s) {
  alpa_text *text = begin_event(timeline, 'X', track, name);
  append_us(text, "ts", begin_s);
  append_us(text, "dur", end_s - begin_s);
  if (*where) {
    alpa_text_string(text, ", \"args\": {\"where\": ");
    append_string(text, where);
    alpa_text_char(text, '}');
  }
  alpa_text_char(text, '}');
}

void alpa_timeline_number(alpa_timeline *timeline, uint32_t process, const char *name, double time_s, int64_t value) {
  alpa_text *text = begin_event(timeline, 'C', (alpa_track){process, 0}, name);
  append_us(text, "ts", time_s);
  alpa_text_printf(text, ", \"args\": {\"value\": %lld}}", (long long)value);
}

const char *alpa_timeline_finish(alpa_timeline *timeline) {
  alpa_text_string(&timeline->text, "\n]}\n");
  return alpa_text_finish(&timeline->text);
}
