/* The contract between the core addon and the plugins it opens with dlopen: C types only.
 *
 * libfast_sde_torch.so evaluates networks, libfast_sde_cuda.so runs jobs on a GPU. They know nothing of each other:
 * the core hands the one's functions to the other (fast_sde_device_score).
 *
 * Rules both sides keep: no exception crosses; the caller owns every buffer, the error's included; both sides are
 * built from the same headers, which their fingerprints (fingerprint.hpp) show before the first call; plugins are
 * opened RTLD_NOW | RTLD_LOCAL and never closed (LibTorch cannot be unloaded safely).
 */
#ifndef FAST_SDE_PLUGIN_ABI_H
#define FAST_SDE_PLUGIN_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FAST_SDE_PLUGIN_ABI 4u

/* What a call returns; words.hpp has the error code that each becomes. */
typedef enum fast_sde_status {
  FAST_SDE_OK = 0,
  FAST_SDE_MODEL_NOT_FOUND = 1, /* no such file */
  FAST_SDE_MODEL_INVALID = 2,   /* not a TorchScript file, or damaged */
  FAST_SDE_MODEL_OUTPUT = 3,    /* the answer's shape or type is not the input's */
  FAST_SDE_MODEL_FAILED = 4,    /* forward() threw */
  FAST_SDE_OUT_OF_MEMORY = 5,
  FAST_SDE_DEVICE_UNAVAILABLE = 6,
  FAST_SDE_INTERNAL = 7 /* a defect of ours, or of the device */
} fast_sde_status;

typedef struct fast_sde_error {
  char message[2048]; /* zero-terminated, cut where longer */
} fast_sde_error;

typedef enum fast_sde_dtype {
  FAST_SDE_FLOAT32 = 0,
  FAST_SDE_BFLOAT16 = 1,
  FAST_SDE_FLOAT16 = 2,
  FAST_SDE_TF32 = 3 /* float32, but CUDA's matrix units may round factors to 10 bits */
} fast_sde_dtype;

typedef enum fast_sde_layout {
  /* channels_last for a frozen module with 2-D convolutions (bits must not hang on timing), contiguous for a call that
   * fails in channels_last */
  FAST_SDE_LAYOUT_AUTO = 0,
  FAST_SDE_CONTIGUOUS = 1,
  FAST_SDE_CHANNELS_LAST = 2
} fast_sde_layout;

typedef enum fast_sde_condition_type {
  FAST_SDE_NO_CONDITION = 0,
  FAST_SDE_CONDITION_FLOAT32 = 1,
  FAST_SDE_CONDITION_INT32 = 2 /* the module sees int64 */
} fast_sde_condition_type;

/* What a network is told of each sample, with classifier-free guidance where there is an unconditional row: the module
 * then sees twice the rows, and answer = u + scale (c - u). */
typedef struct fast_sde_condition {
  int32_t type; /* fast_sde_condition_type */
  float guidance_scale;
  int64_t width;             /* numbers a row; 1 is passed to the module as [rows], more as [rows, width] */
  const void *values;        /* [rows, width] of float or int32, or NULL */
  const void *unconditional; /* [width], or NULL */
} fast_sde_condition;

typedef struct fast_sde_model_options {
  const char *path;   /* for messages: the file itself is not opened */
  const char *device; /* "cpu", "cuda:0", … */
  int32_t dtype;      /* fast_sde_dtype, of the network; x, time, out and what depends on time alone stay float32 */
  int32_t layout;     /* fast_sde_layout */
  int32_t freeze;     /* 1: inline the weights (the default); 0: run the module as saved, float32 only */
  const void *bytes;  /* the file's; may go when load returns */
  uint64_t size;
} fast_sde_model_options;

/* One network call. Row r of x is one request, row r of out its answer. */
typedef struct fast_sde_model_call {
  int64_t rows;
  const int64_t *shape; /* of one sample, rank numbers */
  int32_t rank;
  const float *x;    /* [rows, …shape], row-major, on the model's device */
  const float *time; /* [rows], already in the model's own time input */
  float *out;        /* [rows, …shape], or with `columns` [rows, …shape, columns]; on the model's device */
  int64_t columns;   /* 0: the answer has the shape of x */
  fast_sde_condition condition; /* on the model's device */
  void *stream;                 /* cudaStream_t on which all work is enqueued; NULL on a CPU */
  int32_t layout;               /* fast_sde_layout; AUTO: the one the model was loaded with */
  int32_t threads;              /* LibTorch's, inside operators, for this call on a CPU; 0: its own choice */
} fast_sde_model_call;

