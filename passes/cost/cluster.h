/* Clusters: what the planner knows of the machines.
 *
 * A cluster is a number of equal hosts with a number of equal devices each, described by a preset ("p3.16xlarge:8",
 * "host:4") or a JSON file:
 *
 *   {"name": "lab", "hosts": 2, "devices_per_host": 4,
 *    "device": {"kind": "A100", "memory_gib": 40, "memory_gb_s": 1555, "tflops": {"f16": 312, "f32": 19.5}},
 *    "links": {"intra": {"latency_us": 20, "gb_s": 222}, "inter": {"latency_us": 100, "gb_s": 35}}}
 *
 * Groups within a host may be given rates of their own beside links.intra.gb_s, which is that of the whole host:
 * pair_gb_s, quad_gb_s and strided_gb_s (every other device), as the links of a hybrid cube mesh are not alike.
 *
 * All quantities are in SI units: seconds, bytes, bytes per second, operations per second. */
#ifndef ALPA_PASSES_COST_CLUSTER_H
#define ALPA_PASSES_COST_CLUSTER_H

#include "support/diag.h"

typedef enum alpa_flop_class {
  ALPA_FLOPS_HALF,
  ALPA_FLOPS_SINGLE,
  ALPA_FLOPS_DOUBLE,
  ALPA_FLOPS_INT8,
  ALPA_FLOPS_COUNT
} alpa_flop_class;

typedef struct alpa_device_kind {
  const char *name;
  int64_t memory_bytes; /* that a plan may use */
  double memory_bandwidth;
  double flops[ALPA_FLOPS_COUNT]; /* peak of contractions */
  /* Fractions of the peaks that real kernels reach; a contraction of m x n x k reaches
   * contraction_efficiency * m / (m + knee) * n / (n + knee) * k / (k + knee), and one of many products at once
   * batched_efficiency * s / (s + batched_knee), s being the smallest of the three; or what its bytes allow.  A
   * convolution computes whole tiles of convolution_tile positions in each spatial dimension (Winograd's). */
  double contraction_efficiency, contraction_knee, batched_efficiency, batched_knee;
  double convolution_efficiency, convolution_tile, memory_efficiency;
  double launch_s; /* of one kernel */
} alpa_device_kind;

typedef struct alpa_link {
  double latency_s;
  double bandwidth; /* bus bandwidth of a ring: bytes of 2 (n - 1) / n * S for an all-reduce of S */
  double exchange;  /* of an all-to-all: what a device sends to all others; 0: the same */
} alpa_link;

typedef struct alpa_cluster {
  const char *name; /* as given: "host:8", or the file's own name */
  int64_t hosts, devices_per_host;
  alpa_device_kind device;
  alpa_link intra, inter;              /* of all devices of a host; across hosts, for each host */
  double pair, quad, strided;          /* bus bandwidth of two neighbours, of four, and of every other device */
  bool is_host;                        /* devices are threads of this machine */
  double pair_exchange, quad_exchange; /* of all-to-alls in such groups; of the whole host in `intra` */
} alpa_cluster;

/* X(name, kind, memory GiB, memory GB/s, f16, f32, f64, int8 TFLOP/s, e_inf, knee, e of many products, their knee,
 * e_conv, tile, e_mem, launch us, devices per host, intra us, intra GB/s of a host, pair, quad, strided, all-to-all
 * GB/s of a host, pair, quad, inter us, inter GB/s) The V100 rows are fitted to the measurements of figure 9 of Alpa
 * (OSDI'22): ring channels of 20.7 GB/s, of which a pair has one, a quad four and a host six; e_mem is 1 because half
 * precision was softened there in half the bytes that these programs move.  The network has 0.7 of its 25 or 100
 * Gbit/s. The other rows are scaled from data sheets; `host` describes one core of a current x86-64 server, with eight
 * devices or fewer taking turns on it. */
#define ALPA_CLUSTER_TABLE(X)                                                                                          \
  X("host", "host core", 4.0, 20, 0.1, 0.1, 0.05, 0.2, 0.9, 8, 0.9, 8, 0.5, 1, 0.8, 1, 64, 5, 8, 8, 8, 8, 8, 8, 8,     \
    100, 1)                                                                                                            \
  X("p3.16xlarge", "V100-SXM2-16GB", 14.2, 900, 125, 15.7, 7.8, 62, 0.96, 58, 0.48, 122, 0.647, 4, 1.0, 1.8, 8, 16,    \
    124, 20.7, 83, 41, 14.5, 24, 73, 100, 2.2)                                                                         \
  X("p3dn.24xlarge", "V100-SXM2-32GB", 28.4, 900, 125, 15.7, 7.8, 62, 0.96, 58, 0.48, 122, 0.647, 4, 1.0, 1.8, 8, 16,  \
    124, 20.7, 83, 41, 14.5, 24, 73, 100, 8.7)                                                                         \
  X("p4d.24xlarge", "A100-SXM4-40GB", 37.0, 1555, 312, 19.5, 9.7, 624, 0.90, 290, 0.90, 29, 0.6, 1, 0.84, 2, 8, 20,    \
    222, 222, 222, 222, 222, 222, 222, 60, 35)                                                                         \
  X("dgx-h100", "H100-SXM5-80GB", 75.0, 3350, 989, 67, 34, 1979, 0.90, 300, 0.90, 29, 0.6, 1, 0.90, 2, 8, 12, 333,     \
    333, 333, 333, 333, 333, 333, 30, 320)

/* From a preset with a count ("p3.16xlarge:2" is two hosts, "p3.16xlarge:1x4" four devices of one, "host:8" eight
 * devices of this machine) or the path of a JSON file.  Strings are in `arena`. */
alpa_status alpa_cluster_read(alpa_arena *arena, alpa_diag *diag, const char *text, alpa_cluster *out_cluster);
/* What a group of `size` devices in steps of `stride` has: within a host by its shape; across hosts a ring that shares
 * each host's network interface with the groups of the devices beside it. */
alpa_link alpa_cluster_link(const alpa_cluster *cluster, int64_t stride, int64_t size);
static inline int64_t alpa_cluster_devices(const alpa_cluster *cluster) {
  return cluster->hosts * cluster->devices_per_host;
}
/* Everything that a plan depends on, as canonical text: part of the cache key. */
const char *alpa_cluster_describe(alpa_arena *arena, const alpa_cluster *cluster);

#endif
