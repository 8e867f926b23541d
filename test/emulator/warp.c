/* Execution of a warp: paths, their splits and meetings, calls and frames. */
#include "machine.h"

#include "bits.h"

#include <stdlib.h>
#include <string.h>

/* ---- frames ---- */

enum special {
#define X(ID, name, bytes, changes, value) SPECIAL_##ID,
#include "specials.def"
#undef X
};

uint64_t emu_special(const emu_warp *w, uint32_t special, uint32_t l) {
  switch ((enum special)special) {
#define X(ID, name, bytes, changes, value)                                                                             \
  case SPECIAL_##ID:                                                                                                   \
    return (uint64_t)(value);
#include "specials.def"
#undef X
  }
  return 0;
}

#define BROADCAST(T)                                                                                                   \
  for (int l = 0; l < EMU_LANES; l++)                                                                                  \
    ((T *)(void *)row)[l] = (T)value;
static void broadcast(uint8_t *row, const emu_constant *constant, uint64_t value) {
  uint64_t both[2] = {value, constant->high};
  uint32_t mask = value ? EMU_FULL : 0;
  switch (constant->width) {
  case 1:
    memcpy(row, &mask, 4);
    break;
  case 2:
    BROADCAST(uint16_t)
    break;
  case 4:
    BROADCAST(uint32_t)
    break;
  case 8:
    BROADCAST(uint64_t)
    break;
  default:
    for (int l = 0; l < EMU_LANES; l++)
      memcpy(row + 16 * l, both, 16);
  }
}
#undef BROADCAST

static void fill_constant(const emu_warp *warp, const emu_frame *frame, const emu_constant *constant) {
  uint8_t *row = frame->rows + constant->row;
  uint64_t value = constant->bits;
  if (constant->shared)
    value += warp->cta->launch->function->shared_address[constant->shared->index];
  if (!constant->special) {
    broadcast(row, constant, value);
    return;
  }
  for (uint32_t l = 0; l < EMU_LANES; l++) {
    value = emu_special(warp, constant->special - 1u, l);
    memcpy(row + l * constant->width, &value, constant->width);
  }
}

/* A frame of the function that is no longer used, or a new one. */
static emu_frame *take_frame(emu_warp *warp, const emu_function *function) {
  for (emu_frame **at = &warp->spare; *at; at = &(*at)->next)
    if ((*at)->function == function) {
      emu_frame *frame = *at;
      *at = frame->next;
      return frame;
    }
  emu_frame *frame = emu_alloc(sizeof *frame);
  if (posix_memalign((void **)&frame->rows, 64, function->row_bytes + 64))
    abort();
  return frame;
}

emu_frame *emu_frame_create(emu_warp *warp, const emu_function *function, emu_frame *caller) {
  emu_frame *frame = take_frame(warp, function);
  *frame = (emu_frame){.function = function, .caller = caller, .next = warp->frames, .rows = frame->rows};
  memset(frame->rows, 0, function->row_bytes);
  frame->local_base = caller ? (caller->local_base + caller->function->local_bytes + 15) & ~15u : 0;
  for (uint32_t k = 0; k < function->n_constants; k++)
    fill_constant(warp, frame, &function->constants[k]);
  warp->frames = frame;
  return frame;
}

static void retire_frame(emu_warp *warp, emu_frame *frame) {
  emu_frame **at = &warp->frames;
  while (*at != frame)
    at = &(*at)->next;
  *at = frame->next;
  frame->next = warp->spare;
  warp->spare = frame;
}

/* ---- paths ---- */

static void set_stop(emu_path *path) {
  bool meets = path->group && path->group->frame == path->frame;
  path->stop = meets ? path->group->meeting : path->frame->function->n_code;
}

static void select_path(emu_warp *warp, emu_path *path) {
  warp->path = path;
  warp->rows = path->frame->rows;
}

void emu_warp_init(emu_warp *warp, emu_cta *cta, uint32_t index) {
  warp->cta = cta;
  warp->index = index;
  warp->local = emu_alloc((size_t)cta->local_bytes * EMU_LANES);
  warp->local_written = emu_alloc((size_t)cta->local_bytes * EMU_LANES / 8 + 8);
}

