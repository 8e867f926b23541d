/* Signatures: bytes, copies, and the rows of the public API. */
#include "driver/signature.h"

static void sharding_item(alpa_stream *s, void *item) { alpa_stream_string(s, item); }

static void check_item(alpa_stream *s, void *item) {
  alpa_check *check = item;
  int64_t min_ulps = (int64_t)check->comparison.min_ulps, max_ulps = (int64_t)check->comparison.max_ulps;
  const char *file = check->place.file ? check->place.file : "";
  alpa_stream_enum(s, &check->comparison.kind);
  alpa_stream_i64(s, &min_ulps);
  alpa_stream_i64(s, &max_ulps);
  alpa_stream_f64(s, &check->comparison.tolerance);
  alpa_stream_string(s, &check->name);
  alpa_stream_string(s, &file);
  alpa_stream_u32(s, &check->place.line);
  alpa_stream_u32(s, &check->place.column);
  alpa_stream_u32(s, &check->actual);
  alpa_stream_u32(s, &check->expected);
  if (s->mode != ALPA_STREAM_READ)
    return;
  check->comparison.min_ulps = (uint64_t)min_ulps;
  check->comparison.max_ulps = (uint64_t)max_ulps;
  check->place.file = file;
}

void alpa_signature_stream(alpa_stream *s, alpa_signature *signature) {
  uint32_t n_donations = signature->n_arguments;
  alpa_stream_table(s, &signature->argument_shardings, &signature->n_arguments, sizeof(char *), 4, sharding_item);
  alpa_stream_table(s, &signature->result_shardings, &signature->n_results, sizeof(char *), 4, sharding_item);
  alpa_stream_table(s, &signature->donations, &n_donations, sizeof(int64_t), 8, alpa_stream_i64_item);
  alpa_stream_table(s, &signature->checks, &signature->n_checks, sizeof(alpa_check), 52, check_item);
  alpa_stream_u32(s, &signature->n_check_results);
  if (n_donations != signature->n_arguments)
    alpa_stream_fail(s, "has more or fewer donations than arguments");
}

void alpa_signature_copy(alpa_arena *arena, const alpa_signature *from, alpa_signature *out_copy) {
  alpa_signature copy = *from;
  alpa_stream s = {.mode = ALPA_STREAM_MEASURE};
  alpa_signature_stream(&s, &copy);
  size_t size = s.left;
  char *bytes = alpa_arena_alloc(arena, size);
  s = (alpa_stream){.mode = ALPA_STREAM_WRITE, .at = bytes};
  alpa_signature_stream(&s, &copy);
  s = (alpa_stream){.mode = ALPA_STREAM_READ, .at = bytes, .left = size, .arena = arena};
  *out_copy = (alpa_signature){0};
  alpa_signature_stream(&s, out_copy);
}

static bool is_check_sound(const alpa_check *check, const alpa_image *image) {
  if (check->actual >= image->n_results || check->expected >= image->n_results)
    return false;
  const alpa_image_tensor *a = &image->results[check->actual], *b = &image->results[check->expected];
  return (unsigned)check->comparison.kind < ALPA_COMPARISON_COUNT && a->dtype == b->dtype &&
         alpa_image_tensor_global_bytes(a) == alpa_image_tensor_global_bytes(b);
}

alpa_status alpa_signature_verify(const alpa_signature *signature, alpa_diag *diag, alpa_place place,
                                  const alpa_image *image) {
  bool is_sound = signature->n_arguments == image->n_arguments && signature->n_results == image->n_results &&
                  signature->n_check_results <= image->n_results;
  for (uint32_t i = 0; is_sound && i < signature->n_arguments; i++)
    is_sound = signature->donations[i] >= -1 && signature->donations[i] < (int64_t)image->n_results;
  for (uint32_t i = 0; is_sound && i < signature->n_checks; i++)
    is_sound = is_check_sound(&signature->checks[i], image);
  if (is_sound)
    return ALPA_OK;
  return alpa_error(diag, place, ALPA_DATA_LOSS, "damaged package: its signature does not fit its image");
}

/* ---- the public API ---- */

static void give_tensor(const alpa_image_tensor *tensor, const char *sharding, int64_t donated_to,
                        alpa_tensor_info *out_info) {
  alpa_tensor_info info = {.struct_size = sizeof info,
                           .name = tensor->name,
                           .dtype = tensor->dtype,
                           .rank = tensor->rank,
                           .dims = tensor->global_dims,
                           .local_dims = tensor->local_dims,
                           .sharding = sharding,
                           .donated_to = donated_to};
  alpa_api_give(out_info, &info, sizeof info);
}

alpa_status alpa_signature_get_argument(const alpa_signature *signature, const alpa_image_tensor *tensor,
                                        uint32_t index, alpa_tensor_info *out_info) {
  if (index >= signature->n_arguments)
    return ALPA_NOT_FOUND;
  give_tensor(tensor, signature->argument_shardings[index], signature->donations[index], out_info);
  return ALPA_OK;
}

alpa_status alpa_signature_get_result(const alpa_signature *signature, const alpa_image_tensor *tensor, uint32_t index,
                                      alpa_tensor_info *out_info) {
  if (index >= signature->n_results)
    return ALPA_NOT_FOUND;
  give_tensor(tensor, signature->result_shardings[index], -1, out_info);
  return ALPA_OK;
}

alpa_status alpa_signature_get_check(const alpa_signature *signature, uint32_t index, alpa_check_info *out_info) {
  if (index >= signature->n_checks)
    return ALPA_NOT_FOUND;
  const alpa_check *check = &signature->checks[index];
  alpa_check_info info = {sizeof info, check->name, check->actual, check->expected};
  alpa_api_give(out_info, &info, sizeof info);
  return ALPA_OK;
}
