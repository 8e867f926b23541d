/* The planner: list scheduling in virtual time.
 *
 * A host sends one part at a time into the network and receives one at a time, a device likewise over its local port.
 * Whenever a host is free to receive, it takes the part that fewest hosts have (so that what only the sources have
 * leaves them first, and relays always have something to pass on), of the senders that are free from the one with the
 * least left that it alone may have to send.  Hosts that lack most choose first.  A moment costs the parts that are
 * still wanted times the devices that have or want them. */
#include <math.h>
#include <string.h>

#include "passes/transfer/cells.h"

typedef ALPA_VEC(size_t) part_list;

/* A device on either side, and what is known of its port. */
typedef struct site {
  uint32_t device, host;
  double out_free_s, in_free_s;
  int64_t received_bytes, sent_bytes;
  part_list wanted; /* what it lacks, or has lately lacked */
} site;

typedef struct host {
  uint32_t number;
  double out_free_s, in_free_s;
  double duty_bytes; /* of parts that have not left the sources: its share, divided evenly among the hosts that can */
  int64_t wanted_bytes;
  part_list wanted; /* what must come from the network, or has lately had to */
} host;

/* Parts are so small that there are at least so many, and so large that sending one takes at least so many latencies.
 */
static const double min_parts = 128, min_latencies = 16;
static const uint32_t HELD = ALPA_NO_COPY, NOT_THERE = ALPA_NO_COPY - 1;

typedef struct planner {
  alpa_arena *arena;
  const alpa_transfer_problem *problem;
  transfer_cells parts; /* holders and wanters by site */
  site *sites;
  host *hosts;
  uint32_t n_sites, n_hosts;
  uint32_t *brought_by; /* by part * n_sites + site: a copy, HELD or NOT_THERE */
  double *there_s;      /* likewise: when it is there */
  double *at_host_s;    /* by part * n_hosts + host: the first of its sites; INFINITY: none, and none on its way */
  uint32_t *n_reached;  /* by part: hosts that have it from the network */
  size_t n_left;        /* pairs (part, wanter) */
  double now_s;
  ALPA_VEC(double) arrivals; /* of what is under way, and of some that has arrived */
  ALPA_VEC(alpa_transfer_copy) copies;
  int64_t network_bytes;
} planner;

/* ---- the model --------------------------------------------------------------------------------------------------- */

static uint32_t add_host(planner *p, uint32_t number) {
  for (uint32_t h = 0; h < p->n_hosts; h++)
    if (p->hosts[h].number == number)
      return h;
  p->hosts[p->n_hosts] = (host){.number = number};
  return p->n_hosts++;
}

static uint32_t add_site(planner *p, uint32_t device) {
  for (uint32_t s = 0; s < p->n_sites; s++)
    if (p->sites[s].device == device)
      return s;
  p->sites[p->n_sites] = (site){.device = device, .host = add_host(p, device / p->problem->devices_per_host)};
  return p->n_sites++;
}

/* From places in a tiling to sites. */
static transfer_places find_sites(planner *p, const alpa_tiling *tiling, transfer_places places) {
  uint32_t *items = alpa_arena_new(p->arena, uint32_t, places.n);
  for (uint32_t i = 0; i < places.n; i++)
    items[i] = add_site(p, tiling->devices[places.items[i]]);
  return (transfer_places){items, places.n};
}

static bool is_on_host(const planner *p, transfer_places sites, uint32_t h) {
  for (uint32_t i = 0; i < sites.n; i++)
    if (p->sites[sites.items[i]].host == h)
      return true;
  return false;
}

/* Whether some device wants it that no holder shares a host with. */
static bool needs_network(const planner *p, const transfer_cell *cell) {
  for (uint32_t i = 0; i < cell->wanters.n; i++)
    if (!is_on_host(p, cell->holders, p->sites[cell->wanters.items[i]].host))
      return true;
  return false;
}

static uint32_t count_hosts(const planner *p, transfer_places sites) {
  uint32_t n = 0;
  for (uint32_t h = 0; h < p->n_hosts; h++)
    n += is_on_host(p, sites, h);
  return n;
}

