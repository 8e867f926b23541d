/* Sums, products, maxima and minima of elements of NCCL's types. */
#ifndef ALPA_TEST_EMULATOR_NCCL_REDUCE_H
#define ALPA_TEST_EMULATOR_NCCL_REDUCE_H

#include <stddef.h>

/* Bytes of one element of a type, by NCCL's number; 0: no such type. */
size_t reduce_element_bytes(unsigned type);
/* into[i] = into[i] op from[i], n elements. */
void reduce_elements(unsigned type, unsigned reduction, size_t n, void *into, const void *from);

#endif
