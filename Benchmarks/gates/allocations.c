/* Counts what a program allocates, from within it: loaded with LD_PRELOAD, it stands before the C library's malloc and its kin.
 *
 *     ALLOCATIONS_FILE=FILE LD_PRELOAD=allocations.so PROGRAM
 *
 * The file holds two numbers of 64 bits in the machine's byte order, current at any time: how often memory was asked for, and
 * how many bytes. It must exist and be that long. Without it the program itself can ask, by `allocation_count`.
 *
 * A realloc counts as an allocation, moved or not. Swift's runtime, NIO and libcurl all end up here, whichever of them is
 * linked into the program. Memory that is mapped without malloc isn't counted. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* The C library's own, under names that nobody stands before. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

struct counters {
    _Atomic uint64_t count;
    _Atomic uint64_t bytes;
};

/* Until the file is mapped, and where there is none. */
static struct counters own;
static struct counters *_Atomic counters = &own;

static inline void note(size_t size) {
    struct counters *at = atomic_load_explicit(&counters, memory_order_relaxed);
    atomic_fetch_add_explicit(&at->count, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&at->bytes, size, memory_order_relaxed);
}

__attribute__((constructor)) static void map_counters(void) {
    const char *path = getenv("ALLOCATIONS_FILE");
    int file = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0) {
        return;
    }
    void *page = mmap(NULL, sizeof(struct counters), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (page != MAP_FAILED) {
        atomic_store_explicit(&counters, page, memory_order_relaxed);
    }
}

uint64_t allocation_count(void) {
    return atomic_load_explicit(&atomic_load_explicit(&counters, memory_order_relaxed)->count, memory_order_relaxed);
}

void *malloc(size_t size) {
    note(size);
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    size_t bytes;
    note(__builtin_mul_overflow(count, size, &bytes) ? 0 : bytes);
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
    /* realloc(old, 0) frees. */
    if (old == NULL || size > 0) {
        note(size);
    }
    return __libc_realloc(old, size);
}

void *reallocarray(void *old, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(old, bytes);
}

void *memalign(size_t alignment, size_t size) {
    note(size);
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **out, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) {
        return EINVAL;
    }
    void *memory = memalign(alignment, size);
    if (memory == NULL) {
        return ENOMEM;
    }
    *out = memory;
    return 0;
}