/* All holders of a are on hosts of b. */
static bool is_within(const planner *p, transfer_places a, transfer_places b) {
  for (uint32_t i = 0; i < a.n; i++)
    if (!is_on_host(p, b, p->sites[a.items[i]].host))
      return false;
  return true;
}

/* What the hosts that hold a cell must send: all cells that only they hold, at least once, divided among them. */
static double bound_out(const planner *p, const transfer_cells *cells, const transfer_cell *cell) {
  int64_t bytes = 0;
  for (size_t i = 0; i < cells->n; i++)
    if (needs_network(p, &cells->items[i]) && is_within(p, cells->items[i].holders, cell->holders))
      bytes += cells->items[i].bytes;
  return (double)bytes / count_hosts(p, cell->holders);
}

static double link_time(const alpa_transfer_link *link, double bytes) {
  return bytes > 0 ? link->latency_s + bytes / link->bandwidth : 0;
}

/* What keeps both ends of a link busy; the latency passes while they do something else. */
static double port_time(const alpa_transfer_link *link, int64_t bytes) { return (double)bytes / link->bandwidth; }

/* Many cells have the same holders: one bound for all of them. */
static bool is_first_of_holders(const transfer_cells *cells, size_t i) {
  transfer_places holders = cells->items[i].holders;
  for (size_t k = 0; k < i; k++) {
    transfer_places other = cells->items[k].holders;
    if (other.n == holders.n && memcmp(other.items, holders.items, holders.n * sizeof *holders.items) == 0)
      return false;
  }
  return true;
}

/* Bytes that the busiest network must carry. */
static double bound_network(const planner *p, const transfer_cells *cells) {
  double most = 0;
  for (uint32_t h = 0; h < p->n_hosts; h++) {
    int64_t in = 0;
    for (size_t i = 0; i < cells->n; i++)
      if (is_on_host(p, cells->items[i].wanters, h) && !is_on_host(p, cells->items[i].holders, h))
        in += cells->items[i].bytes;
    most = fmax(most, (double)in);
  }
  for (size_t i = 0; i < cells->n; i++)
    if (is_first_of_holders(cells, i))
      most = fmax(most, bound_out(p, cells, &cells->items[i]));
  return most;
}

static bool is_site_in(transfer_places sites, uint32_t s) {
  for (uint32_t i = 0; i < sites.n; i++)
    if (sites.items[i] == s)
      return true;
  return false;
}

/* Bytes that the busiest device must receive over its port: what a holder on its host could give it. */
static double bound_local(const planner *p, const transfer_cells *cells) {
  double most = 0;
  for (uint32_t s = 0; s < p->n_sites; s++) {
    int64_t in = 0;
    for (size_t i = 0; i < cells->n; i++)
      if (is_site_in(cells->items[i].wanters, s) && !is_site_in(cells->items[i].holders, s) &&
          is_on_host(p, cells->items[i].holders, p->sites[s].host))
        in += cells->items[i].bytes;
    most = fmax(most, (double)in);
  }
  return most;
}

/* ---- parts ------------------------------------------------------------------------------------------------------- */

static void start_state(planner *p) {
  size_t n = p->parts.n;
  p->brought_by = alpa_arena_new(p->arena, uint32_t, n * p->n_sites);
  p->there_s = alpa_arena_new(p->arena, double, n * p->n_sites);
  p->at_host_s = alpa_arena_new(p->arena, double, n * p->n_hosts);
  p->n_reached = alpa_arena_new(p->arena, uint32_t, n);
  for (size_t i = 0; i < n * p->n_sites; i++) {
    p->brought_by[i] = NOT_THERE;
    p->there_s[i] = INFINITY;
  }
  for (size_t i = 0; i < n; i++) {
    const transfer_cell *part = &p->parts.items[i];
    p->n_left += part->wanters.n;
    for (uint32_t k = 0; k < part->holders.n; k++) {
      p->brought_by[i * p->n_sites + part->holders.items[k]] = HELD;
      p->there_s[i * p->n_sites + part->holders.items[k]] = 0;
    }
    double share = (double)part->bytes / count_hosts(p, part->holders);
    for (uint32_t h = 0; h < p->n_hosts; h++) {
      bool is_held = is_on_host(p, part->holders, h);
      p->at_host_s[i * p->n_hosts + h] = is_held ? 0 : INFINITY;
      p->hosts[h].duty_bytes += is_held && needs_network(p, part) ? share : 0;
      if (is_held || !is_on_host(p, part->wanters, h))
        continue;
      p->hosts[h].wanted_bytes += part->bytes;
      alpa_vec_push(p->arena, &p->hosts[h].wanted, i);
    }
    for (uint32_t k = 0; k < part->wanters.n; k++)
      alpa_vec_push(p->arena, &p->sites[part->wanters.items[k]].wanted, i);
  }
}

