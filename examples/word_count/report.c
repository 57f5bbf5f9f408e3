/* SPDX-License-Identifier: MIT */
/* The most frequent words are chosen in a heap whose first is the least of those chosen so far;
 * then they are sorted. */
#include "report.h"

#include <rc/memory.h>
#include <rc/scope.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "word.h"

/* An entry with what decides most comparisons, so that they need not look at the word's bytes. */
struct ranked {
    size_t count;
    uint64_t prefix; /* the first eight letters, in byte order, padded with 0 */
    const struct word *word;
};

RC_DEFINE_SCOPED(ranking, struct ranked *, NULL, rc_memory_free(_v));

static struct ranked rank(const struct entry *entry)
{
    uint64_t prefix = 0;
    for (size_t i = 0; i < sizeof prefix; i++)
        prefix = prefix << 8 | (i < entry->word.length ? word_fold[entry->word.bytes[i]] : 0);
    return (struct ranked){entry->count, prefix, &entry->word};
}

/* Less than 0 if a stands before b in the report. */
static int compare(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->count != b->count) return a->count > b->count ? -1 : 1;
    if (a->prefix != b->prefix) return a->prefix < b->prefix ? -1 : 1;
    return word_compare(a->word->bytes, a->word->length, b->word->bytes, b->word->length);
}

/* Put @p item at @p place of the heap, or below, where it belongs. */
static void sift_down(struct ranked *heap, size_t count, size_t place, struct ranked item)
{
    for (size_t child; (child = 2 * place + 1) < count; place = child) {
        if (child + 1 < count && compare(&heap[child], &heap[child + 1]) < 0) child++;
        if (compare(&heap[child], &item) <= 0) break;
        heap[place] = heap[child];
    }
    heap[place] = item;
}

/* Choose the first @p count, at least one and no more than there are, in no particular order. */
static void choose(struct ranked *chosen, size_t count, const struct table *table)
{
    size_t filled = 0;
    for (size_t i = 0; i < table_size(table); i++) {
        if (table->entries[i].count == 0) continue;
        struct ranked item = rank(&table->entries[i]);
        if (filled < count) {
            chosen[filled++] = item;
            if (filled == count)
                for (size_t place = count / 2; place-- > 0;)
                    sift_down(chosen, count, place, chosen[place]);
        } else if (compare(&item, &chosen[0]) < 0) {
            sift_down(chosen, count, 0, item);
        }
    }
}

/* In lower case, a part at a time: the word has any length. */
static void write_word(FILE *stream, const struct word *word)
{
    char part[256];
    for (size_t done = 0, size; done < word->length; done += size) {
        size = word->length - done < sizeof part ? word->length - done : sizeof part;
        for (size_t i = 0; i < size; i++) part[i] = (char)word_fold[word->bytes[done + i]];
        fwrite(part, 1, size, stream);
    }
}

enum rc_status report_words(FILE *stream, const struct table *table, size_t top)
{
    size_t count = top < table->used ? top : table->used;
    if (count == 0) return RC_OK;
    RC_SCOPED(ranking, chosen) = rc_memory_reallocate_array(NULL, count, sizeof *chosen);
    if (!chosen) return rc_error_status();
    choose(chosen, count, table);
    qsort(chosen, count, sizeof *chosen, compare);
    for (size_t i = 0; i < count; i++) {
        fprintf(stream, "%7zu ", chosen[i].count);
        write_word(stream, chosen[i].word);
        putc('\n', stream);
    }
    if (fflush(stream) || ferror(stream))
        return rc_error_set(RC_SYSTEM, "the words cannot be written: %s", strerror(errno));
    return RC_OK;
}
