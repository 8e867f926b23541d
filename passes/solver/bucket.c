/* Planning and running bucket elimination.
 *
 * The plan is symbolic: a greedy order by the size of the table that eliminating a node makes; where the least size is
 * above the limit, a node with many neighbours is held instead (chosen from a few at random), which splits the graph.
 * Running is numeric and may be repeated for other costs.  Scopes are sorted by the order of elimination, so every
 * factor of a bucket either ends in the bucket's last variable, contiguous in memory, or lacks it: the inner loop is
 * always a min-plus product of a vector and a matrix.  Choices are found again on the way back from the tables. */
#include "passes/solver/bucket.h"
#include "passes/solver/lanes.h"

#include <math.h>
#include <string.h>

enum { MOST_SCOPE = 16, CANDIDATES = 6 };

#define NONE UINT32_MAX

typedef struct local_node {
  uint32_t node;
  uint32_t position; /* in the order, or NONE: held */
  bool is_gone;
  double weight; /* of the newest entry in the heap */
  ALPA_VEC(uint32_t) neighbours;
} local_node;

typedef struct heap_entry {
  double weight;
  uint32_t local;
} heap_entry;

/* A table over the bucket's node (first) and later ones, by position ascending; the last dimension is padded. */
typedef struct factor {
  const double *data;
  double *own;          /* data where it is a message, NULL where it is an edge's table */
  const double *turned; /* an edge's table with the bucket's own states contiguous, else NULL */
  size_t turned_stride;
  uint32_t n_scope, next;
  uint32_t scope[MOST_SCOPE];
  size_t strides[MOST_SCOPE];
  size_t own_stride;
} factor;

/* One factor of a bucket and where it stands for the outer variables' states. */
typedef struct cursor {
  const double *data;
  size_t own_stride;
  ptrdiff_t strides[MOST_SCOPE]; /* along the outer variables */
} cursor;

struct alpa_bucket {
  alpa_arena *arena;
  const alpa_core *core;
  uint32_t *locals;           /* [core's nodes] index into nodes, or NONE */
  ALPA_VEC(local_node) nodes; /* of which n_nodes are in use */
  uint32_t n_nodes;
  ALPA_VEC(heap_entry) heap;
  ALPA_VEC(uint32_t) order;   /* locals */
  ALPA_VEC(uint32_t) waiting; /* locals that may be held */
  uint32_t limit;
  /* of a run */
  ALPA_VEC(factor) factors;
  ALPA_VEC(cursor) rows, scalars;
  uint32_t *firsts; /* [positions] first factor of each bucket */
  size_t n_firsts;
  double **unary; /* [positions] */
  double *tables; /* bump space for messages and unaries */
  size_t n_tables, tables_used;
  double *heads, *matrix; /* scratch */
};

alpa_bucket *alpa_bucket_create(alpa_arena *arena, const alpa_core *core) {
  alpa_bucket *bucket = alpa_arena_new(arena, alpa_bucket, 1);
  bucket->arena = arena;
  bucket->core = core;
  bucket->locals = alpa_arena_new(arena, uint32_t, core->n_nodes);
  memset(bucket->locals, 0xFF, sizeof(uint32_t) * core->n_nodes);
  bucket->heads = alpa_arena_new(arena, double, core->most_states);
  bucket->matrix = alpa_arena_alloc(arena, sizeof(double) * core->most_states * core->most_states);
  return bucket;
}

static const alpa_core_node *node_of(const alpa_bucket *bucket, uint32_t local) {
  return &bucket->core->nodes[bucket->nodes.items[local].node];
}

/* ---- the plan --------------------------------------------------------------------------------------------------- */

static void heap_push(alpa_bucket *bucket, heap_entry entry) {
  alpa_vec_push(bucket->arena, &bucket->heap, entry);
  heap_entry *items = bucket->heap.items;
  size_t at = bucket->heap.n - 1;
  for (; at > 0; at = (at - 1) / 2) {
    heap_entry *parent = &items[(at - 1) / 2];
    if (parent->weight < entry.weight || (parent->weight == entry.weight && parent->local < entry.local))
      break;
    items[at] = *parent;
  }
  items[at] = entry;
}

static bool is_before(heap_entry a, heap_entry b) {
  return a.weight < b.weight || (a.weight == b.weight && a.local < b.local);
}

