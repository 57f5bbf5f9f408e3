/* SPDX-License-Identifier: MIT */
/* Writes generated functions as C. */
#include "tests/fuzz/try_tree.h"

#include <stdio.h>

static const struct function *now;

/* Which locals a block changes that were there before it: bits of v, and names. */
struct changes {
    unsigned variables;
    uint64_t names, declared;
};

static void find_changes(const struct node *node, struct changes *changes)
{
    for (; node; node = node->next) {
        if (node->kind == SET || node->kind == CALL) changes->variables |= 1u << node->variable;
        if (node->kind == STEAL || node->kind == RESET || node->kind == DISMISS)
            changes->names |= 1ull << node->name;
        if (node->kind == SCOPED || node->kind == WITH || node->kind == DEFER)
            changes->declared |= 1ull << node->name;
        find_changes(node->first, changes);
        find_changes(node->second, changes);
    }
}

/* The list of RC_TRY and RC_KEEP: at most four variables and twelve names. */
static void emit_changes(const struct node *first)
{
    struct changes changes = {0};
    const char *comma = "";
    find_changes(first, &changes);
    for (unsigned i = 0; i < VARIABLES; i++)
        if (changes.variables & 1u << i) {
            printf("%sv%u", comma, i);
            comma = ", ";
        }
    for (unsigned i = 0; i < NAMES_MAX; i++)
        if ((changes.names & ~changes.declared) & 1ull << i) {
            printf("%ss%u", comma, i);
            comma = ", ";
        }
}

static void emit_block(const struct node *block, unsigned depth);

static void emit_inner(const struct node *block, unsigned depth)
{
    printf("{\n");
    emit_block(block, depth + 1);
    printf("%*s}", (int)depth * 2, "");
}

static void emit_try(const struct node *node, unsigned depth)
{
    printf("RC_TRY (");
    emit_changes(node->first);
    printf(") ");
    emit_inner(node->first, depth);
    printf(" RC_EXCEPT (s%u) {\n", node->name);
    printf("%*st(9000u - (unsigned)s%u->status);\n", (int)depth * 2 + 2, "", node->name);
    printf("%*st(message_number(s%u));\n", (int)depth * 2 + 2, "", node->name);
    emit_block(node->second, depth + 1);
    printf("%*s} RC_END\n", (int)depth * 2, "");
}

static void emit_protect(const struct node *node, unsigned depth)
{
    if (for_clang) {
        printf("RC_KEEP(");
        emit_changes(node->first);
        printf("); ");
    }
    printf("RC_PROTECT ");
    emit_inner(node->first, depth);
    printf(" RC_FINALLY ");
    emit_inner(node->second, depth);
    printf(" RC_END_PROTECT\n");
}

static void emit_compound(const struct node *node, unsigned depth)
{
    switch (node->kind) {
    case IF:
        printf("if (flip(%u)) ", node->number);
        emit_inner(node->first, depth);
        printf(" else ");
        emit_inner(node->second, depth);
        break;
    case LOOP:
        printf("for (unsigned i%u = 0; i%u < %u; i%u++) ", depth, depth, node->number, depth);
        emit_inner(node->first, depth);
        break;
    case WITH:
        printf("RC_WITH(number, s%u, %u) ", node->name, node->number);
        emit_inner(node->first, depth);
        break;
    case TRY:
        emit_try(node, depth);
        break;
    case PROTECT:
        emit_protect(node, depth);
        break;
    default:
        break;
    }
    printf("\n");
}

static void emit_declaration(const struct node *node)
{
    switch (node->kind) {
    case SCOPED:
        printf("RC_SCOPED(number, s%u) = %u;\n", node->name, node->number);
        break;
    case OBJECT:
        printf("RC_AUTO(unsigned, s%u) = object(%u);\n", node->name, node->number);
        break;
    case DEFER:
        printf("RC_DEFER_NAMED(s%u, trace_deferred, %u);\n", node->name, node->number);
        break;
    default:
        printf("RC_DEFER_BLOCK { t(3000 + v%u); }\n", node->variable);
        break;
    }
}

static void emit_node(const struct node *node, unsigned depth)
{
    switch (node->kind) {
    case TRACE:
        printf("t(%u);\n", node->number);
        break;
    case TRACE_V:
        printf("t(v%u);\n", node->variable);
        break;
    case SET:
        printf("v%u = v%u * 3 + %u;\n", node->variable, node->variable, node->number);
        break;
    case CALL:
        printf("v%u += f%u(v%u);\n", node->variable, node->callee, node->variable);
        break;
    case STEAL:
        printf("t(RC_STEAL(number, s%u));\n", node->name);
        break;
    case RESET:
        printf("RC_RESET(number, s%u);\n", node->name);
        break;
    case DISMISS:
        printf("RC_DISMISS(s%u);\n", node->name);
        break;
    case CHECK:
        printf("RC_CHECK_THAT(flip(%u), RC_RANGE);\n", node->number);
        break;
    case RAISE:
        printf("rc_raise(RC_BUSY, \"m%%u\", %uu);\n", node->number);
        break;
    case RERAISE:
        printf("rc_reraise(s%u);\n", node->name);
        break;
    case RETURN:
        printf("return v%u + %u;\n", node->variable, node->number);
        break;
    case BREAK:
        printf("break;\n");
        break;
    case CONTINUE:
        printf("continue;\n");
        break;
    case LEAVE:
        printf("RC_LEAVE;\n");
        break;
    case GOTO:
        printf("goto out;\n");
        break;
    case SCOPED:
    case OBJECT:
    case DEFER:
    case LAST_BLOCK:
        emit_declaration(node);
        break;
    default:
        emit_compound(node, depth);
    }
}

static void emit_block(const struct node *block, unsigned depth)
{
    for (const struct node *node = block; node; node = node->next) {
        printf("%*s", (int)depth * 2, "");
        emit_node(node, depth);
    }
}

static void emit_function(unsigned index)
{
    now = &functions[index];
    printf("\nunsigned f%u(unsigned argument)\n{\n", index);
    printf("  unsigned v0 = argument, v1 = 1, v2 = 2, v3 = 3;\n  ");
    emit_inner(now->body, 1);
    printf("\nout:\n  RC_UNUSED;\n  return ((v0 * 5 + v1) * 5 + v2) * 5 + v3;\n}\n");
}

void emit_functions(unsigned begin, unsigned end)
{
    printf("#include \"tests/fuzz/try_run.h\"\n\n");
    for (unsigned i = begin / GROUP_SIZE * GROUP_SIZE; i < end; i++) printf("generated f%u;\n", i);
    for (unsigned i = begin; i < end; i++) emit_function(i);
}

void emit_table(void)
{
    printf("#include \"tests/fuzz/try_run.h\"\n\n");
    for (unsigned i = 0; i < function_count; i++) printf("generated f%u;\n", i);
    printf("\nconst unsigned generated_count = %u;\n", function_count);
    printf("const struct generated_case generated_cases[] = {\n");
    for (unsigned i = 0; i < function_count; i++) {
        printf("  {f%u, {", i);
        for (unsigned run = 0; run < RUNS; run++)
            printf("%s%lluu", run ? ", " : "", (unsigned long long)simulate(i, run));
        printf("}},\n");
    }
    printf("};\n");
}
