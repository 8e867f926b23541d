/* alpa: what every part of the interface uses: status, data types, contexts. */
#ifndef ALPA_BASE_H
#define ALPA_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ALPA_VERSION_MAJOR 0
#define ALPA_VERSION_MINOR 1
#define ALPA_VERSION_PATCH 0

#if defined(__GNUC__)
#define ALPA_API __attribute__((visibility("default")))
#define ALPA_MUST_USE __attribute__((warn_unused_result))
#else
#define ALPA_API
#define ALPA_MUST_USE
#endif

/* ---- status -------------------------------------------------------------------------------------------------- */

/* X(id, name, meaning) */
#define ALPA_STATUS_TABLE(X)                                                                                           \
  X(OK, "ok", "success")                                                                                               \
  X(INVALID_ARGUMENT, "invalid-argument", "the input is wrong; a diagnostic says where and why")                       \
  X(NOT_FOUND, "not-found", "a file, symbol or entry does not exist")                                                  \
  X(UNSUPPORTED, "unsupported", "the input is right but this version cannot handle it")                                \
  X(OUT_OF_MEMORY, "out-of-memory", "an allocation failed; nothing was changed")                                       \
  X(INFEASIBLE, "infeasible", "no plan satisfies the constraints")                                                     \
  X(UNAVAILABLE, "unavailable", "a backend or library is not present on this machine")                                 \
  X(IO_ERROR, "io-error", "the operating system refused a read or write")                                              \
  X(DATA_LOSS, "data-loss", "stored data is damaged")                                                                  \
  X(DEADLINE_EXCEEDED, "deadline-exceeded", "a peer did not answer in time")                                           \
  X(ABORTED, "aborted", "another device of the mesh failed")                                                           \
  X(INTERNAL, "internal", "a defect of this library; please report it")                                                \
  X(CHECK_FAILED, "check-failed", "a program that checks itself found a wrong value")

typedef enum alpa_status {
#define X(id, name, meaning) ALPA_##id,
  ALPA_STATUS_TABLE(X)
#undef X
} alpa_status;

/* The status' name in lower case ("invalid-argument"); never NULL. */
ALPA_API const char *alpa_status_name(alpa_status status);

/* ---- data types ---------------------------------------------------------------------------------------------- */

/* One row per element type.
 * X(id, MLIR spelling, bits, class, DLPack type code, safetensors name or "")
 * bits counts both parts of a complex number; 1-bit booleans occupy one byte in memory, and 2- and 4-bit integers and
 * sub-byte floats one byte each as well. */
#define ALPA_DTYPE_TABLE(X)                                                                                            \
  X(I1, "i1", 1, BOOL, 6, "BOOL")                                                                                      \
  X(I2, "i2", 2, INT, 0, "")                                                                                           \
  X(I4, "i4", 4, INT, 0, "")                                                                                           \
  X(I8, "i8", 8, INT, 0, "I8")                                                                                         \
  X(I16, "i16", 16, INT, 0, "I16")                                                                                     \
  X(I32, "i32", 32, INT, 0, "I32")                                                                                     \
  X(I64, "i64", 64, INT, 0, "I64")                                                                                     \
  X(UI2, "ui2", 2, UINT, 1, "")                                                                                        \
  X(UI4, "ui4", 4, UINT, 1, "")                                                                                        \
  X(UI8, "ui8", 8, UINT, 1, "U8")                                                                                      \
  X(UI16, "ui16", 16, UINT, 1, "U16")                                                                                  \
  X(UI32, "ui32", 32, UINT, 1, "U32")                                                                                  \
  X(UI64, "ui64", 64, UINT, 1, "U64")                                                                                  \
  X(F4E2M1FN, "f4E2M1FN", 4, FLOAT, 17, "")                                                                            \
  X(F6E2M3FN, "f6E2M3FN", 6, FLOAT, 15, "")                                                                            \
  X(F6E3M2FN, "f6E3M2FN", 6, FLOAT, 16, "")                                                                            \
  X(F8E3M4, "f8E3M4", 8, FLOAT, 7, "")                                                                                 \
  X(F8E4M3, "f8E4M3", 8, FLOAT, 8, "")                                                                                 \
  X(F8E4M3B11FNUZ, "f8E4M3B11FNUZ", 8, FLOAT, 9, "")                                                                   \
  X(F8E4M3FN, "f8E4M3FN", 8, FLOAT, 10, "F8_E4M3")                                                                     \
  X(F8E4M3FNUZ, "f8E4M3FNUZ", 8, FLOAT, 11, "")                                                                        \
  X(F8E5M2, "f8E5M2", 8, FLOAT, 12, "F8_E5M2")                                                                         \
  X(F8E5M2FNUZ, "f8E5M2FNUZ", 8, FLOAT, 13, "")                                                                        \
  X(F8E8M0FNU, "f8E8M0FNU", 8, FLOAT, 14, "F8_E8M0")                                                                   \
  X(BF16, "bf16", 16, FLOAT, 4, "BF16")                                                                                \
  X(F16, "f16", 16, FLOAT, 2, "F16")                                                                                   \
  X(F32, "f32", 32, FLOAT, 2, "F32")                                                                                   \
  X(F64, "f64", 64, FLOAT, 2, "F64")                                                                                   \
  X(C64, "complex<f32>", 64, COMPLEX, 5, "C64")                                                                        \
  X(C128, "complex<f64>", 128, COMPLEX, 5, "")

