/* SPDX-License-Identifier: MIT */
/* random_noise [NUMBER] [SEED]: makes noise both ways, within a quota, and describes it. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <rc/account.h>
#include <rc/scope.h>
#include <rc/try.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "noise.h"

#define EXIT_USAGE 2
#define QUOTA      ((size_t)64 << 20) /* bytes */
#define SHOWN      5                  /* values printed */

static void describe(const rc_buffer *noise)
{
    const double *values = (const double *)(const void *)noise->data;
    size_t number = noise->size / sizeof(double);
    double sum = 0, squares = 0;
    for (size_t i = 0; i < number; i++) sum += values[i];
    double mean = number ? sum / (double)number : 0;
    for (size_t i = 0; i < number; i++) squares += (values[i] - mean) * (values[i] - mean);
    double deviation = number > 1 ? sqrt(squares / (double)(number - 1)) : 0;

    printf("number %zu, mean %.6f, standard deviation %.6f\nfirst", number, mean, deviation);
    for (size_t i = 0; i < number && i < SHOWN; i++) printf(" %.6f", values[i]);
    putchar('\n');
}

/* Both functions, from the same seed: they make the same numbers. */
static void make_noise(size_t number, uint64_t seed)
{
    struct generator generator = generator_seed(seed);
    RC_AUTO(rc_buffer, noise) = random_noise(number, &generator);
    describe(noise);

    generator = generator_seed(seed);
    RC_AUTO(rc_buffer, again) = random_noise_scoped(number, &generator);
    bool same = again->size == noise->size && memcmp(again->data, noise->data, noise->size) == 0;
    printf("the shorter way made %s\n", same ? "the same" : "something else");
}

/* A decimal number that fits into 64 bits, and nothing else. */
static bool read_number(const char *name, const char *text, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    if (isdigit((unsigned char)text[0]) && *end == '\0' && errno == 0) return true;
    fprintf(stderr, "random_noise: %s is a number from 0 to 2^64 - 1, not \"%s\"\n", name, text);
    return false;
}

static int run(size_t number, uint64_t seed)
{
    RC_TRY () {
        make_noise(number, seed);
    } RC_EXCEPT (e) {
        fprintf(stderr, "random_noise: %s\n", e->message);
        return EXIT_FAILURE;
    } RC_END
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    uint64_t number = 1, seed = (uint64_t)time(NULL);
    if (argc > 3) {
        fputs("usage: random_noise [NUMBER] [SEED]\n", stderr);
        return EXIT_USAGE;
    }
    if (argc > 1 && !read_number("NUMBER", argv[1], &number)) return EXIT_USAGE;
    if (argc > 2 && !read_number("SEED", argv[2], &seed)) return EXIT_USAGE;
    printf("seed %llu\n", (unsigned long long)seed);

    static struct rc_limiting_allocator quota;
    rc_limiting_allocator_init(&quota, NULL, QUOTA);
    rc_allocator_set_default(&quota.allocator);
    int code = run(number, seed);
    printf("alive at the end: %zu bytes\n", rc_limiting_allocator_used(&quota));
    return code;
}
