/* Compiles kernels to relocatable objects on several threads, or to one text of PTX.
 *
 * Kernels are cut into batches in their order; every batch is lowered into a module of its own LLVM context and becomes
 * one object, so that the result does not depend on which thread did what.  Kernels of a module only refer to constants
 * of the same object, by relative addresses, and to memcpy, memmove and memset.  Texts of PTX are joined to one. */
#include "codegen/lower/lower_kernel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <llvm-c/Analysis.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <llvm/Config/llvm-config.h>

#include "codegen/llvm/target.h"
#include "codegen/ptx/text.h"

enum { BATCH = 6 };

#define TIDY "early-cse<memssa>,instcombine<no-verify-fixpoint>"
static const char *const pipelines[] = {
    "function(simplifycfg)",
    "function(" TIDY ",simplifycfg)",
    ("function(" TIDY ",simplifycfg,loop-mssa(licm)," TIDY ")"),
    "default<O2>",
};
#undef TIDY

/* LLVM's own expansions of memory intrinsics and its inference of address spaces need its whole pipeline. */
static const char *const gpu_pipelines[] = {"default<O1>", "default<O1>", "default<O2>", "default<O3>"};

typedef struct object {
  void *data; /* malloc */
  size_t size;
  char *dump; /* malloc, or NULL */
  alpa_status status;
  const alpa_op *culprit;
  char *reason; /* malloc */
} object;

/* Shared by the threads. */
typedef struct job {
  const alpa_llvm_options *options;
  const alpa_machine *machine;
  alpa_kernel_code *kernels;
  size_t n_kernels, n_batches;
  bool dump;
  object *objects; /* one per batch */
  atomic_size_t next;
} job;

typedef struct llvm_errors {
  uint32_t n;
  char first[256];
} llvm_errors;

static void on_diagnostic(LLVMDiagnosticInfoRef info, void *user) {
  llvm_errors *errors = user;
  if (LLVMGetDiagInfoSeverity(info) != LLVMDSError)
    return;
  char *text = LLVMGetDiagInfoDescription(info);
  if (!errors->n++)
    snprintf(errors->first, sizeof errors->first, "%s", text);
  LLVMDisposeMessage(text);
}

static void set_failure(object *object_, alpa_status status, const alpa_op *culprit, const char *reason) {
  if (object_->status != ALPA_OK)
    return;
  object_->status = status;
  object_->culprit = culprit;
  object_->reason = strdup(reason);
}

static alpa_lower_types make_types(LLVMContextRef llvm) {
  return (alpa_lower_types){
      .void_ = LLVMVoidTypeInContext(llvm),
      .i1 = LLVMInt1TypeInContext(llvm),
      .i8 = LLVMInt8TypeInContext(llvm),
      .i16 = LLVMInt16TypeInContext(llvm),
      .i32 = LLVMInt32TypeInContext(llvm),
      .i64 = LLVMInt64TypeInContext(llvm),
      .f32 = LLVMFloatTypeInContext(llvm),
      .f64 = LLVMDoubleTypeInContext(llvm),
      .ptr = LLVMPointerTypeInContext(llvm, 0),
  };
}

static void lower_batch(const job *job_, size_t batch, alpa_lower *lower, object *out) {
  size_t end = (batch + 1) * BATCH < job_->n_kernels ? (batch + 1) * BATCH : job_->n_kernels;
  for (size_t i = batch * BATCH; i < end; i++) {
    lower->status = ALPA_OK;
    if (alpa_lower_kernel(lower, &job_->kernels[i]) != ALPA_OK)
      set_failure(out, lower->status, lower->culprit, lower->reason);
  }
}

static void optimise(const job *job_, LLVMModuleRef module, LLVMTargetMachineRef machine, object *out,
                     const alpa_op *culprit) {
  uint32_t level = job_->options->optimisation < 3 ? job_->options->optimisation : 3;
  LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
  const char *pipeline = job_->machine->target.gpu ? gpu_pipelines[level] : pipelines[level];
  LLVMErrorRef error = LLVMRunPasses(module, pipeline, machine, options);
  LLVMDisposePassBuilderOptions(options);
  if (error) {
    char *message = LLVMGetErrorMessage(error);
    set_failure(out, ALPA_INTERNAL, culprit, message);
    LLVMDisposeErrorMessage(message);
  }
}

