/* Packages: the byte form, reading with all checks, and the handle of the public API. */
#include "driver/package.h"

/* ---- the format ---- */

static void part_item(alpa_stream *s, void *item) {
  alpa_package_part *part = item;
  alpa_stream_string(s, &part->name);
  alpa_stream_string(s, &part->cluster);
  alpa_stream_string(s, &part->mesh);
  alpa_signature_stream(s, &part->signature);
  alpa_stream_blob(s, &part->bytes, &part->size);
}

static void payload(alpa_stream *s, void *object) {
  alpa_package_contents *contents = object;
  alpa_stream_table(s, &contents->parts, &contents->n_parts, sizeof(alpa_package_part), 40, part_item);
}

/* A change of the payload or of signatures needs another version. */
static const alpa_stream_format format = {
    .magic = {'\x89', 'A', 'L', 'P', 'A', 'P', 'K', '\n'}, .version = 1, .noun = "package", .payload = payload};

alpa_str alpa_package_bytes(alpa_arena *arena, const alpa_package_contents *contents) {
  alpa_package_contents copy = *contents;
  return alpa_stream_write(arena, &format, &copy);
}

/* ---- reading ---- */

typedef struct read_args {
  alpa_package *package;
  const char *name;
  alpa_str bytes;
} read_args;

static alpa_status read_part(alpa_package *package, alpa_place place, alpa_package_part *part) {
  alpa_str bytes = {part->bytes, part->size};
  ALPA_TRY(alpa_image_read(&package->arena, package->env.diag, place.file, bytes, &part->image));
  return alpa_signature_verify(&part->signature, package->env.diag, place, part->image);
}

static bool init_fits(alpa_arena *arena, const alpa_package_part *program, const alpa_package_part *init) {
  alpa_part_list arguments = alpa_signature_list_arguments(arena, &program->signature);
  bool fits = init->image->n_devices == program->image->n_devices && init->image->n_arguments == 0 &&
              init->image->n_results <= program->signature.n_arguments;
  for (uint32_t i = 0; fits && i < init->image->n_results; i++)
    fits = alpa_image_tensor_is_alike(&init->image->results[i],
                                      &program->image->arguments[arguments.items[arguments.first[i]]]);
  return fits;
}

static void describe(alpa_package *package) {
  const alpa_package_part *part = &package->contents.parts[0];
  package->info = (alpa_package_info){.struct_size = sizeof package->info,
                                      .name = part->name,
                                      .cluster = part->cluster,
                                      .mesh = part->mesh,
                                      .target = part->image->target,
                                      .backend = strncmp(part->image->target, "ptx:", 4) == 0 ? "cuda" : "host",
                                      .n_devices = part->image->n_devices,
                                      .n_check_results = part->signature.n_check_results,
                                      .has_init = package->contents.n_parts > ALPA_PART_INIT};
}

static alpa_status read_package(void *arguments) {
  read_args *args = arguments;
  alpa_package *package = args->package;
  alpa_place place = {.file = alpa_arena_strdup(&package->arena, args->name)};
  alpa_package_contents *contents = &package->contents;
  ALPA_TRY(alpa_stream_read(&package->arena, package->env.diag, place, &format, args->bytes, contents));
  if (contents->n_parts < 1 || contents->n_parts > ALPA_PACKAGE_MOST_PARTS)
    return alpa_error(package->env.diag, place, ALPA_DATA_LOSS, "damaged package: it has %u programs, expects 1 or %d",
                      contents->n_parts, ALPA_PACKAGE_MOST_PARTS);
  for (uint32_t i = 0; i < contents->n_parts; i++)
    ALPA_TRY(read_part(package, place, (alpa_package_part *)(uintptr_t)&contents->parts[i]));
  if (contents->n_parts > 1 &&
      !init_fits(&package->arena, &contents->parts[ALPA_PART_PROGRAM], &contents->parts[ALPA_PART_INIT]))
    return alpa_error(package->env.diag, place, ALPA_DATA_LOSS,
                      "damaged package: the results of its initial program are no arguments of its program");
  describe(package);
  return ALPA_OK;
}

bool alpa_package_detect(const void *data, size_t size) {
  return data && alpa_stream_has_magic(&format, (alpa_str){data, size});
}

alpa_status alpa_package_read(alpa_context *context, const char *name, const void *data, size_t size,
                              alpa_package **out_package) {
  if (!context || !data || !out_package)
    return ALPA_INVALID_ARGUMENT;
  alpa_environment env = alpa_context_environment(context);
  alpa_package *package = env.memory->realloc(env.memory->user, NULL, sizeof *package);
  if (!package)
    return ALPA_OUT_OF_MEMORY;
  *package = (alpa_package){.env = env};
  alpa_arena_init(&package->arena, env.memory);
  read_args args = {package, name ? name : "-", {data, size}};
  alpa_status status = alpa_guard(env.memory, read_package, &args);
  if (status == ALPA_OK)
    *out_package = package;
  else
    alpa_package_destroy(package);
  return status;
}

void alpa_package_destroy(alpa_package *package) {
  if (!package)
    return;
  alpa_memory *memory = package->env.memory;
  alpa_arena_deinit(&package->arena);
  memory->realloc(memory->user, package, 0);
}

alpa_status alpa_package_get_info(const alpa_package *package, alpa_package_info *out_info) {
  if (!package || !out_info)
    return ALPA_INVALID_ARGUMENT;
  alpa_api_give(out_info, &package->info, sizeof package->info);
  return ALPA_OK;
}
