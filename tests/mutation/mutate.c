/* SPDX-License-Identifier: MIT */
/*
 * Small faults for C sources, made on the text.
 *
 *     mutate list SEED FILE...                    every mutant of the files, in the seed's order
 *     mutate apply LINE COLUMN LENGTH TEXT <in    standard input with that piece replaced
 *
 * A line of the list, tabs between: file line column length operator replacement old. Places are
 * found on indented lines, which here are the bodies of functions; comments, strings and
 * preprocessor lines are left alone. Not every mutant compiles, and not every one means something
 * else: the gate finds out.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 1024 };

struct mutant {
    char *text; /* its line of the list */
};

static struct mutant *mutants;
static size_t mutant_count, mutant_room;

/* The line that is looked at: as it stands, and with what must not be touched blanked. */
static struct {
    const char *file;
    unsigned number;
    char text[LINE_MAX_BYTES];
    char code[LINE_MAX_BYTES];
    bool in_comment;
    bool in_directive;
} line;

static void stop(const char *why)
{
    fprintf(stderr, "mutate: %s\n", why);
    exit(2);
}

static void add(const char *operation, size_t column, size_t length, const char *replacement)
{
    char text[3 * LINE_MAX_BYTES];
    snprintf(text, sizeof text, "%s\t%u\t%zu\t%zu\t%s\t%s\t%.*s", line.file, line.number, column,
             length, operation, replacement, (int)length, line.text + column);
    if (mutant_count == mutant_room) {
        mutant_room = mutant_room ? 2 * mutant_room : 1024;
        mutants = realloc(mutants, mutant_room * sizeof *mutants);
        if (!mutants) stop("no memory");
    }
    char *kept = strdup(text);
    if (!kept) stop("no memory");
    mutants[mutant_count++].text = kept;
}

/* ---- reading --------------------------------------------------------------------------------- */

static size_t skip_quoted(size_t at)
{
    char quote = line.text[at++];
    while (line.text[at] && line.text[at] != quote) at += line.text[at] == '\\' ? 2 : 1;
    return line.text[at] ? at + 1 : at;
}

/* Blanks comments, strings and directives in line.code. */
static void blank(void)
{
    size_t length = strlen(line.text);
    bool continues = length > 0 && line.text[length - 1] == '\\';
    bool directive = line.in_directive || (!line.in_comment && line.text[0] == '#');
    line.in_directive = directive && continues;
    memset(line.code, ' ', length);
    line.code[length] = '\0';
    for (size_t at = 0; at < length;) {
        size_t next = at + 1;
        if (line.in_comment) {
            if (strncmp(line.text + at, "*/", 2) == 0) {
                line.in_comment = false;
                next = at + 2;
            }
        } else if (strncmp(line.text + at, "/*", 2) == 0) {
            line.in_comment = true;
            next = at + 2;
        } else if (line.text[at] == '"' || line.text[at] == '\'') {
            next = skip_quoted(at);
        } else if (!directive) {
            line.code[at] = line.text[at];
        }
        at = next < length ? next : length;
    }
}

/* ---- places ---------------------------------------------------------------------------------- */

/* Each piece of code that is replaced by another as it stands. */
static const struct {
    const char *operation, *from, *to;
} swaps[] = {
    {"relation", " < ", " <= "},
    {"relation", " > ", " >= "},
    {"relation", " <= ", " < "},
    {"relation", " >= ", " > "},
    {"relation", " == ", " != "},
    {"relation", " != ", " == "},
    {"relation", " < ", " > "},
    {"relation", " > ", " < "},
    {"logic", " && ", " || "},
    {"logic", " || ", " && "},
    {"arithmetic", " + ", " - "},
    {"arithmetic", " - ", " + "},
    {"arithmetic", " / ", " * "},
    {"arithmetic", " % ", " / "},
    {"arithmetic", " += ", " -= "},
    {"arithmetic", " -= ", " += "},
    {"arithmetic", "++", "--"},
    {"arithmetic", "--", "++"},
    {"bits", " & ", " | "},
    {"bits", " | ", " & "},
    {"bits", " |= ", " &= "},
    {"bits", " << ", " >> "},
    {"bits", " >> ", " << "},
    {"order", "__ATOMIC_RELEASE", "__ATOMIC_RELAXED"},
    {"order", "__ATOMIC_ACQUIRE", "__ATOMIC_RELAXED"},
    {"order", "__ATOMIC_ACQ_REL", "__ATOMIC_RELAXED"},
    {"return", "return true;", "return false;"},
    {"return", "return false;", "return true;"},
    {"return", "return RC_OK;", "return RC_INVALID;"},
};

static void find_swaps(void)
{
    for (size_t i = 0; i < sizeof swaps / sizeof swaps[0]; i++) {
        const char *from = swaps[i].from;
        for (const char *at = strstr(line.code, from); at; at = strstr(at + 1, from))
            add(swaps[i].operation, (size_t)(at - line.code), strlen(from), swaps[i].to);
    }
}

static bool is_word(char letter)
{
    return isalnum((unsigned char)letter) || letter == '_';
}

