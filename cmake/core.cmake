# Everything that knows neither Node nor LibTorch: the CPU shell with its kernels, programs of equations, plugins'
# openers, networks, devices.
find_package(Threads REQUIRED)

file(GLOB FAST_SDE_CORE_SOURCES CONFIGURE_DEPENDS
  "${CMAKE_SOURCE_DIR}/native/shell/cpu/*.cpp"
  "${CMAKE_SOURCE_DIR}/native/shell/paths/*.cpp"
  "${CMAKE_SOURCE_DIR}/native/equations/*.cpp"
  "${CMAKE_SOURCE_DIR}/native/plugin/*.cpp"
  "${CMAKE_SOURCE_DIR}/native/network/*.cpp"
  "${CMAKE_SOURCE_DIR}/native/device/*.cpp")

# The same kernels for several instruction sets; native/shell/cpu/dispatch.cpp chooses one at load. Elsewhere than on x86,
# and under sanitizers, kernels_baseline alone serves.
set(FAST_SDE_OPTIONS_kernels_v2 -march=x86-64-v2)
set(FAST_SDE_OPTIONS_kernels_v3 -march=x86-64-v3)
set(FAST_SDE_OPTIONS_kernels_v4 -march=x86-64-v4 -mprefer-vector-width=512)
set(FAST_SDE_VARIANTS kernels_baseline kernels_v2 kernels_v3 kernels_v4)
if(FAST_SDE_SANITIZE OR NOT CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  list(FILTER FAST_SDE_CORE_SOURCES EXCLUDE REGEX "kernels_v[0-9]")
  set(FAST_SDE_VARIANTS kernels_baseline)
endif()
foreach(variant IN LISTS FAST_SDE_VARIANTS)
  fast_sde_solver_units(units ${variant} cpp "shell/cpu/solver_kernels.inl" FAST_SDE_SOLVER_KERNELS)
  fast_sde_path_unit(paths ${variant})
  list(APPEND units "${paths}")
  list(APPEND FAST_SDE_CORE_SOURCES ${units})
  set_source_files_properties(${units} "${CMAKE_SOURCE_DIR}/native/shell/cpu/${variant}.cpp" PROPERTIES
    COMPILE_OPTIONS "${FAST_SDE_OPTIONS_${variant}}")
endforeach()

add_library(fast_sde_core OBJECT ${FAST_SDE_CORE_SOURCES})
target_link_libraries(fast_sde_core PUBLIC fast_sde_flags Threads::Threads ${CMAKE_DL_LIBS})
