/* Names of status codes and rows of the data-type table. */
#include "support/status.h"

const char *alpa_status_name(alpa_status status) {
  static const char *const names[] = {
#define X(id, name, meaning) [ALPA_##id] = name,
      ALPA_STATUS_TABLE(X)
#undef X
  };
  return (size_t)status < countof(names) ? names[status] : "unknown";
}

const alpa_dtype_info *alpa_dtype_get_info(alpa_dtype dtype) {
  static const alpa_dtype_info rows[ALPA_DTYPE_COUNT] = {
#define X(id, spelling_, bits_, class, dlpack, safetensors_)                                                           \
  [ALPA_##id] = {.spelling = spelling_,                                                                                \
                 .bits = bits_,                                                                                        \
                 .bytes = (bits_ + 7) / 8,                                                                             \
                 .class_ = ALPA_CLASS_##class,                                                                         \
                 .dlpack_code = dlpack,                                                                                \
                 .safetensors = safetensors_},
      ALPA_DTYPE_TABLE(X)
#undef X
  };
  return &rows[dtype < ALPA_DTYPE_COUNT ? dtype : 0];
}