void emu_warp_begin(emu_warp *warp) {
  emu_cta *cta = warp->cta;
  uint32_t left = cta->n_threads - warp->index * EMU_LANES;
  while (warp->frames)
    retire_frame(warp, warp->frames);
  memset(warp->local_written, 0, (size_t)cta->local_bytes * EMU_LANES / 8 + 8);
  *warp = (emu_warp){.cta = cta,
                     .index = warp->index,
                     .local = warp->local,
                     .local_written = warp->local_written,
                     .spare = warp->spare,
                     .copies = warp->copies,
                     .products = warp->products,
                     .n_paths = 1,
                     .thread_instructions = warp->thread_instructions};
  warp->live = left >= EMU_LANES ? EMU_FULL : (1u << left) - 1;
  warp->paths[0] = (emu_path){.mask = warp->live, .frame = emu_frame_create(warp, cta->launch->function, NULL)};
  set_stop(&warp->paths[0]);
  select_path(warp, &warp->paths[0]);
}

void emu_warp_deinit(emu_warp *warp) {
  while (warp->frames)
    retire_frame(warp, warp->frames);
  for (emu_frame *frame = warp->spare, *next; frame; frame = next) {
    next = frame->next;
    free(frame->rows);
    free(frame);
  }
  free(warp->local);
  free(warp->local_written);
  free(warp->copies);
  free(warp->products);
}

static emu_group *new_group(emu_warp *warp) {
  for (uint32_t k = 0; k < countof(warp->groups); k++)
    if (!(warp->groups_used >> k & 1)) {
      warp->groups_used |= 1ull << k;
      return &warp->groups[k];
    }
  abort(); /* every group has a thread that waits in it alone: there cannot be more than 32 */
}

static void free_group(emu_warp *warp, emu_group *group) { warp->groups_used &= ~(1ull << (group - warp->groups)); }

/* The threads of `taken` go to target, the others of the path to where it is. */
static void split(emu_warp *warp, uint32_t taken, uint32_t target, uint32_t meeting) {
  emu_path *path = warp->path;
  emu_group *group = path->group;
  if (!group || group->frame != path->frame || group->meeting != meeting) {
    group = new_group(warp);
    *group = (emu_group){.parent = path->group, .frame = path->frame, .meeting = meeting, .expected = path->mask};
    path->group = group;
  }
  emu_path *other = &warp->paths[warp->n_paths++];
  *other = *path;
  other->mask = taken;
  other->at = target;
  path->mask &= ~taken;
  set_stop(path);
  set_stop(other);
}

static void remove_path(emu_warp *warp, emu_path *path) {
  *path = warp->paths[--warp->n_paths];
  warp->leaves = true;
}

/* All members have arrived: the path goes on for all of them. */
static void complete_group(emu_warp *warp, emu_path *path, emu_group *group) {
  *path = (emu_path){.mask = group->arrived, .at = group->meeting, .frame = group->frame, .group = group->parent};
  free_group(warp, group);
  set_stop(path);
}

static void arrive(emu_warp *warp, emu_path *path) {
  emu_group *group = path->group;
  group->arrived |= path->mask;
  if (group->arrived == group->expected)
    complete_group(warp, path, group);
  else
    remove_path(warp, path);
  warp->leaves = true;
}

/* PTX promises no meeting: when those that are still expected spin on memory, perhaps for something that the arrived
 * threads would do, the latter go on alone. */
static void release_arrived(emu_warp *warp) {
  for (uint32_t p = 0; p < warp->n_paths; p++)
    for (emu_group *group = warp->paths[p].group; group; group = group->parent) {
      if (!group->arrived)
        continue;
      emu_path *path = &warp->paths[warp->n_paths++];
      *path = (emu_path){.mask = group->arrived, .at = group->meeting, .frame = group->frame, .group = group->parent};
      group->expected &= ~group->arrived;
      group->arrived = 0;
      set_stop(path);
      warp->released = true;
      return;
    }
}

/* Threads that end are no longer expected anywhere; a group may be complete without them.  Frames that they leave
 * behind are freed with the warp. */
static void end_threads(emu_warp *warp, emu_path *path, uint32_t mask) {
  warp->live &= ~mask;
  warp->leaves = true;
  warp->cta->gang->version++;
  path->mask &= ~mask;
  emu_group *group = path->group;
  for (emu_group *g = group; g; g = g->parent)
    g->expected &= ~mask;
  if (path->mask)
    return;
  while (group && !group->expected) {
    emu_group *parent = group->parent;
    free_group(warp, group);
    group = parent;
  }
  if (group && group->arrived == group->expected)
    complete_group(warp, path, group);
  else
    remove_path(warp, path);
}

