/* Constant tables of a module, read lane by lane. */
#ifndef ALPA_CODEGEN_LOWER_TABLE_H
#define ALPA_CODEGEN_LOWER_TABLE_H

#include "codegen/lower/lower.h"

/* The table of that name; made from the items' bits when it is first asked for.  type: i8, i64 or f32. */
LLVMValueRef alpa_table_get(alpa_lower *lower, const char *name, LLVMTypeRef type, const uint64_t *bits, size_t n);
/* The same where it exists, else NULL. */
LLVMValueRef alpa_table_find(alpa_lower *lower, const char *name);
/* Items at an index, or at lanes of them, of i64. */
LLVMValueRef alpa_table_load(alpa_lower *lower, LLVMValueRef table, LLVMTypeRef type, LLVMValueRef index);

#endif
