// VAM_FOR_EACH_CPU before a function: it is compiled for several instruction
// sets, and the machine chooses when the program starts. Sanitizers cannot be
// asked that early.
#pragma once

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__) && !defined(__clang__)
#define VAM_FOR_EACH_CPU __attribute__((target_clones("avx2", "default")))
#else
#define VAM_FOR_EACH_CPU
#endif

// Before what such a function calls, so that it is compiled with it.
#define VAM_INLINED __attribute__((always_inline))
#define VAM_INLINE VAM_INLINED inline
