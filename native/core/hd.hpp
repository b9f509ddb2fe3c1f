// Functions of core/ and solver/ run on the host and on the device from this one source.
#pragma once

#if defined(__CUDACC__)
#define HD __host__ __device__ __forceinline__
#elif defined(FAST_SDE_SANITIZED) || defined(FAST_SDE_EMULATED)
#define HD inline  // compiles in a fraction of the time
#else
#define HD inline __attribute__((always_inline))
#endif

// Of a lambda within such a function, after its parameters.
#if defined(__CUDACC__)
#define HD_LAMBDA
#else
#define HD_LAMBDA __attribute__((always_inline))
#endif

// Of a function that is long and rarely called: on a device it stays one function, on the host it is inlined as all
// are, for a function of its own would be shared between instruction sets.
#if defined(__CUDACC__)
#define HD_RARE __host__ __device__ __noinline__
#else
#define HD_RARE HD
#endif

// Of a function that is long and called from many places of a file: one function, internal to the file.
#if defined(__CUDACC__)
#define HD_ALONE static __host__ __device__ __noinline__
#else
#define HD_ALONE static __attribute__((noinline))
#endif

// Before a loop of n turns with nothing to decide.
#define FAST_SDE_PRAGMA(text) _Pragma(#text)
#if defined(__CUDA_ARCH__)
#define UNROLL(n) FAST_SDE_PRAGMA(unroll n)
#elif defined(__CUDACC__)
#define UNROLL(n)
#else
#define UNROLL(n) FAST_SDE_PRAGMA(GCC unroll n)
#endif

// Before a loop over lanes, none of which reads what another writes.
#if defined(__CUDACC__)
#define LANES_ARE_INDEPENDENT
#elif defined(__clang__)
#define LANES_ARE_INDEPENDENT FAST_SDE_PRAGMA(clang loop vectorize(assume_safety))
#else
#define LANES_ARE_INDEPENDENT FAST_SDE_PRAGMA(GCC ivdep)
#endif