/* ---- calls ---- */

static uint8_t *local_at(const emu_warp *warp, const emu_frame *frame, const emu_symbol *symbol, uint32_t lane) {
  return warp->local + (size_t)lane * warp->cta->local_bytes + frame->local_base + symbol->address;
}

static void set_local_written(emu_warp *warp, uint32_t lane, uint32_t from, size_t bytes) {
  emu_bits_set(warp->local_written, (size_t)lane * warp->cta->local_bytes + from, bytes, true);
}

/* One parameter, between a register or parameter of one frame and that of another. */
static void pass(emu_warp *warp, uint32_t mask, emu_frame *to_frame, const emu_symbol *to, uint32_t to_row,
                 emu_frame *from_frame, const emu_symbol *from, uint32_t from_row, size_t bytes) {
  for (uint32_t l = 0; l < EMU_LANES; l++) {
    if (!(mask >> l & 1))
      continue;
    const uint8_t *source = from ? local_at(warp, from_frame, from, l) : from_frame->rows + from_row + l * bytes;
    uint8_t *target = to ? local_at(warp, to_frame, to, l) : to_frame->rows + to_row + l * bytes;
    memcpy(target, source, bytes);
    if (to)
      set_local_written(warp, l, to_frame->local_base + (uint32_t)to->address, bytes);
  }
}

static const emu_symbol *in_memory(const emu_symbol *symbol) {
  return symbol && symbol->space != EMU_REGISTERS ? symbol : NULL;
}

static size_t passed_bytes(const emu_symbol *formal) {
  return formal->space == EMU_REGISTERS ? formal->width : formal->bytes;
}

void emu_run_call(emu_warp *w, const emu_instr *i) {
  const emu_call *call = i->extra;
  emu_path *path = w->path;
  const emu_function *callee = call->callee;
  if (!callee->defined || callee->n_parameters != call->n_arguments || callee->n_results != call->n_results) {
    emu_report(w, EMU_ALL, EMU_FOUND_MISUSE, "call of '%s', which is not defined with these parameters", callee->name);
    return;
  }
  emu_frame *frame = emu_frame_create(w, callee, path->frame);
  frame->call = i;
  frame->return_to = path->at;
  if (frame->local_base + callee->local_bytes > w->cta->local_bytes) {
    emu_report(w, EMU_ALL, EMU_FOUND_MISUSE, "the stack of local memory is full (%u bytes)", w->cta->local_bytes);
    retire_frame(w, frame);
    return;
  }
  for (uint32_t k = 0; k < call->n_arguments; k++) {
    const emu_symbol *formal = callee->parameters[k];
    pass(w, path->mask, frame, in_memory(formal), (uint32_t)formal->address, path->frame, call->arguments[k],
         call->argument_rows[k], passed_bytes(formal));
  }
  path->frame = frame;
  path->at = 0;
  set_stop(path);
  w->leaves = true;
}

/* At the end of a function with all threads that came: back to the caller, or the threads end. */
static void leave_function(emu_warp *warp, emu_path *path) {
  emu_frame *frame = path->frame, *caller = frame->caller;
  if (!caller) {
    end_threads(warp, path, path->mask);
    return;
  }
  const emu_call *call = frame->call->extra;
  for (uint32_t k = 0; k < call->n_results; k++) {
    const emu_symbol *formal = call->callee->results[k];
    pass(warp, path->mask, caller, call->results[k], call->result_rows[k], frame, in_memory(formal),
         (uint32_t)formal->address, passed_bytes(formal));
  }
  path->frame = caller;
  path->at = frame->return_to;
  set_stop(path);
  retire_frame(warp, frame);
  warp->leaves = true;
}

/* ---- control flow ---- */

void emu_run_branch(emu_warp *w, const emu_instr *i) {
  if (w->mask == w->path->mask) {
    w->path->at = i->target;
    return;
  }
  split(w, w->mask, i->target, i->reconverge);
  w->leaves = true;
}

void emu_run_branch_table(emu_warp *w, const emu_instr *i) {
  const uint32_t *index = EMU_ROW(uint32_t, 0);
  for (uint32_t left = w->mask; left;) {
    uint32_t lane = (uint32_t)__builtin_ctz(left), same = 0;
    if (index[lane] >= i->n_list) {
      emu_report(w, (int)lane, EMU_FOUND_OUT_OF_BOUNDS, "branch index %u of %u", index[lane], i->n_list);
      return;
    }
    for (uint32_t l = 0; l < EMU_LANES; l++)
      same |= (uint32_t)((left >> l & 1) && index[l] == index[lane]) << l;
    if (same == w->path->mask)
      w->path->at = i->list[index[lane]];
    else
      split(w, same, i->list[index[lane]], i->reconverge);
    left &= ~same;
  }
  w->leaves = true;
}