static heap_entry heap_pop(alpa_bucket *bucket) {
  heap_entry *items = bucket->heap.items, top = items[0], last = items[--bucket->heap.n];
  size_t at = 0, n = bucket->heap.n;
  for (size_t child = 1; child < n; child = 2 * at + 1) {
    if (child + 1 < n && is_before(items[child + 1], items[child]))
      child++;
    if (!is_before(items[child], last))
      break;
    items[at] = items[child];
    at = child;
  }
  if (n)
    items[at] = last;
  return top;
}

static void compact(alpa_bucket *bucket, local_node *node) {
  size_t n = 0;
  for (size_t i = 0; i < node->neighbours.n; i++)
    if (!bucket->nodes.items[node->neighbours.items[i]].is_gone)
      node->neighbours.items[n++] = node->neighbours.items[i];
  node->neighbours.n = n;
}

/* Entries that eliminating the node goes through; infinite where that is out of the question. */
static double weigh(alpa_bucket *bucket, uint32_t local) {
  local_node *node = &bucket->nodes.items[local];
  compact(bucket, node);
  if (node->neighbours.n > MOST_SCOPE)
    return INFINITY;
  double weight = node_of(bucket, local)->n_states;
  for (size_t i = 0; i < node->neighbours.n; i++)
    weight *= node_of(bucket, node->neighbours.items[i])->n_states;
  /* a single neighbour costs no more than reading the edge */
  return node->neighbours.n <= 1 ? fmin(weight, bucket->limit) : weight;
}

static void offer(alpa_bucket *bucket, uint32_t local) {
  double weight = weigh(bucket, local);
  bucket->nodes.items[local].weight = weight;
  if (weight <= bucket->limit)
    heap_push(bucket, (heap_entry){weight, local});
}

static void add_neighbour(alpa_bucket *bucket, uint32_t a, uint32_t b) {
  local_node *x = &bucket->nodes.items[a], *y = &bucket->nodes.items[b];
  bool is_x_shorter = x->neighbours.n <= y->neighbours.n;
  const local_node *shorter = is_x_shorter ? x : y;
  uint32_t wanted = is_x_shorter ? b : a;
  for (size_t i = 0; i < shorter->neighbours.n; i++)
    if (shorter->neighbours.items[i] == wanted)
      return;
  alpa_vec_push(bucket->arena, &x->neighbours, b);
  alpa_vec_push(bucket->arena, &y->neighbours, a);
}

static void add_locals(alpa_bucket *bucket, const uint32_t *nodes, uint32_t n) {
  for (uint32_t i = 0; i < bucket->n_nodes; i++)
    bucket->locals[bucket->nodes.items[i].node] = NONE;
  bucket->n_nodes = 0;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t local = bucket->n_nodes++;
    if (local == bucket->nodes.n)
      alpa_vec_push(bucket->arena, &bucket->nodes, (local_node){0});
    local_node *entry = &bucket->nodes.items[local];
    entry->node = nodes[i];
    entry->position = NONE;
    entry->is_gone = false;
    entry->neighbours.n = 0;
    bucket->locals[nodes[i]] = local;
  }
  for (uint32_t a = 0; a < n; a++) {
    const alpa_core_node *node = &bucket->core->nodes[nodes[a]];
    for (uint32_t l = 0; l < node->n_back; l++)
      if (bucket->locals[node->links[l].other] != NONE)
        add_neighbour(bucket, a, bucket->locals[node->links[l].other]);
  }
}

static void eliminate(alpa_bucket *bucket, uint32_t local) {
  local_node *node = &bucket->nodes.items[local];
  node->is_gone = true;
  node->position = (uint32_t)bucket->order.n;
  alpa_vec_push(bucket->arena, &bucket->order, local);
  for (size_t i = 0; i < node->neighbours.n; i++)
    for (size_t j = i + 1; j < node->neighbours.n; j++)
      add_neighbour(bucket, node->neighbours.items[i], node->neighbours.items[j]);
  for (size_t i = 0; i < node->neighbours.n; i++)
    offer(bucket, node->neighbours.items[i]);
}

/* Holds the best connected of a few nodes that are left; false where none is. */
static bool hold_one(alpa_bucket *bucket, alpa_random *random) {
  uint32_t best = NONE;
  double best_score = -1;
  for (int tries = 0; (tries < CANDIDATES || best == NONE) && bucket->waiting.n; tries++) {
    size_t at = alpa_random_below(random, (uint32_t)bucket->waiting.n);
    uint32_t local = bucket->waiting.items[at];
    local_node *node = &bucket->nodes.items[local];
    if (node->is_gone) {
      bucket->waiting.items[at] = bucket->waiting.items[--bucket->waiting.n];
      continue;
    }
    compact(bucket, node);
    double score = (double)node->neighbours.n * log(1.0 + node_of(bucket, local)->n_states);
    score *= alpa_random_unit(random);
    if (score > best_score) {
      best_score = score;
      best = local;
    }
  }
  if (best == NONE)
    return false;
  local_node *node = &bucket->nodes.items[best];
  node->is_gone = true;
  for (size_t i = 0; i < node->neighbours.n; i++)
    offer(bucket, node->neighbours.items[i]);
  return true;
}

