/* SPDX-License-Identifier: MIT */
/**
 * @file rc/ledger.h
 * Who holds which object, since which line: for finding the release that was forgotten.
 *
 * In a build with RCBUF_LEDGER (CMake's option of that name, on by default in debug and sanitizer
 * builds; or -DRCBUF_LEDGER for all files of the library and of the program) the environment
 * variable RCBUF_TRACE turns the ledger on, before main(). It is a list:
 *
 *     leaks        at exit, a report of what nobody will release any more, if there is any
 *     holders      at exit, a report of all that is alive, and who holds it
 *     reachable    as leaks, and what is still reachable is an error too
 *     record       no report at exit: for rc_ledger_report(), and for debuggers
 *     stacks       each reference with the stack that it was taken on
 *     children     processes that fork() made report too, also what their parent holds
 *     exitcode=N   what the process exits with where there are leaks; 23 if nothing is said, and 0
 *                  leaves its own
 *     log=FILE     where the report goes, instead of standard error; %p is the process
 *     suppressions=FILE  what the file names is passed over, and counted
 *
 * Without one of the first four the others mean leaks too.
 *
 * Each retain is then remembered with file, line and function, and with the tag that
 * rc_retain_tagged(p, "session") gives it. A release takes one of them off: with the same tag, else
 * with none; of those one taken in the same function, else in the same file; of those the latest.
 * (The end of an RC_AUTO() variable takes what was put in it on its own line; of more than 512
 * references the latest are looked at.) So references that move (rc_steal, a return value) are told
 * by where they were taken, not by who has them; and where one function retains and another
 * releases, the line that a report names is a guess: one of those that took a reference, not always
 * the one that nobody gave back. A tag makes it certain. A release by a tag that no reference of
 * the object has takes one without, and a report names its line, as long as every retain of the
 * object was seen. Objects of units compiled without RCBUF_LEDGER are in the ledger too, and where
 * they were made and retained is not. In C++ the verbs and rc_new() tell their lines, and other
 * calls, such as rc_buffer_new(), none. In C these calls are macros: a member of that name is
 * called `(table->rc_buffer_new)(3)`, or the unit defines RC_LEDGER_VERBS_ONLY.
 *
 * A leak is what no global, static or thread-local variable leads to, through objects. What one
 * leads to is still reachable, and no error. Variables on stacks and in malloc blocks are not seen:
 * what these alone hold at exit() is called leaked, and so is what only the C library's own
 * variables lead to, such as bytes that setvbuf() was given. (In a program that is linked
 * statically those are the program's; stripped, its malloc may hide a leaked object of at most 8
 * bytes.) The report comes after the handlers and destructors of the program; those of other
 * modules still run after it.
 *
 * "Direct leak": somebody owns a reference to the object and forgot to release it. "Indirect leak":
 * all its references are held by leaked objects, and go with them. "Cycle of": objects that only
 * hold each other. In each part of the report what was made first comes first.
 *
 * Through an object whose type has no traverse it goes as through a variable: whatever word of its
 * payload is an object's address leads there, and is a reference that it holds. So a pointer that
 * owns nothing, or one that was left behind, makes a leak still reachable, an indirect one, or, as
 * a child's pointer to its parent, a circle, which says "by their words"; and what such an object
 * keeps in a block of malloc, or behind a pointer with a mark in it, is called leaked. A type with
 * a traverse is asked instead. Weak references, homes and cycle domains hold nothing but a
 * callback's context.
 *
 * An object that waits for its home's thread (rc/home.h) is named with the line that made the home.
 * As long as a variable leads to the home that is no error either; with `reachable` it is one.
 *
 * A file of suppressions has lines `type:PATTERN`, which a type's name fits, and `site:PATTERN`,
 * which the file, the function, or file:line fits where the object was made or is held. In patterns
 * `*`, `?` and `[a-z]` are the shell's, and `*` takes slashes too; `#` begins a comment. What such
 * an object leads to is passed over with it, and counted.
 *
 * What objects hold their types' traverse says, in a process that has one thread by then; it must
 * not wait for a lock that the thread has as it calls exit(). Where other threads run, or inside of
 * a finalizer or another callback, no type is asked: objects hold what their words look like. The
 * report says so, calls nothing an error, and the exit code stays: join threads for more.
 *
 *     RCBUF_TRACE=leaks,stacks ./server
 *
 * Threads: any call from any thread. While it writes it holds nothing that others wait for. fork()
 *          may be called while other threads run: the ledger's lock is free in the child, which
 *          reports nothing unless `children` says so. AddressSanitizer's locks are not: in such a
 *          child malloc() and free() can wait for ever (seen with gcc 12 and clang 19, without this
 *          library too), and so can the end of a report or LeakSanitizer's, which calls them. Let
 *          the child call exec or _exit() alone.
 */
#ifndef RC_LEDGER_H
#define RC_LEDGER_H

#include <stdio.h>

#include "object.h"

RC_BEGIN_DECLS

/**
 * Write the report of what is alive now and nobody will release any more, in the form that it has
 * at exit.
 *
 * Borrows:  file; NULL: standard error.
 * Returns:  objects that are leaked, or may be where other threads run; 0 while the ledger is off,
 *           which the report says.
 */
RC_API size_t rc_ledger_report(FILE *file);

/**
 * Write who holds @p object: each reference with its line, tag and holder.
 *
 * Borrows:  object, file; NULL: standard error.
 * Returns:  references that were seen to be taken and not yet released.
 * Errors:   0 and RC_INVALID for NULL, RC_UNSUPPORTED while the ledger is off.
 */
RC_API size_t rc_ledger_holders(const void *object, FILE *file);

/** True while the ledger is kept. */
RC_API bool rc_ledger_is_on(void);

RC_END_DECLS

#endif
