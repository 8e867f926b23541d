/* alpa profile: measures what the planner wants to know of this machine, and writes it as a cluster file.
 *
 * Small programs are compiled and timed as any other: products of two sizes (from which the peak and the knee of the
 * contraction formula follow), a sum of long vectors, a convolution, a chain of tiny products for the cost of a launch,
 * and all-reduces of two sizes over all devices (from which latency and bandwidth follow).  Least of some steps each.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/tool/execution.h"

enum { STEPS = 15, SMALL = 96, LARGE = 768, LAUNCHES = 64, TINY = 8, VECTOR = 1 << 23, PIXELS = 32, CHANNELS = 64 };
enum { FEW = 1024, MANY = 1 << 22 }; /* elements of all-reduces */

static const double PEAK_EFFICIENCY = 0.9; /* of the contraction formula; the peak is what measurements then say */

/* The least time of a step in seconds, or a negative number after a message. */
static double measure(const alpa_tool_settings *given, const char *cluster, const alpa_tool_text *program) {
  alpa_tool_settings settings = {
      .cluster = cluster, .method = "given", .no_cache = true, .workers = given->workers, .deadline = given->deadline};
  alpa_tool_session session = {0};
  alpa_tool_execution execution = {0};
  double times[STEPS];
  bool ok = alpa_tool_session_open_text(&settings, "probe", program->data, &session) &&
            alpa_tool_execution_open(&execution, &session);
  if (ok) {
    alpa_tool_execution_fill(&execution);
    ok = alpa_tool_execution_measure(&execution, times, STEPS);
  }
  alpa_tool_execution_close(&execution);
  alpa_tool_session_close(&session, !ok);
  return ok ? times[0] / 1e3 : -1;
}

/* ---- programs ---- */

static void write_product(alpa_tool_text *out, int n) {
  alpa_tool_text_printf(out,
                        "func.func @main(%%a: tensor<%dx%dxf32>, %%b: tensor<%dx%dxf32>) -> tensor<%dx%dxf32> {\n"
                        "  %%0 = stablehlo.dot_general %%a, %%b, contracting_dims = [1] x [0] : (tensor<%dx%dxf32>, "
                        "tensor<%dx%dxf32>) -> tensor<%dx%dxf32>\n"
                        "  return %%0 : tensor<%dx%dxf32>\n}\n",
                        n, n, n, n, n, n, n, n, n, n, n, n, n, n);
}

static void write_chain(alpa_tool_text *out, int length) {
  alpa_tool_text_printf(out, "func.func @main(%%v0: tensor<%dx%dxf32>) -> tensor<%dx%dxf32> {\n", TINY, TINY, TINY,
                        TINY);
  for (int i = 0; i < length; i++)
    alpa_tool_text_printf(out,
                          "  %%v%d = stablehlo.dot_general %%v%d, %%v%d, contracting_dims = [1] x [0] : "
                          "(tensor<%dx%dxf32>, tensor<%dx%dxf32>) -> tensor<%dx%dxf32>\n",
                          i + 1, i, i, TINY, TINY, TINY, TINY, TINY, TINY);
  alpa_tool_text_printf(out, "  return %%v%d : tensor<%dx%dxf32>\n}\n", length, TINY, TINY);
}

static void write_sum(alpa_tool_text *out) {
  alpa_tool_text_printf(out,
                        "func.func @main(%%a: tensor<%dxf32>, %%b: tensor<%dxf32>) -> tensor<%dxf32> {\n"
                        "  %%0 = stablehlo.add %%a, %%b : tensor<%dxf32>\n  return %%0 : tensor<%dxf32>\n}\n",
                        VECTOR, VECTOR, VECTOR, VECTOR, VECTOR);
}

static void write_convolution(alpa_tool_text *out) {
  alpa_tool_text_printf(
      out,
      "func.func @main(%%x: tensor<4x%dx%dx%dxf32>, %%k: tensor<3x3x%dx%dxf32>) -> tensor<4x%dx%dx%dxf32> {\n"
      "  %%0 = stablehlo.convolution(%%x, %%k) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {pad = "
      "[[1, 1], [1, 1]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<4x%dx%dx%dxf32>, "
      "tensor<3x3x%dx%dxf32>) -> tensor<4x%dx%dx%dxf32>\n  return %%0 : tensor<4x%dx%dx%dxf32>\n}\n",
      PIXELS, PIXELS, CHANNELS, CHANNELS, CHANNELS, PIXELS, PIXELS, CHANNELS, PIXELS, PIXELS, CHANNELS, CHANNELS,
      CHANNELS, PIXELS, PIXELS, CHANNELS, PIXELS, PIXELS, CHANNELS);
}

/* Each device has a row; the sum of the rows is wanted on all of them. */
static void write_all_reduce(alpa_tool_text *out, long n_devices, int n) {
  alpa_tool_text_printf(out,
                        "sdy.mesh @mesh = <[\"d\"=%ld]>\n"
                        "func.func @main(%%x: tensor<%ldx%dxf32> {sdy.sharding = #sdy.sharding<@mesh, [{\"d\"}, {}]>}) "
                        "-> (tensor<%dxf32> "
                        "{sdy.sharding = #sdy.sharding<@mesh, [{}]>}) {\n"
                        "  %%zero = stablehlo.constant dense<0.0> : tensor<f32>\n"
                        "  %%0 = stablehlo.reduce(%%x init: %%zero) applies stablehlo.add across dimensions = [0] : "
                        "(tensor<%ldx%dxf32>, tensor<f32>) -> tensor<%dxf32>\n  return %%0 : tensor<%dxf32>\n}\n",
                        n_devices, n_devices, n, n, n_devices, n, n, n);
}

