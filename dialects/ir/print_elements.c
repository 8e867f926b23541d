/* What stands in dense<...>: nested lists, one element for a splat, or hexadecimal bytes for large constants. */
#include <string.h>

#include "dialects/ir/print_text.h"

enum { DEFAULT_HEX_LIMIT = 100 };

static size_t element_bytes(const alpa_type *element) {
  return element->kind == ALPA_TYPE_SCALAR ? alpa_dtype_get_info(element->dtype)->bytes : sizeof(int64_t);
}

static void print_hex_byte(alpa_text *text, unsigned byte) {
  static const char digits[] = "0123456789ABCDEF";
  char pair[2] = {digits[byte >> 4], digits[byte & 15]};
  alpa_text_append(text, pair, 2);
}

/* Booleans are packed, the first in the lowest bit. */
static void print_bits(alpa_text *text, const unsigned char *data, size_t n) {
  for (size_t i = 0; i < n; i += 8) {
    unsigned byte = 0;
    for (size_t bit = 0; bit < 8 && i + bit < n; bit++)
      byte |= (unsigned)(data[i + bit] & 1) << bit;
    print_hex_byte(text, byte);
  }
}

static void print_hex(alpa_text *text, const alpa_attr *attr) {
  const alpa_type *element = attr->type->element;
  const unsigned char *data = attr->elements.data;
  alpa_text_string(text, "\"0x");
  if (element->kind == ALPA_TYPE_SCALAR && element->dtype == ALPA_I1) {
    print_bits(text, data, attr->elements.n);
  } else {
    size_t bytes = attr->elements.n * element_bytes(element);
    for (size_t i = 0; i < bytes; i++)
      print_hex_byte(text, data[i]);
  }
  alpa_text_char(text, '"');
}

/* Brackets open and close where the counter of a dimension begins and ends; no recursion, ranks are unlimited. */
static void print_list(alpa_text *text, const alpa_attr *attr) {
  const alpa_type *type = attr->type;
  size_t bytes = element_bytes(type->element);
  const char *data = attr->elements.data;
  for (size_t i = 0; i < attr->elements.n; i++) {
    uint32_t open = 0, close = 0;
    size_t stride = 1;
    for (uint32_t d = type->rank; d-- > 0;) {
      stride *= (size_t)type->dims[d];
      open += i % stride == 0;
      close += (i + 1) % stride == 0;
      if (i % stride && (i + 1) % stride)
        break;
    }
    if (i)
      alpa_text_append(text, ", ", 2);
    while (open--)
      alpa_text_char(text, '[');
    alpa_text_element(text, type->element, data + i * bytes);
    while (close--)
      alpa_text_char(text, ']');
  }
}

void alpa_attr_print_elements(alpa_text *text, const alpa_attr *attr, const alpa_print_options *options) {
  int64_t limit = options && options->hex_elements ? options->hex_elements : DEFAULT_HEX_LIMIT;
  if (attr->elements.splat)
    alpa_text_element(text, attr->type->element, attr->elements.data);
  else if (limit >= 0 && (int64_t)attr->elements.n > limit)
    print_hex(text, attr);
  else
    print_list(text, attr);
}