/* The copy has arrived at end_s. */
static void append(planner *p, size_t i, uint32_t from, uint32_t to, double end_s) {
  const transfer_cell *part = &p->parts.items[i];
  uint32_t after = p->brought_by[i * p->n_sites + from];
  const alpa_transfer_copy copy = {.from = p->sites[from].device,
                                   .to = p->sites[to].device,
                                   .after = after,
                                   .depth = after == HELD ? 0 : p->copies.items[after].depth + 1,
                                   .start = part->start,
                                   .extents = part->extents,
                                   .begin_s = p->now_s,
                                   .end_s = end_s};
  if (from != to) {
    p->brought_by[i * p->n_sites + to] = (uint32_t)p->copies.n;
    p->there_s[i * p->n_sites + to] = end_s;
    p->sites[from].sent_bytes += part->bytes;
    p->sites[to].received_bytes += part->bytes;
  }
  p->n_left--;
  alpa_vec_push(p->arena, &p->arrivals, end_s);
  alpa_vec_push(p->arena, &p->copies, copy);
}

static bool has_now(const planner *p, size_t i, uint32_t s) {
  return p->there_s[i * p->n_sites + s] <= p->now_s &&
         (!p->problem->is_direct || p->brought_by[i * p->n_sites + s] == HELD);
}

/* ---- the network ------------------------------------------------------------------------------------------------- */

/* The device of host h that shall receive the part from the network: the one that has received least so far; n_sites
 * where that host needs it no more. */
static uint32_t find_receiver(const planner *p, size_t i, uint32_t h) {
  transfer_places wanters = p->parts.items[i].wanters;
  uint32_t best = p->n_sites;
  if (p->problem->is_direct ? is_on_host(p, p->parts.items[i].holders, h) : p->at_host_s[i * p->n_hosts + h] < INFINITY)
    return best;
  for (uint32_t k = 0; k < wanters.n; k++) {
    uint32_t s = wanters.items[k];
    if (p->sites[s].host != h || p->brought_by[i * p->n_sites + s] != NOT_THERE)
      continue;
    if (best == p->n_sites || p->sites[s].received_bytes < p->sites[best].received_bytes)
      best = s;
  }
  return best;
}

typedef struct choice {
  size_t part;
  uint32_t from, to; /* sites */
} choice;

/* Senders with less duty first, then devices that have sent less. */
static bool is_better_sender(const planner *p, uint32_t a, uint32_t b) {
  double left = p->hosts[p->sites[a].host].duty_bytes, right = p->hosts[p->sites[b].host].duty_bytes;
  return left != right ? left < right : p->sites[a].sent_bytes < p->sites[b].sent_bytes;
}

static void consider_senders(const planner *p, size_t i, uint32_t h, transfer_places sites, uint32_t *best) {
  for (uint32_t k = 0; k < sites.n; k++) {
    uint32_t s = sites.items[k], g = p->sites[s].host;
    if (g == h || p->hosts[g].out_free_s > p->now_s || !has_now(p, i, s))
      continue;
    if (*best == p->n_sites || is_better_sender(p, s, *best))
      *best = s;
  }
}

/* Rarer parts first, then better senders. */
static bool is_better(const planner *p, const choice *a, const choice *b) {
  if (p->n_reached[a->part] != p->n_reached[b->part])
    return p->n_reached[a->part] < p->n_reached[b->part];
  return p->hosts[p->sites[a->from].host].duty_bytes < p->hosts[p->sites[b->from].host].duty_bytes;
}

