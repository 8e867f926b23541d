/* Conversion of elements from one type to another. */
#ifndef ALPA_INTERP_CONVERT_H
#define ALPA_INTERP_CONVERT_H

#include "interp/machine.h"

/* The first n elements, by the dtypes of the two tensors, with the semantics of stablehlo.convert: real floats to
 * integers truncate and saturate (NaN is 0), integers wrap, booleans are "not zero".  In field arithmetic integers and
 * widened floats are exact, narrowed floats rounded by alpa_field_round, and integers come from the symmetric
 * representative. */
void alpa_elements_convert(const alpa_machine *machine, const alpa_tensor *from, size_t n, const alpa_tensor *to);

#endif
