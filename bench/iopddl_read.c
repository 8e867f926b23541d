/* A scanner for the contest's schema over a window of decompressed bytes:
 *
 *   {"problem": {"name": string, "nodes": {"intervals": [[lo, hi], ..], "costs": [[..], ..], "usages": [[..], ..]},
 *                "edges": {"nodes": [[u, v], ..], "costs": [[..], ..]}, "usage_limit": integer}}
 *
 * Keys may come in any order and unknown ones are skipped.  All numbers are integers >= 0 that fit 64 bits.  Lists of
 * numbers are interned as they are read, so memory is that of the distinct ones. */
#include "bench/iopddl_read.h"

#include <inttypes.h>
#include <string.h>
#include <zlib.h>

#include "support/hash.h"

enum { WINDOW = 1 << 18, MOST_DEPTH = 64, MOST_NAME = 31 };

/* A list of numbers. */
typedef struct list {
  uint32_t n;
  const int64_t *items;
} list;

typedef struct lists {
  ALPA_VEC(const list *) all;
  ALPA_VEC(alpa_place) places; /* where each began */
  bool is_read;
} lists;

typedef struct scanner {
  gzFile file;
  const char *path;
  alpa_diag *diag;
  alpa_arena *arena;
  unsigned char *window;
  const unsigned char *at, *end;
  uint64_t window_offset, line_offset;
  uint32_t line;
  bool is_ended;
  alpa_intern interned;
  ALPA_VEC(int64_t) numbers;
  lists intervals, costs, usages, edges, tables;
  int64_t limit;
  bool has_limit, has_problem;
} scanner;

static alpa_place here(const scanner *s) {
  uint64_t offset = s->window_offset + (uint64_t)(s->at - s->window) - s->line_offset;
  return (alpa_place){s->path, s->line, (uint32_t)(offset < UINT32_MAX ? offset + 1 : UINT32_MAX)};
}

/* ---- bytes ------------------------------------------------------------------------------------------------------ */

/* The next byte without consuming it, or -1 at the end (is_ended). */
static int refill(scanner *s) {
  if (s->is_ended)
    return -1;
  s->window_offset += (uint64_t)(s->end - s->window);
  int n = gzread(s->file, s->window, WINDOW);
  s->at = s->window;
  s->end = s->window + (n > 0 ? n : 0);
  if (n <= 0) {
    s->is_ended = true;
    return -1;
  }
  return *s->at;
}

static inline int peek(scanner *s) { return s->at < s->end ? *s->at : refill(s); }

static int peek_token(scanner *s) {
  for (;;) {
    int c = peek(s);
    if (c == '\n') {
      s->line++;
      s->line_offset = s->window_offset + (uint64_t)(s->at - s->window) + 1;
    } else if (c != ' ' && c != '\t' && c != '\r') {
      return c;
    }
    s->at++;
  }
}

static alpa_status fail(scanner *s, const char *expected) {
  int c = peek(s), error = 0;
  const char *message = gzerror(s->file, &error);
  if (c < 0 && error != Z_OK && error != Z_STREAM_END)
    return alpa_error(s->diag, here(s), ALPA_DATA_LOSS, "the file is damaged or cut off: %s", message);
  if (c < 0)
    return alpa_error(s->diag, here(s), ALPA_INVALID_ARGUMENT, "expected %s, got the end of the file", expected);
  if (c < ' ' || c > '~')
    return alpa_error(s->diag, here(s), ALPA_INVALID_ARGUMENT, "expected %s, got byte 0x%02x", expected, c);
  return alpa_error(s->diag, here(s), ALPA_INVALID_ARGUMENT, "expected %s, got '%c'", expected, c);
}

static alpa_status expect(scanner *s, char wanted, const char *expected) {
  if (peek_token(s) != wanted)
    return fail(s, expected);
  s->at++;
  return ALPA_OK;
}

/* ---- values ----------------------------------------------------------------------------------------------------- */

static alpa_status read_number(scanner *s, int64_t *out_number) {
  int c = peek_token(s);
  alpa_place place = here(s);
  if (c == '-')
    return alpa_error(s->diag, place, ALPA_INVALID_ARGUMENT, "a number is negative; all numbers here are at least 0");
  if (c < '0' || c > '9')
    return fail(s, "a number");
  uint64_t value = 0;
  for (; c >= '0' && c <= '9'; c = peek(s)) {
    value = value * 10 + (uint64_t)(c - '0');
    if (value > INT64_MAX)
      return alpa_error(s->diag, place, ALPA_INVALID_ARGUMENT, "a number does not fit 64 bits with sign");
    s->at++;
  }
  if (c == '.' || c == 'e' || c == 'E')
    return fail(s, "an integer");
  *out_number = (int64_t)value;
  return ALPA_OK;
}