uint32_t alpa_bucket_plan(alpa_bucket *bucket, const uint32_t *nodes, uint32_t n, uint32_t limit, alpa_random *random) {
  bucket->limit = limit;
  bucket->heap.n = bucket->order.n = bucket->waiting.n = 0;
  add_locals(bucket, nodes, n);
  for (uint32_t i = 0; i < n; i++) {
    offer(bucket, i);
    alpa_vec_push(bucket->arena, &bucket->waiting, i);
  }
  uint32_t n_held = 0;
  while (bucket->order.n + n_held < n) {
    if (bucket->heap.n == 0) {
      if (!hold_one(bucket, random))
        break;
      n_held++;
      continue;
    }
    heap_entry entry = heap_pop(bucket);
    local_node *node = &bucket->nodes.items[entry.local];
    if (node->is_gone || node->weight != entry.weight)
      continue;
    double weight = weigh(bucket, entry.local);
    if (weight > entry.weight)
      offer(bucket, entry.local);
    else
      eliminate(bucket, entry.local);
  }
  return n_held;
}

double alpa_bucket_work(const alpa_bucket *bucket) {
  double work = 0;
  for (size_t p = 0; p < bucket->order.n; p++)
    work += bucket->nodes.items[bucket->order.items[p]].weight;
  return work;
}

/* ---- the run ---------------------------------------------------------------------------------------------------- */

static double *take(alpa_bucket *bucket, size_t n) {
  if (bucket->tables_used + n > bucket->n_tables) {
    /* earlier tables stay where they are; the next run starts in the larger space */
    bucket->n_tables = 2 * bucket->n_tables + n + 4096;
    bucket->tables = alpa_arena_alloc_aligned(bucket->arena, sizeof(double) * bucket->n_tables, 64);
    bucket->tables_used = 0;
  }
  double *table = bucket->tables + bucket->tables_used;
  bucket->tables_used += n;
  return table;
}

static const alpa_core_node *at_position(const alpa_bucket *bucket, uint32_t position) {
  return node_of(bucket, bucket->order.items[position]);
}

static void file(alpa_bucket *bucket, uint32_t position, const factor *f) {
  alpa_vec_push(bucket->arena, &bucket->factors, *f);
  factor *filed = &bucket->factors.items[bucket->factors.n - 1];
  filed->next = bucket->firsts[position];
  bucket->firsts[position] = (uint32_t)bucket->factors.n - 1;
}

/* The position of a core's node, or NONE where its label is given. */
static uint32_t position_of(const alpa_bucket *bucket, uint32_t node) {
  uint32_t local = bucket->locals[node];
  return local == NONE ? NONE : bucket->nodes.items[local].position;
}

static void load_node(alpa_bucket *bucket, uint32_t position, const double *costs, const uint32_t *labels) {
  const alpa_core_node *node = at_position(bucket, position);
  double *unary = bucket->unary[position] = take(bucket, node->stride);
  memcpy(unary, costs + node->first, sizeof *unary * node->stride);
  for (uint32_t l = 0; l < node->n_links; l++) {
    const alpa_core_link *link = &node->links[l];
    uint32_t other = position_of(bucket, link->other);
    if (other == NONE) {
      const double *line = link->in->costs + labels[link->other] * link->in->stride;
      alpa_lanes_add(unary, line, node->stride);
    } else if (other > position) {
      factor f = {.data = link->out->costs, .n_scope = 1, .own_stride = link->out->stride};
      f.turned = link->in->costs;
      f.turned_stride = link->in->stride;
      f.scope[0] = other;
      f.strides[0] = 1;
      file(bucket, position, &f);
    }
  }
}

