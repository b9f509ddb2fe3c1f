// libfast_sde_cuda_emulated.so: the CUDA plugin with its kernels compiled for the CPU.
#include "../../shell/cuda/launch_other.cu"