/* A decimal number n becomes n + 1, and 1 becomes 0 as well. */
static void find_constants(void)
{
    for (size_t at = 0; line.code[at]; at++) {
        if (!isdigit((unsigned char)line.code[at]) || (at > 0 && is_word(line.code[at - 1])))
            continue;
        char *end, more[32];
        unsigned long value = strtoul(line.code + at, &end, 10);
        size_t length = (size_t)(end - (line.code + at));
        if (!is_word(*end) || *end == 'u') {
            snprintf(more, sizeof more, "%lu", value + 1);
            add("constant", at, length, more);
            if (value == 1) add("constant", at, length, "0");
        }
        at += length - 1;
    }
}

static void find_negations(void)
{
    for (size_t at = 0; line.code[at]; at++)
        if (line.code[at] == '!' && line.code[at + 1] != '=') add("negation", at, 1, "");
}

/* The column after the parenthesis that closes the one at @p open; 0: not on this line. */
static size_t after_parenthesis(size_t open)
{
    int depth = 0;
    for (size_t at = open; line.code[at]; at++) {
        if (line.code[at] == '(') depth++;
        if (line.code[at] == ')' && --depth == 0) return at + 1;
    }
    return 0;
}

/* Returns the column where the statement under the condition begins; 0: there is none here. */
static size_t find_condition(size_t start)
{
    size_t at = start;
    if (strncmp(line.code + at, "else ", 5) == 0) at += 5;
    size_t open = strncmp(line.code + at, "if (", 4) == 0      ? at + 3
                  : strncmp(line.code + at, "while (", 7) == 0 ? at + 6
                                                               : 0;
    size_t end = open ? after_parenthesis(open) : 0;
    if (!end) return open ? 0 : start;
    char negated[LINE_MAX_BYTES + 8];
    snprintf(negated, sizeof negated, "(!%.*s)", (int)(end - open), line.text + open);
    add("condition", open, end - open, negated);
    while (line.code[end] == ' ') end++;
    return end;
}

/* `call(...);`, `place = value;` and the like are left out; `return value;` returns 0. */
static void find_statement(size_t start)
{
    const char *code = line.code + start;
    size_t length = strlen(code);
    while (length && code[length - 1] == ' ') length--;
    if (!length || code[length - 1] != ';') return;
    if (strncmp(code, "return ", 7) == 0) {
        bool is_zero = strcmp(code, "return 0;") == 0 || strcmp(code, "return NULL;") == 0 ||
                       strcmp(code, "return false;") == 0;
        if (!is_zero) add("return", start, length, "return 0;");
        return;
    }
    size_t word = 0;
    while (is_word(code[word]) || (code[word] && strchr(".->[]*", code[word]))) word++;
    bool is_call = word > 0 && code[word] == '(';
    bool is_change = word > 0 && code[word] == ' ' && code[word + 1] &&
                     strchr("=+-|&", code[word + 1]) && strchr("= ", code[word + 2]);
    if (is_call || is_change || (word > 1 && word == length - 1 && strstr(code, "++;")))
        add("statement", start, length, ";");
}

/* What only valgrind, a warning or the optimiser heeds: no test can tell. */
static bool says_nothing(const char *code)
{
    return strstr(code, "VALGRIND_") || strstr(code, "RC_PRINTF(") ||
           strstr(code, "__builtin_unreachable");
}

static void look_at_line(void)
{
    blank();
    if (strncmp(line.code, "    ", 4) != 0) return;
    size_t start = strspn(line.code, " ");
    if (!line.code[start] || says_nothing(line.code)) return;
    find_swaps();
    find_constants();
    find_negations();
    size_t statement = find_condition(start);
    if (statement) find_statement(statement);
}

static void look_at_file(const char *name)
{
    FILE *file = fopen(name, "r");
    if (!file) stop(name);
    line.file = name;
    line.number = 0;
    line.in_comment = line.in_directive = false;
    while (fgets(line.text, sizeof line.text, file)) {
        line.text[strcspn(line.text, "\n")] = '\0';
        line.number++;
        look_at_line();
    }
    fclose(file);
}

/* ---- the two commands ------------------------------------------------------------------------ */

static uint64_t next_random(uint64_t *state)
{
    uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}

static int list(char **arguments)
{
    uint64_t state = strtoull(*arguments++, NULL, 10);
    while (*arguments) look_at_file(*arguments++);
    for (size_t left = mutant_count; left > 1; left--) {
        size_t other = (size_t)(next_random(&state) % left);
        struct mutant moved = mutants[left - 1];
        mutants[left - 1] = mutants[other];
        mutants[other] = moved;
    }
    for (size_t i = 0; i < mutant_count; i++) {
        puts(mutants[i].text);
        free(mutants[i].text);
    }
    free(mutants);
    return mutant_count ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int apply(char **arguments)
{
    unsigned long wanted = strtoul(arguments[0], NULL, 10), number = 0;
    size_t column = strtoul(arguments[1], NULL, 10), length = strtoul(arguments[2], NULL, 10);
    char text[LINE_MAX_BYTES];
    bool applied = false;
    while (fgets(text, sizeof text, stdin)) {
        if (++number == wanted && column + length <= strlen(text)) {
            printf("%.*s%s%s", (int)column, text, arguments[3], text + column + length);
            applied = true;
        } else {
            fputs(text, stdout);
        }
    }
    return applied ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int count, char **arguments)
{
    if (count >= 4 && strcmp(arguments[1], "list") == 0) return list(arguments + 2);
    if (count == 6 && strcmp(arguments[1], "apply") == 0) return apply(arguments + 2);
    stop("usage: mutate list SEED FILE... | mutate apply LINE COLUMN LENGTH TEXT");
}
