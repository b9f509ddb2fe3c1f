/* The contract between the core addon and the plugins it opens with dlopen: C types only.
 *
 * Rules both sides keep: no exception crosses; the caller owns every buffer, the error's included;
 * a struct is only ever extended at its end and its size says how much of it exists; plugins are
 * opened RTLD_NOW | RTLD_LOCAL and never closed (LibTorch cannot be unloaded safely).
 */
#ifndef FAST_SDE_PLUGIN_ABI_H
#define FAST_SDE_PLUGIN_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FAST_SDE_PLUGIN_ABI 1u

/* What a call returns; the same numbers name error codes in src/errors.ts by way of the binding. */
typedef enum fast_sde_status {
  FAST_SDE_OK = 0,
  FAST_SDE_MODEL_NOT_FOUND = 1, /* no such file */
  FAST_SDE_MODEL_INVALID = 2,   /* not a TorchScript file, or damaged */
  FAST_SDE_MODEL_OUTPUT = 3,    /* the answer's shape or type is not the input's */
  FAST_SDE_MODEL_FAILED = 4,    /* forward() threw */
  FAST_SDE_OUT_OF_MEMORY = 5,
  FAST_SDE_DEVICE_UNAVAILABLE = 6
} fast_sde_status;

typedef struct fast_sde_error {
  char message[2048]; /* zero-terminated, cut where longer */
} fast_sde_error;

typedef enum fast_sde_dtype { FAST_SDE_FLOAT32 = 0, FAST_SDE_BFLOAT16 = 1, FAST_SDE_FLOAT16 = 2 } fast_sde_dtype;

typedef enum fast_sde_layout {
  FAST_SDE_LAYOUT_AUTO = 0, /* channels_last for a frozen module with 2-D convolutions: bits must not hang on timing */
  FAST_SDE_CONTIGUOUS = 1,
  FAST_SDE_CHANNELS_LAST = 2
} fast_sde_layout;

typedef enum fast_sde_condition_type {
  FAST_SDE_NO_CONDITION = 0,
  FAST_SDE_CONDITION_FLOAT32 = 1,
  FAST_SDE_CONDITION_INT32 = 2 /* the module sees int64 */
} fast_sde_condition_type;

typedef struct fast_sde_model_options {
  uint32_t struct_size;
  const char *path;
  const char *device; /* "cpu", "cuda:0", … */
  int32_t dtype;      /* fast_sde_dtype, of the network; x, time, out and what depends on time alone stay float32 */
  int32_t layout;     /* fast_sde_layout */
  int32_t freeze;     /* 1: inline the weights (the default); 0: run the module as saved, float32 only */
} fast_sde_model_options;

/* One network call. Row r of x is one request, row r of out its answer. */
typedef struct fast_sde_model_call {
  uint32_t struct_size;
  int64_t rows;
  const int64_t *shape; /* of one sample, rank numbers */
  int32_t rank;
  const float *x;    /* [rows, …shape], row-major, on the model's device */
  const float *time; /* [rows], already in the model's own time input */
  float *out;        /* [rows, …shape], row-major, on the model's device */
  int32_t condition_type;
  int64_t condition_width;   /* numbers a row; 1 is passed to the module as [rows], more as [rows, width] */
  const void *condition;     /* [rows, width] of float or int32 in host memory, or NULL */
  const void *unconditional; /* [width]: guidance is on where not NULL, and the module sees 2·rows rows */
  float guidance_scale;      /* answer = u + scale·(c − u) */
  void *stream;              /* cudaStream_t, NULL on a CPU */
} fast_sde_model_call;

typedef struct fast_sde_model fast_sde_model;

typedef struct fast_sde_torch_api {
  uint32_t abi_version;
  uint32_t struct_size;
  const char *(*version)(void); /* LibTorch's, "2.13.0" */
  int32_t (*cuda_devices)(void);
  fast_sde_status (*load)(const fast_sde_model_options *, fast_sde_model **, fast_sde_error *);
  fast_sde_status (*evaluate)(fast_sde_model *, const fast_sde_model_call *, fast_sde_error *); /* any thread */
  void (*release)(fast_sde_model *);
  fast_sde_status (*set_threads)(int32_t, fast_sde_error *); /* LibTorch's intra-op threads, process-wide */
} fast_sde_torch_api;

/* The one symbol libfast_sde_torch.so exports; NULL where it cannot serve that ABI. */
typedef const fast_sde_torch_api *(*fast_sde_torch_get_api_fn)(uint32_t abi_version);
#define FAST_SDE_TORCH_SYMBOL "fast_sde_torch_get_api"

/* The CUDA plugin's table (libfast_sde_cuda.so) lives in this header too once there is one. */

#ifdef __cplusplus
}
#endif
#endif
