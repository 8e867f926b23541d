/* The attributes of the stablehlo dialect: cases and fields as StableHLO spells them.  The order of fields is the order
 * in which they print. */
#include "dialects/stablehlo/stablehlo.h"

#include "dialects/stablehlo/attribute_syntax.h"

#define ENUM(name, ...)                                                                                                \
  static const char *const name##_cases[] = {__VA_ARGS__, NULL};                                                       \
  const alpa_attr_def alpa_stablehlo_attr_##name = {.dialect = "stablehlo", .mnemonic = #name, .cases = name##_cases};
#define STRUCT(name, ...)                                                                                              \
  const alpa_attr_def alpa_stablehlo_attr_##name = {                                                                   \
      .dialect = "stablehlo", .mnemonic = #name, .fields = name##_fields, __VA_ARGS__};
#define SYNTAX(name) .parse = alpa_stablehlo_parse_attr_##name, .print = alpa_stablehlo_print_attr_##name
#define FIELD(name, kind) {name, ALPA_FIELD_##kind, false, NULL}
#define REQUIRED_FIELD(name, kind) {name, ALPA_FIELD_##kind, true, NULL}
#define LAST_FIELD {NULL, ALPA_FIELD_ANY, false, NULL}

ENUM(comparison_direction, "EQ", "NE", "GE", "GT", "LE", "LT")
ENUM(comparison_type, "NOTYPE", "FLOAT", "TOTALORDER", "SIGNED", "UNSIGNED")
ENUM(precision, "DEFAULT", "HIGH", "HIGHEST")
ENUM(transpose, "TRANSPOSE_INVALID", "NO_TRANSPOSE", "TRANSPOSE", "ADJOINT")
ENUM(fft_type, "FFT", "IFFT", "RFFT", "IRFFT")
ENUM(rng_distribution, "UNIFORM", "NORMAL")
ENUM(rng_algorithm, "DEFAULT", "THREE_FRY", "PHILOX")

/* Not #stablehlo<result_accuracy_mode DEFAULT>, but #stablehlo.result_accuracy_mode<DEFAULT>. */
static void print_mode(alpa_text *text, const alpa_attr *attr) { alpa_text_string(text, alpa_attr_case(attr)); }
static const char *const result_accuracy_mode_cases[] = {"DEFAULT", "HIGHEST", "TOLERANCE", NULL};
const alpa_attr_def alpa_stablehlo_attr_result_accuracy_mode = {.dialect = "stablehlo",
                                                                .mnemonic = "result_accuracy_mode",
                                                                .cases = result_accuracy_mode_cases,
                                                                .print = print_mode};

static const alpa_field_def dot_fields[] = {
    [STABLEHLO_DOT_LHS_BATCHING] = FIELD("lhs_batching_dimensions", I64S),
    [STABLEHLO_DOT_RHS_BATCHING] = FIELD("rhs_batching_dimensions", I64S),
    [STABLEHLO_DOT_LHS_CONTRACTING] = FIELD("lhs_contracting_dimensions", I64S),
    [STABLEHLO_DOT_RHS_CONTRACTING] = FIELD("rhs_contracting_dimensions", I64S),
    LAST_FIELD,
};
STRUCT(dot, )

static const alpa_field_def dot_algorithm_fields[] = {
    [STABLEHLO_ALGORITHM_LHS_TYPE] = REQUIRED_FIELD("lhs_precision_type", TYPE),
    [STABLEHLO_ALGORITHM_RHS_TYPE] = REQUIRED_FIELD("rhs_precision_type", TYPE),
    [STABLEHLO_ALGORITHM_ACCUMULATION_TYPE] = REQUIRED_FIELD("accumulation_type", TYPE),
    [STABLEHLO_ALGORITHM_LHS_COMPONENTS] = REQUIRED_FIELD("lhs_component_count", I64),
    [STABLEHLO_ALGORITHM_RHS_COMPONENTS] = REQUIRED_FIELD("rhs_component_count", I64),
    [STABLEHLO_ALGORITHM_PRIMITIVES] = REQUIRED_FIELD("num_primitive_operations", I64),
    [STABLEHLO_ALGORITHM_IMPRECISE] = REQUIRED_FIELD("allow_imprecise_accumulation", BOOL),
    LAST_FIELD,
};
STRUCT(dot_algorithm, )