/* The union of the scopes of a bucket's factors, ascending. */
static uint32_t join_scopes(const alpa_bucket *bucket, uint32_t position, uint32_t *scope) {
  uint32_t n = 0;
  for (uint32_t id = bucket->firsts[position]; id != NONE; id = bucket->factors.items[id].next) {
    const factor *f = &bucket->factors.items[id];
    for (uint32_t i = 0; i < f->n_scope; i++) {
      uint32_t at = 0;
      while (at < n && scope[at] < f->scope[i])
        at++;
      if (at < n && scope[at] == f->scope[i])
        continue;
      memmove(scope + at + 1, scope + at, sizeof *scope * (n - at));
      scope[at] = f->scope[i];
      n++;
    }
  }
  return n;
}

/* The factors of one bucket, apart by whether they have the last variable. */
typedef struct inner_loop {
  cursor *rows, *scalars;
  uint32_t n_rows, n_scalars;
  uint32_t n_outer, sizes[MOST_SCOPE], digits[MOST_SCOPE];
} inner_loop;

static size_t stride_along(const factor *f, uint32_t variable) {
  for (uint32_t i = 0; i < f->n_scope; i++)
    if (f->scope[i] == variable)
      return f->strides[i];
  return 0;
}

static void open_loop(alpa_bucket *bucket, uint32_t position, const uint32_t *scope, uint32_t n_scope,
                      inner_loop *loop) {
  loop->n_rows = loop->n_scalars = 0;
  loop->n_outer = n_scope - 1;
  for (uint32_t i = 0; i < loop->n_outer; i++) {
    loop->sizes[i] = at_position(bucket, scope[i])->n_states;
    loop->digits[i] = 0;
  }
  bucket->rows.n = bucket->scalars.n = 0;
  for (uint32_t id = bucket->firsts[position]; id != NONE; id = bucket->factors.items[id].next) {
    const factor *f = &bucket->factors.items[id];
    bool is_row = f->scope[f->n_scope - 1] == scope[n_scope - 1];
    bool is_turned = !is_row && f->turned;
    cursor at = {.data = is_turned ? f->turned : f->data, .own_stride = is_turned ? 1 : f->own_stride};
    for (uint32_t i = 0; i < loop->n_outer; i++)
      at.strides[i] = (ptrdiff_t)(is_turned && f->scope[0] == scope[i] ? f->turned_stride : stride_along(f, scope[i]));
    if (is_row)
      alpa_vec_push(bucket->arena, &bucket->rows, at);
    else
      alpa_vec_push(bucket->arena, &bucket->scalars, at);
  }
  loop->rows = bucket->rows.items;
  loop->scalars = bucket->scalars.items;
  loop->n_rows = (uint32_t)bucket->rows.n;
  loop->n_scalars = (uint32_t)bucket->scalars.n;
}

static void move_cursors(cursor *cursors, uint32_t n, uint32_t variable, ptrdiff_t steps) {
  for (uint32_t c = 0; c < n; c++)
    cursors[c].data += steps * cursors[c].strides[variable];
}

/* Moves to the next combination of the outer variables; false after the last. */
static bool next_outer(inner_loop *loop) {
  for (uint32_t i = loop->n_outer; i-- > 0;) {
    bool is_last = ++loop->digits[i] == loop->sizes[i];
    ptrdiff_t steps = is_last ? 1 - (ptrdiff_t)loop->sizes[i] : 1;
    move_cursors(loop->rows, loop->n_rows, i, steps);
    move_cursors(loop->scalars, loop->n_scalars, i, steps);
    if (!is_last)
      return true;
    loop->digits[i] = 0;
  }
  return false;
}

/* One line of the bucket's table: the minimum over its node for all states of the last variable. */
static void make_line(alpa_bucket *bucket, const alpa_core_node *node, const double *unary, const inner_loop *loop,
                      size_t width, double *out) {
  double *heads = bucket->heads;
  memcpy(heads, unary, sizeof *heads * node->stride);
  for (uint32_t f = 0; f < loop->n_scalars; f++) {
    const cursor *scalar = &loop->scalars[f];
    if (scalar->own_stride == 1)
      alpa_lanes_add(heads, scalar->data, node->stride);
    else
      for (uint32_t s = 0; s < node->n_states; s++)
        heads[s] += scalar->data[s * scalar->own_stride];
  }
  const double *matrix = loop->rows[0].data;
  size_t stride = loop->rows[0].own_stride;
  if (loop->n_rows > 1) {
    for (uint32_t s = 0; s < node->n_states; s++) {
      double *line = bucket->matrix + s * width;
      memcpy(line, matrix + s * stride, sizeof *line * width);
      for (uint32_t f = 1; f < loop->n_rows; f++) {
        const double *more = loop->rows[f].data + s * loop->rows[f].own_stride;
        alpa_lanes_add(line, more, (uint32_t)width);
      }
    }
    matrix = bucket->matrix;
    stride = width;
  }
  bucket->core->kernel->multiply(matrix, stride, heads, node->n_states, out, width);
}

