# libfast_sde_torch.so, compiled against the user's own LibTorch: its C++ interface is not stable between versions.
# The folder of TorchConfig.cmake is lib/… or share/cmake/Torch beneath LibTorch's own.
if(NOT Torch_DIR)
  find_path(Torch_DIR TorchConfig.cmake PATHS ${CMAKE_PREFIX_PATH} PATH_SUFFIXES Torch share/cmake/Torch NO_DEFAULT_PATH)
endif()
get_filename_component(FAST_SDE_LIBTORCH "${Torch_DIR}/../../.." ABSOLUTE)

file(GLOB FAST_SDE_TORCH_SOURCES CONFIGURE_DEPENDS
  "${CMAKE_SOURCE_DIR}/native/torch/*.cpp"
  "${CMAKE_SOURCE_DIR}/native/container/*.cpp")
add_library(fast_sde_torch SHARED ${FAST_SDE_TORCH_SOURCES})

if(EXISTS "${FAST_SDE_LIBTORCH}/lib/libtorch_cuda.so")
  # find_package(Torch) would ask for a whole CUDA toolkit, cuBLAS and the compiler included, and append to the flags of
  # every CUDA file here. All that is needed are the headers of the CUDA runtime: the runtime itself is the one that
  # libc10_cuda.so brings, hence it is not linked. A second one beside it could be of another version.
  foreach(part torch torch_cpu torch_cuda c10 c10_cuda)
    target_link_libraries(fast_sde_torch PRIVATE "${FAST_SDE_LIBTORCH}/lib/lib${part}.so")
  endforeach()
  target_include_directories(fast_sde_torch SYSTEM PRIVATE
    "${FAST_SDE_LIBTORCH}/include" "${FAST_SDE_LIBTORCH}/include/torch/csrc/api/include")
  file(STRINGS "${Torch_DIR}/TorchConfig.cmake" FAST_SDE_OLD_STRINGS REGEX "_GLIBCXX_USE_CXX11_ABI=0")
  if(FAST_SDE_OLD_STRINGS)
    target_compile_definitions(fast_sde_torch PRIVATE _GLIBCXX_USE_CXX11_ABI=0)
  endif()

  set(FAST_SDE_TORCH_CUDA_MAJOR "")
  if(EXISTS "${FAST_SDE_LIBTORCH}/version.py")
    file(STRINGS "${FAST_SDE_LIBTORCH}/version.py" line REGEX "^cuda.*'[0-9]+\\.")
    string(REGEX REPLACE ".*'([0-9]+)\\..*" "\\1" FAST_SDE_TORCH_CUDA_MAJOR "${line}")
  endif()
  find_package(CUDAToolkit QUIET)
  if(NOT CUDAToolkit_FOUND)
    set(FAST_SDE_TORCH_NO_CUDA "the LibTorch plugin was built without the headers of CUDA ${FAST_SDE_TORCH_CUDA_MAJOR}")
  elseif(FAST_SDE_TORCH_CUDA_MAJOR AND NOT CUDAToolkit_VERSION_MAJOR EQUAL FAST_SDE_TORCH_CUDA_MAJOR)
    set(FAST_SDE_TORCH_NO_CUDA
      "the LibTorch plugin was built with CUDA ${CUDAToolkit_VERSION}, and LibTorch is for CUDA ${FAST_SDE_TORCH_CUDA_MAJOR}")
  endif()
  if(FAST_SDE_TORCH_NO_CUDA)
    message(WARNING "Networks will run on the CPU only: ${FAST_SDE_TORCH_NO_CUDA}")
  else()
    target_compile_definitions(fast_sde_torch PRIVATE FAST_SDE_TORCH_CUDA=1)
    target_include_directories(fast_sde_torch SYSTEM PRIVATE ${CUDAToolkit_INCLUDE_DIRS})
  endif()
else()
  find_package(Torch REQUIRED)
  separate_arguments(FAST_SDE_TORCH_FLAGS UNIX_COMMAND "${TORCH_CXX_FLAGS}")
  target_compile_options(fast_sde_torch PRIVATE ${FAST_SDE_TORCH_FLAGS})
  target_include_directories(fast_sde_torch SYSTEM PRIVATE ${TORCH_INCLUDE_DIRS})
  target_link_libraries(fast_sde_torch PRIVATE ${TORCH_LIBRARIES})
  set(FAST_SDE_LIBTORCH "${TORCH_INSTALL_PREFIX}")
  set(FAST_SDE_TORCH_NO_CUDA "this LibTorch is a CPU build")
endif()

if(FAST_SDE_TORCH_NO_CUDA)
  target_compile_definitions(fast_sde_torch PRIVATE "FAST_SDE_TORCH_NO_CUDA=\"${FAST_SDE_TORCH_NO_CUDA}\"")
endif()
target_link_libraries(fast_sde_torch PRIVATE fast_sde_flags)
# It is used where it is built, so LibTorch's own folder may stand in its run path.
set_target_properties(fast_sde_torch PROPERTIES BUILD_RPATH "$ORIGIN;${FAST_SDE_LIBTORCH}/lib")