static const alpa_field_def conv_fields[] = {
    [STABLEHLO_CONV_INPUT_BATCH] = FIELD("input_batch_dimension", I64),
    [STABLEHLO_CONV_INPUT_FEATURE] = FIELD("input_feature_dimension", I64),
    [STABLEHLO_CONV_INPUT_SPATIAL] = FIELD("input_spatial_dimensions", I64S),
    [STABLEHLO_CONV_KERNEL_INPUT_FEATURE] = FIELD("kernel_input_feature_dimension", I64),
    [STABLEHLO_CONV_KERNEL_OUTPUT_FEATURE] = FIELD("kernel_output_feature_dimension", I64),
    [STABLEHLO_CONV_KERNEL_SPATIAL] = FIELD("kernel_spatial_dimensions", I64S),
    [STABLEHLO_CONV_OUTPUT_BATCH] = FIELD("output_batch_dimension", I64),
    [STABLEHLO_CONV_OUTPUT_FEATURE] = FIELD("output_feature_dimension", I64),
    [STABLEHLO_CONV_OUTPUT_SPATIAL] = FIELD("output_spatial_dimensions", I64S),
    LAST_FIELD,
};
STRUCT(conv, SYNTAX(conv))

static const alpa_field_def gather_fields[] = {
    [STABLEHLO_GATHER_OFFSET_DIMS] = FIELD("offset_dims", I64S),
    [STABLEHLO_GATHER_COLLAPSED_SLICE_DIMS] = FIELD("collapsed_slice_dims", I64S),
    [STABLEHLO_GATHER_OPERAND_BATCHING_DIMS] = FIELD("operand_batching_dims", I64S),
    [STABLEHLO_GATHER_START_INDICES_BATCHING_DIMS] = FIELD("start_indices_batching_dims", I64S),
    [STABLEHLO_GATHER_START_INDEX_MAP] = FIELD("start_index_map", I64S),
    [STABLEHLO_GATHER_INDEX_VECTOR_DIM] = FIELD("index_vector_dim", I64),
    LAST_FIELD,
};
STRUCT(gather, )

static const alpa_field_def scatter_fields[] = {
    [STABLEHLO_SCATTER_UPDATE_WINDOW_DIMS] = FIELD("update_window_dims", I64S),
    [STABLEHLO_SCATTER_INSERTED_WINDOW_DIMS] = FIELD("inserted_window_dims", I64S),
    [STABLEHLO_SCATTER_INPUT_BATCHING_DIMS] = FIELD("input_batching_dims", I64S),
    [STABLEHLO_SCATTER_INDICES_BATCHING_DIMS] = FIELD("scatter_indices_batching_dims", I64S),
    [STABLEHLO_SCATTER_DIMS_TO_OPERAND_DIMS] = FIELD("scatter_dims_to_operand_dims", I64S),
    [STABLEHLO_SCATTER_INDEX_VECTOR_DIM] = FIELD("index_vector_dim", I64),
    LAST_FIELD,
};
STRUCT(scatter, )

static const alpa_field_def channel_handle_fields[] = {
    [STABLEHLO_CHANNEL_HANDLE] = REQUIRED_FIELD("handle", I64),
    [STABLEHLO_CHANNEL_TYPE] = REQUIRED_FIELD("type", I64),
    LAST_FIELD,
};
STRUCT(channel_handle, )

static const alpa_field_def output_operand_alias_fields[] = {
    [STABLEHLO_ALIAS_OUTPUT_INDICES] = REQUIRED_FIELD("output_tuple_indices", I64S),
    [STABLEHLO_ALIAS_OPERAND] = REQUIRED_FIELD("operand_index", I64),
    [STABLEHLO_ALIAS_OPERAND_INDICES] = REQUIRED_FIELD("operand_tuple_indices", I64S),
    LAST_FIELD,
};
STRUCT(output_operand_alias, )

static const alpa_field_def result_accuracy_fields[] = {
    FIELD("atol", FLOAT), FIELD("rtol", FLOAT),
    FIELD("ulps", I64),   {"mode", ALPA_FIELD_ENUM, true, &alpa_stablehlo_attr_result_accuracy_mode},
    LAST_FIELD,
};
STRUCT(result_accuracy, )

static const alpa_field_def replica_group_mesh_axes_fields[] = {
    [STABLEHLO_MESH_AXES_MESH] = REQUIRED_FIELD("mesh", SYM),
    [STABLEHLO_MESH_AXES_AXES] = REQUIRED_FIELD("axes", ARRAY),
    LAST_FIELD,
};
STRUCT(replica_group_mesh_axes, )

static const alpa_field_def bounds_fields[] = {FIELD("bounds", I64S), LAST_FIELD};
STRUCT(bounds, SYNTAX(bounds))

/* The older spelling of bounds: <bounds = [4, ?]>.  It is read as bounds. */
#define type_extensions_fields bounds_fields
STRUCT(type_extensions, .parse = alpa_stablehlo_parse_attr_type_extensions)
