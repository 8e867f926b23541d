/* Files of the plan cache.
 *
 * Layout of an entry: header, key material, payload.  The checksum covers everything behind the header and the sizes
 * in it, so that no flipped bit, lost tail or appended junk goes unnoticed. */
#include "driver/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "alpa/alpa.h"
#include "driver/environment.h"
#include "support/hash.h"

enum { FORMAT = 1, MAX_NAME = 64 };
static const char magic[8] = "alpaplan";

typedef struct entry_header {
  char magic[8];
  uint32_t format, kind;
  uint64_t key_size, payload_size;
  alpa_hash128 checksum; /* of sizes, key material and payload */
} entry_header;

static const char *kind_suffix(alpa_cache_kind kind) {
  static const char *const suffixes[] = {
#define X(ID, suffix) suffix,
      ALPA_CACHE_KIND_TABLE(X)
#undef X
  };
  return suffixes[kind];
}

const char *alpa_cache_name(alpa_arena *arena, alpa_str key) {
  alpa_hash128 hash = alpa_hash128_of(key.data, key.size);
  return alpa_arena_printf(arena, "%016llx%016llx", (unsigned long long)hash.high, (unsigned long long)hash.low);
}

static void warn(const alpa_cache *cache, const char *path, const char *what) {
  alpa_warning(cache->diag, (alpa_place){.file = path}, "%s; the cache is not used for it", what);
}

static const char *entry_path(const alpa_cache *cache, alpa_arena *arena, alpa_cache_kind kind, alpa_str key) {
  return alpa_arena_printf(arena, "%s/%s.%s", cache->directory, alpa_cache_name(arena, key), kind_suffix(kind));
}

