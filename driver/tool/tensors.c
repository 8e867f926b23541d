/* Reading and writing tensors.  Every size in a file is checked before it is believed. */
#include "driver/tool/tensors.h"

#include <ctype.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void alpa_tool_tensors_push(alpa_tool_tensors *tensors, const alpa_tool_tensor *tensor) {
  if (tensors->n == tensors->cap) {
    tensors->cap = tensors->cap ? tensors->cap * 2 : 16;
    tensors->items = alpa_tool_realloc(tensors->items, tensors->cap * sizeof *tensors->items);
  }
  tensors->items[tensors->n++] = *tensor;
}

void alpa_tool_tensors_free(alpa_tool_tensors *tensors) {
  for (size_t i = 0; i < tensors->n; i++) {
    free(tensors->items[i].name);
    free(tensors->items[i].data);
  }
  free(tensors->items);
  *tensors = (alpa_tool_tensors){0};
}

size_t alpa_tool_tensor_count(const alpa_tool_tensor *tensor) {
  size_t count = 1;
  for (uint32_t d = 0; d < tensor->rank; d++)
    count *= (size_t)tensor->dims[d];
  return count;
}

void alpa_tool_tensor_spell(alpa_tool_text *text, alpa_dtype dtype, uint32_t rank, const int64_t *dims) {
  for (uint32_t d = 0; d < rank; d++)
    alpa_tool_text_printf(text, "%" PRId64 "x", dims[d]);
  alpa_tool_text_string(text, alpa_dtype_get_info(dtype)->spelling);
}

/* ---- elements ---- */

static uint64_t load_bits(const alpa_tool_tensor *tensor, size_t i) {
  size_t size = alpa_dtype_get_info(tensor->dtype)->bytes;
  uint64_t bits = 0;
  memcpy(&bits, (const char *)tensor->data + i * size, size < sizeof bits ? size : sizeof bits);
  return bits;
}

/* Half formats widened by their bits: bf16 is the upper half of an f32. */
static double half_value(alpa_dtype dtype, uint64_t bits) {
  if (dtype == ALPA_BF16) {
    uint32_t wide = (uint32_t)bits << 16;
    float value;
    memcpy(&value, &wide, sizeof value);
    return (double)value;
  }
  int exponent = (int)(bits >> 10) & 31;
  double mantissa = (double)(bits & 1023), sign = bits >> 15 & 1 ? -1 : 1;
  if (exponent == 31)
    return mantissa != 0 ? (double)NAN : sign * (double)INFINITY;
  return sign * (exponent ? ldexp(mantissa + 1024, exponent - 25) : ldexp(mantissa, -24));
}

double alpa_tool_tensor_get(const alpa_tool_tensor *tensor, size_t i) {
  const alpa_dtype_info *info = alpa_dtype_get_info(tensor->dtype);
  uint64_t bits = load_bits(tensor, i);
  if (tensor->dtype == ALPA_F32 || tensor->dtype == ALPA_C64) {
    uint32_t narrow = (uint32_t)bits;
    float value;
    memcpy(&value, &narrow, sizeof value);
    return (double)value;
  }
  if (tensor->dtype == ALPA_F64 || tensor->dtype == ALPA_C128) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
  }
  if (tensor->dtype == ALPA_BF16 || tensor->dtype == ALPA_F16)
    return half_value(tensor->dtype, bits);
  if (info->class_ == ALPA_CLASS_INT) {
    unsigned shift = 64 - 8 * info->bytes;
    return (double)((int64_t)(bits << shift) >> shift);
  }
  return (double)bits; /* unsigned integers and booleans; 8-bit floats show their bits */
}

