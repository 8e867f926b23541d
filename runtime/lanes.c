/* Lanes of an image: where every transfer is sent and received, who does that, and first fit.
 *
 * A place is an instruction's number in pre-order and the list that it is in; a list is run by the devices whose
 * numbers lead to it.  Transfers between the same two lists, which no device runs both of, are sorted by the place
 * where they are sent; each goes to the first lane whose last transfer is received before it.  Copies within one list
 * have a lane for each pair of devices. */
#include "runtime/lanes.h"

#include <stdlib.h>
#include <string.h>

enum { OUT, IN };

typedef struct place {
  uint32_t at;   /* instruction; ALPA_NO_INDEX: none yet */
  uint32_t list; /* of those that devices are led to */
} place;

typedef struct list {
  const bool *runs; /* by device */
} list;

typedef struct finder {
  alpa_arena *arena;
  alpa_diag *diag;
  const char *name;
  const alpa_image *image;
  place *places[2]; /* by transfer */
  ALPA_VEC(list) lists;
  uint32_t n_instructions;
} finder;

static alpa_status refuse(const finder *f, uint32_t transfer) {
  return alpa_error(f->diag, (alpa_place){.file = f->name}, ALPA_UNSUPPORTED,
                    "'%s' does not go from stage to stage once in every step, as it must between processes; start one "
                    "process for all devices",
                    f->image->transfers[transfer].name);
}

/* ---- places ----------------------------------------------------------------------------------------------------- */

static alpa_status visit_list(finder *f, const alpa_instructions *list, uint32_t number);

/* What a branch on a number of the device leads a device to. */
static uint32_t choose(const finder *f, const alpa_instruction *branch, uint32_t device) {
  const alpa_image_buffer *buffer = &f->image->buffers[branch->refs[0].buffer];
  uint32_t n = f->image->n_devices;
  uint32_t value = buffer->index ? f->image->numbers[(size_t)(buffer->index - 1) * n + device] : device;
  return value < branch->n_lists ? value : branch->n_lists - 1;
}

static bool is_known(const finder *f, const alpa_instruction *i) {
  return i->kind == ALPA_INSTRUCTION_BRANCH && i->count == 4 &&
         f->image->buffers[i->refs[0].buffer].kind == ALPA_BUFFER_DEVICE;
}

/* Lists that run any number of times have the number ALPA_NO_INDEX: nothing may be sent there. */
static alpa_status visit_nested(finder *f, const alpa_instruction *instruction, uint32_t number) {
  for (uint32_t i = 0; i < instruction->n_lists; i++) {
    uint32_t nested = ALPA_NO_INDEX;
    if (number != ALPA_NO_INDEX && is_known(f, instruction)) {
      bool *runs = alpa_arena_new(f->arena, bool, f->image->n_devices);
      for (uint32_t d = 0; d < f->image->n_devices; d++)
        runs[d] = f->lists.items[number].runs[d] && choose(f, instruction, d) == i;
      nested = (uint32_t)f->lists.n;
      alpa_vec_push(f->arena, &f->lists, (list){runs});
    }
    ALPA_TRY(visit_list(f, &instruction->lists[i], nested));
  }
  return ALPA_OK;
}

static alpa_status visit_list(finder *f, const alpa_instructions *instructions, uint32_t number) {
  for (uint32_t i = 0; i < instructions->n; i++) {
    const alpa_instruction *instruction = &instructions->items[i];
    uint32_t at = f->n_instructions++;
    ALPA_TRY(visit_nested(f, instruction, number));
    if (instruction->kind != ALPA_INSTRUCTION_SEND && instruction->kind != ALPA_INSTRUCTION_RECEIVE)
      continue;
    place *side = &f->places[instruction->kind == ALPA_INSTRUCTION_SEND ? OUT : IN][instruction->transfer];
    side->list = side->at == ALPA_NO_INDEX ? number : ALPA_NO_INDEX;
    side->at = at;
  }
  return ALPA_OK;
}

/* ---- links ------------------------------------------------------------------------------------------------------ */

/* A copy between processes, and what goes the same way: between two lists, or between two devices of one list. */
typedef struct crossing {
  uint32_t lists[2], devices[2]; /* devices: 0 where lists say it all */
  uint32_t places[2];
  uint32_t transfer, copy;
} crossing;

static bool is_disjoint(const finder *f, uint32_t a, uint32_t b) {
  for (uint32_t d = 0; d < f->image->n_devices; d++)
    if (f->lists.items[a].runs[d] && f->lists.items[b].runs[d])
      return false;
  return true;
}