/* Code from the cache is executed, so nobody else may be able to write it. */
static bool is_private(const struct stat *info) {
  return info->st_uid == geteuid() && (info->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static bool make_directories(const char *path, alpa_arena *arena) {
  char *prefix = alpa_arena_strdup(arena, path);
  for (char *at = prefix + 1; *at; at++)
    if (*at == '/') {
      *at = 0;
      if (mkdir(prefix, 0700) != 0 && errno != EEXIST)
        return false;
      *at = '/';
    }
  return mkdir(prefix, 0700) == 0 || errno == EEXIST;
}

/* An open descriptor of the directory, or -1 with a warning where it is missing or unsafe. */
static int open_directory(const alpa_cache *cache, alpa_arena *arena, bool create) {
  if (create && !make_directories(cache->directory, arena)) {
    warn(cache, cache->directory, strerror(errno));
    return -1;
  }
  int fd = open(cache->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  struct stat info;
  if (fd < 0 || fstat(fd, &info) != 0) {
    if (errno != ENOENT)
      warn(cache, cache->directory, strerror(errno));
    if (fd >= 0)
      close(fd);
    return -1;
  }
  if (!is_private(&info)) {
    warn(cache, cache->directory, "others may write to the cache directory (chmod 700 it)");
    close(fd);
    return -1;
  }
  return fd;
}

static alpa_hash128 checksum(const entry_header *header, alpa_str body) {
  uint64_t sizes[] = {header->format, header->kind, header->key_size, header->payload_size};
  alpa_hash128 head = alpa_hash128_of(sizes, sizeof sizes), rest = alpa_hash128_of(body.data, body.size);
  return (alpa_hash128){alpa_hash_mix(head.low, rest.low), alpa_hash_mix(head.high, rest.high)};
}

/* ---- reading ---- */

static bool read_all(int fd, char *data, size_t size) {
  while (size) {
    ssize_t got = read(fd, data, size);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return false;
    data += got;
    size -= (size_t)got;
  }
  return true;
}

/* What is wrong with an open entry, or NULL with its header and body. */
static const char *read_entry(int fd, alpa_arena *arena, entry_header *header, alpa_str *out_body) {
  struct stat info;
  if (fstat(fd, &info) != 0)
    return strerror(errno);
  if (!S_ISREG(info.st_mode))
    return "the entry is not a regular file";
  if (!is_private(&info))
    return "the entry may have been written by somebody else";
  if (info.st_size < (off_t)sizeof *header || !read_all(fd, (char *)header, sizeof *header) ||
      memcmp(header->magic, magic, sizeof magic) != 0)
    return "the entry is damaged";
  if (header->format != FORMAT)
    return "the entry was written by another version";
  uint64_t size = (uint64_t)info.st_size - sizeof *header;
  if (header->key_size > size || header->payload_size != size - header->key_size)
    return "the entry is damaged";
  char *body = alpa_arena_alloc(arena, size);
  *out_body = (alpa_str){body, size};
  if (!read_all(fd, body, size))
    return "the entry is damaged";
  alpa_hash128 sum = checksum(header, *out_body);
  return sum.low == header->checksum.low && sum.high == header->checksum.high ? NULL : "the entry is damaged";
}

bool alpa_cache_find(const alpa_cache *cache, alpa_arena *arena, alpa_cache_kind kind, alpa_str key,
                     alpa_str *out_payload) {
  int directory = cache->directory ? open_directory(cache, arena, false) : -1;
  if (directory < 0)
    return false;
  const char *path = entry_path(cache, arena, kind, key), *name = strrchr(path, '/') + 1;
  int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  close(directory);
  if (fd < 0)
    return false;
  entry_header header;
  alpa_str body;
  const char *fault = read_entry(fd, arena, &header, &body);
  if (!fault)
    futimens(fd, NULL); /* used now, for eviction */
  close(fd);
  if (fault) {
    warn(cache, path, fault);
    return false;
  }
  if (header.kind != kind || header.key_size != key.size || memcmp(body.data, key.data, key.size) != 0)
    return false; /* another program with the same hash */
  *out_payload = (alpa_str){body.data + key.size, header.payload_size};
  return true;
}

/* ---- writing ---- */

static bool write_all(int fd, const void *data, size_t size) {
  const char *at = data;
  while (size) {
    ssize_t put = write(fd, at, size);
    if (put < 0 && errno == EINTR)
      continue;
    if (put < 0)
      return false;
    at += put;
    size -= (size_t)put;
  }
  return true;
}

static bool write_entry(int fd, const entry_header *header, alpa_str body) {
  return write_all(fd, header, sizeof *header) && write_all(fd, body.data, body.size) && fsync(fd) == 0;
}

typedef struct file_info {
  char name[MAX_NAME];
  int64_t bytes, used_s;
} file_info;
typedef ALPA_VEC(file_info) file_list;

static bool is_entry_name(const char *name) {
  size_t size = strlen(name);
  return size > 33 && size < MAX_NAME && name[32] == '.' && strspn(name, "0123456789abcdef") == 32;
}

/* Temporary files of writers that died are older than anybody takes to write one. */
enum { STALE_SECONDS = 3600 };

static void list_files(int directory, alpa_arena *arena, file_list *out) {
  int copy = dup(directory);
  DIR *stream = copy < 0 ? NULL : fdopendir(copy);
  if (!stream)
    return;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  for (struct dirent *at; (at = readdir(stream));) {
    struct stat info;
    if (fstatat(directory, at->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(info.st_mode))
      continue;
    if (strncmp(at->d_name, ".tmp-", 5) == 0 && now.tv_sec - info.st_mtim.tv_sec > STALE_SECONDS)
      unlinkat(directory, at->d_name, 0);
    if (!is_entry_name(at->d_name))
      continue;
    file_info file = {.bytes = info.st_size, .used_s = info.st_mtim.tv_sec};
    memcpy(file.name, at->d_name, strlen(at->d_name) + 1);
    alpa_vec_push(arena, out, file);
  }
  closedir(stream);
}

static int compare_used(const void *a, const void *b) {
  int64_t x = ((const file_info *)a)->used_s, y = ((const file_info *)b)->used_s;
  return x < y ? -1 : x > y ? 1 : strcmp(((const file_info *)a)->name, ((const file_info *)b)->name);
}

static void evict(int directory, alpa_arena *arena) {
  file_list files = {0};
  list_files(directory, arena, &files);
  int64_t total = 0;
  for (size_t i = 0; i < files.n; i++)
    total += files.items[i].bytes;
  if (total <= ALPA_CACHE_LIMIT_BYTES)
    return;
  qsort(files.items, files.n, sizeof *files.items, compare_used);
  for (size_t i = 0; i + 1 < files.n && total > ALPA_CACHE_LIMIT_BYTES; i++) {
    unlinkat(directory, files.items[i].name, 0);
    total -= files.items[i].bytes;
  }
}

void alpa_cache_store(const alpa_cache *cache, alpa_arena *arena, alpa_cache_kind kind, alpa_str key,
                      alpa_str payload) {
  int directory = cache->directory ? open_directory(cache, arena, true) : -1;
  if (directory < 0)
    return;
  entry_header header = {.format = FORMAT, .kind = kind, .key_size = key.size, .payload_size = payload.size};
  memcpy(header.magic, magic, sizeof magic);
  char *bytes = alpa_arena_alloc(arena, key.size + payload.size);
  memcpy(bytes, key.data, key.size);
  memcpy(bytes + key.size, payload.data, payload.size);
  alpa_str body = {bytes, key.size + payload.size};
  header.checksum = checksum(&header, body);
  const char *path = entry_path(cache, arena, kind, key);
  char *temporary = alpa_arena_printf(arena, "%s/.tmp-XXXXXX", cache->directory);
  int fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
  bool stored = fd >= 0 && write_entry(fd, &header, body) && rename(temporary, path) == 0 && fsync(directory) == 0;
  if (!stored) {
    warn(cache, path, strerror(errno));
    if (fd >= 0)
      unlink(temporary);
  }
  if (fd >= 0)
    close(fd);
  if (stored)
    evict(directory, arena);
  close(directory);
}

/* ---- the public API ---- */

typedef struct list_args {
  alpa_environment env;
  const char *directory, *name; /* name: of the entry to remove, or NULL */
  bool verify;
  alpa_cache_entry_fn *visit; /* NULL: remove */
  void *user;
} list_args;

static alpa_status visit_file(const list_args *args, int directory, const file_info *file, alpa_arena *arena) {
  alpa_cache_entry entry = {.struct_size = sizeof entry,
                            .name = alpa_arena_strndup(arena, file->name, 32),
                            .kind = file->name + 33,
                            .bytes = file->bytes,
                            .used_s = file->used_s};
  if (args->verify) {
    int fd = openat(directory, file->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    entry_header header;
    alpa_str body;
    entry.damaged = fd < 0 || read_entry(fd, arena, &header, &body) != NULL;
    if (fd >= 0)
      close(fd);
  }
  return args->visit(args->user, &entry);
}

static alpa_status remove_file(const list_args *args, int directory, const file_info *file) {
  if (args->name && strncmp(args->name, file->name, strlen(args->name)) != 0)
    return ALPA_OK;
  if (unlinkat(directory, file->name, 0) == 0 || errno == ENOENT)
    return ALPA_OK;
  return alpa_error(args->env.diag, (alpa_place){.file = file->name}, ALPA_IO_ERROR, "cannot be removed: %s",
                    strerror(errno));
}

static alpa_status list_entries(void *arguments) {
  const list_args *args = arguments;
  alpa_arena arena;
  alpa_arena_init(&arena, args->env.memory);
  alpa_cache cache = {args->directory, args->env.diag};
  int directory = open_directory(&cache, &arena, false);
  file_list files = {0};
  alpa_status status = ALPA_OK;
  if (directory >= 0)
    list_files(directory, &arena, &files);
  if (files.n)
    qsort(files.items, files.n, sizeof *files.items, compare_used);
  for (size_t i = 0; i < files.n && status == ALPA_OK; i++)
    status = args->visit ? visit_file(args, directory, &files.items[i], &arena)
                         : remove_file(args, directory, &files.items[i]);
  if (directory >= 0)
    close(directory);
  alpa_arena_deinit(&arena);
  return status;
}

alpa_status alpa_cache_list(alpa_context *context, const char *directory, bool verify, alpa_cache_entry_fn *visit,
                            void *user) {
  if (!context || !directory || !visit)
    return ALPA_INVALID_ARGUMENT;
  list_args args = {alpa_context_environment(context), directory, NULL, verify, visit, user};
  return alpa_guard(args.env.memory, list_entries, &args);
}

alpa_status alpa_cache_remove(alpa_context *context, const char *directory, const char *name) {
  if (!context || !directory)
    return ALPA_INVALID_ARGUMENT;
  list_args args = {alpa_context_environment(context), directory, name, false, NULL, NULL};
  return alpa_guard(args.env.memory, list_entries, &args);
}
