/* Failures: finding the device that holds up the others, and explaining what happened.
 *
 * Idle workers look from time to time.  A device is stuck when it has executed nothing for the deadline while others
 * are not running.  Devices wait for each other when all that are not done wait for peers that have not
 * arrived: if two looks find them so, with the same numbers of executed operations, then all of them stood still
 * between the looks, and for ever.
 */
#include <stdio.h>
#include <string.h>

#include "runtime/flight.h"
#include "runtime/hal/host/engine.h"

/* Waits in a channel where a peer has not arrived. */
static bool is_held_up(alpa_host_engine *engine, alpa_host_device *d) {
  if (atomic_load(&d->state) != ALPA_HOST_WAITING)
    return false;
  alpa_channel *channel = atomic_load(&d->channel);
  if (!channel || channel->vtable->poll(channel, d->number, atomic_load(&d->transfer)) != ALPA_CHANNEL_WAITING)
    return false;
  for (uint32_t peer = 0; peer < engine->n_devices; peer++)
    if (channel->vtable->is_missing(channel, d->number, peer))
      return true;
  return false;
}

/* The number of devices that are held up, if the others are done; else 0. */
static uint32_t count_held_up(alpa_host_engine *engine, uint64_t *out_executed) {
  uint32_t n = 0, n_done = 0;
  *out_executed = 0;
  if (engine->mesh->processes)
    return 0; /* others may still come */
  for (uint32_t d = 0; d < engine->n_devices; d++) {
    n += is_held_up(engine, &engine->devices[d]);
    n_done += atomic_load(&engine->devices[d].state) == ALPA_HOST_DONE;
    *out_executed += atomic_load(&engine->devices[d].executed);
  }
  return n + n_done == engine->n_devices ? n : 0;
}

/* The time to add for this look. */
static int64_t look(alpa_host_engine *engine) {
  int64_t now = alpa_host_now(), before = engine->looked_ns, most = engine->deadline_ns / 4;
  engine->looked_ns = now;
  return before == 0 ? 0 : now - before < most ? now - before : most;
}

/* The device that has stood still for longest beyond the deadline, or ALPA_NO_INDEX. */
static uint32_t find_stuck(alpa_host_engine *engine) {
  int64_t passed_ns = look(engine), longest_ns = engine->deadline_ns;
  uint32_t stuck = ALPA_NO_INDEX;
  bool is_awaited = engine->mesh->is_watched;
  bool is_alone = engine->mesh->processes != NULL; /* whom it waits for is elsewhere */
  for (uint32_t i = 0; i < engine->n_devices; i++) {
    alpa_host_device *d = &engine->devices[i];
    alpa_host_watch *watch = &engine->watches[i];
    uint64_t executed = atomic_load(&d->executed);
    int state = atomic_load(&d->state);
    bool is_at_work = state == ALPA_HOST_RUNNING || state == ALPA_HOST_HUNG;
    bool is_still = watch->executed == executed && (is_at_work || (state == ALPA_HOST_WAITING && is_alone));
    *watch = (alpa_host_watch){executed, is_still ? watch->still_ns + passed_ns : 0};
    is_awaited |= state != ALPA_HOST_RUNNING;
    if (watch->still_ns < longest_ns)
      continue;
    longest_ns = watch->still_ns;
    stuck = i;
  }
  return is_awaited ? stuck : ALPA_NO_INDEX;
}

void alpa_host_watch_devices(alpa_host_engine *engine) {
  if (atomic_load(&engine->is_aborted))
    return;
  pthread_mutex_lock(&engine->lock);
  uint32_t stuck = find_stuck(engine);
  uint64_t before, after;
  bool is_deadlock =
      stuck == ALPA_NO_INDEX && count_held_up(engine, &before) && count_held_up(engine, &after) && before == after;
  pthread_mutex_unlock(&engine->lock);
  if (stuck != ALPA_NO_INDEX)
    alpa_host_abort(engine, ALPA_DEADLINE_EXCEEDED, stuck, "made no progress");
  for (uint32_t d = 0; is_deadlock && d < engine->n_devices; d++)
    if (is_held_up(engine, &engine->devices[d]))
      alpa_host_abort(engine, ALPA_INVALID_ARGUMENT, d, "waits for devices that have taken another way");
}

/* ---- reports ---------------------------------------------------------------------------------------------------- */

static const alpa_host_flight *last_flight(const alpa_host_engine *engine, uint32_t device) {
  const alpa_host_device *d = &engine->devices[device];
  uint64_t n = alpa_host_n_flights(d);
  return n ? &d->flights[(n - 1) % ALPA_FLIGHT_ENTRIES] : NULL;
}

enum { MOST_NOTES = 8 };

/* Says of the other devices where they were. */
static void note_others(const alpa_host_engine *engine, alpa_diag *diag) {
  uint32_t n_notes = 0, n_left = 0;
  for (uint32_t i = 0; i < engine->n_devices; i++) {
    const alpa_host_flight *flight = last_flight(engine, i);
    if (i == engine->failure.device || !flight || flight->is_done || flight->step != engine->mesh->step)
      continue;
    if (n_notes++ >= MOST_NOTES) {
      n_left++;
      continue;
    }
    char file[256];
    alpa_note(diag, alpa_flight_place(flight->operation->where, file, sizeof file),
              "device %u was in '%s' at '%s', operation %llu", i, flight->operation->name, flight->operation->where,
              (unsigned long long)flight->executed);
  }
  if (n_left)
    alpa_note(diag, (alpa_place){0}, "and %u more", n_left);
}

alpa_status alpa_host_report(const alpa_host_engine *engine, alpa_diag *diag) {
  const alpa_host_failure *failure = &engine->failure;
  const alpa_host_flight *flight = last_flight(engine, failure->device);
  bool is_known = flight && flight->step == engine->mesh->step;
  const char *name = is_known ? flight->operation->name : "start", *where = is_known ? flight->operation->where : "";
  char file[256], duration[48] = "";
  if (failure->status == ALPA_DEADLINE_EXCEEDED)
    snprintf(duration, sizeof duration, " for %g s", engine->mesh->deadline_s);
  alpa_error(diag, alpa_flight_place(where, file, sizeof file), failure->status,
             "device %u %s%s in '%s' at '%s', operation %llu of step %llu of '%s'; the other devices were aborted",
             failure->device, failure->what, duration, name, where,
             (unsigned long long)(is_known ? flight->executed : 0), (unsigned long long)engine->mesh->step,
             engine->executable->name);
  note_others(engine, diag);
  return failure->status;
}