/* A string; its first bytes as a name. */
static alpa_status read_string(scanner *s, char name[MOST_NAME + 1]) {
  ALPA_TRY(expect(s, '"', "a string"));
  size_t n = 0;
  for (int c = peek(s); c != '"'; c = peek(s)) {
    if (c < ' ')
      return fail(s, "the end of a string");
    s->at++;
    if (c == '\\') {
      if (peek(s) < ' ')
        return fail(s, "an escaped character");
      s->at++;
    }
    if (n < MOST_NAME)
      name[n++] = (char)c;
  }
  name[n] = 0;
  s->at++;
  return ALPA_OK;
}

static bool equal_lists(const void *a, const void *b) {
  const list *x = a, *y = b;
  return x->n == y->n && memcmp(x->items, y->items, sizeof *x->items * x->n) == 0;
}

static const list *intern_list(scanner *s) {
  list key = {.n = (uint32_t)s->numbers.n, .items = s->numbers.items};
  size_t bytes = sizeof *key.items * key.n;
  uint64_t hash = alpa_hash64(key.items, bytes, 0);
  list *known = alpa_intern_find(&s->interned, hash, &key, equal_lists);
  if (known)
    return known;
  key.items = alpa_arena_copy(s->arena, key.items, bytes);
  known = alpa_arena_copy(s->arena, &key, sizeof key);
  alpa_intern_insert(s->arena, &s->interned, hash, known);
  return known;
}

/* After an element: consumes ',' or the closing character; *out_more says which. */
static alpa_status next_element(scanner *s, char close, bool *out_more) {
  int c = peek_token(s);
  if (c != ',' && c != close)
    return fail(s, close == ']' ? "',' or ']'" : "',' or '}'");
  s->at++;
  *out_more = c == ',';
  return ALPA_OK;
}

/* Consumes the opening character; *out_more is false for an empty list or object, which it consumes whole. */
static alpa_status open_list(scanner *s, char open, char close, bool *out_more) {
  ALPA_TRY(expect(s, open, open == '[' ? "'['" : "'{'"));
  *out_more = peek_token(s) != close;
  s->at += !*out_more;
  return ALPA_OK;
}

static alpa_status read_numbers(scanner *s) {
  bool more;
  s->numbers.n = 0;
  ALPA_TRY(open_list(s, '[', ']', &more));
  while (more) {
    int64_t number;
    ALPA_TRY(read_number(s, &number));
    if (s->numbers.n == UINT32_MAX)
      return fail(s, "a shorter list");
    alpa_vec_push(s->arena, &s->numbers, number);
    ALPA_TRY(next_element(s, ']', &more));
  }
  return ALPA_OK;
}

static alpa_status read_lists(scanner *s, lists *out_lists) {
  bool more;
  if (out_lists->is_read)
    return fail(s, "each list once");
  out_lists->is_read = true;
  ALPA_TRY(open_list(s, '[', ']', &more));
  while (more) {
    peek_token(s);
    alpa_place place = here(s);
    ALPA_TRY(read_numbers(s));
    alpa_vec_push(s->arena, &out_lists->all, intern_list(s));
    alpa_vec_push(s->arena, &out_lists->places, place);
    ALPA_TRY(next_element(s, ']', &more));
  }
  return ALPA_OK;
}

/* Skips any value; the grammar inside it is only followed as far as that takes. */
static alpa_status skip_value(scanner *s) {
  char stack[MOST_DEPTH], name[MOST_NAME + 1];
  int depth = 0;
  do {
    int c = peek_token(s);
    if (c == '"') {
      ALPA_TRY(read_string(s, name));
    } else if (c == '[' || c == '{') {
      if (depth == MOST_DEPTH)
        return fail(s, "less nesting");
      stack[depth++] = c == '[' ? ']' : '}';
      s->at++;
    } else if (depth && c == stack[depth - 1]) {
      depth--;
      s->at++;
    } else if (c < 0 || c == ']' || c == '}' || (!depth && (c == ',' || c == ':'))) {
      return fail(s, "a value");
    } else if (depth && (c == ',' || c == ':')) {
      s->at++;
    } else {
      while ((c = peek(s)) > ' ' && !strchr(",:]}[{\"", c))
        s->at++;
    }
  } while (depth);
  return ALPA_OK;
}