/* What host h receives next; parts that it needs no more are taken from its list. */
static bool choose_network(planner *p, uint32_t h, choice *out_choice) {
  part_list *wanted = &p->hosts[h].wanted;
  bool is_found = false;
  size_t n = 0;
  for (size_t k = 0; k < wanted->n; k++) {
    size_t i = wanted->items[k];
    choice next = {.part = i, .from = p->n_sites, .to = find_receiver(p, i, h)};
    if (next.to == p->n_sites)
      continue;
    wanted->items[n++] = i;
    consider_senders(p, i, h, p->parts.items[i].holders, &next.from);
    consider_senders(p, i, h, p->parts.items[i].wanters, &next.from);
    if (next.from == p->n_sites || (is_found && !is_better(p, &next, out_choice)))
      continue;
    *out_choice = next;
    is_found = true;
  }
  wanted->n = n;
  return is_found;
}

static void start_network(planner *p, const choice *c) {
  const transfer_cell *part = &p->parts.items[c->part];
  uint32_t g = p->sites[c->from].host, h = p->sites[c->to].host, n_holders = count_hosts(p, part->holders);
  double sent_s = p->now_s + port_time(&p->problem->network, part->bytes),
         end_s = sent_s + p->problem->network.latency_s;
  for (uint32_t k = 0; k < p->n_hosts && p->n_reached[c->part] == 0; k++)
    p->hosts[k].duty_bytes -= is_on_host(p, part->holders, k) ? (double)part->bytes / n_holders : 0;
  p->hosts[g].out_free_s = p->hosts[h].in_free_s = sent_s;
  p->hosts[h].wanted_bytes -= part->bytes;
  double *at_host_s = &p->at_host_s[c->part * p->n_hosts + h];
  *at_host_s = fmin(*at_host_s, end_s);
  p->n_reached[c->part]++;
  p->network_bytes += part->bytes;
  append(p, c->part, c->from, c->to, end_s);
}

/* Each host that is free receives one part; those that want most choose first. */
static void run_network(planner *p) {
  bool *has_chosen = alpa_arena_new(p->arena, bool, p->n_hosts);
  for (uint32_t round = 0; round < p->n_hosts; round++) {
    uint32_t best = p->n_hosts;
    for (uint32_t h = 0; h < p->n_hosts; h++)
      if (!has_chosen[h] && (best == p->n_hosts || p->hosts[h].wanted_bytes > p->hosts[best].wanted_bytes))
        best = h;
    choice c = {0};
    has_chosen[best] = true;
    if (p->hosts[best].in_free_s <= p->now_s && choose_network(p, best, &c))
      start_network(p, &c);
  }
}

/* ---- inside of hosts --------------------------------------------------------------------------------------------- */

static void start_local(planner *p, const choice *c) {
  double sent_s = p->now_s + port_time(&p->problem->local, p->parts.items[c->part].bytes);
  p->sites[c->from].out_free_s = p->sites[c->to].in_free_s = sent_s;
  append(p, c->part, c->from, c->to, sent_s + p->problem->local.latency_s);
}

/* Of the devices on one host that have the part now and are free, the one that has sent least. */
static void consider_neighbours(const planner *p, size_t i, uint32_t h, transfer_places sites, uint32_t *best) {
  for (uint32_t k = 0; k < sites.n; k++) {
    uint32_t s = sites.items[k];
    if (p->sites[s].host != h || p->sites[s].out_free_s > p->now_s || !has_now(p, i, s))
      continue;
    if (*best == p->n_sites || p->sites[s].sent_bytes < p->sites[*best].sent_bytes)
      *best = s;
  }
}

/* The first part that this device lacks and another one of its host can send it now; what it lacks no more is taken
 * from its list. */
