/* SPDX-License-Identifier: MIT */
/*
 * What instructions.sh has counted: lines `row,"contestant",instructions,"bare",instructions`, after
 * lines of comment and a heading. Each is put beside the contestant's other figures.
 */
#include "bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct counted {
    char row[64], contestant[128], bare[128];
    double instructions, bare_instructions;
};

static bool read_line(const char *line, struct counted *counted)
{
    return sscanf(line, "%63[^,],\"%127[^\"]\",%lf,\"%127[^\"]\",%lf", counted->row,
                  counted->contestant, &counted->instructions, counted->bare,
                  &counted->bare_instructions) == 5;
}

static bool set_instructions(struct summary *summary, const char *name, double instructions)
{
    for (size_t i = 0; i < summary->all.count; i++) {
        if (strcmp(summary->all.of[i].contestant->name, name) != 0) continue;
        summary->instructions[i] = instructions;
        return true;
    }
    return false;
}

static void set_line(struct summary *summaries, size_t count, const struct counted *line)
{
    if (!row_find(line->row)) give_up("instructions were counted of a row that there is not");
    for (size_t i = 0; i < count; i++) {
        if (strcmp(summaries[i].all.row->name, line->row) != 0 || summaries[i].all.skipped)
            continue;
        if (!set_instructions(&summaries[i], line->contestant, line->instructions) ||
            !set_instructions(&summaries[i], line->bare, line->bare_instructions))
            give_up("instructions were counted of a contestant that its row has not");
    }
}

void read_instructions(const char *path, struct summary *summaries, size_t count)
{
    char line[512];
    struct counted counted;
    size_t lines = 0;
    FILE *in = fopen(path, "r");
    if (!in) {
        fprintf(stderr, "bench: %s: %s\n", path, strerror(errno));
        exit(EXIT_FAILURE);
    }
    for (; fgets(line, sizeof line, in); lines++)
        if (read_line(line, &counted)) set_line(summaries, count, &counted);
    fclose(in);
    if (lines == 0) give_up("the file of instructions is empty");
}
