/* SPDX-License-Identifier: MIT */
/**
 * @file rc/ledger_hooks.h
 * Private (not installed): what the library tells the ledger beside retains and releases. Nothing is
 * left of it in a library compiled without RCBUF_LEDGER.
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
RC_HIDDEN RC_COLD void rc__ledger_note_exporter(const void *object, const void *old_holder,
                                                const void *holder);
RC_HIDDEN RC_COLD void rc__ledger_kept(const void *object, const void *holder);
RC_HIDDEN RC_COLD void rc__ledger_dropped(const void *object, const void *holder);

/* The stack that it is called on, or NULL; and what takes memory the first time. */
RC_HIDDEN struct rc__ledger_stack *rc__ledger_stack_here(struct rc__ledger_stack *stack);
RC_HIDDEN void rc__ledger_stack_prepare(void);

#define RC__LEDGER_TELL(...)                                                                       \
    do {                                                                                           \
        if (RC_UNLIKELY(rc_ledger_on)) __VA_ARGS__;                                                \
    } while (0)
#define rc__ledger_keeps_watch() (RC_UNLIKELY(rc_ledger_on))

#else

#define RC__LEDGER_TELL(...)     ((void)0)
#define rc__ledger_keeps_watch() (false)

#endif

/* It is an object from here on, or will be none any more. */
#define rc__ledger_made(object)  RC__LEDGER_TELL(rc__ledger_note_made(object))
#define rc__ledger_ended(object) RC__LEDGER_TELL(rc__ledger_note_ended(object))
/* It is nobody's leak. */
#define rc__ledger_immortal(object) RC__LEDGER_TELL(rc__ledger_note_immortal(object))
/* A reference that was counted without rc_retain() is the program's. */
#define rc__ledger_given(object) RC__LEDGER_TELL(rc__ledger_note_given(object))
/* The same for what an object or a place of the library keeps, and gives back. */
#define rc__ledger_keeps(object, holder)  RC__LEDGER_TELL(rc__ledger_kept(object, holder))
#define rc__ledger_leaves(object, holder) RC__LEDGER_TELL(rc__ledger_dropped(object, holder))
/* One of the exports of a buffer. */
#define rc__ledger_exported(object, holder)   RC__LEDGER_TELL(rc__ledger_note_exported(object, holder))
#define rc__ledger_unexported(object, holder) RC__LEDGER_TELL(rc__ledger_note_unexported(object, holder))

/* An export has another holder. */
#define rc__ledger_exporter(object, before, holder)                                                \
    RC__LEDGER_TELL(rc__ledger_note_exporter(object, before, holder))

#endif
