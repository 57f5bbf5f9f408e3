/* SPDX-License-Identifier: MIT */
/*
 * Reads go through the kernel, which answers where a load would fault: process_vm_readv() of the
 * process itself, or where that is forbidden or missing, a pipe. System calls by their numbers,
 * since sanitizers would check what is read.
 */
#define RC__LIBRARY 1
#define _GNU_SOURCE 1 /* syscall, pipe2 */
#include "ledger_memory.h"

#ifdef RCBUF_LEDGER

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/syscall.h>
#endif

#include "guarded.h"

/* ---- memory ---------------------------------------------------------------------------------- */

void *rc__ledger_pages(size_t size)
{
    void *start = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return start == MAP_FAILED ? NULL : start;
}

void rc__ledger_pages_free(void *pages, size_t size)
{
    if (pages && size) munmap(pages, size);
}

/* ---- reads ----------------------------------------------------------------------------------- */

#define PIECE ((size_t)4096) /* what a pipe takes at once, and no more than a page */

static size_t left_in_page(const void *at)
{
    return PIECE - (uintptr_t)at % PIECE;
}

static ssize_t read_by_call(const void *from, void *to, size_t size)
{
#if defined(__linux__) && defined(SYS_process_vm_readv)
    struct iovec there = {(void *)(uintptr_t)from, size}, here = {to, size};
    return (ssize_t)syscall(SYS_process_vm_readv, (long)getpid(), &here, 1L, &there, 1L, 0L);
#else
    (void)from, (void)to, (void)size;
    errno = ENOSYS;
    return -1;
#endif
}

/* A page at most. */
static size_t read_by_pipe(const int *ends, const void *from, void *to, size_t size)
{
    ssize_t written;
#if defined(__linux__)
    written = (ssize_t)syscall(SYS_write, (long)ends[1], from, size);
#else
    written = write(ends[1], from, size);
#endif
    ssize_t got = written > 0 ? read(ends[0], to, (size_t)written) : 0;
    return got > 0 ? (size_t)got : 0;
}

static size_t read_by_pipes(const void *from, void *to, size_t size)
{
    int ends[2];
    size_t done = 0, piece = 1, got = 1;
    if (pipe(ends) != 0) return 0;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    while (done < size && got == piece) {
        const char *at = (const char *)from + done;
        piece = left_in_page(at) < size - done ? left_in_page(at) : size - done;
        got = read_by_pipe(ends, at, (char *)to + done, piece);
        done += got;
    }
    close(ends[0]);
    close(ends[1]);
    return done;
}

size_t rc__ledger_read(const void *from, void *to, size_t size)
{
    static bool needs_pipe;
    int number = errno;
    size_t done = 0;
    if (!__atomic_load_n(&needs_pipe, __ATOMIC_RELAXED)) {
        ssize_t got = read_by_call(from, to, size);
        if (got > 0) done = (size_t)got;
        bool is_forbidden = got < 0 && errno != EFAULT && errno != ENOMEM;
        if (is_forbidden) __atomic_store_n(&needs_pipe, true, __ATOMIC_RELAXED);
    }
    if (__atomic_load_n(&needs_pipe, __ATOMIC_RELAXED)) done = read_by_pipes(from, to, size);
    errno = number;
    return done;
}

/* ---- what was never written to --------------------------------------------------------------- */

/* Bits of a page's word in /proc/self/pagemap: it is somewhere. */
#define IS_PRESENT (UINT64_C(1) << 63)
#define IS_SWAPPED (UINT64_C(1) << 62)

size_t rc__ledger_untouched(const void *from, size_t size)
{
    uint64_t words[512];
    size_t page = (size_t)sysconf(_SC_PAGESIZE), untouched = 0;
    size_t pages = size / page, past = (uintptr_t)from % page;
    if (past || pages == 0) return 0;
    int descriptor = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return 0;
    for (bool ends = false; !ends && untouched < pages;) {
        size_t wanted = pages - untouched < 512 ? pages - untouched : 512;
        uint64_t at = ((uintptr_t)from / page + untouched) * sizeof words[0];
        ssize_t got = pread(descriptor, words, wanted * sizeof words[0], (off_t)at);
        size_t count = got > 0 ? (size_t)got / sizeof words[0] : 0, i = 0;
        while (i < count && !(words[i] & (IS_PRESENT | IS_SWAPPED))) i++;
        ends = i < wanted;
        untouched += i;
    }
    close(descriptor);
    return untouched * page;
}

/* ---- threads --------------------------------------------------------------------------------- */

extern void __tsan_init(void) __attribute__((weak));

/* The folder of the tasks has a link for each, and two as all folders have; ThreadSanitizer has a
 * thread of its own. */
size_t rc__ledger_threads(void)
{
    struct stat status;
    size_t own = &__tsan_init ? 1 : 0;
    if (stat("/proc/self/task", &status) == 0 && status.st_nlink > 2 + own)
        return (size_t)status.st_nlink - 2 - own;
    return RC_SINGLE_THREADED ? 1 : SIZE_MAX;
}

#endif
