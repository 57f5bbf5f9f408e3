/* SPDX-License-Identifier: MIT */
/**
 * @file rc/config.h
 * Compiler and platform facts, visibility, attributes, the version. Floor 0: includes nothing of
 * ours.
 *
 * Nothing here depends on how the *program* is built: a sanitized program and a plain library, or
 * the other way round, agree about every layout. Public headers compile as C11 (gnu11) and as
 * C++17.
 */
#ifndef RC_CONFIG_H
#define RC_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RC_VERSION_MAJOR 0
#define RC_VERSION_MINOR 1
#define RC_VERSION_PATCH 0
#define RC_VERSION       "0.1.0"

#if !defined(__GNUC__)
#error "rcbuf needs gcc or clang: it is written in GNU C (gnu11)"
#endif

#ifdef __cplusplus
#define RC_BEGIN_DECLS extern "C" {
#define RC_END_DECLS   }
#else
#define RC_BEGIN_DECLS
#define RC_END_DECLS
#endif

/* What the library exports, and what it keeps: internals are called rc__name and are hidden. */
#if defined(_WIN32)
#define RC_API
#define RC_HIDDEN
#else
#define RC_API    __attribute__((visibility("default")))
#define RC_HIDDEN __attribute__((visibility("hidden")))
#endif

/* Bodies that are compiled into programs and nowhere else: the library has a function of that name for
 * whoever does not optimise, or wants its address. C allows them nothing static, so what they call is
 * RC_INLINE_PART. */
#define RC_INLINE      extern inline __attribute__((gnu_inline))
#define RC_INLINE_PART extern inline __attribute__((gnu_inline, always_inline))

#define RC_MUST_USE __attribute__((warn_unused_result))
#define RC_PRINTF(format_index, first_argument)                                                    \
    __attribute__((format(printf, format_index, first_argument)))
#define RC_NORETURN            __attribute__((noreturn))
#define RC_COLD                __attribute__((cold, noinline))
#define RC_LIKELY(condition)   __builtin_expect(!!(condition), 1)
#define RC_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
/* Less often than not, and often enough to stand right there. */
#if defined(__clang__) || __GNUC__ >= 9
#define RC_PERHAPS_NOT(condition) __builtin_expect_with_probability(!!(condition), 0, 0.75)
#else
#define RC_PERHAPS_NOT(condition) (condition)
#endif
#define RC_UNUSED __attribute__((unused))

/* 1 where hot paths load a word and look at it in one instruction, by asm: compilers make two of an
 * atomic load. The same is done without, which tools that watch loads see. */
#if defined(__x86_64__) && defined(__LP64__) && defined(__GCC_ASM_FLAG_OUTPUTS__) &&               \
    !defined(__SANITIZE_THREAD__)
#define RC__ASM_X86_64 1
#else
#define RC__ASM_X86_64 0
#endif

/* A thread-local variable of the library that is read on hot paths. glibc keeps room for a few such
 * words even in libraries that are loaded late; other C libraries may not, and get the general
 * model. */
#if defined(__gnu_linux__) && defined(__ELF__)
#define RC_HOT_THREAD_LOCAL __attribute__((tls_model("initial-exec"))) __thread
#else
#define RC_HOT_THREAD_LOCAL __thread
#endif

/* True while the process certainly has one thread: then counting needs no locked instruction.
 * glibc 2.32 and later tell; elsewhere the answer is always "maybe more". */
#if defined(__has_include)
#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
/* An atomic load, since compilers then test a register: comparing a word in memory takes longer. */
#define RC_SINGLE_THREADED                                                                         \
    ((unsigned char)__atomic_load_n(&__libc_single_threaded, __ATOMIC_RELAXED))
#endif
#endif
#ifndef RC_SINGLE_THREADED
#define RC_SINGLE_THREADED (0)
#endif

/* Debug builds check more at run time (scoped variables skipped by a raise, typed weak locks). */
#if !defined(RC_DEBUG) && !defined(NDEBUG)
#define RC_DEBUG 1
#elif !defined(RC_DEBUG)
#define RC_DEBUG 0
#endif

/* Names that are unique within a translation unit, for the temporaries of macros. */
#define RC__JOIN2(a, b)  a##b
#define RC__JOIN(a, b)   RC__JOIN2(a, b)
#define RC__UNIQUE(stem) RC__JOIN(rc__##stem##_, __COUNTER__)

#endif
