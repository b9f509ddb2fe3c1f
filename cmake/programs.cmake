# fast_sde_tests with the emulated device they run on, and an executable a benchmark.
if(FAST_SDE_TESTS)
  find_path(DOCTEST_INCLUDE doctest/doctest.h)
  if(NOT DOCTEST_INCLUDE)
    message(FATAL_ERROR "doctest is missing: apt-get install doctest-dev")
  endif()
  file(GLOB FAST_SDE_TEST_SOURCES CONFIGURE_DEPENDS
    "${CMAKE_SOURCE_DIR}/native/test/*.cpp"
    "${CMAKE_SOURCE_DIR}/native/container/*.cpp")
  fast_sde_solver_units(units kernels_unoptimised cpp "shell/cpu/solver_kernels.inl" FAST_SDE_SOLVER_KERNELS)
  fast_sde_path_unit(paths kernels_unoptimised)
  list(APPEND units "${paths}")
  set_source_files_properties(${units} PROPERTIES COMPILE_OPTIONS "-O0")
  fast_sde_solver_units(tests tests cpp "test/every_solver.inl" FAST_SDE_SOLVER_TESTS)
  add_executable(fast_sde_tests ${FAST_SDE_TEST_SOURCES} ${units} ${tests})
  target_include_directories(fast_sde_tests SYSTEM PRIVATE "${DOCTEST_INCLUDE}")
  target_link_libraries(fast_sde_tests PRIVATE fast_sde_core)

  # The CUDA plugin once more, its kernels run by the CPU: test/simt stands in for CUDA's headers and runtime.
  file(GLOB FAST_SDE_EMULATED_SOURCES CONFIGURE_DEPENDS
    "${CMAKE_SOURCE_DIR}/native/shell/cuda/*.cpp"
    "${CMAKE_SOURCE_DIR}/native/test/simt/*.cpp")
  fast_sde_solver_units(units launches cpp "shell/cuda/solver_launches.inl" FAST_SDE_SOLVER_LAUNCHES)
  list(APPEND FAST_SDE_EMULATED_SOURCES ${units})
  add_library(fast_sde_cuda_emulated SHARED ${FAST_SDE_EMULATED_SOURCES})
  target_include_directories(fast_sde_cuda_emulated SYSTEM PRIVATE "${CMAKE_SOURCE_DIR}/native/test/simt")
  target_compile_definitions(fast_sde_cuda_emulated PRIVATE FAST_SDE_EMULATED)
  target_compile_options(fast_sde_cuda_emulated PRIVATE -Wno-maybe-uninitialized)  # elements beyond a row's end
  target_link_libraries(fast_sde_cuda_emulated PRIVATE fast_sde_flags)
  add_dependencies(fast_sde_tests fast_sde_cuda_emulated)
  target_compile_definitions(fast_sde_tests PRIVATE
    FAST_SDE_EMULATED_PLUGIN="$<TARGET_FILE:fast_sde_cuda_emulated>")
endif()

if(FAST_SDE_BENCH)
  file(GLOB FAST_SDE_BENCH_SOURCES CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/native/bench/*.cpp")
  foreach(source IN LISTS FAST_SDE_BENCH_SOURCES)
    get_filename_component(name "${source}" NAME_WE)
    if(name STREQUAL "bench_cuda" AND NOT FAST_SDE_CUDA)
      continue()
    endif()
    if(name STREQUAL "bench_paths")
      set_source_files_properties("${source}" PROPERTIES COMPILE_OPTIONS "-march=native;-mprefer-vector-width=512")
    endif()
    add_executable(${name} "${source}")
    target_link_libraries(${name} PRIVATE fast_sde_core)
    if(name STREQUAL "bench_cuda")
      target_link_libraries(${name} PRIVATE fast_sde_cuda_objects)
    endif()
  endforeach()
endif()