/* ---- what follows from the times ---- */

typedef struct calibration {
  double flops, knee;        /* of products */
  double convolution;        /* fraction of the peak */
  double memory, launch;     /* bytes per second, seconds */
  double latency, bandwidth; /* of collectives */
} calibration;

/* rate(n) = peak * (n / (n + knee))^3 through two points. */
static void fit_products(double small_s, double large_s, calibration *out) {
  const double small_n = SMALL, large_n = LARGE;
  double small = cbrt(2 * pow(small_n, 3) / small_s), large = cbrt(2 * pow(large_n, 3) / large_s);
  double knee = (large - small) / (small / small_n - large / large_n);
  out->knee = knee > 1 ? knee : 1;
  out->flops = pow(large * (1 + out->knee / large_n), 3) / PEAK_EFFICIENCY;
}

static bool measure_device(const alpa_tool_settings *settings, calibration *out) {
  alpa_tool_text programs[6] = {0};
  double times[6] = {0};
  write_product(&programs[0], SMALL);
  write_product(&programs[1], LARGE);
  write_sum(&programs[2]);
  write_convolution(&programs[3]);
  write_chain(&programs[4], 1);
  write_chain(&programs[5], LAUNCHES);
  bool ok = true;
  for (int i = 0; i < 6; i++) {
    times[i] = ok ? measure(settings, "host:1", &programs[i]) : 0;
    ok = ok && times[i] > 0;
    alpa_tool_text_free(&programs[i]);
  }
  if (!ok)
    return false;
  fit_products(times[0], times[1], out);
  const double vector_bytes = VECTOR * sizeof(float);
  out->memory = 3 * vector_bytes / times[2];
  const int64_t flops_of_convolution = INT64_C(2) * 4 * PIXELS * PIXELS * CHANNELS * CHANNELS * 9;
  double flops = (double)flops_of_convolution;
  out->convolution = flops / times[3] / out->flops;
  out->launch = fmax((times[5] - times[4]) / (LAUNCHES - 1), 1e-8);
  return true;
}

static bool measure_collectives(const alpa_tool_settings *settings, long n_devices, calibration *out) {
  char cluster[32];
  snprintf(cluster, sizeof cluster, "host:%ld", n_devices);
  alpa_tool_text few = {0}, many = {0};
  write_all_reduce(&few, n_devices, FEW);
  write_all_reduce(&many, n_devices, MANY);
  double few_s = measure(settings, cluster, &few), many_s = few_s > 0 ? measure(settings, cluster, &many) : -1;
  alpa_tool_text_free(&few);
  alpa_tool_text_free(&many);
  double n = (double)n_devices, traffic = 2 * (n - 1) / n * (MANY - FEW) * sizeof(float);
  out->latency = few_s;
  out->bandwidth = traffic / fmax(many_s - few_s, 1e-9);
  return many_s > 0;
}

/* In the form that passes/cost/cluster.h reads. */
static json_t *to_json(long n_devices, const calibration *c) {
  double memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / 2 / (double)n_devices;
  return json_pack("{s:s, s:i, s:i, s:{s:s, s:f, s:f, s:{s:f}, s:f, s:f, s:f, s:f, s:f, s:f, s:f}, s:{s:{s:f, s:f}}}",
                   "name", "measured", "hosts", 1, "devices_per_host", (int)n_devices, "device", "kind", "host core",
                   "memory_gib", memory / 1073741824.0, "memory_gb_s", c->memory / 1e9, "tflops", "f32",
                   c->flops / 1e12, "contraction_efficiency", PEAK_EFFICIENCY, "contraction_knee", c->knee,
                   "batched_efficiency", PEAK_EFFICIENCY, "batched_knee", c->knee, "convolution_efficiency",
                   c->convolution, "memory_efficiency", 1.0, "launch_us", c->launch * 1e6, "links", "intra",
                   "latency_us", c->latency * 1e6, "gb_s", c->bandwidth / 1e9);
}

static bool find_devices(const char *cluster, long *out_n) {
  char *end = NULL;
  *out_n = sysconf(_SC_NPROCESSORS_ONLN);
  if (!cluster)
    return true;
  bool is_host = strncmp(cluster, "host:", 5) == 0;
  long most = *out_n;
  *out_n = is_host ? strtol(cluster + 5, &end, 10) : 0;
  if (is_host && end != cluster + 5 && !*end && *out_n >= 1 && *out_n <= most)
    return true;
  fprintf(stderr, "alpa: error: profile measures host:1 to host:%ld, one device for each core, got '%s'\n", most,
          cluster);
  return false;
}

int alpa_tool_calibrate(const alpa_tool_settings *settings) {
  long n_devices;
  calibration c = {.latency = 1e-6, .bandwidth = 1e9};
  if (!find_devices(settings->cluster, &n_devices))
    return ALPA_EXIT_USAGE;
  if (!measure_device(settings, &c) || (n_devices > 1 && !measure_collectives(settings, n_devices, &c)))
    return ALPA_EXIT_FAILURE;
  json_t *root = to_json(n_devices, &c);
  char *text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(4));
  bool ok = true;
  if (settings->output)
    ok = alpa_tool_file_write(settings->output, text, strlen(text));
  else
    puts(text);
  free(text);
  json_decref(root);
  return ok ? ALPA_EXIT_OK : ALPA_EXIT_FAILURE;
}
