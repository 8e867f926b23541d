/* Prints a document generated from the tables: docs dialects | passes. */
#include <stdio.h>
#include <string.h>

#include "dialects/ir/context.h"

static void print_arity(const char *what, alpa_arity arity) {
  if (arity.max == 0)
    return;
  if (arity.max == ALPA_VARIADIC)
    printf(" %s: %s%.0u.", what, arity.min ? "at least " : "any number", arity.min);
  else
    printf(" %s: %u.", what, arity.max);
}

static void print_traits(uint32_t traits) {
  static const struct {
    uint32_t bit;
    const char *name;
  } names[] = {{ALPA_PURE, "pure"},
               {ALPA_REGION_PURE, "pure where its regions are"},
               {ALPA_ELEMENTWISE, "elementwise"},
               {ALPA_COMMUTATIVE, "commutative"},
               {ALPA_SAME_TYPE, "one type"},
               {ALPA_TERMINATOR, "terminator"},
               {ALPA_SYMBOL, "symbol"},
               {ALPA_ISOLATED, "isolated"},
               {ALPA_COLLECTIVE, "collective"}};
  const char *separator = " Traits: ";
  for (size_t i = 0; i < countof(names); i++)
    if (traits & names[i].bit) {
      printf("%s%s", separator, names[i].name);
      separator = ", ";
    }
  if (separator[0] == ',')
    putchar('.');
}

static void print_op(const alpa_op_def *op) {
  printf("\n### `%s`\n\n%c%s.", op->name, op->summary[0], op->summary + 1);
  print_arity("Operands", op->operands);
  print_arity("Results", op->results);
  if (op->regions)
    printf(op->regions == ALPA_VARIADIC ? " Regions: any number." : " Regions: %u.", op->regions);
  print_traits(op->traits);
  putchar('\n');
  if (op->attrs && op->attrs->name)
    putchar('\n');
  for (const alpa_field_def *attr = op->attrs; attr && attr->name; attr++)
    printf("- `%s`%s%s%s%s\n", attr->name, attr->def ? ": `#" : "", attr->def ? attr->def->mnemonic : "",
           attr->def ? "`" : "", attr->required ? "" : " (optional)");
}

static void print_dialects(void) {
  puts("# Dialects\n\nGenerated from the op tables by `make docs`.");
  for (size_t d = 0; d < ALPA_DIALECT_COUNT; d++) {
    printf("\n## %s\n\n%s. %zu ops.\n", alpa_dialects[d]->name, alpa_dialects[d]->summary, alpa_dialects[d]->n_ops);
    for (size_t i = 0; i < alpa_dialects[d]->n_ops; i++)
      print_op(&alpa_dialects[d]->ops[i]);
  }
}

static void print_pass(size_t index, const alpa_pass_info *info) {
  printf("\n## `%s`\n\n%s.", info->name, info->summary);
  if (info->expansion)
    printf(" Stands for `%s`.", info->expansion);
  else
    printf(" Runs on %s.", info->anchor ? info->anchor : "any isolated op");
  puts("");
  alpa_pass_option_info option = ALPA_PASS_OPTION_INFO_INIT;
  for (size_t i = 0; alpa_pass_get_option(index, i, &option) == ALPA_OK; i++)
    printf("%s- `%s` (%s, default `%s`): %s\n", i ? "" : "\n", option.name, option.kind, option.initial, option.help);
  alpa_statistic statistic;
  for (size_t i = 0; alpa_pass_get_statistic(index, i, &statistic) == ALPA_OK; i++)
    printf("%s- counts `%s`: %s\n", i ? "" : "\n", statistic.name, statistic.help);
}

static void print_passes(void) {
  alpa_pass_info info = ALPA_PASS_INFO_INIT;
  puts("# Passes\n\nGenerated from the pass tables by `make docs`.");
  for (size_t i = 0; alpa_pass_get_info(i, &info) == ALPA_OK; i++)
    print_pass(i, &info);
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "dialects") == 0)
    print_dialects();
  else if (argc == 2 && strcmp(argv[1], "passes") == 0)
    print_passes();
  else {
    fputs("usage: docs dialects|passes\n", stderr);
    return 2;
  }
  return 0;
}