/* Rounds to nearest even by way of f32. */
static uint64_t half_bits(alpa_dtype dtype, double value) {
  float narrow = (float)value;
  uint32_t bits;
  memcpy(&bits, &narrow, sizeof bits);
  if (dtype == ALPA_BF16)
    return isnan(value) ? 0x7FC0 : (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
  uint64_t sign = bits >> 31 << 15;
  double magnitude = fabs(value);
  if (isnan(value))
    return 0x7E00;
  if (magnitude >= 65520)
    return sign | 0x7C00;
  int exponent = magnitude < 0x1p-14 ? -14 : ilogb(magnitude);
  double units = nearbyint(ldexp(magnitude, 10 - exponent));
  return sign | (uint64_t)((int64_t)(exponent + 14) * 1024 + (int64_t)units);
}

static bool store_number(alpa_tool_tensor *tensor, size_t i, const char *text, char **end) {
  const alpa_dtype_info *info = alpa_dtype_get_info(tensor->dtype);
  char *at = (char *)tensor->data + i * info->bytes;
  if (info->class_ == ALPA_CLASS_FLOAT) {
    double value = strtod(text, end);
    float narrow = (float)value;
    uint64_t bits = info->bits == 16 ? half_bits(tensor->dtype, value) : 0;
    if (info->bits < 16)
      return false;
    memcpy(at, info->bits == 64 ? (void *)&value : info->bits == 32 ? (void *)&narrow : (void *)&bits, info->bytes);
    return true;
  }
  if (info->class_ == ALPA_CLASS_COMPLEX)
    return false;
  if (strncmp(text, "true", 4) == 0 || strncmp(text, "false", 5) == 0) {
    *at = *text == 't';
    *end = (char *)(uintptr_t)text + (*text == 't' ? 4 : 5);
    return true;
  }
  int64_t value = info->class_ == ALPA_CLASS_INT ? strtoll(text, end, 0) : (int64_t)strtoull(text, end, 0);
  memcpy(at, &value, info->bytes);
  return true;
}

/* ---- literals ---- */

static bool find_dtype(const char *text, size_t size, alpa_dtype *out) {
  for (int i = 0; i < ALPA_DTYPE_COUNT; i++) {
    const char *spelling = alpa_dtype_get_info((alpa_dtype)i)->spelling;
    if (strlen(spelling) == size && strncmp(spelling, text, size) == 0) {
      *out = (alpa_dtype)i;
      return true;
    }
  }
  return false;
}

static bool size_of(alpa_tool_tensor *tensor) {
  int64_t bytes = alpa_dtype_get_info(tensor->dtype)->bytes;
  for (uint32_t d = 0; d < tensor->rank; d++)
    if (tensor->dims[d] < 0 || __builtin_mul_overflow(bytes, tensor->dims[d], &bytes))
      return false;
  tensor->bytes = (size_t)bytes;
  return true;
}

/* "2x3xf32" */
static bool parse_type(const char *text, size_t size, alpa_tool_tensor *out) {
  const char *end = text + size;
  while (text < end && isdigit((unsigned char)*text)) {
    char *after;
    if (out->rank == ALPA_TOOL_MAX_RANK)
      return false;
    out->dims[out->rank++] = strtoll(text, &after, 10);
    if (*after != 'x')
      return false;
    text = after + 1;
  }
  return find_dtype(text, (size_t)(end - text), &out->dtype) && size_of(out);
}

static bool is_separator(char c) { return isspace((unsigned char)c) || c == ',' || c == '[' || c == ']'; }

static bool parse_values(const char *text, alpa_tool_tensor *tensor) {
  size_t count = alpa_tool_tensor_count(tensor), n = 0;
  for (;;) {
    while (*text && is_separator(*text))
      text++;
    if (!*text)
      break;
    char *end = NULL;
    if (n == count || !store_number(tensor, n, text, &end) || end == text || (*end && !is_separator(*end)))
      return false;
    text = end;
    n++;
  }
  return n == count;
}

static bool fill_from_one(alpa_tool_tensor *tensor, const char *text) {
  size_t count = alpa_tool_tensor_count(tensor), size = alpa_dtype_get_info(tensor->dtype)->bytes;
  char *end = NULL;
  if (count == 0 || !store_number(tensor, 0, text, &end) || end == text || *end)
    return false;
  for (size_t i = 1; i < count; i++)
    memcpy((char *)tensor->data + i * size, tensor->data, size);
  return true;
}

static bool read_literal(const char *text, alpa_tool_tensors *tensors) {
  alpa_tool_tensor tensor = {.name = alpa_tool_strndup("", 0)};
  const char *equals = strchr(text, '='), *values = equals ? equals + 1 : text;
  bool is_float = strpbrk(text, ".eEn") != NULL;
  bool ok = equals ? parse_type(text, (size_t)(equals - text), &tensor)
                   : (tensor.dtype = is_float ? ALPA_F32 : ALPA_I32, size_of(&tensor));
  if (ok) {
    tensor.data = alpa_tool_realloc(NULL, tensor.bytes ? tensor.bytes : 1);
    ok = fill_from_one(&tensor, values) || parse_values(values, &tensor);
  }
  alpa_tool_tensors_push(tensors, &tensor);
  if (!ok)
    fprintf(stderr, "alpa: error: '%s' is no tensor; write 2x3xf32=1 2 3 4 5 6, @file.npy or @file.safetensors\n",
            text);
  return ok;
}

/* ---- npy ---- */

typedef struct npy_type {
  const char *descr;
  alpa_dtype dtype;
} npy_type;

static const npy_type npy_types[] = {{"|b1", ALPA_I1},   {"|i1", ALPA_I8},    {"<i2", ALPA_I16},  {"<i4", ALPA_I32},
                                     {"<i8", ALPA_I64},  {"|u1", ALPA_UI8},   {"<u2", ALPA_UI16}, {"<u4", ALPA_UI32},
                                     {"<u8", ALPA_UI64}, {"<f2", ALPA_F16},   {"<f4", ALPA_F32},  {"<f8", ALPA_F64},
                                     {"<c8", ALPA_C64},  {"<c16", ALPA_C128}, {"|V2", ALPA_BF16}};

/* Header: "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }" */
static const char *parse_npy_header(const char *header, alpa_tool_tensor *out) {
  const char *descr = strstr(header, "'descr': '"), *order = strstr(header, "'fortran_order': ");
  const char *shape = strstr(header, "'shape': (");
  if (!descr || !order || !shape)
    return "has no npy header";
  descr += strlen("'descr': '");
  size_t i = 0;
  while (i < sizeof npy_types / sizeof *npy_types &&
         (strncmp(npy_types[i].descr, descr, strlen(npy_types[i].descr)) != 0 ||
          descr[strlen(npy_types[i].descr)] != '\''))
    i++;
  if (i == sizeof npy_types / sizeof *npy_types)
    return "has an element type that is not supported";
  out->dtype = npy_types[i].dtype;
  if (strncmp(order + strlen("'fortran_order': "), "False", 5) != 0)
    return "is in Fortran order; save it in C order";
  for (shape += strlen("'shape': ("); *shape && *shape != ')';) {
    char *end;
    if (out->rank == ALPA_TOOL_MAX_RANK)
      return "has too many dimensions";
    out->dims[out->rank++] = strtoll(shape, &end, 10);
    if (end == shape)
      return "has a shape that is no list of numbers";
    shape = end + strspn(end, ", ");
  }
  return size_of(out) ? NULL : "has a shape that is too large";
}

static bool read_npy(const char *path, const alpa_tool_text *file, alpa_tool_tensors *tensors) {
  alpa_tool_tensor tensor = {.name = alpa_tool_strndup("", 0)};
  const unsigned char *bytes = (const unsigned char *)file->data;
  size_t prefix = 0, header = 0;
  if (file->size >= 12 && memcmp(bytes, "\x93NUMPY", 6) == 0) {
    prefix = bytes[6] == 1 ? 10 : 12;
    header = bytes[6] == 1
                 ? (size_t)bytes[8] | (size_t)bytes[9] << 8
                 : (size_t)bytes[8] | (size_t)bytes[9] << 8 | (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
  }
  const char *fault = "is no npy file";
  if (prefix && header <= file->size - prefix) {
    char *text = alpa_tool_strndup(file->data + prefix, header);
    fault = parse_npy_header(text, &tensor);
    free(text);
    if (!fault && tensor.bytes != file->size - prefix - header)
      fault = "has not as many bytes as its shape says";
  }
  if (fault)
    fprintf(stderr, "alpa: error: %s: %s\n", path, fault);
  else {
    tensor.data = alpa_tool_realloc(NULL, tensor.bytes ? tensor.bytes : 1);
    memcpy(tensor.data, bytes + prefix + header, tensor.bytes);
  }
  alpa_tool_tensors_push(tensors, &tensor);
  return !fault;
}

/* ---- safetensors: u64 header size, JSON header, data ---- */

enum { MAX_HEADER = 100000000 };

static bool find_safetensors_dtype(const char *name, alpa_dtype *out) {
  for (int i = 0; i < ALPA_DTYPE_COUNT; i++)
    if (name && *name && strcmp(alpa_dtype_get_info((alpa_dtype)i)->safetensors, name) == 0) {
      *out = (alpa_dtype)i;
      return true;
    }
  return false;
}

static const char *parse_entry(json_t *entry, const char *data, size_t size, alpa_tool_tensor *out) {
  json_t *shape = json_object_get(entry, "shape"), *offsets = json_object_get(entry, "data_offsets");
  if (!find_safetensors_dtype(json_string_value(json_object_get(entry, "dtype")), &out->dtype))
    return "has an element type that is not supported";
  if (!json_is_array(shape) || json_array_size(shape) > ALPA_TOOL_MAX_RANK)
    return "has no shape";
  out->rank = (uint32_t)json_array_size(shape);
  for (uint32_t d = 0; d < out->rank; d++) {
    json_t *dim = json_array_get(shape, d);
    out->dims[d] = json_is_integer(dim) ? (int64_t)json_integer_value(dim) : -1;
  }
  int64_t begin = (int64_t)json_integer_value(json_array_get(offsets, 0));
  int64_t end = (int64_t)json_integer_value(json_array_get(offsets, 1));
  if (!size_of(out) || begin < 0 || end < begin || (uint64_t)end > size || (uint64_t)(end - begin) != out->bytes)
    return "has offsets that do not fit its shape or the file";
  out->data = alpa_tool_realloc(NULL, out->bytes ? out->bytes : 1);
  memcpy(out->data, data + begin, out->bytes);
  return NULL;
}

static bool read_safetensors(const char *path, const alpa_tool_text *file, alpa_tool_tensors *tensors) {
  uint64_t header = 0;
  if (file->size >= sizeof header)
    memcpy(&header, file->data, sizeof header);
  if (file->size < sizeof header || header > MAX_HEADER || header > file->size - sizeof header) {
    fprintf(stderr, "alpa: error: %s: is no safetensors file: its header does not fit\n", path);
    return false;
  }
  json_error_t error;
  json_t *root = json_loadb(file->data + sizeof header, (size_t)header, JSON_REJECT_DUPLICATES, &error), *entry;
  if (!json_is_object(root)) {
    fprintf(stderr, "alpa: error: %s: header:%d:%d: %s\n", path, error.line, error.column, error.text);
    json_decref(root);
    return false;
  }
  const char *key, *data = file->data + sizeof header + header;
  bool ok = true;
  json_object_foreach(root, key, entry) {
    if (strcmp(key, "__metadata__") == 0)
      continue;
    alpa_tool_tensor tensor = {.name = alpa_tool_strndup(key, strlen(key))};
    const char *fault = parse_entry(entry, data, file->size - sizeof header - (size_t)header, &tensor);
    if (fault)
      fprintf(stderr, "alpa: error: %s: tensor '%s' %s\n", path, key, fault);
    ok = ok && !fault;
    alpa_tool_tensors_push(tensors, &tensor);
  }
  json_decref(root);
  return ok;
}

bool alpa_tool_tensors_read(const char *specification, alpa_tool_tensors *tensors) {
  if (specification[0] != '@')
    return read_literal(specification, tensors);
  const char *path = specification + 1, *suffix = strrchr(path, '.');
  alpa_tool_text file = {0};
  bool ok = alpa_tool_file_read(path, &file);
  if (ok && suffix && strcmp(suffix, ".npy") == 0)
    ok = read_npy(path, &file, tensors);
  else if (ok && suffix && strcmp(suffix, ".safetensors") == 0)
    ok = read_safetensors(path, &file, tensors);
  else if (ok) {
    fprintf(stderr, "alpa: error: %s: tensors are read from .npy and .safetensors files\n", path);
    ok = false;
  }
  alpa_tool_text_free(&file);
  return ok;
}

bool alpa_tool_tensors_write(const char *path, const alpa_tool_tensors *tensors) {
  json_t *root = json_object();
  size_t offset = 0;
  for (size_t i = 0; i < tensors->n; i++) {
    const alpa_tool_tensor *tensor = &tensors->items[i];
    const char *dtype = alpa_dtype_get_info(tensor->dtype)->safetensors;
    if (!*dtype) {
      fprintf(stderr, "alpa: error: %s: safetensors has no name for elements of type %s\n", path,
              alpa_dtype_get_info(tensor->dtype)->spelling);
      json_decref(root);
      return false;
    }
    json_t *shape = json_array();
    for (uint32_t d = 0; d < tensor->rank; d++)
      json_array_append_new(shape, json_integer(tensor->dims[d]));
    json_object_set_new(root, tensor->name,
                        json_pack("{s:s, s:o, s:[I, I]}", "dtype", dtype, "shape", shape, "data_offsets",
                                  (json_int_t)offset, (json_int_t)(offset + tensor->bytes)));
    offset += tensor->bytes;
  }
  char *header = json_dumps(root, JSON_COMPACT);
  json_decref(root);
  uint64_t size = (strlen(header) + 7) / 8 * 8;
  alpa_tool_text file = {0};
  alpa_tool_text_append(&file, (const char *)&size, sizeof size);
  alpa_tool_text_printf(&file, "%-*s", (int)size, header);
  for (size_t i = 0; i < tensors->n; i++)
    alpa_tool_text_append(&file, tensors->items[i].data, tensors->items[i].bytes);
  free(header);
  bool ok = alpa_tool_file_write(path, file.data, file.size);
  alpa_tool_text_free(&file);
  return ok;
}