void emu_run_return(emu_warp *w, const emu_instr *i) {
  uint32_t end = w->path->frame->function->n_code;
  if (w->mask == w->path->mask)
    w->path->at = end;
  else
    split(w, w->mask, end, i->reconverge);
  w->leaves = true;
}

void emu_run_exit(emu_warp *w, const emu_instr *i) {
  (void)i;
  end_threads(w, w->path, w->mask);
}

/* A special register whose value changes. */
void emu_run_special(emu_warp *w, const emu_instr *i) {
  for (uint32_t l = 0; l < EMU_LANES; l++)
    if (w->mask >> l & 1) {
      uint64_t value = emu_special(w, i->choice, l);
      memcpy(EMU_ROW(uint8_t, 0) + l * i->width, &value, i->width);
    }
}

/* ---- the loop ---- */

void emu_block(emu_warp *warp, emu_wait wait) {
  warp->path->wait = wait;
  warp->leaves = true;
}

void emu_wake(emu_warp *warp, emu_path *path) {
  path->wait = EMU_RUNS;
  warp->cta->gang->version++;
}

void emu_note_spin(emu_warp *warp) {
  if (++warp->spins >= EMU_SPINS)
    warp->leaves = true;
}

/* Executes the path until it stops, leaves or has used the budget. */
static uint32_t run_path(emu_warp *warp, uint32_t budget) {
  emu_path *path = warp->path;
  const emu_instr *code = path->frame->function->code;
  uint64_t threads = 0;
  uint32_t n = 0;
  warp->leaves = false;
  while (n < budget && path->at != path->stop) {
    const emu_instr *i = &code[path->at++];
    uint32_t mask = path->mask;
    if (i->guarded) {
      uint32_t guard = *(const uint32_t *)(const void *)(warp->rows + i->guard);
      mask &= i->negated ? ~guard : guard;
    }
    n++;
    if (!mask)
      continue;
    threads += (uint32_t)__builtin_popcount(mask);
    warp->mask = mask;
    warp->instr = i;
    i->run(warp, i);
    if (warp->leaves)
      break;
  }
  warp->instructions += n;
  warp->thread_instructions += threads;
  return n;
}

/* The next path that is not blocked, in turn. */
static emu_path *next_path(emu_warp *warp) {
  for (uint32_t k = 0; k < warp->n_paths; k++) {
    emu_path *path = &warp->paths[(warp->turn + k) % warp->n_paths];
    if (path->wait == EMU_RUNS)
      return path;
  }
  return NULL;
}

static void at_stop(emu_warp *warp, emu_path *path) {
  bool meets = path->group && path->group->frame == path->frame && path->group->meeting == path->at;
  if (meets)
    arrive(warp, path);
  else
    leave_function(warp, path);
}

emu_outcome emu_warp_run(emu_warp *warp, uint32_t budget) {
  enum { SLICE = 4096 };
  bool polled = false, ran = false;
  emu_launch *launch = warp->cta->launch;
  while (budget && !launch->failed) {
    emu_path *path = next_path(warp);
    if (!path)
      break;
    select_path(warp, path);
    uint32_t n = run_path(warp, budget < SLICE ? budget : SLICE);
    budget -= n < budget ? n : budget;
    if (warp->polls) {
      polled = true;
      warp->polls = false;
      warp->turn++;
      if (warp->n_paths == 1)
        return EMU_POLLED;
      continue;
    }
    ran = true;
    if (!warp->leaves && path->at == path->stop)
      at_stop(warp, path);
    else if (!warp->leaves)
      warp->turn++;
    if (warp->spins >= EMU_SPINS) {
      warp->spins = 0;
      warp->turn++;
      release_arrived(warp);
    }
  }
  if (!warp->n_paths && warp->n_products)
    emu_report(warp, EMU_ALL, EMU_FOUND_MISUSE, "the warp ended without waiting for its wgmma");
  if (!warp->n_paths)
    return EMU_ENDED;
  return !next_path(warp) ? EMU_BLOCKED : polled && !ran ? EMU_POLLED : EMU_RAN;
}
