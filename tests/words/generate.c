/* SPDX-License-Identifier: MIT */
/*
 * generate BYTES [SEED]: text for word_count, on standard output; the seed goes to standard error.
 *
 * A vocabulary of VOCABULARY words. Every SWEEP_EVERY-th word is the next of the whole vocabulary,
 * in a scattered order, so that all of them occur in 8 * VOCABULARY words or more; all others are
 * drawn from a Zipf distribution: the word of rank r with a probability proportional to 1 / r.
 * Words have two to nine letters and more, some of them bytes from 0x80 on, a few a hundred; case
 * is mixed; between words stand blanks, punctuation, digits, line ends and bytes 0.
 *
 * A word runs over each multiple of CUT bytes, so over each place where word_count may cut; one in
 * GIANT_EVERY of them is longer than a slice. The text ends inside a word.
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VOCABULARY  (1u << 20)
#define SWEEP_EVERY 8
#define CUT         ((size_t)65536)
#define GIANT       ((size_t)300000)
#define GIANT_EVERY 512
#define LONGEST     256 /* bytes of an ordinary word and of what follows it, at the most */

static uint64_t state;

/* SplitMix64 (Steele, Lea and Flood, 2014). */
static uint64_t random_bits(void)
{
    uint64_t mixed = state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}

static unsigned random_below(unsigned limit)
{
    return (unsigned)((random_bits() >> 32) * limit >> 32);
}

static double random_unit(void)
{
    return (double)(random_bits() >> 11) * 0x1p-53;
}

/* exp() of a uniform number gives rank r with a probability proportional to log(1 + 1/r); keeping
 * it with 1/r over that, and the same factor for all, makes it 1/r. */
static unsigned random_rank(void)
{
    for (;;) {
        double rank = floor(exp(random_unit() * log(VOCABULARY + 1.0)));
        if (rank < 1 || rank > VOCABULARY) continue;
        if (random_unit() * log1p(1 / rank) * rank < 0.6931471805599453) return (unsigned)rank;
    }
}

/* The next of the whole vocabulary: an odd step goes round all of a power of two. */
static unsigned next_of_all(void)
{
    static unsigned place;
    place = (place + 0x9e375u) % VOCABULARY;
    return place + 1;
}

/* Spell the word of this rank: syllables of a consonant and a vowel, a number in base 128 with
 * digits from 1 on, so that frequent words are short and no two are the same. An ending begins with
 * a vowel, where a syllable does not. */
static size_t spell(char *word, unsigned rank)
{
    static const char consonants[] = "bcdfghjklmnpqrst";
    static const char *const vowels[] = {"a", "e", "i", "o", "u", "y", "\xe9", "\xc3\xb6"};
    char *at = word;
    for (unsigned rest = rank; rest > 0; rest /= 128) {
        unsigned digit = --rest % 128;
        *at++ = consonants[digit / 8];
        at = stpcpy(at, vowels[digit % 8]);
    }
    if (rank % 8 == 0) at = stpcpy(at, "ation");
    if (rank % 4096 == 2049)
        for (int i = 0; i < 20; i++) at = stpcpy(at, "ingly");
    return (size_t)(at - word);
}

static void change_case(char *word, size_t size)
{
    size_t upper = random_below(64) == 0 ? size : random_below(8) == 0;
    for (size_t i = 0; i < upper; i++)
        if (word[i] >= 'a' && word[i] <= 'z') word[i] = (char)(word[i] - 'a' + 'A');
}

static size_t separate(char *at)
{
    static const char *const separators[] = {", ",  ". ", ".\n",    "\n", "\r\n",
                                             " - ", "' ", " 1984 ", "\t", "; "};
    unsigned choice = random_below(64);
    if (choice >= 12) return (size_t)(stpcpy(at, " ") - at);
    if (choice >= 10) return *at = '\0', 1;
    return (size_t)(stpcpy(at, separators[choice]) - at);
}

/* A word that begins here and ends some bytes behind the next cut, or far behind. */
static void write_across(size_t *written, size_t to_cut, FILE *stream)
{
    static unsigned cuts;
    size_t size = to_cut + 1 + random_below(20);
    if (++cuts % GIANT_EVERY == 0) size += GIANT;
    for (size_t i = 0; i < size; i++) putc("across"[(i + cuts) % 6], stream);
    putc(' ', stream);
    *written += size + 1;
}

static void generate(size_t bytes, FILE *stream)
{
    char word[LONGEST];
    for (size_t written = 0, words = 0; written < bytes; words++) {
        size_t to_cut = CUT - written % CUT;
        if (to_cut <= LONGEST) {
            write_across(&written, to_cut, stream);
            continue;
        }
        size_t size = spell(word, words % SWEEP_EVERY ? random_rank() : next_of_all());
        change_case(word, size);
        size += separate(word + size);
        written += fwrite(word, 1, size, stream);
    }
    fputs("theEnd", stream);
}

static bool read_number(const char *text, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0;
}

int main(int argc, char **argv)
{
    uint64_t bytes, seed = 1;
    if (argc < 2 || argc > 3 || !read_number(argv[1], &bytes) ||
        (argc == 3 && !read_number(argv[2], &seed))) {
        fputs("usage: generate BYTES [SEED]\n", stderr);
        return 2;
    }
    fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
    state = seed;
    generate((size_t)bytes, stdout);
    return fflush(stdout) || ferror(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
