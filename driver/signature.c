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
  alpa_stream_table(s, &signature->argument_parts, &signature->n_argument_parts, sizeof(uint32_t), 4,
                    alpa_stream_u32_item);
  alpa_stream_table(s, &signature->result_parts, &signature->n_result_parts, sizeof(uint32_t), 4, alpa_stream_u32_item);
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

static alpa_part_list list_parts(alpa_arena *arena, uint32_t n, const uint32_t *parts, uint32_t n_parts) {
  uint32_t *first = alpa_arena_new(arena, uint32_t, n + 1), n_items = parts ? n_parts : n;
  uint32_t *items = alpa_arena_new(arena, uint32_t, n_items), at = 0;
  for (uint32_t i = 0; i < n_items; i++)
    first[(parts ? parts[i] : i) + 1]++;
  for (uint32_t i = 0; i < n; i++)
    first[i + 1] += first[i];
  for (uint32_t i = 0; i < n && parts; i++)
    for (uint32_t k = 0; k < n_items; k++)
      if (parts[k] == i)
        items[at++] = k;
  for (uint32_t i = 0; i < n && !parts; i++)
    items[i] = i;
  return (alpa_part_list){first, items};
}

alpa_part_list alpa_signature_list_arguments(alpa_arena *arena, const alpa_signature *signature) {
  return list_parts(arena, signature->n_arguments, signature->n_argument_parts ? signature->argument_parts : NULL,
                    signature->n_argument_parts);
}

alpa_part_list alpa_signature_list_results(alpa_arena *arena, const alpa_signature *signature) {
  return list_parts(arena, signature->n_results, signature->n_result_parts ? signature->result_parts : NULL,
                    signature->n_result_parts);
}

/* Every argument (result) of the program has parts that make all of it, and the image has as many as there are. */
static bool are_parts_sound(alpa_arena *arena, uint32_t n, const uint32_t *parts, uint32_t n_parts,
                            const alpa_image_tensor *tensors, uint32_t n_tensors) {
  if ((n_parts ? n_parts : n) != n_tensors)
    return false;
  for (uint32_t i = 0; i < n_parts; i++)
    if (parts[i] >= n)
      return false;
  alpa_part_list list = list_parts(arena, n, n_parts ? parts : NULL, n_parts);
  const alpa_image_tensor **own = alpa_arena_new(arena, const alpa_image_tensor *, n_tensors);
  for (uint32_t i = 0; i < n; i++) {
    uint32_t n_own = 0;
    for (uint32_t k = list.first[i]; k < list.first[i + 1]; k++)
      own[n_own++] = &tensors[list.items[k]];
    if (!alpa_image_tensors_are_whole(own, n_own))
      return false;
  }
  return true;
}

static bool is_check_sound(const alpa_check *check, const alpa_signature *signature, const alpa_part_list *results,
                           const alpa_image *image) {
  if (check->actual >= signature->n_results || check->expected >= signature->n_results)
    return false;
  const alpa_image_tensor *a = &image->results[results->items[results->first[check->actual]]];
  const alpa_image_tensor *b = &image->results[results->items[results->first[check->expected]]];
  return (unsigned)check->comparison.kind < ALPA_COMPARISON_COUNT && a->dtype == b->dtype &&
         alpa_image_tensor_global_bytes(a) == alpa_image_tensor_global_bytes(b);
}

static bool is_sound(alpa_arena *arena, const alpa_signature *signature, const alpa_image *image) {
  if (!are_parts_sound(arena, signature->n_arguments, signature->argument_parts, signature->n_argument_parts,
                       image->arguments, image->n_arguments) ||
      !are_parts_sound(arena, signature->n_results, signature->result_parts, signature->n_result_parts, image->results,
                       image->n_results) ||
      signature->n_check_results > signature->n_results)
    return false;
  for (uint32_t i = 0; i < signature->n_arguments; i++)
    if (signature->donations[i] < -1 || signature->donations[i] >= (int64_t)signature->n_results)
      return false;
  alpa_part_list results = alpa_signature_list_results(arena, signature);
  for (uint32_t i = 0; i < signature->n_checks; i++)
    if (!is_check_sound(&signature->checks[i], signature, &results, image))
      return false;
  return true;
}

alpa_status alpa_signature_verify(const alpa_signature *signature, alpa_diag *diag, alpa_place place,
                                  const alpa_image *image) {
  alpa_arena scratch;
  alpa_arena_init(&scratch, diag->arena.memory);
  bool fits = is_sound(&scratch, signature, image);
  alpa_arena_deinit(&scratch);
  if (fits)
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
