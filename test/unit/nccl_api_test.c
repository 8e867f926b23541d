/* Our declarations of NCCL against nccl.h, where that is installed: a row that differs does not compile.  And the table
 * of data types, which everywhere has a row for each. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "runtime/channel/nccl/api.h"

#if __has_include(<nccl.h>) && __has_include(<cuda_runtime.h>)
#include <nccl.h>

#define X(name, nccl, value) _Static_assert((int)(nccl) == (value), #name);
ALPA_NCCL_CONSTANT_TABLE(X)
#undef X
#define X(dtype, nccl, value, elements) _Static_assert((int)(nccl) == (value), #dtype);
ALPA_NCCL_TYPE_TABLE(X)
#undef X

_Static_assert(sizeof(alpa_nccl_id) == sizeof(ncclUniqueId), "id");
#define ASSERT_MEMBER(ours, theirs)                                                                                    \
  _Static_assert(offsetof(alpa_nccl_config, ours) == offsetof(ncclConfig_t, theirs), #theirs)
ASSERT_MEMBER(size, size);
ASSERT_MEMBER(magic, magic);
ASSERT_MEMBER(version, version);
ASSERT_MEMBER(blocking, blocking);
ASSERT_MEMBER(cluster_size, cgaClusterSize);
ASSERT_MEMBER(least_blocks, minCTAs);
ASSERT_MEMBER(most_blocks, maxCTAs);
ASSERT_MEMBER(network, netName);
ASSERT_MEMBER(split_share, splitShare);

/* Rows are compared with the structures that were just found equal taken for each other. */
#define alpa_nccl_id ncclUniqueId
#define alpa_nccl_config ncclConfig_t
#define X(name, parameters)                                                                                            \
  _Static_assert(__builtin_types_compatible_p(__typeof__(name), alpa_nccl_result parameters), #name);
#include "runtime/channel/nccl/nccl.def"
#undef X
#endif

static void every_data_type_has_a_row(void **state) {
  (void)state;
  static const struct {
    alpa_dtype dtype;
    int type;
    uint32_t elements;
  } rows[] = {
#define X(dtype, nccl, value, elements) {ALPA_##dtype, value, elements},
      ALPA_NCCL_TYPE_TABLE(X)
#undef X
  };
  /* Bytes of NCCL's types, by their numbers. */
  static const uint32_t bytes[] = {1, 1, 4, 4, 8, 8, 2, 4, 8, 2};
  assert_int_equal(sizeof rows / sizeof *rows, ALPA_DTYPE_COUNT);
  for (uint32_t i = 0; i < ALPA_DTYPE_COUNT; i++) {
    assert_int_equal(rows[i].dtype, i);
    if (rows[i].type >= 0)
      assert_int_equal(bytes[rows[i].type] * rows[i].elements, alpa_dtype_get_info((alpa_dtype)i)->bytes);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_data_type_has_a_row)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