/* How a module was exported, and what loading mended of it. Lists are "a, b", empty where there is nothing. */
typedef struct fast_sde_model_facts {
  int32_t layout_matters;   /* 1: it was loaded with FAST_SDE_LAYOUT_AUTO and has 2-D convolutions */
  int32_t fell_back;        /* 1: a call failed in channels_last and was made again in contiguous */
  int32_t norms_by_batch;   /* 1: a batch norm has no running statistics */
  char train_mode[256];     /* operators found in train mode, switched to inference: "batch_norm, dropout" */
  char random[256];         /* operators that answer by chance: "randn_like" */
  char foreign_weights[64]; /* types of layers' weights that are not float32: "float64" */
} fast_sde_model_facts;

typedef struct fast_sde_model fast_sde_model;
typedef struct fast_sde_graph fast_sde_graph; /* a network call, and what follows it, to be launched as a whole */

typedef struct fast_sde_torch_api {
  uint32_t abi_version; /* first, in every version */
  const char *fingerprint;
  const char *(*version)(void); /* LibTorch's, "2.13.0" */
  int32_t (*cuda_devices)(void);
  fast_sde_status (*load)(const fast_sde_model_options *, fast_sde_model **, fast_sde_error *);
  fast_sde_status (*evaluate)(fast_sde_model *, const fast_sde_model_call *, fast_sde_error *); /* any thread */
  uint64_t (*memory)(const fast_sde_model *); /* bytes of its weights */
  void (*release)(fast_sde_model *);

  /* On CUDA. Records evaluate(call), then what `then(context)` enqueues on the call's stream, without running either.
   * The call's pointers stay good as long as the graph. Where the module cannot be recorded: FAST_SDE_MODEL_FAILED with
   * the reason, and evaluate works as before. evaluate has to have run for as many rows on this thread and stream. */
  fast_sde_status (*capture)(fast_sde_model *, const fast_sde_model_call *, void (*then)(void *), void *context,
                             fast_sde_graph **, fast_sde_error *);
  fast_sde_status (*replay)(fast_sde_graph *, void *stream, fast_sde_error *); /* on the stream of its recording */
  void (*drop)(fast_sde_graph *);                                              /* after its last replay has ended */
  void (*release_memory)(void); /* cached device memory that nobody uses goes back to the driver */

  /* For whoever looks at a module before it is put to work. */
  fast_sde_status (*describe)(fast_sde_model *, fast_sde_model_facts *, fast_sde_error *);
  /* evaluate with every pointer in host memory, whatever the device; on a thread and a stream of its own. */
  fast_sde_status (*ask)(fast_sde_model *, const fast_sde_model_call *, fast_sde_error *);
  /* Weights and named types of float64 and of half precisions become float32. */
  fast_sde_status (*unify)(fast_sde_model *, fast_sde_error *);
  /* Frees the weights of the layout that is not this one, until a call asks for it again. */
  fast_sde_status (*keep)(fast_sde_model *, int32_t layout, fast_sde_error *);
} fast_sde_torch_api;

/* The one symbol libfast_sde_torch.so exports; NULL where it cannot serve that ABI. */
typedef const fast_sde_torch_api *(*fast_sde_torch_get_api_fn)(uint32_t abi_version);
#define FAST_SDE_TORCH_SYMBOL "fast_sde_torch_get_api"

/* Who answers requests on a device: the core fills it in for a TorchScript module. The functions are those of
 * fast_sde_torch_api with `self` in place of the model. */
typedef struct fast_sde_device_score {
  void *self;
  fast_sde_status (*evaluate)(void *self, const fast_sde_model_call *, fast_sde_error *);
  fast_sde_status (*capture)(void *self, const fast_sde_model_call *, void (*then)(void *), void *context,
                             fast_sde_graph **, fast_sde_error *);
  fast_sde_status (*replay)(void *self, fast_sde_graph *, void *stream, fast_sde_error *);
  void (*drop)(void *self, fast_sde_graph *);
  void (*release_memory)(void *self);
} fast_sde_device_score;

/* The exact score of a Gaussian mixture; the arrays lie in host memory. */
typedef struct fast_sde_mixture {
  int64_t components;
  const double *log_weights; /* [components] */
  const float *means;        /* [components, elements] */
  const double *variances;   /* [components] */
} fast_sde_mixture;

/* A sample's end. The numbers of status are those of Status in words.hpp. */
typedef struct fast_sde_sample {
  uint64_t position; /* index - first */
  uint32_t evaluations, accepted, rejected, status;
} fast_sde_sample;

