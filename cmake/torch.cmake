# libfast_sde_torch.so, compiled against the user's own LibTorch: its C++ interface is not stable between versions.
find_package(Torch REQUIRED)

file(GLOB FAST_SDE_TORCH_SOURCES CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/native/torch/*.cpp")

add_library(fast_sde_torch SHARED ${FAST_SDE_TORCH_SOURCES})
separate_arguments(FAST_SDE_TORCH_FLAGS UNIX_COMMAND "${TORCH_CXX_FLAGS}")
target_compile_options(fast_sde_torch PRIVATE ${FAST_SDE_TORCH_FLAGS})
target_include_directories(fast_sde_torch SYSTEM PRIVATE ${TORCH_INCLUDE_DIRS})
target_link_libraries(fast_sde_torch PRIVATE fast_sde_flags ${TORCH_LIBRARIES})
# It is used where it is built, so LibTorch's own folder may stand in its run path.
set_target_properties(fast_sde_torch PROPERTIES BUILD_RPATH "$ORIGIN;${TORCH_INSTALL_PREFIX}/lib")