typedef enum alpa_dtype {
#define X(id, spelling, bits, class, dlpack, safetensors) ALPA_##id,
  ALPA_DTYPE_TABLE(X)
#undef X
      ALPA_DTYPE_COUNT
} alpa_dtype;

typedef enum alpa_dtype_class {
  ALPA_CLASS_BOOL,
  ALPA_CLASS_INT,
  ALPA_CLASS_UINT,
  ALPA_CLASS_FLOAT,
  ALPA_CLASS_COMPLEX
} alpa_dtype_class;

typedef struct alpa_dtype_info {
  const char *spelling;    /* as MLIR writes it */
  uint32_t bits;           /* of the value */
  uint32_t bytes;          /* one element occupies in memory */
  alpa_dtype_class class_; /* how arithmetic treats it */
  uint8_t dlpack_code;
  const char *safetensors; /* "" where the format has no name */
} alpa_dtype_info;

/* The table row of a data type; never NULL for a valid one. */
ALPA_API const alpa_dtype_info *alpa_dtype_get_info(alpa_dtype dtype);

/* ---- contexts ------------------------------------------------------------------------------------------------ */

/* Structures that the caller fills in begin with their size, so that a later version can add members at the end:
 * initialise them with the macro of the same name, which leaves everything else at its default.  Members beyond the
 * size that the caller knows have their defaults.  The library never writes beyond it either. */

/* As realloc: size 0 frees, pointer NULL allocates, and NULL is returned where there is no memory. */
typedef void *alpa_realloc_fn(void *user, void *pointer, size_t size);

typedef enum alpa_severity { ALPA_NOTE, ALPA_REMARK, ALPA_WARNING, ALPA_ERROR } alpa_severity;

/* One message; a note belongs to the message before it.  Everything lives during the callback only. */
typedef struct alpa_diagnostic {
  size_t struct_size;
  alpa_severity severity;
  const char *file;      /* NULL: the message is about no place */
  uint32_t line, column; /* from 1; line 0: about the whole file */
  const char *message;
  const char
      *rendered; /* "file:line:column: error: message", the source line and a caret, each line with its newline */
} alpa_diagnostic;

typedef void alpa_diagnostic_fn(void *user, const alpa_diagnostic *diagnostic);

/* Owns everything that modules share.  Outlives what is made in it. */
typedef struct alpa_context alpa_context;

typedef struct alpa_context_options {
  size_t struct_size;
  alpa_realloc_fn *realloc; /* NULL: the C library's */
  void *realloc_user;
  alpa_diagnostic_fn *diagnostic; /* NULL: messages are dropped */
  void *diagnostic_user;
  bool allow_unregistered_dialects; /* ops and attributes of unknown dialects are kept instead of refused */
} alpa_context_options;
#define ALPA_CONTEXT_OPTIONS_INIT {sizeof(alpa_context_options), NULL, NULL, NULL, NULL, false}

/* options may be NULL. */
ALPA_API ALPA_MUST_USE alpa_status alpa_context_create(const alpa_context_options *options, alpa_context **out_context);
/* context may be NULL. */
ALPA_API void alpa_context_destroy(alpa_context *context);

/* The dialects this library knows, in alphabetical order; NULL beyond the last. */
ALPA_API const char *alpa_dialect_get_name(size_t index);

#ifdef __cplusplus
}
#endif
#endif
