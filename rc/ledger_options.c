/* SPDX-License-Identifier: MIT */
/* RCBUF_TRACE: words of a list, and what they ask for. */
#define RC__LIBRARY 1
#include "ledger_options.h"

#ifdef RCBUF_LEDGER

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_word(const char *at, size_t length, const char *word)
{
    return length == strlen(word) && memcmp(at, word, length) == 0;
}

/* What follows "name=", or NULL. */
static const char *value_of(const char *at, size_t length, const char *name)
{
    size_t before = strlen(name);
    return length > before + 1 && memcmp(at, name, before) == 0 && at[before] == '='
               ? at + before + 1
               : NULL;
}

static bool read_exit_code(const char *digits, const char *end, int *code)
{
    char *stopped;
    long value = *digits >= '0' && *digits <= '9' ? strtol(digits, &stopped, 10) : -1;
    if (value < 0 || value > 255 || stopped != end) return false;
    *code = (int)value;
    return true;
}

/* As it is meant now: the program may change its folder. False: it is too long. */
static bool read_name(char *whole, const char *name, const char *end)
{
    char folder[RC__LEDGER_NAME_MAX] = "";
    bool is_relative = *name != '/' && getcwd(folder, sizeof folder);
    int written = snprintf(whole, RC__LEDGER_NAME_MAX, "%s%s%.*s", folder, is_relative ? "/" : "",
                           (int)(end - name), name);
    bool fits = written > 0 && written < RC__LEDGER_NAME_MAX;
    if (!fits) whole[0] = '\0';
    return fits;
}

/* What goes with a report, and asks for one where nothing else is said. */
static bool read_value(struct rc__ledger_options *options, const char *at, size_t length)
{
    const char *code = value_of(at, length, "exitcode"), *log = value_of(at, length, "log");
    const char *suppressions = value_of(at, length, "suppressions"), *end = at + length;
    if (code) return read_exit_code(code, end, &options->exit_code);
    if (log) return read_name(options->log, log, end);
    return suppressions && read_name(options->suppressions, suppressions, end);
}

static bool read_word(struct rc__ledger_options *options, const char *at, size_t length)
{
    bool leaks = is_word(at, length, "leaks"), holders = is_word(at, length, "holders");
    bool reachable = is_word(at, length, "reachable"), stacks = is_word(at, length, "stacks");
    bool record = is_word(at, length, "record"), children = is_word(at, length, "children");
    options->leaks |= leaks || reachable;
    options->holders |= holders;
    options->reachable |= reachable;
    options->stacks |= stacks;
    options->children |= children;
    options->is_on |= leaks || holders || reachable || record;
    bool says_how = stacks || children || read_value(options, at, length);
    options->says_how |= says_how;
    return leaks || holders || reachable || record || says_how;
}

struct rc__ledger_options rc__ledger_options_read(const char *list)
{
    struct rc__ledger_options options = {.exit_code = RC__LEDGER_EXIT_CODE};
    for (const char *at = list; *at; at += *at == ',') {
        size_t length = strcspn(at, ",");
        if (length && !read_word(&options, at, length))
            fprintf(
                stderr,
                "rcbuf: RCBUF_TRACE: '%.*s' is none of leaks, holders, reachable, record, stacks, "
                "children, exitcode=N (0 to 255), log=FILE, suppressions=FILE\n",
                (int)(length < 100 ? length : 100), at);
        at += length;
    }
    if (!options.is_on && options.says_how) options.leaks = options.is_on = true;
    return options;
}

bool rc__ledger_log_name(const char *log, char *name, size_t size)
{
    size_t length = strlen(log), used = 0;
    for (size_t i = 0; i < length; i++) {
        bool is_process = log[i] == '%' && i + 1 < length && log[i + 1] == 'p';
        int more = is_process ? snprintf(name + used, size - used, "%ld", (long)getpid())
                              : snprintf(name + used, size - used, "%c", log[i]);
        if (more < 0 || (size_t)more >= size - used) return false;
        used += (size_t)more;
        i += is_process;
    }
    return used > 0;
}

#endif
