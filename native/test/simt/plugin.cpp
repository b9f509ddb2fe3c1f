// libfast_sde_cuda_emulated.so: the CUDA plugin with its kernels compiled for the CPU.
#include "../../cuda/launch_other.cu"
#include "../../cuda/launch_pass.cu"
