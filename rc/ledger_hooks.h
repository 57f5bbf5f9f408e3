/* SPDX-License-Identifier: MIT */
/**
 * @file rc/ledger_hooks.h
 * Private (not installed): what the library tells the ledger beside retains and releases. Nothing
 * is left of it in a library compiled without RCBUF_LEDGER.
 */
#ifndef RC_LEDGER_HOOKS_H
#define RC_LEDGER_HOOKS_H

#include "config.h"

#ifdef RCBUF_LEDGER

extern RC_API int rc_ledger_on;

struct rc__ledger_stack;

RC_HIDDEN RC_COLD void rc__ledger_note_made(const void *object);
RC_HIDDEN RC_COLD void rc__ledger_note_ended(const void *object);
RC_HIDDEN RC_COLD void rc__ledger_note_immortal(const void *object);
RC_HIDDEN RC_COLD void rc__ledger_note_given(const void *object);
RC_HIDDEN RC_COLD void rc__ledger_note_exported(const void *object, const void *holder);
RC_HIDDEN RC_COLD void rc__ledger_note_unexported(const void *object, const void *holder);
RC_HIDDEN RC_COLD void rc__ledger_note_passed_on(const void *object, const void *holder);
RC_HIDDEN RC_COLD void rc__ledger_note_kept(const void *object, const void *holder);
RC_HIDDEN RC_COLD void rc__ledger_note_left(const void *object, const void *holder);

/* The stack that it is called on, or NULL; and what takes memory the first time. */
RC_HIDDEN struct rc__ledger_stack *rc__ledger_stack_here(struct rc__ledger_stack *stack);
RC_HIDDEN void rc__ledger_stack_prepare(void);

#define rc__ledger_is_watching()   (RC_UNLIKELY(rc_ledger_on))
#define RC__LEDGER_TELL(note, ...) (rc__ledger_is_watching() ? note(__VA_ARGS__) : (void)0)

/* A variable of the library that leads to objects and holds none. */
#if defined(__ELF__)
#define RC__LEDGER_BLIND __attribute__((section("rcbuf_blind")))
#else
#define RC__LEDGER_BLIND
#endif

#else

#define RC__LEDGER_BLIND
#define rc__ledger_is_watching()   (false)
#define RC__LEDGER_TELL(note, ...) ((void)0)

#endif

/* It is an object from here on, or will be none any more. */
#define rc__ledger_made(object)  RC__LEDGER_TELL(rc__ledger_note_made, object)
#define rc__ledger_ended(object) RC__LEDGER_TELL(rc__ledger_note_ended, object)
/* It is nobody's leak. */
#define rc__ledger_immortal(object) RC__LEDGER_TELL(rc__ledger_note_immortal, object)
/* A reference that was counted without rc_retain() is the program's, which gets it next. */
#ifdef RCBUF_LEDGER
static inline void *rc__ledger_give(void *object)
{
    RC__LEDGER_TELL(rc__ledger_note_given, object);
    return object;
}
#else
#define rc__ledger_give(object) (object)
#endif
/* The same for what an object or a place of the library keeps, and gives back. */
#define rc__ledger_keeps(object, holder)  RC__LEDGER_TELL(rc__ledger_note_kept, object, holder)
#define rc__ledger_leaves(object, holder) RC__LEDGER_TELL(rc__ledger_note_left, object, holder)
/* One of the exports of a buffer; and the same when it passes from a chain to a slice. */
#define rc__ledger_exported(object, holder)                                                        \
    RC__LEDGER_TELL(rc__ledger_note_exported, object, holder)
#define rc__ledger_unexported(object, holder)                                                      \
    RC__LEDGER_TELL(rc__ledger_note_unexported, object, holder)
#define rc__ledger_passed_on(object, holder)                                                       \
    RC__LEDGER_TELL(rc__ledger_note_passed_on, object, holder)

#endif
