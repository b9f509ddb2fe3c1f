# libfast_sde_cuda.so. CUDA's runtime is linked in, so that the plugin can be opened, and say what is missing, on a machine
# without a driver.
set(FAST_SDE_CUDA_ARCHITECTURES "80-real;90" CACHE STRING "of GPUs: machine code for 8.0 and 9.0, and PTX for later ones")
set(CMAKE_CUDA_ARCHITECTURES ${FAST_SDE_CUDA_ARCHITECTURES})
set(CMAKE_CUDA_FLAGS_RELEASE "-O3 -DNDEBUG")
enable_language(CUDA)
find_package(CUDAToolkit REQUIRED)
if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION "-std=c++20")  # nvcc knows it from 12.0 on, CMake of nvcc from 3.26 on
endif()
set(CMAKE_CUDA_STANDARD 20)
set(CMAKE_CUDA_STANDARD_REQUIRED ON)
set(CMAKE_CUDA_EXTENSIONS OFF)

file(GLOB FAST_SDE_CUDA_SOURCES CONFIGURE_DEPENDS
  "${CMAKE_SOURCE_DIR}/native/shell/cuda/*.cpp"
  "${CMAKE_SOURCE_DIR}/native/shell/cuda/*.cu")

fast_sde_solver_units(units launches cu "shell/cuda/solver_launches.inl" FAST_SDE_SOLVER_LAUNCHES)
fast_sde_path_launch_units(paths cu)
list(APPEND FAST_SDE_CUDA_SOURCES ${units} ${paths})

# An object library, since the benchmark calls the kernels' launchers directly.
add_library(fast_sde_cuda_objects OBJECT ${FAST_SDE_CUDA_SOURCES})
target_compile_options(fast_sde_cuda_objects PRIVATE
  # No contraction to fma, as on the CPU: both have to give the same bits.
  $<$<COMPILE_LANGUAGE:CUDA>:--fmad=false>
  $<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-ffp-contract=off,-fvisibility=hidden,-Wall,-Wextra>)
target_link_libraries(fast_sde_cuda_objects PUBLIC fast_sde_flags CUDA::cudart_static)

add_library(fast_sde_cuda SHARED)
target_link_libraries(fast_sde_cuda PRIVATE fast_sde_cuda_objects)
set_target_properties(fast_sde_cuda PROPERTIES CUDA_RUNTIME_LIBRARY Static LINKER_LANGUAGE CXX)
target_link_options(fast_sde_cuda PRIVATE -Wl,-Bsymbolic -Wl,--exclude-libs,ALL)