/* An object, or a text that ends in NUL. */
static void emit_code(const job *job_, LLVMModuleRef module, LLVMTargetMachineRef machine, object *out,
                      const alpa_op *culprit) {
  char *message = NULL;
  LLVMMemoryBufferRef buffer = NULL;
  bool is_text = job_->machine->target.gpu;
  if (LLVMTargetMachineEmitToMemoryBuffer(machine, module, is_text ? LLVMAssemblyFile : LLVMObjectFile, &message,
                                          &buffer)) {
    set_failure(out, ALPA_INTERNAL, culprit, message ? message : "code generation failed");
    LLVMDisposeMessage(message);
    return;
  }
  size_t size = LLVMGetBufferSize(buffer);
  out->size = size + is_text;
  out->data = calloc(out->size, 1);
  if (out->data)
    memcpy(out->data, LLVMGetBufferStart(buffer), size);
  else
    set_failure(out, ALPA_OUT_OF_MEMORY, culprit, "no memory for its machine code");
  LLVMDisposeMemoryBuffer(buffer);
}

static void verify(LLVMModuleRef module, object *out, const alpa_op *culprit) {
  char *message = NULL;
  if (LLVMVerifyModule(module, LLVMReturnStatusAction, &message))
    set_failure(out, ALPA_INTERNAL, culprit, message ? message : "invalid LLVM IR");
  LLVMDisposeMessage(message);
}

static void dump_module(LLVMModuleRef module, object *out) {
  char *text = LLVMPrintModuleToString(module);
  out->dump = strdup(text);
  LLVMDisposeMessage(text);
}

/* Texts of PTX are joined: what is private to a module gets a name that no other has. */
static void rename_privates(LLVMModuleRef module, alpa_arena *arena, const char *suffix) {
  for (LLVMValueRef global = LLVMGetFirstGlobal(module); global; global = LLVMGetNextGlobal(global)) {
    size_t size;
    if (LLVMGetLinkage(global) != LLVMPrivateLinkage)
      continue;
    const char *name = alpa_arena_printf(arena, "%s.%s", LLVMGetValueName2(global, &size), suffix);
    LLVMSetValueName2(global, name, strlen(name));
  }
}

static void compile_batch(const job *job_, size_t batch, alpa_memory *memory, LLVMTargetMachineRef machine) {
  object *out = &job_->objects[batch];
  const alpa_op *culprit = job_->kernels[batch * BATCH].op;
  llvm_errors errors = {0};
  LLVMContextRef llvm = LLVMContextCreate();
  LLVMContextSetDiagnosticHandler(llvm, on_diagnostic, &errors);
  LLVMModuleRef module = LLVMModuleCreateWithNameInContext("kernels", llvm);
  LLVMSetTarget(module, job_->machine->triple);
  LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(machine);
  LLVMSetModuleDataLayout(module, layout);
  LLVMDisposeTargetData(layout);
  alpa_arena arena;
  alpa_arena_init(&arena, memory);
  alpa_lower lower = {.arena = &arena,
                      .target = &job_->machine->target,
                      .llvm = llvm,
                      .module = module,
                      .builder = LLVMCreateBuilderInContext(llvm),
                      .type = make_types(llvm)};
  lower_batch(job_, batch, &lower, out);
  if (job_->machine->target.gpu)
    rename_privates(module, &arena, job_->kernels[batch * BATCH].symbol);
  if (out->status == ALPA_OK && job_->dump)
    dump_module(module, out);
  if (out->status == ALPA_OK)
    verify(module, out, culprit);
  if (out->status == ALPA_OK)
    optimise(job_, module, machine, out, culprit);
  if (out->status == ALPA_OK)
    emit_code(job_, module, machine, out, culprit);
  if (errors.n)
    set_failure(out, ALPA_INTERNAL, culprit, errors.first);
  LLVMDisposeBuilder(lower.builder);
  LLVMDisposeModule(module);
  LLVMContextDispose(llvm);
  alpa_arena_deinit(&arena);
}

static void *work(void *user) {
  job *job_ = user;
  alpa_memory memory;
  alpa_memory_init(&memory, NULL, NULL);
  jmp_buf recovery;
  LLVMTargetMachineRef machine = alpa_machine_create(job_->machine, job_->options->optimisation);
  volatile size_t batch = 0;
  if (setjmp(recovery)) {
    set_failure(&job_->objects[batch], ALPA_OUT_OF_MEMORY, job_->kernels[batch * BATCH].op, "no memory to compile it");
  } else {
    memory.recovery = &recovery;
    while ((batch = atomic_fetch_add(&job_->next, 1)) < job_->n_batches) {
      if (machine)
        compile_batch(job_, batch, &memory, machine);
      else
        set_failure(&job_->objects[batch], ALPA_UNAVAILABLE, job_->kernels[batch * BATCH].op,
                    "LLVM knows no target for this machine");
    }
  }
  if (machine)
    LLVMDisposeTargetMachine(machine);
  return NULL;
}

