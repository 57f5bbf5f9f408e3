/* SPDX-License-Identifier: MIT */
/*
 * Mapping a .npy file of 1 GB, and adding its doubles up, against a bare loop.
 *
 * The file is sparse, so that it takes no room on the disk; its pages are in memory before anything
 * is measured, as those of a file are that has been written or read. It has no name: whatever ends
 * this process ends the file. Everyone opens it anew by the name that /proc has for it.
 */
#include "bench.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <buffer/npy.h>

enum { HEADER = 128, COLUMNS = 8 };
#define SIZE_FULL  ((size_t)1000 * 1000 * 1000)
#define SIZE_QUICK ((size_t)32 * 1000 * 1000)

static size_t size; /* of the elements */
static char path[40];

/* ---- the file -------------------------------------------------------------------------------- */

/* A file without a name beside the program, or where temporary files go. */
static int open_nameless(void)
{
    char program[4096] = "";
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 32);
    if (length <= 0) give_up("/proc/self/exe tells no path");
    program[length] = '\0';
    strcat(strrchr(program, '/'), "-XXXXXX");
    int descriptor = mkstemp(program);
    if (descriptor < 0) give_up("no file can be made beside the program");
    unlink(program);
    return descriptor;
}

/* Bytes that can be had without pushing anybody out; SIZE_MAX where the system does not tell. */
static size_t memory_available(void)
{
    size_t kib = SIZE_MAX / 1024;
    char line[128];
    FILE *file = fopen("/proc/meminfo", "r");
    if (!file) return kib * 1024;
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "MemAvailable: %zu", &kib) == 1) break;
    fclose(file);
    return kib * 1024;
}

/* Whole rows. Twice the file must fit into memory, since others need some too. */
static size_t size_that_fits(void)
{
    size_t wanted = is_quick() ? SIZE_QUICK : SIZE_FULL, row = COLUMNS * sizeof(double);
    while (wanted > SIZE_QUICK && wanted > memory_available() / 2) wanted /= 2;
    return wanted / row * row;
}

static void write_at(int descriptor, const void *bytes, size_t count, size_t place)
{
    if (pwrite(descriptor, bytes, count, (off_t)place) != (ssize_t)count)
        give_up("the file cannot be written");
}

static void write_header(int descriptor)
{
    char header[HEADER];
    int length = snprintf(header, sizeof header,
                          "%cNUMPY%c%c%c%c{'descr': '<f8', 'fortran_order': False, "
                          "'shape': (%zu, %d), }",
                          0x93, 1, 0, HEADER - 10, 0, size / sizeof(double) / COLUMNS, COLUMNS);
    memset(header + length, ' ', (size_t)(HEADER - length));
    header[HEADER - 1] = '\n';
    write_at(descriptor, header, sizeof header, 0);
}

/* Numbers here and there, whose sum is to be found: 1 + 2 + 3. */
static void write_elements(int descriptor)
{
    const size_t places[] = {0, size / 2, size - sizeof(double)};
    for (size_t i = 0; i < 3; i++) {
        double number = (double)(i + 1);
        write_at(descriptor, &number, sizeof number, HEADER + places[i] / 8 * 8);
    }
}

static void set_up(void)
{
    if (size) return;
    char note[120];
    size = size_that_fits();
    int descriptor = open_nameless();
    write_header(descriptor);
    write_elements(descriptor);
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    snprintf(note, sizeof note,
             "The .npy file has %zu MB%s, is sparse, and its pages are in memory.", size / 1000000,
             size < SIZE_FULL ? ", not 1,000" : "");
    add_note(note);
}

static void check(double sum)
{
    if (sum != 6) give_up("the sum of the file is wrong");
}

/* ---- loops ----------------------------------------------------------------------------------- */

static inline double sum_bare(const double *at, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += at[i];
    return sum;
}

BENCH_LOOP static void run_mapped(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        int descriptor = open(path, O_RDONLY);
        void *map = mmap(NULL, HEADER + size, PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (descriptor < 0 || map == MAP_FAILED) give_up("the file cannot be mapped");
        close(descriptor);
        check(sum_bare((const double *)map + HEADER / sizeof(double), size / sizeof(double)));
        munmap(map, HEADER + size);
    }
}

/* By read() into memory that stays in the cache. */
BENCH_LOOP static void run_read(size_t operations)
{
    enum { PIECE = 1 << 18 };
    static double piece[PIECE / sizeof(double)];
    for (size_t i = 0; i < operations; i++) {
        int descriptor = open(path, O_RDONLY);
        if (descriptor < 0 || lseek(descriptor, HEADER, SEEK_SET) < 0) give_up("no file");
        double sum = 0;
        ssize_t got;
        while ((got = read(descriptor, piece, sizeof piece)) > 0)
            sum += sum_bare(piece, (size_t)got / sizeof(double));
        close(descriptor);
        check(sum);
    }
}

BENCH_LOOP static void run_rcbuf(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        rc_view *view = rc_npy_map(path, RC_MAP_READ);
        struct rc_value sum;
        if (!view || rc_view_sum(view, &sum) != RC_OK) give_up(rc_error_message());
        check((double)sum.as.real);
        rc_release(view);
    }
}

static const struct contestant table[] = {
    {"file", "mmap, a loop", KIND_BARE, .set_up = set_up, .run = run_mapped},
    {"file", "read, a loop", KIND_BARE, .set_up = set_up, .run = run_read},
    {"file", "rcbuf", KIND_OURS, .set_up = set_up, .run = run_rcbuf},
};
CONTESTANTS(contestants_file, table);