static bool choose_local(planner *p, uint32_t s, choice *out_choice) {
  part_list *wanted = &p->sites[s].wanted;
  bool is_found = false;
  size_t n = 0;
  for (size_t k = 0; k < wanted->n; k++) {
    size_t i = wanted->items[k];
    if (p->brought_by[i * p->n_sites + s] != NOT_THERE)
      continue;
    wanted->items[n++] = i;
    if (is_found)
      continue;
    *out_choice = (choice){i, p->n_sites, s};
    consider_neighbours(p, i, p->sites[s].host, p->parts.items[i].holders, &out_choice->from);
    consider_neighbours(p, i, p->sites[s].host, p->parts.items[i].wanters, &out_choice->from);
    is_found = out_choice->from < p->n_sites;
  }
  wanted->n = n;
  return is_found;
}

static void run_local(planner *p) {
  for (uint32_t s = 0; s < p->n_sites; s++) {
    choice c = {0};
    if (p->sites[s].in_free_s <= p->now_s && choose_local(p, s, &c))
      start_local(p, &c);
  }
}

/* What a device holds already moves within its memory, at no cost. */
static void keep_own(planner *p) {
  for (size_t i = 0; i < p->parts.n; i++)
    for (uint32_t k = 0; k < p->parts.items[i].wanters.n; k++) {
      uint32_t s = p->parts.items[i].wanters.items[k];
      if (is_site_in(p->parts.items[i].holders, s))
        append(p, i, s, s, 0);
    }
}

/* ---- the plan ---------------------------------------------------------------------------------------------------- */

/* The next moment at which something has been sent or arrives. */
static double find_next(planner *p) {
  double next = INFINITY;
  size_t n = 0;
  for (uint32_t h = 0; h < p->n_hosts; h++)
    if (p->hosts[h].in_free_s > p->now_s)
      next = fmin(next, p->hosts[h].in_free_s);
  for (uint32_t s = 0; s < p->n_sites; s++)
    if (p->sites[s].in_free_s > p->now_s)
      next = fmin(next, p->sites[s].in_free_s);
  for (size_t i = 0; i < p->arrivals.n; i++) {
    if (p->arrivals.items[i] <= p->now_s)
      continue;
    next = fmin(next, p->arrivals.items[i]);
    p->arrivals.items[n++] = p->arrivals.items[i];
  }
  p->arrivals.n = n;
  return next;
}

static void model(planner *p, alpa_transfer_plan *plan) {
  const alpa_transfer_problem *problem = p->problem;
  uint32_t n = problem->from.n_devices + problem->to.n_devices;
  p->sites = alpa_arena_new(p->arena, site, n);
  p->hosts = alpa_arena_new(p->arena, host, n);
  transfer_cells cells = transfer_cells_build(p->arena, problem);
  for (size_t i = 0; i < cells.n; i++) {
    cells.items[i].holders = find_sites(p, &problem->from, cells.items[i].holders);
    cells.items[i].wanters = find_sites(p, &problem->to, cells.items[i].wanters);
  }
  double network_bytes = bound_network(p, &cells);
  double part_bytes =
      fmax(network_bytes / min_parts, min_latencies * problem->network.latency_s * problem->network.bandwidth);
  plan->bound_s = fmax(link_time(&problem->network, network_bytes), link_time(&problem->local, bound_local(p, &cells)));
  p->parts = network_bytes > 0 && !problem->is_direct
                 ? transfer_cells_cut(p->arena, problem, &cells, (int64_t)ceil(part_bytes))
                 : cells;
}

void alpa_transfer_plan_build(alpa_arena *arena, const alpa_transfer_problem *problem, alpa_transfer_plan *out_plan) {
  planner p = {.arena = arena, .problem = problem};
  *out_plan = (alpa_transfer_plan){0};
  model(&p, out_plan);
  start_state(&p);
  keep_own(&p);
  while (p.n_left > 0) {
    run_network(&p);
    run_local(&p);
    p.now_s = p.n_left > 0 ? find_next(&p) : p.now_s;
  }
  for (size_t i = 0; i < p.copies.n; i++)
    out_plan->makespan_s = fmax(out_plan->makespan_s, p.copies.items[i].end_s);
  out_plan->n_copies = (uint32_t)p.copies.n;
  out_plan->copies = p.copies.items;
  out_plan->network_bytes = p.network_bytes;
}