/* Fills in the layout of the table that a bucket makes; the number of its lines. */
static size_t lay_out(const inner_loop *loop, const uint32_t *scope, size_t width, factor *message) {
  size_t stride = width;
  message->n_scope = loop->n_outer;
  for (uint32_t i = loop->n_outer; i-- > 0;) {
    message->scope[i] = scope[i + 1];
    message->strides[i] = 1;
    if (i + 1 < loop->n_outer)
      message->strides[i] = stride;
    if (i + 1 < loop->n_outer)
      stride *= loop->sizes[i + 1];
  }
  message->own_stride = stride;
  return loop->n_outer ? stride / width * loop->sizes[0] : 1;
}

/* Adds a table to an equal one that waits in the bucket; false where there is none. */
static bool merge_message(alpa_bucket *bucket, uint32_t position, const factor *message, size_t n) {
  for (uint32_t id = bucket->firsts[position]; id != NONE; id = bucket->factors.items[id].next) {
    const factor *f = &bucket->factors.items[id];
    if (!f->own || f->n_scope != message->n_scope ||
        memcmp(f->scope, message->scope, sizeof *f->scope * f->n_scope) != 0)
      continue;
    for (size_t i = 0; i < n; i++)
      f->own[i] += message->own[i];
    return true;
  }
  return false;
}

static void run_bucket(alpa_bucket *bucket, uint32_t position) {
  uint32_t scope[MOST_SCOPE + 1];
  uint32_t n_scope = join_scopes(bucket, position, scope);
  if (n_scope == 0)
    return;
  const alpa_core_node *node = at_position(bucket, position);
  inner_loop loop;
  open_loop(bucket, position, scope, n_scope, &loop);
  size_t width = at_position(bucket, scope[n_scope - 1])->stride;
  factor message = {0};
  size_t n_lines = lay_out(&loop, scope, width, &message);
  double *table = take(bucket, n_lines * width), *at = table;
  do {
    make_line(bucket, node, bucket->unary[position], &loop, width, at);
    at += width;
  } while (next_outer(&loop));
  if (n_scope == 1) {
    double *unary = bucket->unary[scope[0]];
    alpa_lanes_add(unary, table, (uint32_t)width);
    return;
  }
  message.data = message.own = table;
  if (!merge_message(bucket, scope[0], &message, n_lines * width))
    file(bucket, scope[0], &message);
}

static uint32_t choose(alpa_bucket *bucket, uint32_t position, const uint32_t *labels) {
  const alpa_core_node *node = at_position(bucket, position);
  double *sums = bucket->heads;
  memcpy(sums, bucket->unary[position], sizeof *sums * node->n_states);
  for (uint32_t id = bucket->firsts[position]; id != NONE; id = bucket->factors.items[id].next) {
    const factor *f = &bucket->factors.items[id];
    const double *line = f->data;
    for (uint32_t i = 0; i < f->n_scope; i++)
      line += f->strides[i] * labels[bucket->nodes.items[bucket->order.items[f->scope[i]]].node];
    for (uint32_t s = 0; s < node->n_states; s++)
      sums[s] += line[s * f->own_stride];
  }
  uint32_t best = 0;
  for (uint32_t s = 1; s < node->n_states; s++)
    best = sums[s] < sums[best] ? s : best;
  return best;
}

void alpa_bucket_run(alpa_bucket *bucket, const double *costs, uint32_t *labels) {
  uint32_t n = (uint32_t)bucket->order.n;
  if (n > bucket->n_firsts) {
    bucket->n_firsts = n + n / 2;
    bucket->firsts = alpa_arena_alloc(bucket->arena, sizeof(uint32_t) * bucket->n_firsts);
    bucket->unary = alpa_arena_alloc(bucket->arena, sizeof(double *) * bucket->n_firsts);
  }
  if (n)
    memset(bucket->firsts, 0xFF, sizeof(uint32_t) * n);
  bucket->factors.n = 0;
  bucket->tables_used = 0;
  for (uint32_t p = 0; p < n; p++)
    load_node(bucket, p, costs, labels);
  for (uint32_t p = 0; p < n; p++)
    run_bucket(bucket, p);
  for (uint32_t p = n; p-- > 0;)
    labels[bucket->nodes.items[bucket->order.items[p]].node] = choose(bucket, p, labels);
}