/* ---- the schema ------------------------------------------------------------------------------------------------- */

typedef alpa_status field_fn(scanner *s);
typedef struct field {
  const char *name;
  field_fn *read;
} field;

/* An object whose known fields are read and whose others are skipped. */
static alpa_status read_object(scanner *s, const field *fields, size_t n_fields) {
  bool more;
  char name[MOST_NAME + 1];
  ALPA_TRY(open_list(s, '{', '}', &more));
  while (more) {
    ALPA_TRY(read_string(s, name));
    ALPA_TRY(expect(s, ':', "':'"));
    field_fn *read = skip_value;
    for (size_t f = 0; f < n_fields; f++)
      if (strcmp(fields[f].name, name) == 0)
        read = fields[f].read;
    ALPA_TRY(read(s));
    ALPA_TRY(next_element(s, '}', &more));
  }
  return ALPA_OK;
}

static alpa_status read_intervals(scanner *s) { return read_lists(s, &s->intervals); }
static alpa_status read_costs(scanner *s) { return read_lists(s, &s->costs); }
static alpa_status read_usages(scanner *s) { return read_lists(s, &s->usages); }
static alpa_status read_ends(scanner *s) { return read_lists(s, &s->edges); }
static alpa_status read_tables(scanner *s) { return read_lists(s, &s->tables); }

static alpa_status read_nodes(scanner *s) {
  static const field fields[] = {{"intervals", read_intervals}, {"costs", read_costs}, {"usages", read_usages}};
  return read_object(s, fields, countof(fields));
}

static alpa_status read_edges(scanner *s) {
  static const field fields[] = {{"nodes", read_ends}, {"costs", read_tables}};
  return read_object(s, fields, countof(fields));
}

static alpa_status read_limit(scanner *s) {
  s->has_limit = true;
  return read_number(s, &s->limit);
}

static alpa_status read_problem(scanner *s) {
  static const field fields[] = {{"nodes", read_nodes}, {"edges", read_edges}, {"usage_limit", read_limit}};
  s->has_problem = true;
  return read_object(s, fields, countof(fields));
}

static alpa_status read_file(scanner *s) {
  static const field fields[] = {{"problem", read_problem}};
  ALPA_TRY(read_object(s, fields, countof(fields)));
  if (peek_token(s) >= 0)
    return fail(s, "the end of the file");
  if (!s->has_problem)
    return alpa_error(s->diag, here(s), ALPA_INVALID_ARGUMENT, "the file has no 'problem'");
  return ALPA_OK;
}

/* ---- the problem ------------------------------------------------------------------------------------------------ */

static alpa_status check_counts(scanner *s) {
  size_t n = s->costs.all.n, n_edges = s->edges.all.n;
  alpa_place place = {s->path, 0, 0};
  if (s->intervals.all.n != n || s->usages.all.n != n)
    return alpa_error(s->diag, place, ALPA_INVALID_ARGUMENT,
                      "the nodes have %zu intervals, %zu lists of costs and %zu of usages; expects as many of each",
                      s->intervals.all.n, n, s->usages.all.n);
  if (s->tables.all.n != n_edges)
    return alpa_error(s->diag, place, ALPA_INVALID_ARGUMENT,
                      "the edges have %zu pairs of nodes and %zu lists of costs; expects as many of each", n_edges,
                      s->tables.all.n);
  if (n >= UINT32_MAX || n_edges >= UINT32_MAX)
    return alpa_error(s->diag, place, ALPA_INVALID_ARGUMENT, "the problem has more than 2^32 nodes or edges");
  return ALPA_OK;
}

static alpa_status build_node(scanner *s, size_t i, alpa_solver_node *node) {
  const list *interval = s->intervals.all.items[i], *costs = s->costs.all.items[i], *usages = s->usages.all.items[i];
  if (interval->n != 2 || interval->items[0] > interval->items[1])
    return alpa_error(s->diag, s->intervals.places.items[i], ALPA_INVALID_ARGUMENT,
                      "the interval of node %zu is not a pair of ascending times", i);
  if (costs->n == 0 || costs->n != usages->n)
    return alpa_error(s->diag, s->usages.places.items[i], ALPA_INVALID_ARGUMENT,
                      "node %zu has %" PRIu32 " costs and %" PRIu32 " usages; expects as many, and at least one", i,
                      costs->n, usages->n);
  *node = (alpa_solver_node){.n_strategies = costs->n, .costs = costs->items};
  if (interval->items[0] < interval->items[1]) {
    alpa_solver_segment segment = {interval->items[0], interval->items[1], usages->items};
    node->segments = alpa_arena_copy(s->arena, &segment, sizeof segment);
    node->n_segments = 1;
  }
  return ALPA_OK;
}

