/* SPDX-License-Identifier: MIT */
/* Words are read some at a time, so that the entries of all of them are on their way from memory
 * while the first is looked up. */
#include "counter.h"

#define AT_A_TIME 16

/* Read up to AT_A_TIME words from *at on. Returns: how many; 0 at the end. */
static size_t read_words(struct word words[AT_A_TIME], const unsigned char **at,
                         const unsigned char *end, const struct table *table)
{
    const unsigned char *byte = *at;
    size_t count = 0;
    while (count < AT_A_TIME) {
        while (byte < end && !word_fold[*byte]) byte++;
        if (byte == end) break;
        words[count] = word_read(byte, end);
        byte += words[count].length;
        __builtin_prefetch(&table->entries[table_place(table, words[count].hash)], 1);
        count++;
    }
    *at = byte;
    return count;
}

static enum rc_status add_words(struct table *table, const unsigned char *at,
                                const unsigned char *end)
{
    struct word words[AT_A_TIME];
    for (size_t count; (count = read_words(words, &at, end, table)) > 0;)
        for (size_t i = 0; i < count; i++)
            if (table_add(table, &words[i], 1)) return rc_error_status();
    return RC_OK;
}

enum rc_status count_words(struct table *table, rc_buffer *slice)
{
    size_t used = table->used;
    if (table_reserve_slice(table)) return rc_error_status();
    enum rc_status status = add_words(table, slice->data, slice->data + slice->size);
    if (table->used > used) table_keep(table, slice);
    return status;
}
