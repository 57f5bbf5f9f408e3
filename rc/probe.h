/* SPDX-License-Identifier: MIT */
/**
 * @file rc/probe.h
 * Static probes, for debuggers and tracers: what headers and library become with RCBUF_PROBES.
 *
 *     rcbuf:new       object, type               it was made, and has one reference
 *     rcbuf:retain    object, type, references   as many as there are now
 *     rcbuf:release   object, type, references   as many as there are yet: 1 where it is the last
 *     rcbuf:finalize  object, type               nobody holds it: what is next is its finalizer
 *
 * Each is one nop, and a few instructions for what it tells; a tracer puts a breakpoint there. They
 * stand where objects are counted, which is inline in programs too: so they are there in units
 * compiled with RCBUF_PROBES (CMake's option of that name, off at first), library and program both,
 * and where <sys/sdt.h> is: Debian's systemtap-sdt-dev. Otherwise nothing is left of them.
 *
 *     bpftrace -e 'usdt:./program:rcbuf:retain { @[str(*(uint64 *)arg1)] = count(); }'
 *
 * The name of a type is its first member. Slices and views of a buffer hold one reference together.
 * What a slot or a lock of a weak reference gives is retained as anything else is.
 */
#ifndef RC_PROBE_H
#define RC_PROBE_H

#include "config.h"

#if defined(RCBUF_PROBES) && defined(__has_include)
#if __has_include(<sys/sdt.h>)
#define RC__HAVE_PROBES 1
#endif
#endif
#ifndef RC__HAVE_PROBES
#define RC__HAVE_PROBES 0
#endif

#define RC__PROBE_NEW(object)      RC__PROBE(new, object)
#define RC__PROBE_FINALIZE(object) RC__PROBE(finalize, object)
/* Of an object that may be NULL. */
#define RC__PROBE_RETAIN(object)  RC__PROBE_COUNT(retain, object)
#define RC__PROBE_RELEASE(object) RC__PROBE_COUNT(release, object)

#if !RC__HAVE_PROBES

#define RC__PROBE(verb, object)       ((void)0)
#define RC__PROBE_COUNT(verb, object) ((void)0)
/* The object, which was retained; or NULL. */
#define RC__RETAINED(object) (object)

#else

#define RC__PROBE(verb, object) rc__probe_##verb((object), RC__HEADER_OF(object)->type)
#define RC__PROBE_COUNT(verb, object)                                                              \
    do {                                                                                           \
        const void *rc__counted = (object);                                                        \
        if (rc__counted)                                                                           \
            rc__probe_##verb(rc__counted, RC__HEADER_OF(rc__counted)->type,                        \
                             rc_count(rc__counted));                                               \
    } while (0)
#define RC__RETAINED(object)                                                                       \
    (__extension__({                                                                               \
        void *rc__retained = (object);                                                             \
        RC__PROBE_RETAIN(rc__retained);                                                            \
        rc__retained;                                                                              \
    }))

/* Macros of <sys/sdt.h> are no pedantic C nor C++. */
#pragma GCC system_header
#include <sys/sdt.h>

RC_BEGIN_DECLS

RC_INLINE_PART void rc__probe_new(const void *object, const void *type)
{
    DTRACE_PROBE2(rcbuf, new, object, type);
}

RC_INLINE_PART void rc__probe_finalize(const void *object, const void *type)
{
    DTRACE_PROBE2(rcbuf, finalize, object, type);
}

RC_INLINE_PART void rc__probe_retain(const void *object, const void *type, size_t count)
{
    DTRACE_PROBE3(rcbuf, retain, object, type, count);
}

RC_INLINE_PART void rc__probe_release(const void *object, const void *type, size_t count)
{
    DTRACE_PROBE3(rcbuf, release, object, type, count);
}

RC_END_DECLS

#endif

#endif
