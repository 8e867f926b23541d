/* What stands behind the handles of devices and programs; none of it knows IR. */
#ifndef ALPA_DRIVER_PROGRAM_H
#define ALPA_DRIVER_PROGRAM_H

#include "driver/signature.h"
#include "runtime/executor.h"

struct alpa_devices {
  alpa_environment env;
  char *cache_directory; /* owned; NULL: none */
  alpa_device_mesh *mesh;
};

struct alpa_program {
  alpa_environment env;
  alpa_devices *devices;
  alpa_arena arena;
  alpa_executable *executable;
  alpa_signature signature;          /* in the arena, as are */
  alpa_part_list arguments, results; /* its parts, and */
  alpa_array **parts;                /* room for those of a step: arguments, then results */
  alpa_program_info info;
};

/* The placement of part k of an argument or result; NULL beyond the last of either. */
const alpa_image_tensor *alpa_program_find_argument(const alpa_program *program, uint32_t index, uint32_t k);
const alpa_image_tensor *alpa_program_find_result(const alpa_program *program, uint32_t index, uint32_t k);

/* What a program is made from. */
typedef struct alpa_program_source {
  const char *name; /* in messages; NULL: "program" */
  const alpa_image *image;
  const alpa_signature *signature; /* copied */
} alpa_program_source;

/* Allocates a program, runs `make` under the library's guard and destroys the program where that fails. */
alpa_status alpa_program_make(alpa_devices *devices, alpa_status (*make)(void *arguments, alpa_program *program),
                              void *arguments, alpa_program **out_program);
/* Loads the image on the devices and fills in what the program says of itself; called by `make`. */
alpa_status alpa_program_fill(alpa_program *program, const alpa_program_source *source);

#endif
