/* What record_ptx records: single instructions, and kernels for layouts.
 *
 * Every kernel is `k(out, in, map)`; thread i reads from in + i * in_bytes and writes to out + i * out_bytes. */
#ifndef RECORD_PTX_H
#define RECORD_PTX_H

#include <stddef.h>
#include <stdint.h>

typedef enum record_inputs {
  RECORD_BITS,  /* any bits, and corners of integers */
  RECORD_F32,   /* floats of any size, and corners */
  RECORD_ANGLE, /* floats in [-pi, pi] */
  RECORD_HALF,  /* pairs of f16 or bf16, and corners */
  RECORD_SMALL, /* whole numbers from -4 to 4 as f16, bf16 or f32: exact sums */
  RECORD_MIXED  /* numbers from -4 to 4 as bf16 or f32, of which sums round */
} record_inputs;

/* One instruction on registers d, a, b, c, whose sizes are given in bytes. */
typedef struct record_instruction {
  const char *text;
  int arch; /* the least that has it */
  uint8_t d, a, b, c;
  record_inputs inputs;
  double tolerance; /* relative, of f32 results; 0: the same bits */
} record_instruction;
extern const record_instruction record_instructions[];
extern const size_t record_n_instructions;

/* A tensor map of two dimensions of 2-byte elements over the input. */
typedef struct record_map {
  uint64_t columns, rows;
  uint32_t box_columns, box_rows;
  unsigned swizzle;
} record_map;

typedef struct record_kernel {
  char name[96];
  int arch;
  unsigned threads, shared_bytes;
  size_t in_bytes, out_bytes; /* in all */
  record_inputs inputs;
  const char *element; /* of inputs: "f16", "bf16", "f32", "b32" */
  double tolerance;
  record_map map;
  char ptx[60000]; /* without the header */
} record_kernel;

/* Writes kernel number `index`; 0 when there are no more. */
int record_kernel_write(size_t index, record_kernel *kernel);

#endif