typedef struct table_key {
  const int64_t *costs;
  uint64_t n_columns;
} table_key;

typedef struct known_table {
  table_key key;
  uint32_t index;
} known_table;

static bool equal_tables(const void *a, const void *b) { return memcmp(a, b, sizeof(table_key)) == 0; }

/* The table of an interned list seen with so many columns. */
static uint32_t find_table(scanner *s, alpa_intern *known, alpa_solver_table *tables, uint32_t *n_tables,
                           alpa_solver_table table) {
  table_key key = {table.costs, table.n_columns};
  uint64_t hash = alpa_hash64(&key, sizeof key, 0);
  known_table *found = alpa_intern_find(known, hash, &key, equal_tables);
  if (!found) {
    found = alpa_arena_new(s->arena, known_table, 1);
    *found = (known_table){key, *n_tables};
    tables[(*n_tables)++] = table;
    alpa_intern_insert(s->arena, known, hash, found);
  }
  return found->index;
}

static alpa_status build_edges(scanner *s, alpa_solver_problem *problem) {
  size_t n = s->edges.all.n;
  alpa_solver_edge *edges = alpa_arena_new(s->arena, alpa_solver_edge, n);
  alpa_solver_table *tables = alpa_arena_new(s->arena, alpa_solver_table, n);
  alpa_intern known = {0};
  for (size_t e = 0; e < n; e++) {
    const list *ends = s->edges.all.items[e], *costs = s->tables.all.items[e];
    if (ends->n != 2 || ends->items[0] >= problem->n_nodes || ends->items[1] >= problem->n_nodes ||
        ends->items[0] == ends->items[1])
      return alpa_error(s->diag, s->edges.places.items[e], ALPA_INVALID_ARGUMENT,
                        "edge %zu is not a pair of different nodes below %" PRIu32, e, problem->n_nodes);
    uint32_t from = (uint32_t)ends->items[0], to = (uint32_t)ends->items[1];
    uint32_t rows = problem->nodes[from].n_strategies, columns = problem->nodes[to].n_strategies;
    if (costs->n != (uint64_t)rows * columns)
      return alpa_error(s->diag, s->tables.places.items[e], ALPA_INVALID_ARGUMENT,
                        "edge %zu has %" PRIu32 " costs; nodes %" PRIu32 " and %" PRIu32 " have %" PRIu32
                        " and %" PRIu32 " strategies",
                        e, costs->n, from, to, rows, columns);
    alpa_solver_table table = {rows, columns, costs->items};
    edges[e] = (alpa_solver_edge){.from = from, .to = to, .weight = 1};
    edges[e].table = find_table(s, &known, tables, &problem->n_tables, table);
  }
  problem->edges = edges;
  problem->tables = tables;
  problem->n_edges = (uint32_t)n;
  return ALPA_OK;
}

static alpa_status build_problem(scanner *s, alpa_solver_problem *out_problem) {
  ALPA_TRY(check_counts(s));
  alpa_solver_problem problem = {.n_nodes = (uint32_t)s->costs.all.n};
  problem.limit = s->has_limit ? s->limit : ALPA_SOLVER_UNLIMITED;
  alpa_solver_node *nodes = alpa_arena_new(s->arena, alpa_solver_node, problem.n_nodes);
  problem.nodes = nodes;
  for (size_t i = 0; i < problem.n_nodes; i++)
    ALPA_TRY(build_node(s, i, &nodes[i]));
  ALPA_TRY(build_edges(s, &problem));
  *out_problem = problem;
  return ALPA_OK;
}

alpa_status iopddl_read(const char *path, alpa_arena *arena, alpa_diag *diag, alpa_solver_problem *out_problem) {
  scanner s = {.path = path, .diag = diag, .arena = arena, .line = 1};
  s.file = gzopen(path, "rb");
  if (!s.file)
    return alpa_error(diag, (alpa_place){path, 0, 0}, ALPA_NOT_FOUND, "cannot open the file");
  gzbuffer(s.file, WINDOW);
  s.window = alpa_arena_alloc(arena, WINDOW);
  s.at = s.end = s.window;
  alpa_status status = read_file(&s);
  gzclose(s.file);
  return status == ALPA_OK ? build_problem(&s, out_problem) : status;
}