static alpa_status make_crossing(const finder *f, uint32_t transfer, uint32_t i, crossing *out) {
  const alpa_image_copy *copy = &f->image->transfers[transfer].copies[i];
  const uint32_t devices[2] = {copy->from_device, copy->to_device};
  *out = (crossing){.transfer = transfer, .copy = i};
  for (int way = OUT; way <= IN; way++) {
    place at = f->places[way][transfer];
    if (at.at == ALPA_NO_INDEX || at.list == ALPA_NO_INDEX || !f->lists.items[at.list].runs[devices[way]])
      return refuse(f, transfer);
    out->lists[way] = at.list;
    out->places[way] = at.at;
  }
  if (!is_disjoint(f, out->lists[OUT], out->lists[IN]))
    memcpy(out->devices, devices, sizeof devices);
  return ALPA_OK;
}

static int compare_links(const crossing *a, const crossing *b) {
  int order = memcmp(a->lists, b->lists, sizeof a->lists);
  return order ? order : memcmp(a->devices, b->devices, sizeof a->devices);
}

static int compare_crossings(const void *left, const void *right) {
  const crossing *a = left, *b = right;
  int order = compare_links(a, b);
  if (order)
    return order;
  if (a->places[OUT] != b->places[OUT])
    return a->places[OUT] < b->places[OUT] ? -1 : 1;
  return a->copy < b->copy ? -1 : a->copy > b->copy;
}

/* ---- lanes ------------------------------------------------------------------------------------------------------ */

typedef ALPA_VEC(alpa_lane) lanes;

static void add_lane(const finder *f, const crossing *c, lanes *out) {
  uint32_t *devices = alpa_arena_new(f->arena, uint32_t, f->image->n_devices), n = 0;
  bool is_pair = c->devices[OUT] != c->devices[IN];
  for (uint32_t d = 0; d < f->image->n_devices; d++) {
    bool is_one = is_pair ? d == c->devices[OUT] || d == c->devices[IN]
                          : f->lists.items[c->lists[OUT]].runs[d] || f->lists.items[c->lists[IN]].runs[d];
    if (is_one)
      devices[n++] = d;
  }
  alpa_lane lane = {.devices = devices, .n_devices = n};
  for (size_t i = 0; i < out->n; i++)
    lane.number += out->items[i].n_devices == n && memcmp(out->items[i].devices, devices, n * sizeof *devices) == 0;
  alpa_vec_push(f->arena, out, lane);
}

/* Lanes of one link from `first` on; `last` has for each where its last transfer is received. */
static uint32_t find_lane(const finder *f, const crossing *c, lanes *out, uint32_t first, uint32_t *last) {
  uint32_t lane = first;
  while (lane < out->n && last[lane] > c->places[IN])
    lane++;
  if (lane == out->n)
    add_lane(f, c, out);
  last[lane] = c->places[IN];
  return lane;
}

static void fill_lanes(const finder *f, crossing *crossings, size_t n, uint32_t **lane_of, lanes *out) {
  uint32_t first = 0, *last = alpa_arena_new(f->arena, uint32_t, n);
  if (n)
    qsort(crossings, n, sizeof *crossings, compare_crossings);
  for (size_t i = 0; i < n; i++) {
    const crossing *c = &crossings[i];
    if (i && compare_links(&crossings[i - 1], c) != 0)
      first = (uint32_t)out->n;
    lane_of[c->transfer][c->copy] = find_lane(f, c, out, first, last);
  }
}

static void find_places(finder *f) {
  bool *all = alpa_arena_new(f->arena, bool, f->image->n_devices);
  memset(all, true, f->image->n_devices);
  alpa_vec_push(f->arena, &f->lists, (list){all});
  for (int way = OUT; way <= IN; way++) {
    f->places[way] = alpa_arena_new(f->arena, place, f->image->n_transfers);
    memset(f->places[way], 0xFF, f->image->n_transfers * sizeof(place));
  }
}

alpa_status alpa_lanes_find(alpa_arena *arena, alpa_diag *diag, const char *name, const alpa_image *image,
                            uint32_t n_local, alpa_lanes *out_lanes) {
  finder f = {.arena = arena, .diag = diag, .name = name, .image = image};
  find_places(&f);
  ALPA_TRY(visit_list(&f, &image->program, 0));
  ALPA_VEC(crossing) crossings = {0};
  uint32_t **lane_of = alpa_arena_new(arena, uint32_t *, image->n_transfers);
  for (uint32_t t = 0; t < image->n_transfers; t++) {
    const alpa_image_transfer *transfer = &image->transfers[t];
    lane_of[t] = alpa_arena_new(arena, uint32_t, transfer->n_copies);
    memset(lane_of[t], 0xFF, transfer->n_copies * sizeof **lane_of);
    for (uint32_t i = 0; i < transfer->n_copies; i++) {
      crossing c;
      if (transfer->copies[i].from_device / n_local == transfer->copies[i].to_device / n_local)
        continue;
      ALPA_TRY(make_crossing(&f, t, i, &c));
      alpa_vec_push(arena, &crossings, c);
    }
  }
  lanes found = {0};
  fill_lanes(&f, crossings.items, crossings.n, lane_of, &found);
  *out_lanes = (alpa_lanes){found.items, (uint32_t)found.n, (const uint32_t *const *)lane_of};
  return ALPA_OK;
}