/* A step that was tried. */
typedef struct fast_sde_step {
  uint64_t position; /* of the sample, index - first */
  double t, h;       /* from t down to t - h */
  double error;      /* in units of what is allowed; 0 of a solver that estimates none */
  uint64_t accepted; /* 0 or 1 */
} fast_sde_step;

typedef struct fast_sde_totals {
  uint64_t network_calls, network_rows; /* rows evaluated, wasted ones and those of the warm-up included */
  uint64_t finished;
  double fraction;   /* 0 … 1 */
  double network_ms; /* between the end of one pass of the solver and the start of the next */
  int32_t graph;     /* passes as a CUDA graph: 1 yes, 0 no (graph_reason says why), -1 there is no network */
  char graph_reason[512];
} fast_sde_totals;

/* One job on one device. Every pointer is to host memory and stays good during `run`. */
typedef struct fast_sde_cuda_run {
  int32_t device;
  const void *problem;   /* a Problem of core/problem.hpp: plain data, the same header on both sides */
  uint64_t first, count; /* samples first … first + count - 1 */
  int64_t slots;
  int32_t pad_batch;    /* 1: every call has as many rows as there are slots */
  const int64_t *shape; /* of one sample, rank numbers */
  int32_t rank;
  const float *initial;               /* [count, elements]: starting points, or NULL: the prior */
  fast_sde_condition condition;       /* of `count` rows */
  const fast_sde_mixture *mixture;    /* the score is this one … */
  const fast_sde_device_score *score; /* … or this one */
  /* Called on the thread of `run`; none may throw. x: [elements], good during the call. */
  void *sink;
  void (*finished)(void *sink, const fast_sde_sample *, const float *x);
  void (*steps)(void *sink, const fast_sde_step *, int64_t count); /* NULL: nobody wants them */
  void (*progress)(void *sink, const fast_sde_totals *);
  int32_t (*stopped)(void *sink); /* not 0: enqueue no more; what is in flight is reported as unfinished */
} fast_sde_cuda_run;

/* A job over paths on one device. Every pointer is to host memory and stays good during `run_paths`. */
typedef struct fast_sde_cuda_paths {
  int32_t device;
  const void *job;    /* a PathJob of paths/job.hpp: plain data, the same header on both sides; without a trace */
  int64_t scratch;    /* rows of a path beside its state and noise: PathKernels of shell/cpu has them */
  int64_t block;      /* paths are handed over in multiples of so many, save at the end */
  int32_t keeps_W;    /* 1: what is handed over has W … */
  int32_t keeps_next; /* … and what each path would try next */
  void *sink;
  /* Paths begin … begin + count - 1 are over, or stopped. rows: a PathRows of paths/job.hpp, good during the call.
   * Called from several threads at once; none of these may throw. */
  void (*solved)(void *sink, uint64_t begin, int64_t count, const void *rows);
  int32_t (*stopped)(void *sink); /* not 0: enqueue no more */
} fast_sde_cuda_paths;

typedef struct fast_sde_device_info {
  char name[256];
  int32_t major, minor; /* compute capability */
  int32_t multiprocessors;
  uint64_t memory; /* bytes */
} fast_sde_device_info;

typedef struct fast_sde_cuda_api {
  uint32_t abi_version; /* first, in every version */
  const char *fingerprint;
  int32_t (*runtime)(void);                                     /* CUDA's version the plugin was built with, 13000 */
  fast_sde_status (*devices)(int32_t *count, fast_sde_error *); /* FAST_SDE_DEVICE_UNAVAILABLE with the reason */
  fast_sde_status (*describe)(int32_t device, fast_sde_device_info *, fast_sde_error *);
  fast_sde_status (*run)(const fast_sde_cuda_run *, fast_sde_totals *, fast_sde_error *); /* any thread */
  fast_sde_status (*run_paths)(const fast_sde_cuda_paths *, fast_sde_error *);            /* any thread */
  /* For tests: normals 0 … count - 1 of a node, computed on the device into host memory. */
  fast_sde_status (*normals)(int32_t device, uint64_t seed, uint64_t sample, uint32_t node, float *out, int64_t count,
                             fast_sde_error *);
} fast_sde_cuda_api;

typedef const fast_sde_cuda_api *(*fast_sde_cuda_get_api_fn)(uint32_t abi_version);
#define FAST_SDE_CUDA_SYMBOL "fast_sde_cuda_get_api"

#ifdef __cplusplus
}
#endif
#endif
