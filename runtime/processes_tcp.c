/* Processes that meet by TCP: process 0 listens, the others call, and what one broadcasts goes through process 0.
 *
 * This carries plans, identifiers and results, not the collectives of a step.  A process that has done its work says so
 * before it closes its connection; where one ends without a word, the others see that while they wait: process 0 at
 * once, the rest when process 0 has ended. */
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "runtime/processes.h"
#include "runtime/processes_tcp.h"

enum { MAGIC = 0x61C9A17, MEETING_SECONDS = 60, SILENCE_SECONDS = 600, NAP_NS = 50 * 1000 * 1000 };

typedef struct hello {
  uint32_t magic, rank, n;
} hello;

typedef struct tcp_processes {
  alpa_processes base;
  int *peers; /* process 0: all others by number; else peers[0] is process 0; -1: none */
} tcp_processes;

/* ---- bytes ------------------------------------------------------------------------------------------------------ */

static bool send_all(int peer, const void *data, size_t bytes) {
  for (size_t at = 0; at < bytes;) {
    ssize_t n = send(peer, (const char *)data + at, bytes - at, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    at += (size_t)n;
  }
  return true;
}

static bool receive_all(int peer, void *data, size_t bytes) {
  for (size_t at = 0; at < bytes;) {
    ssize_t n = recv(peer, (char *)data + at, bytes - at, 0);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    at += (size_t)n;
  }
  return true;
}

static bool broadcast(alpa_processes *processes, void *data, size_t bytes, uint32_t root) {
  tcp_processes *p = (tcp_processes *)processes;
  bool ok = true;
  if (processes->rank > 0)
    return processes->rank == root ? send_all(p->peers[0], data, bytes) : receive_all(p->peers[0], data, bytes);
  if (root > 0)
    ok = receive_all(p->peers[root], data, bytes);
  for (uint32_t k = 1; k < processes->n && ok; k++)
    ok = k == root || send_all(p->peers[k], data, bytes);
  return ok;
}

/* ---- meeting ---------------------------------------------------------------------------------------------------- */

static void configure(int peer) {
  int on = 1;
  struct timeval silence = {.tv_sec = SILENCE_SECONDS};
  setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(peer, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
}

static int open_listener(const struct addrinfo *address) {
  int on = 1, listener = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct timeval patience = {.tv_sec = MEETING_SECONDS};
  if (listener < 0)
    return -1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (bind(listener, address->ai_addr, address->ai_addrlen) == 0 && listen(listener, SOMAXCONN) == 0)
    return listener;
  close(listener);
  return -1;
}

static uint32_t count_missing(const tcp_processes *p, uint32_t *out_first) {
  uint32_t n = 0;
  for (uint32_t k = p->base.n - 1; k > 0; k--)
    if (p->peers[k] < 0) {
      n++;
      *out_first = k;
    }
  return n;
}

/* Process 0: strangers are sent away. */
static alpa_status accept_all(tcp_processes *p, alpa_diag *diag, int listener, const char *where) {
  uint32_t first = 0;
  while (count_missing(p, &first)) {
    hello from = {0};
    int peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (peer < 0 && errno == EINTR)
      continue;
    if (peer < 0)
      return alpa_error(diag, (alpa_place){0}, ALPA_DEADLINE_EXCEEDED,
                        "%u of %u processes have not called %s within %d s, the first is process %u",
                        count_missing(p, &first), p->base.n, where, MEETING_SECONDS, first);
    configure(peer);
    bool is_one = receive_all(peer, &from, sizeof from) && from.magic == MAGIC && from.n == p->base.n &&
                  from.rank > 0 && from.rank < p->base.n && p->peers[from.rank] < 0;
    if (is_one)
      p->peers[from.rank] = peer;
    else
      close(peer);
  }
  return ALPA_OK;
}

static alpa_status call_first(tcp_processes *p, alpa_diag *diag, const struct addrinfo *address, const char *where) {
  hello own = {MAGIC, p->base.rank, p->base.n};
  struct timespec start, now;
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (now = start; now.tv_sec - start.tv_sec < MEETING_SECONDS; clock_gettime(CLOCK_MONOTONIC, &now)) {
    int peer = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (peer >= 0 && connect(peer, address->ai_addr, address->ai_addrlen) == 0) {
      configure(peer);
      p->peers[0] = peer;
      if (send_all(peer, &own, sizeof own))
        return ALPA_OK;
    } else if (peer >= 0) {
      close(peer);
    }
    nanosleep(&(struct timespec){.tv_nsec = NAP_NS}, NULL);
  }
  return alpa_error(diag, (alpa_place){0}, ALPA_DEADLINE_EXCEEDED,
                    "process %u cannot reach process 0 at %s within %d s: %s", p->base.rank, where, MEETING_SECONDS,
                    strerror(errno));
}

static alpa_status meet(tcp_processes *p, alpa_diag *diag, const char *host, const char *port) {
  struct addrinfo *address = NULL, hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  char where[320];
  snprintf(where, sizeof where, "%s:%s", host, port);
  int fault = getaddrinfo(host, port, &hints, &address);
  if (fault)
    return alpa_error(diag, (alpa_place){0}, ALPA_UNAVAILABLE, "there is no host '%s': %s", host, gai_strerror(fault));
  alpa_status status;
  if (p->base.rank > 0) {
    status = call_first(p, diag, address, where);
  } else {
    int listener = open_listener(address);
    status = listener >= 0
                 ? accept_all(p, diag, listener, where)
                 : alpa_error(diag, (alpa_place){0}, ALPA_UNAVAILABLE,
                              "process 0 cannot listen at %s: %s; choose another MASTER_PORT", where, strerror(errno));
    if (listener >= 0)
      close(listener);
  }
  freeaddrinfo(address);
  return status;
}

/* ---- life ------------------------------------------------------------------------------------------------------- */

static void close_processes(alpa_processes *processes, bool failed) {
  tcp_processes *p = (tcp_processes *)processes;
  for (uint32_t k = 0; k < processes->n; k++) {
    if (p->peers[k] < 0)
      continue;
    if (!failed)
      send_all(p->peers[k], "", 1);
    close(p->peers[k]);
  }
  free(p);
}

static uint32_t find_lost(const alpa_processes *processes) {
  const tcp_processes *p = (const tcp_processes *)processes;
  char byte;
  for (uint32_t k = 0; k < processes->n; k++) {
    if (p->peers[k] < 0)
      continue;
    ssize_t n = recv(p->peers[k], &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
      return k;
  }
  return ALPA_NO_INDEX;
}

static const alpa_processes_vtable vtable = {
    .name = "tcp", .close = close_processes, .broadcast = broadcast, .find_lost = find_lost};

alpa_status alpa_processes_join_tcp(alpa_diag *diag, const char *name, alpa_processes **out_processes) {
  char host[256], port[16];
  unsigned rank, n;
  if (sscanf(name, "tcp:%255[^:]:%15[0-9]:%u:%u", host, port, &rank, &n) != 4 || n < 1 || n > ALPA_MAX_DEVICES ||
      rank >= n)
    return alpa_error(diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "processes meet by 'tcp:<host>:<port>:<rank>:<number of processes>', got '%s'", name);
  tcp_processes *p = malloc(sizeof *p + n * sizeof(int));
  if (!p)
    return alpa_error(diag, (alpa_place){0}, ALPA_OUT_OF_MEMORY, "no memory for the processes of a job");
  *p = (tcp_processes){.base = {&vtable, rank, n}, .peers = (int *)(void *)(p + 1)};
  memset(p->peers, 0xFF, n * sizeof(int));
  alpa_status status = meet(p, diag, host, port);
  if (status == ALPA_OK)
    *out_processes = &p->base;
  else
    close_processes(&p->base, true);
  return status;
}