static void run_threads(job *job_, uint32_t n_threads) {
  enum { MAX_THREADS = 64 };
  pthread_t threads[MAX_THREADS];
  uint32_t n = n_threads < MAX_THREADS ? n_threads : MAX_THREADS;
  n = n < job_->n_batches ? n : (uint32_t)job_->n_batches;
  uint32_t started = 0;
  while (started + 1 < n && pthread_create(&threads[started], NULL, work, job_) == 0)
    started++;
  work(job_);
  for (uint32_t i = 0; i < started; i++)
    pthread_join(threads[i], NULL);
}

static alpa_status report(const job *job_) {
  for (size_t i = 0; i < job_->n_batches; i++) {
    const object *failed = &job_->objects[i];
    if (failed->status == ALPA_UNSUPPORTED)
      return alpa_op_unsupported(failed->culprit, "%s", failed->reason);
    if (failed->status != ALPA_OK) {
      (void)alpa_op_error(failed->culprit, "cannot be compiled: %s", failed->reason ? failed->reason : "no memory");
      return failed->status;
    }
  }
  return ALPA_OK;
}

static void collect(const job *job_, alpa_arena *arena, alpa_text *dump, alpa_image_code **out_code,
                    uint32_t *out_n_code) {
  alpa_image_code *code = alpa_arena_new(arena, alpa_image_code, job_->n_batches);
  for (size_t i = 0; i < job_->n_batches; i++) {
    code[i] =
        (alpa_image_code){alpa_arena_copy(arena, job_->objects[i].data, job_->objects[i].size), job_->objects[i].size};
    if (dump && job_->objects[i].dump)
      alpa_text_string(dump, job_->objects[i].dump);
  }
  bool joins = job_->machine->target.gpu && job_->n_batches;
  if (joins)
    code[0] = alpa_ptx_join(arena, code, job_->n_batches);
  *out_code = code;
  *out_n_code = joins ? 1 : (uint32_t)job_->n_batches;
}

static alpa_status compile(const alpa_llvm_options *options, alpa_diag *diag, alpa_arena *arena,
                           alpa_kernel_code *kernels, size_t n_kernels, alpa_text *dump, alpa_image_code **out_code,
                           uint32_t *out_n_code) {
  alpa_machine machine;
  ALPA_TRY(alpa_machine_init(&machine, options, diag, arena));
  size_t n_batches = (n_kernels + BATCH - 1) / BATCH;
  job job_ = {.options = options,
              .machine = &machine,
              .kernels = kernels,
              .n_kernels = n_kernels,
              .n_batches = n_batches,
              .dump = dump != NULL,
              .objects = alpa_arena_new(arena, object, n_batches)};
  if (n_batches)
    run_threads(&job_, options->n_threads ? options->n_threads : machine.n_cores);
  alpa_status status = report(&job_);
  if (status == ALPA_OK)
    collect(&job_, arena, dump, out_code, out_n_code);
  for (size_t i = 0; i < n_batches; i++) {
    free(job_.objects[i].data);
    free(job_.objects[i].dump);
    free(job_.objects[i].reason);
  }
  return status;
}

static alpa_status target(const alpa_llvm_options *options, alpa_diag *diag, alpa_arena *arena, const char **out_name) {
  alpa_machine machine;
  ALPA_TRY(alpa_machine_init(&machine, options, diag, arena));
  const char *version =
      alpa_arena_printf(arena, "llvm-%d.%d.%d", LLVM_VERSION_MAJOR, LLVM_VERSION_MINOR, LLVM_VERSION_PATCH);
  *out_name = machine.target.gpu ? alpa_arena_printf(arena, "ptx:%s:%s", machine.cpu, version)
                                 : alpa_arena_printf(arena, "host:%s:%s:%s", machine.cpu, machine.features, version);
  return ALPA_OK;
}

extern const alpa_llvm_module alpa_llvm_module_table;
const alpa_llvm_module alpa_llvm_module_table = {.compile = compile, .target = target};
